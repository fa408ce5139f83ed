// drydock --help: every command with its options, defaults, exit statuses and an example.
#include <gmock/gmock.h>

#include "tests/e2e/help.hpp"

namespace drydock::e2e {
namespace {

using testing::HasSubstr;

TEST(Help, has_statuses_and_examples_for_each_command_and_no_marks_of_the_parser) {
    expect_help_of_all_commands(drydock, "drydock");
}

TEST(Help, names_values_units_ranges_and_defaults) {
    const std::string help = help_of(drydock, "chat-server");
    EXPECT_THAT(entry_of(help, "--grace SECONDS"), HasSubstr("Default: 5."));
    EXPECT_THAT(entry_of(help, "--workers N"), HasSubstr("1 to 1024. Default: one for each"));
    EXPECT_THAT(entry_of(help, "--max-line BYTES"), HasSubstr("1 or more. A member"));
    EXPECT_THAT(entry_of(help, "--least-rate BYTES"), HasSubstr("Default: a quarter of the"));
}

TEST(Help, says_what_the_backend_auto_chooses) {
    const std::string entry = entry_of(help_of(drydock, "echo-client"), "--backend NAME");
    EXPECT_THAT(entry, HasSubstr("epoll, auto. auto takes the first of "));
    EXPECT_THAT(entry, HasSubstr("epoll that the system provides. Default: auto."));
}

}  // namespace
}  // namespace drydock::e2e

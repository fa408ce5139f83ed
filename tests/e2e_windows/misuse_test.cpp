// Broken rules end the program with their sentence, on both Windows backends.
#include <drydock/violation.hpp>

#include "tests/e2e_windows/programs.hpp"

namespace drydock::e2e {
namespace {

class WindowsMisuse : public WindowsTest, public testing::WithParamInterface<std::string> {
protected:
    static Outcome commit(const std::string& misuse) {
        return run_windows({DRYDOCK_WINE, DRYDOCK_WINDOWS_MISUSE_PROGRAM}, {GetParam(), misuse});
    }
    static void expect_end(const std::string& misuse, std::string_view sentence) {
        const Outcome outcome = commit(misuse);
        EXPECT_EQ(outcome.ending, Ending::exited(3)) << misuse << ": as abort() ends a program";
        EXPECT_TRUE(is_one_sentence(outcome.errors, "drydock"));
        EXPECT_NE(outcome.errors.find(sentence), std::string::npos) << outcome.errors;
        EXPECT_EQ(outcome.output, "");
    }
};

INSTANTIATE_TEST_SUITE_P(, WindowsMisuse, testing::Values("iocp", "apc"),
                         [](const auto& parameter) { return parameter.param; });

TEST_P(WindowsMisuse, ends_the_program_with_the_rules_sentence) {
    for (const Rule rule : {Rule::second_receive, Rule::second_send, Rule::send_after_shutdown,
                            Rule::socket_destroyed_in_flight, Rule::listener_destroyed_in_flight,
                            Rule::operation_reused_in_flight, Rule::operation_destroyed_in_flight,
                            Rule::provided_buffer_kept}) {
        expect_end(std::string(name(rule)), sentence(rule));
    }
    expect_end("try-while-receiving", sentence(Rule::second_receive));
    expect_end("shutdown-while-sending", sentence(Rule::send_after_shutdown));
}

TEST_P(WindowsMisuse, is_not_seen_where_there_is_none) {
    EXPECT_EQ(commit("none").output, "it came back\n");
}

class WindowsWorkers : public WindowsMisuse {};

INSTANTIATE_TEST_SUITE_P(, WindowsWorkers, testing::Values("apc"),
                         [](const auto& parameter) { return parameter.param; });

TEST_P(WindowsWorkers, beyond_the_one_end_the_program) {
    expect_end("second-worker", "a second thread called wait()");
    expect_end("worker-replaced", "another thread called wait()");
}

}  // namespace
}  // namespace drydock::e2e

// bash, in a session of its own, so that whatever it has started can be ended with it.
#include "tests/pages/shell.hpp"

#include <csignal>

namespace drydock::pages {
namespace {

test::Command bash(const std::string& folder, const Shell::Variables& variables) {
    test::Command command{{"/usr/bin/env", "setsid", "bash", "--norc"}, folder, variables};
    command.environment.emplace_back("LC_ALL", "C.UTF-8");
    return command;
}

}  // namespace

Shell::Shell(const std::string& folder, const Variables& variables)
    : bash_(bash(folder, variables)) {}

Shell::~Shell() { ::kill(-bash_.pid(), SIGKILL); }

Printed Shell::run(const std::string& command, const std::string& awaited,
                   test::Milliseconds patience) {
    // The mark has no line end before it: bash writes each line by itself, and the output of a
    // program in the background could come in between.
    const std::string mark = "@end of command " + std::to_string(++commands_) + ", status ";
    bash_.type("{ " + command + "\n} </dev/null 2>&1; printf '%s%d\\n' '" + mark + "' $?\n");
    Printed printed;
    if (!bash_.wait_for_output(mark, patience)) {
        printed.text = bash_.output().substr(read_);
        return printed;
    }
    // The mark is there; its number follows at once.
    const std::size_t place = bash_.output().find(mark, read_);
    const std::size_t number = place + mark.size();
    while (bash_.output().find('\n', number) == std::string::npos && bash_.runs_for({})) continue;
    const std::size_t end = bash_.output().find('\n', number);
    printed.ended = end != std::string::npos;
    if (!printed.ended) return printed;
    printed.status = std::stoi(bash_.output().substr(number, end - number));
    const auto deadline = test::Clock::now() + patience;
    while (bash_.output().find(awaited, read_) == std::string::npos &&
           test::Clock::now() < deadline && bash_.runs_for(test::Milliseconds(5))) {}
    printed.text = bash_.output().substr(read_, place - read_) + bash_.output().substr(end + 1);
    read_ = bash_.output().size();
    return printed;
}

}  // namespace drydock::pages

// Answers to command lines that name no command.
#include "src/apps/command_line.hpp"

#include <sstream>

#include "src/apps/output.hpp"

namespace drydock::app {

// CLI11 writes to C++ streams.
int answer(const CLI::App& app, const CLI::Success& request) {
    std::ostringstream text;
    const int status = app.exit(request, text, text);
    standard_output().write(text.str());
    return status;
}

std::optional<int> parse_command_line(CLI::App& app, const Manual& manual, int count,
                                      char** words) {
    const std::string first = count > 1 ? words[1] : "";
    if (count == 2 && first == "--man-page") {
        standard_output().write(manual_page(app, manual));
        return exit_ok;
    }
    const bool names_command = !first.empty() && first.front() != '-';
    bool is_known = false;
    std::string known;
    for (const CLI::App* command : app.get_subcommands({})) {
        known += (known.empty() ? "" : ", ") + command->get_name();
        is_known = is_known || command->get_name() == first;
    }
    if (names_command && !is_known) {
        complain(app.get_name(), "there is no command '" + first + "'; known are: " + known);
        return exit_wrong_usage;
    }
    if (first.starts_with('-') && app.get_option_no_throw(first) == nullptr) {
        complain(app.get_name(), "there is no option '" + first + "' before a command; known " +
                                     "commands are: " + known);
        return exit_wrong_usage;
    }
    try {
        app.parse(count, words);
    } catch (const CLI::Success& success) {
        return answer(app, success);
    } catch (const CLI::ParseError& error) {
        complain(app.get_name(), std::string(error.what()) + " (--help lists what there is)");
        return exit_wrong_usage;
    }
    return std::nullopt;
}

}  // namespace drydock::app

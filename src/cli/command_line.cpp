// Answers to command lines that name no command.
#include "src/cli/command_line.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <sstream>

#include "src/cli/help.hpp"
#include "src/cli/output.hpp"

namespace drydock::app {
namespace {

template <typename Number>
bool is_number(const std::string& text, Number& number) {
    const char* const end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, number);
    return error == std::errc() && rest == end;
}

std::string names_of_commands(const CLI::App& app) {
    std::string names;
    for (const CLI::App* command : app.get_subcommands({})) {
        names += (names.empty() ? "" : ", ") + command->get_name();
    }
    return names;
}

/// "--seed: 1 required N missing", as CLI11 says it, in plain words.
std::string without_type(const std::string& message) {
    const std::size_t end = message.find(": 1 required ");
    return end == std::string::npos ? message : message.substr(0, end) + " needs a value";
}

bool has_command(const CLI::App& app, const std::string& name) {
    const auto commands = app.get_subcommands({});
    return std::any_of(commands.begin(), commands.end(),
                       [&](const CLI::App* command) { return command->get_name() == name; });
}

}  // namespace

CLI::Validator whole_number(std::uint64_t least, std::uint64_t most) {
    const auto check = [least, most](const std::string& text) -> std::string {
        std::uint64_t number = 0;
        if (is_number(text, number) && number >= least && number <= most) return {};
        return "must be a whole number, " + range_text(least, most) + ", not '" + text + "'";
    };
    return CLI::Validator(check, "", "whole number");
}

CLI::Validator seconds() {
    const auto check = [](const std::string& text) -> std::string {
        double number = 0;
        if (is_number(text, number) && std::isfinite(number) && number >= 0) return {};
        return "must be a number of seconds, 0 or more, not '" + text + "'";
    };
    return CLI::Validator(check, "", "seconds");
}

void refuse_empty_values(CLI::App& app) {
    const CLI::Validator check(
        [](const std::string& text) -> std::string {
            return text.empty() ? "the value must not be empty" : "";
        },
        "", "not empty");
    for (CLI::Option* option : app.get_options({})) {
        if (option->get_items_expected_max() > 0) option->check(check);
    }
    for (CLI::App* command : app.get_subcommands({})) refuse_empty_values(*command);
}

// CLI11 writes to C++ streams.
int answer(const CLI::App& app, const CLI::Success& request) {
    std::ostringstream text;
    const int status = app.exit(request, text, text);
    standard_output().write(text.str());
    return status;
}

std::optional<int> parse_command_line(CLI::App& app, const Manual& manual, int count,
                                      char** words) {
    set_up_help(app, manual);
    const std::string first = count > 1 ? words[1] : "";
    if (count == 2 && first == "--man-page") {
        standard_output().write(manual_page(app, manual));
        return exit_ok;
    }
    const std::string known = "the commands are: " + names_of_commands(app);
    std::string complaint;
    if (first.empty()) {
        complaint = "a command is missing; " + known;
    } else if (first.front() != '-' && !has_command(app, first)) {
        complaint = "there is no command '" + first + "'; " + known;
    } else if (first.front() == '-' && app.get_option_no_throw(first) == nullptr) {
        complaint = "there is no option '" + first + "' before a command; " + known;
    }
    if (!complaint.empty()) {
        complain(app.get_name(), complaint);
        return exit_wrong_usage;
    }
    try {
        app.parse(count, words);
    } catch (const CLI::Success& success) {
        return answer(app, success);
    } catch (const CLI::ArgumentMismatch& error) {
        complain(app.get_name(), without_type(error.what()) + " (see --help)");
        return exit_wrong_usage;
    } catch (const CLI::ParseError& error) {
        complain(app.get_name(), std::string(error.what()) + " (see --help)");
        return exit_wrong_usage;
    }
    return std::nullopt;
}

}  // namespace drydock::app

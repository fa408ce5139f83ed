// The layout of --help: names on the left, wrapped text on the right, then statuses and examples.
#include "src/cli/help.hpp"

#include <fmt/format.h>

#include "src/cli/command_line.hpp"

namespace drydock::app {
namespace {

constexpr std::size_t most_columns = 80;
constexpr std::size_t text_column = 26;

/// The words of a text in lines of at most 80 columns; all but the first begin at `column`.
std::string wrapped(std::string_view text, std::size_t column) {
    std::string result;
    std::size_t at = column;
    while (!text.empty()) {
        const std::string_view word = text.substr(0, text.find(' '));
        text.remove_prefix(std::min(word.size() + 1, text.size()));
        if (at > column && at + 1 + word.size() > most_columns) {
            result += "\n" + std::string(column, ' ');
            at = column;
        }
        if (at > column) {
            result += ' ';
            ++at;
        }
        result += word;
        at += word.size();
    }
    return result;
}

std::string entry(const std::string& name, const std::string& text) {
    std::string line = "  " + name;
    line += line.size() + 2 > text_column ? "\n" + std::string(text_column, ' ')
                                          : std::string(text_column - line.size(), ' ');
    return line + wrapped(text, text_column) + "\n";
}

std::string names_of(const CLI::Option& option) {
    if (option.get_positional()) return option.get_name() + (repeats(option) ? " ..." : "");
    std::string names;
    for (const std::string& name : option.get_snames()) names += "-" + name + ", ";
    for (const std::string& name : option.get_lnames()) names += "--" + name + ", ";
    names.resize(names.size() - 2);
    return takes_value(option) ? names + " " + value_name(option) : names;
}

class HelpFormatter final : public CLI::Formatter {
public:
    std::string make_option(const CLI::Option* option, bool) const override {
        return entry(names_of(*option), option_text(*option));
    }

    std::string make_subcommand(const CLI::App* command) const override {
        return entry(command->get_name(), command->get_description());
    }

    /// Without the second of two empty lines, which CLI11 puts between groups of options.
    std::string make_help(const CLI::App* app, std::string name,
                          CLI::AppFormatMode mode) const override {
        std::string text = CLI::Formatter::make_help(app, std::move(name), mode);
        for (std::size_t at = 0; (at = text.find("\n\n\n", at)) != std::string::npos;) {
            text.erase(at, 1);
        }
        return text;
    }

    std::string make_description(const CLI::App* app) const override {
        return wrapped(app->get_description(), 0) + "\n\n";
    }

    std::string make_usage(const CLI::App* app, std::string name) const override {
        std::string usage = "Usage: " + name;
        if (!app->get_subcommands({}).empty()) return usage + " COMMAND [ARGUMENT ...]\n";
        for (const CLI::Option* option : app->get_options()) {
            if (!option->get_positional()) continue;
            const std::string argument = names_of(*option);
            usage += option->get_required() ? " " + argument : " [" + argument + "]";
        }
        return usage + " [OPTION ...]\n";
    }
};

std::string footer(const std::vector<Manual::Status>& statuses,
                   const std::vector<Manual::Example>& examples, std::string_view hint) {
    std::string text = "Exit status:\n";
    for (const auto& [number, meaning] : statuses) {
        text += fmt::format("  {}  {}\n", number, wrapped(meaning, 5));
    }
    text += examples.size() == 1 ? "\nExample:\n" : "\nExamples:\n";
    for (const auto& [purpose, command] : examples) {
        text += "  " + wrapped(purpose, 2) + "\n";
        std::string_view rest = command;
        while (!rest.empty()) {
            const std::string_view line = rest.substr(0, rest.find('\n'));
            text += fmt::format("      {}\n", line);
            rest.remove_prefix(std::min(line.size() + 1, rest.size()));
        }
    }
    if (!hint.empty()) text += fmt::format("\n{}\n", hint);
    text.pop_back();
    return text;
}

void say_range(CLI::Option* option, const std::string& range) {
    std::string text = option->get_description();
    const std::string mark = "{range}";
    const std::size_t at = text.find(mark);
    option->description(at == std::string::npos ? text + " Range: " + range + "."
                                                : text.replace(at, mark.size(), range));
}

}  // namespace

std::string value_name(const CLI::Option& option) { return option.get_type_name(); }

std::string option_text(const CLI::Option& option) {
    const std::string value = option.get_default_str();
    std::string text = option.get_description();
    if (!text.empty() && text.back() != '.') text += '.';
    return value.empty() ? text : text + " Default: " + value + ".";
}

bool takes_value(const CLI::Option& option) { return option.get_items_expected_max() > 0; }
bool repeats(const CLI::Option& option) { return option.get_items_expected_max() > 1; }

std::string range_text(std::uint64_t least, std::uint64_t most) {
    return most == no_most ? fmt::format("{} or more", least)
                           : fmt::format("{} to {}", least, most);
}

CLI::Option* take_number(CLI::Option* option, const char* unit, std::uint64_t least,
                         std::uint64_t most) {
    say_range(option, range_text(least, most));
    return option->type_name(unit)->check(whole_number(least, most));
}

CLI::Option* take_seconds(CLI::Option* option) {
    return option->type_name("SECONDS")->check(seconds());
}

void set_up_help(CLI::App& app, const Manual& manual) {
    const auto formatter = std::make_shared<HelpFormatter>();
    formatter->label("Positionals", "Arguments");
    app.formatter(formatter);
    app.get_help_ptr()->description("Print this help and exit");
    if (CLI::Option* version = app.get_option_no_throw("--version")) {
        version->description("Print the version and exit");
    }
    app.footer(footer(manual.statuses, manual.examples,
                      app.get_name() + " COMMAND --help describes a command and its options."));
    for (const Manual::Command& notes : manual.commands) {
        CLI::App& command = *app.get_subcommand(std::string(notes.name));
        command.group("Commands");
        command.formatter(formatter);
        command.get_help_ptr()->description("Print this help and exit");
        command.footer(footer(notes.statuses, notes.examples, {}));
    }
}

}  // namespace drydock::app

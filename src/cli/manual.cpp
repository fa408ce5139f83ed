// Options and texts, written as man(7) wants them.
#include "src/cli/manual.hpp"

#include <algorithm>
#include <cctype>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "src/cli/help.hpp"

namespace drydock::app {
namespace {

/// Text that stands for itself: a '-' that can be pasted, no escapes, no requests.
std::string plain(std::string_view text) {
    std::string escaped;
    bool begins_line = true;
    for (const char c : text) {
        if (begins_line && (c == '.' || c == '\'')) escaped += "\\&";
        if (c == '-' || c == '\\') escaped += '\\';
        escaped += c == '\\' ? 'e' : c;
        begins_line = c == '\n';
    }
    return escaped;
}

std::string bold(std::string_view text) { return "\\fB" + plain(text) + "\\fR"; }
std::string italic(std::string_view text) { return "\\fI" + plain(text) + "\\fR"; }

std::string sentence(std::string_view text) {
    std::string whole = plain(text);
    if (!whole.empty() && whole.back() != '.') whole += '.';
    return whole;
}

/// Paragraphs with an empty line between them.
std::string paragraphs(std::string_view text) {
    std::string page;
    while (!text.empty()) {
        const std::size_t end = text.find("\n\n");
        page += (page.empty() ? "" : ".PP\n") + plain(text.substr(0, end)) + "\n";
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 2);
    }
    return page;
}

std::string option_names(const CLI::Option& option) {
    std::string names;
    const auto add = [&](const std::string& name) {
        names += (names.empty() ? "" : ", ") + bold(name);
    };
    for (const std::string& name : option.get_snames()) add("-" + name);
    for (const std::string& name : option.get_lnames()) add("--" + name);
    return names;
}

std::string option_entry(const CLI::Option& option) {
    std::string head = option.get_positional() ? italic(option.get_name()) : option_names(option);
    if (!option.get_positional() && takes_value(option)) head += " " + italic(value_name(option));
    if (repeats(option)) head += " ...";
    return fmt::format(".TP\n{}\n{}\n", head, plain(option_text(option)));
}

/// Arguments first, then options, then the groups of options that have a heading of their own.
std::string options_of(const CLI::App& app) {
    std::string positionals;
    std::string others;
    std::string grouped;
    std::string heading = "Options";
    for (const CLI::Option* option : app.get_options()) {
        if (option->get_positional()) {
            positionals += option_entry(*option);
        } else if (option->get_group() == "Options") {
            others += option_entry(*option);
        } else {
            if (option->get_group() != heading) {
                heading = option->get_group();
                grouped += fmt::format(".PP\n{}:\n", plain(heading));
            }
            grouped += option_entry(*option);
        }
    }
    return positionals + others + grouped;
}

std::string statuses_of(const std::vector<Manual::Status>& statuses) {
    std::string page;
    for (const auto& [number, meaning] : statuses) {
        page += fmt::format(".TP\n{}\n{}\n", bold(number), plain(meaning));
    }
    return page;
}

std::string examples_of(const std::vector<Manual::Example>& examples) {
    std::string page;
    for (const auto& [purpose, command] : examples) {
        page +=
            fmt::format(".PP\n{}\n.PP\n.RS 4\n.nf\n{}\n.fi\n.RE\n", plain(purpose), plain(command));
    }
    return page;
}

std::string command_entry(const CLI::App& app, const CLI::App& command, const Manual& manual) {
    std::string usage = plain(app.get_name() + " " + command.get_name());
    for (const CLI::Option* option : command.get_options()) {
        if (!option->get_positional()) continue;
        usage += " " + italic(option->get_name()) + (repeats(*option) ? " ..." : "");
    }
    usage += " \\fR[\\fIoption\\fR ...]";
    std::string page = fmt::format(".SS {}\n{}\n{}", usage, sentence(command.get_description()),
                                   options_of(command));
    for (const Manual::Command& notes : manual.commands) {
        if (notes.name != command.get_name()) continue;
        page += ".PP\nExit status:\n" + statuses_of(notes.statuses) + examples_of(notes.examples);
    }
    return page;
}

std::string title(const CLI::App& app) {
    std::string name = app.get_name();
    std::transform(name.begin(), name.end(), name.begin(),
                   [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    return fmt::format(".TH {} 1 \"\" \"drydock {}\" \"User Commands\"\n", plain(name),
                       plain(app.version()));
}

}  // namespace

std::string manual_page(const CLI::App& app, const Manual& manual) {
    const std::string name = app.get_name();
    std::string page = ".\\\" Made by " + name + " --man-page.\n" + title(app);
    page += fmt::format(".SH NAME\n{} \\- {}\n", plain(name), plain(manual.summary));
    page += fmt::format(".SH SYNOPSIS\n{} {} [{} ...]\n.br\n{} [{} | {}]\n", bold(name),
                        italic("command"), italic("argument"), bold(name), bold("--help"),
                        bold("--version"));
    page += ".SH DESCRIPTION\n" + paragraphs(manual.description);
    page += ".SH OPTIONS\n" + options_of(app);
    page += ".SH COMMANDS\n";
    for (const CLI::App* command : app.get_subcommands({})) {
        page += command_entry(app, *command, manual);
    }
    for (const auto& [heading, text] : manual.sections) {
        page += fmt::format(".SH {}\n{}", plain(heading), paragraphs(text));
    }
    page += ".SH EXIT STATUS\n" + statuses_of(manual.statuses);
    page += ".SH EXAMPLES\n" + examples_of(manual.examples);
    if (manual.see_also.empty()) return page;
    return page + fmt::format(".SH SEE ALSO\n{}(1)\n", bold(manual.see_also));
}

}  // namespace drydock::app

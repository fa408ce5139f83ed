// A program's manual page, made from the commands and options that --help shows.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace CLI {
class App;
}

namespace drydock::app {

/// What the page says beyond the commands. Texts are paragraphs with an empty line between them.
struct Manual {
    std::string_view summary;      ///< after the name, as "servers and clients for ..."
    std::string_view description;  ///< what the program does
    struct Section {
        std::string_view title, text;
    };
    std::vector<Section> sections = {};
    struct Status {
        std::string_view number, meaning;
    };
    std::vector<Status> statuses = {};
    struct Example {
        std::string_view purpose, command;
    };
    std::vector<Example> examples = {};
    /// The commands in the order of --help, each with its own statuses and examples.
    struct Command {
        std::string_view name;
        std::vector<Status> statuses = {};
        std::vector<Example> examples = {};
    };
    std::vector<Command> commands = {};
    std::string_view see_also;  ///< another page of section 1
};

/// The page in the language of man(7), for groff and mandoc.
std::string manual_page(const CLI::App& app, const Manual& manual);

}  // namespace drydock::app

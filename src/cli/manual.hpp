// A program's manual page, made from the commands and options that --help shows.
#pragma once

#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace drydock::app {

/// What the page says beyond the commands. Texts are paragraphs with an empty line between them.
struct Manual {
    std::string summary;      ///< after the name, as "servers and clients for ..."
    std::string description;  ///< what the program does
    struct Section {
        std::string title, text;
    };
    std::vector<Section> sections = {};
    struct Status {
        std::string number, meaning;
    };
    std::vector<Status> statuses = {};
    struct Example {
        std::string purpose, command;
    };
    std::vector<Example> examples = {};
    /// The commands in the order of --help, each with its own statuses and examples.
    struct Command {
        std::string name;
        std::vector<Status> statuses = {};
        std::vector<Example> examples = {};
    };
    std::vector<Command> commands = {};
    std::string see_also;  ///< another page of section 1, or nothing
};

/// The page in the language of man(7), for groff and mandoc.
std::string manual_page(const CLI::App& app, const Manual& manual);

}  // namespace drydock::app

// Follows a page as a reader does: writes its files, runs its commands, and compares.
//
// The page's files and commands are in a folder of the test's own. In what commands print, that
// folder is called as the page calls it (/home/ada/NAME).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tests/pages/shell.hpp"

namespace drydock::pages {

struct Surroundings {
    std::string folder;        ///< where the page is followed; it exists and is empty
    std::string shown_folder;  ///< what the page calls it
    Shell::Variables variables;
    /// A port that the page uses. If it is taken on this machine, a free one has its place in files
    /// and commands. 0: none.
    std::uint16_t port = 0;
    test::Milliseconds patience = std::chrono::minutes(5);  ///< for each command
    std::string page_name = {};                             ///< for messages
};

struct Followed {
    /// One for each thing that is not as the page says, with the page's line. After a file that
    /// cannot be written, or a command that ends otherwise than shown, the rest is not followed.
    std::vector<std::string> complaints;
    /// The page with the real outputs. Exit statuses are not updated.
    std::string updated_text;
};

Followed follow(const std::string& page_text, const Surroundings& surroundings);

}  // namespace drydock::pages

// The pages about a server of one's own, and about hosts, show the files of tests/examples as they
// are compiled and run. A file that is changed fails here until its page shows the change.

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include <gtest/gtest.h>

namespace drydock::tidy {
namespace {

std::string file_text(const std::string& path) {
    std::ifstream file(DRYDOCK_SOURCE_DIR "/" + path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

/// Expects that `page` has each file of `folder` after its name; gives how many these are.
int expect_shown(const std::string& page, const std::string& folder) {
    const std::string text = file_text(page);
    int files = 0;
    for (const auto& entry : std::filesystem::directory_iterator(DRYDOCK_SOURCE_DIR "/" + folder)) {
        const std::string name = entry.path().filename().string();
        if (name.ends_with(".schedule")) continue;
        const std::string language = name == "CMakeLists.txt" ? "cmake" : "cpp";
        const std::string shown =
            "`" + name + "`:\n\n```" + language + "\n" + file_text(folder + "/" + name) + "```\n";
        EXPECT_NE(text.find(shown), std::string::npos)
            << page << " should show " << folder << "/" << name << " as it is, after `" << name
            << "`:";
        ++files;
    }
    return files;
}

TEST(ExamplesPage, ShowsEachFileOfTheLineServerAsItIs) {
    EXPECT_EQ(expect_shown("docs/YOUR-OWN-SERVER.md", "tests/examples/lines"), 8);
}

TEST(ExamplesPage, AboutHostsShowsEachFileOfTheLedgerAsItIs) {
    EXPECT_EQ(expect_shown("docs/HOSTS.md", "tests/examples/hosts"), 5);
}

}  // namespace
}  // namespace drydock::tidy

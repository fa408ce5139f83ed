// The page about a server of one's own shows the files of tests/examples/lines as they are
// compiled and run. A file that is changed fails here until the page shows the change.

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include <gtest/gtest.h>

namespace drydock::tidy {
namespace {

constexpr const char* own_server_page = "docs/YOUR-OWN-SERVER.md";

std::string file_text(const std::string& path) {
    std::ifstream file(DRYDOCK_SOURCE_DIR "/" + path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

TEST(ExamplesPage, ShowsEachFileOfTheLineServerAsItIs) {
    const std::string text = file_text(own_server_page);
    int files = 0;
    for (const auto& entry :
         std::filesystem::directory_iterator(DRYDOCK_SOURCE_DIR "/tests/examples/lines")) {
        const std::string name = entry.path().filename().string();
        if (name.ends_with(".schedule")) continue;
        const std::string language = name == "CMakeLists.txt" ? "cmake" : "cpp";
        const std::string shown = "`" + name + "`:\n\n```" + language + "\n" +
                                  file_text("tests/examples/lines/" + name) + "```\n";
        EXPECT_NE(text.find(shown), std::string::npos)
            << own_server_page << " should show tests/examples/lines/" << name
            << " as it is, after `" << name << "`:";
        ++files;
    }
    EXPECT_EQ(files, 8);
}

}  // namespace
}  // namespace drydock::tidy

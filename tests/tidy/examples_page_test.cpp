// The pages show the examples of tests/examples as they are compiled and run. An example that is
// changed fails here until its page shows the change.

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

TEST(ExamplesPage, ShowsTheScenarioOfTheLineServerAsItIs) {
    const std::string example = file_text("tests/examples/lines.cpp");
    ASSERT_NE(example, "");
    EXPECT_NE(file_text("docs/SIMULATOR.md").find("```cpp\n" + example + "```\n"),
              std::string::npos)
        << "docs/SIMULATOR.md shows another text than tests/examples/lines.cpp";
}

}  // namespace
}  // namespace drydock::tidy

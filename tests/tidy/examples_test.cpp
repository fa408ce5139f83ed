// The examples in the comments of headers compile: each is, word for word, in a test that runs it.
#include <algorithm>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/tidy/source.hpp"

namespace drydock::tidy {
namespace {

std::vector<std::string> lines_of(const std::string& path) {
    for (const Source& source : read_tree(DRYDOCK_SOURCE_DIR)) {
        if (source.path == path) return source.lines;
    }
    ADD_FAILURE() << "there is no " << path;
    return {};
}

/// Words without their indentation: clang-format may break a test's lines elsewhere.
std::string words_of(const std::vector<std::string>& lines) {
    std::string words;
    for (const std::string& line : lines) {
        for (const char c : line) {
            if (c != ' ') words += c;
        }
    }
    return words;
}

/// The example that begins with `first`: the indented lines of the comment, up to the first that is
/// not.
std::vector<std::string> example(const std::string& path, const std::string& first) {
    const std::string margin = "//     ";
    std::vector<std::string> found;
    for (const std::string& line : lines_of(path)) {
        const bool inside = line.substr(0, margin.size()) == margin;
        const std::string text = inside ? line.substr(margin.size()) : "";
        if (found.empty() ? text == first : inside) {
            found.push_back(text);
        } else if (!found.empty()) {
            break;
        }
    }
    return found;
}

void expect_in_test(const std::string& header, const std::string& first, std::size_t least) {
    const std::vector<std::string> lines = example(header, first);
    EXPECT_GE(lines.size(), least) << header << " should have the example";
    const std::string test = words_of(lines_of("tests/unit/server_example_test.cpp"));
    EXPECT_NE(test.find(words_of(lines)), std::string::npos)
        << "the example of " << header << " and its copy in the test should be the same";
}

TEST(Examples, TheServiceIsTheOneThatIsTested) {
    expect_in_test("include/drydock/server.hpp", "class LineEcho final : public server::Service {",
                   20);
}

TEST(Examples, TheIdleWatchIsTheOneThatIsTested) {
    expect_in_test("include/drydock/idle_watch.hpp",
                   "// Receives a file, and gives up when nothing has come for 30 seconds.", 15);
}

}  // namespace
}  // namespace drydock::tidy

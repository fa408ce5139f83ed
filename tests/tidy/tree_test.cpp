// Holds the repository to the tidy rules. A failure lists every finding as file:line, the rule, and
// what to write instead; `ctest --preset dev -R Tidy` runs nothing else.

#include <algorithm>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/tidy/rules.hpp"
#include "tests/tidy/source.hpp"

namespace drydock::tidy {
namespace {

const std::vector<Source>& tree() {
    static const std::vector<Source> sources = read_tree(DRYDOCK_SOURCE_DIR);
    return sources;
}

std::string listed(const std::vector<Finding>& findings) {
    std::string text;
    for (const Finding& finding : findings) {
        text += describe(finding) + "\n";
    }
    return text;
}

class TidyTree : public testing::TestWithParam<Rule> {};

TEST_P(TidyTree, KeepsTheRule) {
    std::vector<Finding> findings;
    for (const Source& source : tree()) {
        const std::vector<Finding> found = apply(GetParam(), source);
        findings.insert(findings.end(), found.begin(), found.end());
    }
    EXPECT_TRUE(findings.empty()) << listed(findings);
}

INSTANTIATE_TEST_SUITE_P(Tidy, TidyTree, testing::ValuesIn(all_rules().begin(), all_rules().end()),
                         [](const auto& test) {
                             std::string name(test.param.name);
                             std::replace(name.begin(), name.end(), '-', '_');
                             return name;
                         });

TEST(TidyWholeTree, HasNoDeadHeaders) {
    const std::vector<Finding> findings = find_dead_headers(tree());
    EXPECT_TRUE(findings.empty()) << listed(findings);
}

// The rules above hold for an empty list, too: this one says that the list is the repository's.
TEST(TidyWholeTree, IsReallyRead) {
    for (const char* path : {"tests/tidy/tree_test.cpp", "include/drydock/queue.hpp"}) {
        EXPECT_TRUE(std::any_of(tree().begin(), tree().end(),
                                [&](const Source& source) { return source.path == path; }))
            << path << " was not found under " << DRYDOCK_SOURCE_DIR;
    }
}

}  // namespace
}  // namespace drydock::tidy

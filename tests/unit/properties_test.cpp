// Every rule and property that this project has says what it expects.
#include "sim/properties.hpp"

#include <gtest/gtest.h>

#include <drydock/violation.hpp>

namespace drydock::sim {
namespace {

TEST(Properties, have_an_expectation_for_each_rule) {
    for (int i = 0; i < rule_count; ++i) {
        const std::string_view rule = name(static_cast<Rule>(i));
        EXPECT_NE(expectation(rule), "") << rule;
    }
}

TEST(Properties, that_are_another_projects_have_none) { EXPECT_EQ(expectation("my-own"), ""); }

TEST(Properties, are_explained_on_a_page_of_their_own) {
    EXPECT_EQ(explained_at("chat-gap"), "docs/PROPERTIES.md#chat-gap");
}

}  // namespace
}  // namespace drydock::sim

// Every rule and property of a run says what it expects.
#include "sim/properties.hpp"

#include <gtest/gtest.h>

#include <drydock/violation.hpp>

#include "tests/scenarios/scenarios.hpp"

namespace drydock::sim {
namespace {

TEST(Properties, have_an_expectation_for_each_rule) {
    for (int i = 0; i < rule_count; ++i) {
        const std::string_view rule = name(static_cast<Rule>(i));
        EXPECT_NE(expectation(rule), "") << rule;
    }
}

TEST(Properties, that_are_a_scenarios_are_explained_for_it_alone) {
    const Explanation gap = explain(*find_scenario("chat"), "chat-gap");
    EXPECT_EQ(gap.expected,
              "from its first line to its last, a member gets every line that was published");
    EXPECT_EQ(gap.page, "docs/PROPERTIES.md#chat-gap");
    EXPECT_EQ(explain(*find_scenario("echo"), "chat-gap").expected, "");
    EXPECT_EQ(explain(*find_scenario("echo"), "stuck").page, "docs/PROPERTIES.md#stuck");
}

TEST(Properties, that_nobody_explains_have_no_page) {
    const Explanation unknown = explain(*find_scenario("echo"), "my-own");
    EXPECT_EQ(unknown.expected, "");
    EXPECT_EQ(unknown.page, "");
}

TEST(Properties, that_have_no_page_are_explained_without_one) {
    static constexpr Expectation own[] = {{"my-own", "it holds"}};
    ScenarioInfo scenario = *find_scenario("echo");
    scenario.properties = own;
    scenario.explained_in = {};
    EXPECT_EQ(explain(scenario, "my-own").expected, "it holds");
    EXPECT_EQ(explain(scenario, "my-own").page, "");
}

}  // namespace
}  // namespace drydock::sim

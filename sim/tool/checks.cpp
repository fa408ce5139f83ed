// A tool's scenarios as their author lists them: what command lines and schedule files cannot hold.
#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "sim/tool/common.hpp"
#include "sim/tool/program.hpp"

namespace drydock::app {
namespace {

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Letters, digits and `others`, and the first is a letter or digit.
bool is_made_of(std::string_view name, std::string_view others) {
    const auto fits = [&](char c) {
        return is_letter(c) || is_digit(c) || others.find(c) != std::string_view::npos;
    };
    return !name.empty() && (is_letter(name.front()) || is_digit(name.front())) &&
           std::all_of(name.begin(), name.end(), fits);
}

std::string objection_to_parameters(const sim::ScenarioInfo& scenario) {
    std::set<std::string_view> names;
    for (const auto& [name, summary, least, most, explored] : scenario.parameters) {
        if (!is_made_of(name, "-_") || !is_letter(name.front())) {
            return fmt::format(
                "'{}' of the scenario '{}' cannot be the name of a parameter: it becomes an "
                "option, "
                "so it must begin with a letter and have letters, digits, - and _ alone",
                shown(name), scenario.name);
        }
        if (!names.insert(name).second) {
            return fmt::format("the scenario '{}' has two parameters of the name '{}'",
                               scenario.name, name);
        }
        if (least > most) {
            return fmt::format(
                "the parameter '{}' of the scenario '{}' has no value: its range is "
                "from {} to {}",
                name, scenario.name, least, most);
        }
    }
    return {};
}

std::string objection_to_scenario(const sim::ScenarioInfo& scenario) {
    if (!is_made_of(scenario.name, "-_./+")) {
        return fmt::format(
            "'{}' cannot be the name of a scenario: a name must begin with a letter or digit and "
            "have letters, digits and - _ . / + alone",
            shown(scenario.name));
    }
    if (scenario.make == nullptr) {
        return fmt::format("the scenario '{}' has no function 'make' that gives an object of it",
                           scenario.name);
    }
    return objection_to_parameters(scenario);
}

}  // namespace

std::string objection_to_scenarios(const Tool& tool) {
    if (tool.scenarios.empty()) return "the list of scenarios is empty, so there is nothing to run";
    std::set<std::string_view> names;
    for (std::size_t i = 0; i < tool.scenarios.size(); ++i) {
        const sim::ScenarioInfo* scenario = tool.scenarios[i];
        if (scenario == nullptr) {
            return fmt::format("entry {} of the list of {} is a null pointer", i + 1,
                               count_of(tool.scenarios.size(), "scenario"));
        }
        const std::string objection = objection_to_scenario(*scenario);
        if (!objection.empty()) return objection;
        if (!names.insert(scenario->name).second) {
            return fmt::format("two scenarios have the name '{}'", scenario->name);
        }
    }
    return {};
}

}  // namespace drydock::app

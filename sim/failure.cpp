// Text about runs that failed.
#include <drydock/sim/failure.hpp>

#include "sim/properties.hpp"

namespace drydock::sim {

std::string expected_line(const ScenarioInfo& scenario, std::string_view property) {
    const Explanation known = explain(scenario, property);
    if (known.expected.empty()) return {};
    const std::string see = known.page.empty() ? "" : " (see " + known.page + ")";
    return "expected: " + std::string(known.expected) + see + "\n";
}

std::string choices_text(std::span<const Choice> schedule, std::string_view indent) {
    std::string text;
    for (const Choice& choice : schedule) {
        if (choice.value == 0) continue;
        text += std::string(indent) + choice.label + ": " + std::to_string(choice.value) + " of " +
                std::to_string(choice.options - 1) + "\n";
    }
    return text;
}

std::string divergence_text(const Divergence& divergence) {
    return "the run left its schedule at choice " + std::to_string(divergence.position + 1) +
           ": the schedule has " + divergence.recorded + ", the run asked for " + divergence.asked;
}

std::string failure_text(const ScenarioInfo& scenario, const Report& report,
                         std::string_view indent) {
    const std::string begin(indent);
    const std::string expected = expected_line(scenario, report.property);
    std::string text = begin + report.sentence + "\n";
    if (!expected.empty()) text += begin + expected;
    if (!report.options.empty()) text += begin + "options: " + report.options + "\n";
    return text;
}

std::string summary_text(const Report& report) {
    std::string text = report.passed ? "passed" : "failed: " + report.property;
    if (!report.sentence.empty()) text += ": " + report.sentence;
    text += "; " + std::to_string(report.completions) + " completions, " +
            std::to_string(report.choices) + " choices";
    if (!report.options.empty()) text += "; options: " + report.options;
    if (!report.outcome.empty()) text += "; outcome: " + report.outcome;
    return text;
}

}  // namespace drydock::sim

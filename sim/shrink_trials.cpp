// One run of shrinking, and its verdict.
#include "sim/shrink_trials.hpp"

#include <algorithm>

namespace drydock::sim {
namespace {

/// Replay answers 0 after the end of a schedule, so benign choices at its end say nothing.
void drop_benign_tail(Report& report) {
    std::vector<Choice>& schedule = report.schedule;
    while (!schedule.empty() && schedule.back().value == 0) schedule.pop_back();
    for (ChoiceSpan& span : report.spans) {
        span.first = std::min(span.first, schedule.size());
        span.last = std::min(span.last, schedule.size());
    }
    std::erase_if(report.spans, [](const ChoiceSpan& span) { return span.first == span.last; });
}

}  // namespace

std::optional<Report> Trials::fails(ChoiceSource& choices) {
    if (over()) return std::nullopt;
    Report report = experiment_(choices);
    ++runs_;
    completions_ += report.completions;
    if (report.passed || report.property != property_) return std::nullopt;
    drop_benign_tail(report);
    return report;
}

std::optional<Report> Trials::fails(std::span<const Choice> schedule) {
    ReplayChoices choices(schedule);
    return fails(choices);
}

}  // namespace drydock::sim

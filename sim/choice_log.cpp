// Spans, and the end of a step that never stops choosing.
#include "sim/choice_log.hpp"

#include <string>

#include <drydock/violation.hpp>

namespace drydock::sim {

void ChoiceLog::begin_span(const char* label) noexcept {
    const SimulatorMemory memory;
    open_spans_.push_back({label, spans_.size()});
    chronicle_.span_begun(label);
    if (records_) spans_.push_back({label, schedule_.size(), schedule_.size()});
}

bool ChoiceLog::end_span() noexcept {
    if (open_spans_.empty()) return false;
    chronicle_.span_ended();
    if (records_) spans_[open_spans_.back().place].last = schedule_.size();
    open_spans_.pop_back();
    return true;
}

void ChoiceLog::give_up(const char* label) noexcept {
    const std::string text = "one step made more than " + std::to_string(most_in_step_) +
                             " choices after completion " +
                             std::to_string(chronicle_.completions()) + ", the last of them for '" +
                             label + "': it does not end";
    chronicle_.verdict("endless-step", text, true);
    abort_with(text);
}

}  // namespace drydock::sim

// Lines of a trace: a margin for the mark, a time for each step, and notes indented below it.
#include "sim/trace.hpp"

#include <algorithm>

#include "sim/place.hpp"

namespace drydock::sim {
namespace {

constexpr std::size_t margin = 2;
constexpr std::size_t time_width = 12;

/// "     3.007 ms"
std::string in_milliseconds(Time at) {
    const auto us = std::chrono::floor<std::chrono::microseconds>(at.time_since_epoch()).count();
    std::string thousandths = std::to_string(us % 1000);
    thousandths.insert(0, 3 - thousandths.size(), '0');
    const std::string text = std::to_string(us / 1000) + "." + thousandths + " ms";
    return std::string(text.size() < time_width ? time_width - text.size() : 0, ' ') + text;
}

/// " on connection 1 (accepted side) of client 2"
std::string at_connection(const RunEvent& event, const std::string& owner) {
    std::string text = " on connection " + std::to_string(event.connection) +
                       (event.accepted ? " (accepted side)" : " (connecting side)");
    if (!owner.empty()) text += " of " + owner;
    return event.host.empty() ? text : text + " at " + std::string(event.host);
}

}  // namespace

std::string describe(const RunEvent& event, const std::string& owner) {
    std::string text(name(event.operation));
    if (event.connection != 0) {
        text += at_connection(event, owner);
    } else if (!event.host.empty()) {
        text += " at " + std::string(event.host);
    }
    return text + " started at " + place(event.where);
}

void Trace::happened(const RunEvent& event) noexcept {
    switch (event.kind) {
        case RunEventKind::completed:
            return step(event);
        case RunEventKind::tried_receive:
            return note("try_receive" + at_connection(event, owner_of(event)) + ": " +
                        std::string(name(event.result.error)) + ", " +
                        std::to_string(event.result.bytes) + " bytes");
        case RunEventKind::choice:
            if (event.choice.value == 0) return;
            return note("choice " + std::string(event.choice.label) + " = " +
                        std::to_string(event.choice.value) + " (0 to " +
                        std::to_string(event.choice.options - 1) + ")");
        case RunEventKind::fault:
            return note(std::string(name(event.fault)));
        case RunEventKind::identified: {
            std::string& owner = owners_[event.connection];
            owner = std::string(event.name) + " " + std::to_string(event.number);
            return note("connection " + std::to_string(event.connection) + " is of " + owner);
        }
        case RunEventKind::host_started:
            return note("host '" + std::string(event.host) +
                        (event.number == 1
                             ? "' starts"
                             : "' starts again (start " + std::to_string(event.number) + ")"));
        case RunEventKind::host_ended:
            return note("host '" + std::string(event.host) +
                        "' is down: " + std::string(event.text));
        case RunEventKind::partitioned:
            return note("partition: " + std::string(event.text));
        case RunEventKind::printed:
            return note(std::string(event.name) + ": " + std::string(event.text));
        case RunEventKind::verdict:
            return fail(event);
        default:
            return;
    }
}

std::string Trace::owner_of(const RunEvent& event) const {
    const auto known = owners_.find(event.connection);
    return known == owners_.end() ? std::string() : known->second;
}

void Trace::step(const RunEvent& event) {
    std::string text =
        describe(event, owner_of(event)) + ": " + std::string(name(event.result.error));
    if (event.connection != 0) {
        text += ", " + std::to_string(event.result.bytes);
        const bool short_send =
            event.operation == OperationKind::send && event.result.bytes < event.size;
        if (short_send) text += " of " + std::to_string(event.size);
        text += " bytes";
    }
    lines_.push_back({in_milliseconds(event.at) + "  " + text, true});
    if (++steps_ >= 2 * most_) forget_old_steps();
}

/// No step comes after a failure, so the last one is where the run has failed.
void Trace::fail(const RunEvent& event) {
    const auto last =
        std::find_if(lines_.rbegin(), lines_.rend(), [](const Line& line) { return line.is_step; });
    if (event.in_step && last != lines_.rend()) {
        last->text = "> " + last->text + "  <-- breaks " + std::string(event.name);
    } else {
        lines_.push_back({"> " + std::string(time_width, ' ') +
                              "  after the last step: " + std::string(event.name),
                          false});
    }
}

/// The last `most` steps stay. What was noted between the last step that goes and the first that
/// stays goes with neither: it has led to the latter, and stays.
void Trace::forget_old_steps() {
    auto end = lines_.begin();
    for (; steps_ > most_; ++end) steps_ -= end->is_step ? 1U : 0U;
    lines_.erase(lines_.begin(), end);
}

std::string Trace::shown(const Line& line) {
    if (line.text.starts_with('>')) return line.text;
    return std::string(line.is_step ? margin : margin + time_width + 4, ' ') + line.text;
}

std::optional<Trace::Line> Trace::last() const {
    if (lines_.empty()) return std::nullopt;
    return Line{shown(lines_.back()), lines_.back().is_step};
}

std::vector<std::string> Trace::take() {
    forget_old_steps();
    std::vector<std::string> text;
    for (const Line& line : lines_) text.push_back(shown(line));
    return text;
}

}  // namespace drydock::sim

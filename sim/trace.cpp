// Lines of a trace: a margin for the mark, a time for each step, and notes indented below it.
#include "sim/trace.hpp"

#include <algorithm>

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

}  // namespace

void Trace::step(Time at, const std::string& completion) {
    lines_.push_back({in_milliseconds(at) + "  " + completion, true});
    if (++steps_ >= 2 * most_) forget_old_steps();
}

void Trace::fail(std::string_view property, bool in_step) {
    const auto last =
        std::find_if(lines_.rbegin(), lines_.rend(), [](const Line& line) { return line.is_step; });
    if (in_step && last != lines_.rend()) {
        last->text = "> " + last->text + "  <-- breaks " + std::string(property);
    } else {
        lines_.push_back({"> " + std::string(time_width, ' ') +
                              "  after the last step: " + std::string(property),
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

std::vector<std::string> Trace::take() {
    forget_old_steps();
    std::vector<std::string> text;
    for (const Line& line : lines_) {
        const bool is_marked = line.text.starts_with('>');
        const std::size_t indent = line.is_step ? margin : margin + time_width + 4;
        text.push_back(is_marked ? line.text : std::string(indent, ' ') + line.text);
    }
    return text;
}

}  // namespace drydock::sim

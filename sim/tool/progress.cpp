// Seeds or states done, per second, failures, time left.
#include "sim/tool/progress.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "platform/host/streams.hpp"

namespace drydock::app {
namespace {

constexpr double pause = 0.2;             // seconds between two lines
constexpr std::size_t most_columns = 79;  // a line that wraps could not be written over

}  // namespace

bool StatusLine::is_due(double now) {
    if (!shown_ || now < next_) return false;
    next_ = now + pause;
    return true;
}

void StatusLine::write(const std::string& line) {
    // Its end clears what a longer one has left.
    host::write(host::Stream::error, "\r" + line.substr(0, most_columns) + "\x1b[K");
    visible_ = true;
}

void StatusLine::clear() {
    if (visible_) host::write(host::Stream::error, "\r\x1b[K");
    visible_ = false;
}

Progress::Progress(std::string name, std::uint64_t total, bool shown)
    : name_(std::move(name)), total_(total), line_(shown) {}

void Progress::show(std::uint64_t done, std::uint64_t failures) {
    const double now = stopwatch_.seconds();
    if (!line_.is_due(now)) return;
    const double rate = now > 0 ? static_cast<double>(done) / now : 0;
    const double left = rate > 0 ? static_cast<double>(total_ - done) / rate : 0;
    line_.write(fmt::format("{}: {} of {} seeds ({:.0f} %), {} failed, {} left, {:.0f} a second",
                            name_, done, total_,
                            100.0 * static_cast<double>(done) / static_cast<double>(total_),
                            failures, done > 0 ? time_text(left) : "?", rate));
}

/// The time that is left is a guess: it takes the rest of the tree for as large as the part that is
/// done, and the states for as fast. Below a thousandth of the tree it says nothing.
void ExploreProgressLine::show(const sim::ExploreProgress& progress) {
    constexpr double least_part = 0.001;
    const double now = stopwatch_.seconds();
    if (!line_.is_due(now)) return;
    const double span = now - last_seconds_;
    const double rate =
        span > 0
            ? static_cast<double>(progress.states - std::min(progress.states, last_states_)) / span
            : 0;
    last_states_ = progress.states;
    last_seconds_ = now;
    std::string left = "time left unknown";
    if (progress.part >= least_part) {
        left = time_text(now * (1 - progress.part) / progress.part) + " left, if it goes on so";
    }
    line_.write(fmt::format("{}: {} states, {:.0f} a second, {} MB, {:.1f} % of the tree, {}",
                            name_, progress.states, rate, progress.bytes / 1'000'000,
                            100.0 * progress.part, left));
}

std::string time_text(double seconds) {
    const auto whole = static_cast<std::uint64_t>(seconds + 0.5);
    if (whole >= 3600) return fmt::format("{} h {:02} min", whole / 3600, whole / 60 % 60);
    if (whole >= 60) return fmt::format("{} min {:02} s", whole / 60, whole % 60);
    return fmt::format("{} s", whole);
}

}  // namespace drydock::app

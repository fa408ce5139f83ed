// Seeds done, per second, failures, time left.
#include "sim/tool/progress.hpp"

#include <fmt/format.h>

#include "platform/host/streams.hpp"

namespace drydock::app {
namespace {

constexpr double pause = 0.2;             // seconds between two lines
constexpr std::size_t most_columns = 79;  // a line that wraps could not be written over

}  // namespace

Progress::Progress(std::string name, std::uint64_t total, bool shown)
    : name_(std::move(name)), total_(total), shown_(shown) {}

void Progress::show(std::uint64_t done, std::uint64_t failures) {
    const double now = stopwatch_.seconds();
    if (!shown_ || now < next_) return;
    next_ = now + pause;
    const double rate = now > 0 ? static_cast<double>(done) / now : 0;
    const double left = rate > 0 ? static_cast<double>(total_ - done) / rate : 0;
    const std::string line =
        fmt::format("{}: {} of {} seeds ({:.0f} %), {} failed, {} left, {:.0f} a second", name_,
                    done, total_, 100.0 * static_cast<double>(done) / static_cast<double>(total_),
                    failures, done > 0 ? time_text(left) : "?", rate);
    // Its end clears what a longer one has left.
    host::write(host::Stream::error, "\r" + line.substr(0, most_columns) + "\x1b[K");
    visible_ = true;
}

void Progress::clear() {
    if (visible_) host::write(host::Stream::error, "\r\x1b[K");
    visible_ = false;
}

std::string time_text(double seconds) {
    const auto whole = static_cast<std::uint64_t>(seconds + 0.5);
    if (whole >= 3600) return fmt::format("{} h {:02} min", whole / 3600, whole / 60 % 60);
    if (whole >= 60) return fmt::format("{} min {:02} s", whole / 60, whole % 60);
    return fmt::format("{} s", whole);
}

}  // namespace drydock::app

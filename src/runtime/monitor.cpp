// What is told of the making and the end of monitors.
#include <drydock/monitor.hpp>

#include <utility>

namespace drydock::detail {
namespace {

constinit thread_local MonitorLives* monitor_lives = nullptr;

}  // namespace

MonitorLives* tell_monitor_lives(MonitorLives* lives) noexcept {
    return std::exchange(monitor_lives, lives);
}

void monitor_made(const void* monitor, bool can_be_hashed) noexcept {
    if (monitor_lives != nullptr) monitor_lives->monitor_made(monitor, can_be_hashed);
}

void monitor_gone(const void* monitor) noexcept {
    if (monitor_lives != nullptr) monitor_lives->monitor_gone(monitor);
}

}  // namespace drydock::detail

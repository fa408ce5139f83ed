// The timers of one queue, and who sleeps how long because of them. See timers.hpp.
#include "platform/iocp/timers.hpp"

#include <algorithm>
#include <utility>

namespace drydock::iocp {

void Timers::start(Operation& operation, Time deadline) noexcept {
    const std::lock_guard lock(mutex_);
    const bool first = heap_.push(operation, deadline);
    if (!first) {
        return;
    }
    update();
    keep_one_awake();
}

bool Timers::remove(Operation& operation) noexcept {
    const std::lock_guard lock(mutex_);
    if (!operation.native<TimerRecord>().heap.pending()) {
        return false;
    }
    heap_.remove(operation);
    // Those who sleep until then wake once for nothing, which costs less than waking them now.
    update();
    return true;
}

std::size_t Timers::take_due(Time now, std::span<Completion> completions) noexcept {
    if (earliest_.load(std::memory_order_relaxed) > now) {
        return 0;
    }
    const std::lock_guard lock(mutex_);
    std::size_t count = 0;
    while (count < completions.size()) {
        Operation* const operation = heap_.pop_due(now);
        if (operation == nullptr) {
            break;
        }
        completions[count++] = {operation, Result::success()};
    }
    update();
    return count;
}

void Timers::leave() noexcept {
    if (earliest_.load(std::memory_order_relaxed) == never) {
        return;
    }
    const std::lock_guard lock(mutex_);
    keep_one_awake();
}

void Timers::woken() noexcept {
    const std::lock_guard lock(mutex_);
    wake_underway_ = false;
}

void Timers::update() noexcept {
    earliest_.store(heap_.next_deadline(), std::memory_order_relaxed);
}

void Timers::keep_one_awake() noexcept {
    if (heap_.empty() || sleepers_ == nullptr || wake_underway_) {
        return;
    }
    for (const Sleeper* sleeper = sleepers_; sleeper != nullptr; sleeper = sleeper->next_) {
        if (sleeper->until_ <= heap_.next_deadline()) {
            return;
        }
    }
    wake_underway_ = port_.wake();
}

Timers::Sleeper::Sleeper(Timers& timers, Time deadline) noexcept : timers_(timers) {
    const std::lock_guard lock(timers_.mutex_);
    until_ = std::min(deadline, timers_.heap_.next_deadline());
    next_ = std::exchange(timers_.sleepers_, this);
    if (next_ != nullptr) {
        next_->previous_ = this;
    }
}

Timers::Sleeper::~Sleeper() {
    const std::lock_guard lock(timers_.mutex_);
    if (next_ != nullptr) {
        next_->previous_ = previous_;
    }
    (previous_ != nullptr ? previous_->next_ : timers_.sleepers_) = next_;
}

}  // namespace drydock::iocp

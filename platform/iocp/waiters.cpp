// Timers, completions without a packet, and how long each worker sleeps because of them. See
// waiters.hpp.
#include "platform/iocp/waiters.hpp"

#include <algorithm>
#include <utility>

#include "platform/iocp/port.hpp"

namespace drydock::iocp {
namespace {

/// The wait() that the calling thread left last. Another queue may live at that address by now:
/// then a record of its waits for the watcher, a moment longer than for its packet.
struct LastWait {
    const Waiters* waiters = nullptr;
    Time end = Time::min();
};

// There is one for each thread, so its address tells them apart.
constinit thread_local LastWait last_wait;

}  // namespace

// --- timers --------------------------------------------------------------------------------------

void Waiters::start(Operation& operation, Time deadline) noexcept {
    const std::lock_guard lock(mutex_);
    const bool first = heap_.push(operation, deadline);
    if (!first) {
        return;
    }
    update();
    if (!timers_are_watched()) {
        wake_one();
    }
}

bool Waiters::remove(Operation& operation) noexcept {
    const std::lock_guard lock(mutex_);
    if (!operation.native<TimerRecord>().heap.pending()) {
        return false;
    }
    heap_.remove(operation);
    // Those who sleep until then wake once for nothing, which costs less than waking them now.
    update();
    return true;
}

std::size_t Waiters::take_due(Time now, std::span<Completion> completions) noexcept {
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

void Waiters::update() noexcept {
    earliest_.store(heap_.next_deadline(), std::memory_order_relaxed);
}

bool Waiters::timers_are_watched() const noexcept {
    for (const Sleeper* sleeper = sleepers_; sleeper != nullptr; sleeper = sleeper->next_) {
        if (sleeper->until_ <= heap_.next_deadline()) {
            return true;
        }
    }
    return heap_.empty();
}

// --- completions without a packet ----------------------------------------------------------------

bool Waiters::caller_comes_back(Time now) const noexcept {
    return last_wait.waiters == this && now < later(last_wait.end, watch_period);
}

void Waiters::complete(Record& record, Time now) noexcept {
    const std::lock_guard lock(mutex_);
    push(record);
    watched_ = &last_wait;
    watched_until_ = later(now, watch_period);
    if (watcher_ == nullptr) {
        wake_one();
    }
}

bool Waiters::complete_if_all_are_awake(Record& record) noexcept {
    const std::lock_guard lock(mutex_);
    if (sleepers_ != nullptr) {
        return false;
    }
    push(record);
    return true;
}

void Waiters::keep(Record& record) noexcept {
    const std::lock_guard lock(mutex_);
    push(record);
}

void Waiters::push(Record& record) noexcept {
    completed_.push(record);
    any_completed_.store(true, std::memory_order_relaxed);
}

Record* Waiters::take_completed() noexcept {
    // A record that is missed here is found before the worker sleeps, with the lock.
    if (!any_completed_.load(std::memory_order_relaxed)) {
        return nullptr;
    }
    const std::lock_guard lock(mutex_);
    Record* const record = completed_.pop();
    any_completed_.store(!completed_.empty(), std::memory_order_relaxed);
    return record;
}

// --- workers -------------------------------------------------------------------------------------

void Waiters::leave(Time now) noexcept {
    last_wait = {this, now};
    const bool any_timers = earliest_.load(std::memory_order_relaxed) != never;
    if (!any_timers && !any_completed_.load(std::memory_order_relaxed)) {
        return;
    }
    const std::lock_guard lock(mutex_);
    // What this worker has no time for now is better off with one that sleeps.
    if (!completed_.empty() || !timers_are_watched()) {
        wake_one();
    }
}

void Waiters::woken() noexcept {
    const std::lock_guard lock(mutex_);
    wake_underway_ = false;
}

void Waiters::wake_one() noexcept {
    if (sleepers_ != nullptr && !wake_underway_) {
        wake_underway_ = port_.wake();
    }
}

Waiters::Sleeper::Sleeper(Waiters& waiters, Time now, Time deadline) noexcept : waiters_(waiters) {
    const std::lock_guard lock(waiters_.mutex_);
    until_ = std::min(deadline, waiters_.heap_.next_deadline());
    if (!waiters_.completed_.empty()) {
        until_ = now;
    } else if (waiters_.watcher_ == nullptr && waiters_.watched_ != &last_wait &&
               now < waiters_.watched_until_) {
        until_ = std::min(until_, waiters_.watched_until_);
        waiters_.watcher_ = this;
    }
    next_ = std::exchange(waiters_.sleepers_, this);
    if (next_ != nullptr) {
        next_->previous_ = this;
    }
}

Waiters::Sleeper::~Sleeper() {
    const std::lock_guard lock(waiters_.mutex_);
    if (waiters_.watcher_ == this) {
        waiters_.watcher_ = nullptr;
    }
    if (next_ != nullptr) {
        next_->previous_ = previous_;
    }
    (previous_ != nullptr ? previous_->next_ : waiters_.sleepers_) = next_;
}

}  // namespace drydock::iocp

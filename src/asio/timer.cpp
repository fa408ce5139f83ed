// The waits of one timer, each an operation of its own, so that a cancel ends no later one.
#include <drydock/asio/timer.hpp>

#include <limits>

namespace drydock::asio_detail {

void TimerSet::start_wait(AsyncOperation& operation, Time deadline) {
    const std::lock_guard lock(mutex_);
    operation.loop_ = &loop_;
    operation.flight_loop_ = &loop_;
    operation.timers_ = shared_from_this();
    operation.set_due(deadline, loop_.next_order());
    waits_.add(operation);
    loop_.flight_begun();
    loop_.queue().start_timer(operation, deadline);
}

std::size_t TimerSet::cancel(std::size_t most) noexcept {
    const std::lock_guard lock(mutex_);
    std::size_t count = 0;
    for (AsyncOperation* each = waits_.first(); each != nullptr && count < most;
         each = OperationList::next(*each)) {
        if (each->cancel_requested_) continue;
        each->cancel_requested_ = true;
        ++count;
        loop_.queue().cancel(*each);
    }
    return count;
}

void TimerSet::cancel_one(std::uint64_t key) noexcept {
    const std::lock_guard lock(mutex_);
    AsyncOperation* each = waits_.first();
    while (each != nullptr && each->key_ != key) each = OperationList::next(*each);
    if (each == nullptr || each->cancel_requested_) return;
    each->cancel_requested_ = true;
    loop_.queue().cancel(*each);
}

void TimerSet::complete(AsyncOperation& operation, const Result& result) noexcept {
    {
        const std::lock_guard lock(mutex_);
        const Time again =
            result.ok() && !operation.cancel_requested_ && check_ ? check_() : Time();
        if (again > loop_.queue().now()) {
            loop_.flight_begun();
            return loop_.queue().start_timer(operation, again);
        }
        waits_.remove(operation);
        operation.trouble_ = {result.error, result.native};
        // cancel() has counted it as canceled, even if the deadline came first.
        if (operation.cancel_requested_) {
            operation.trouble_ = Error::canceled;
            operation.set_canceled();
        }
    }
    Loop& loop = loop_;
    operation.timers_ = nullptr;
    loop.add(operation);
}

void TimerSet::close_for_good() noexcept { cancel(std::numeric_limits<std::size_t>::max()); }

void TimerSet::wait(Time deadline, std::source_location where) {
    BlockingOperation operation(loop_, where);
    Loop::run_blocking(
        operation, [&] { loop_.queue().start_timer(operation, deadline); },
        [&] { loop_.queue().cancel(operation); });
}

}  // namespace drydock::asio_detail

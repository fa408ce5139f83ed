// The queue: waiting, timers, posts. Connecting is in connect.cpp.
#include "platform/uring/queue.hpp"

#include <algorithm>
#include <thread>

#include "platform/uring/listener.hpp"
#include "platform/uring/socket.hpp"
#include "platform/uring/uring_queue.hpp"

namespace drydock::uring {
namespace {

// So many times in a row a worker may live on what is ready, which a peer that floods can keep from
// ever becoming empty, before it tells its ring what it has started and looks at all others.
constexpr unsigned rounds_between_looks = 32;

}  // namespace

std::unique_ptr<CompletionQueue> make_queue(const QueueOptions& options) {
    auto queue = std::make_unique<UringQueue>(options.provided_buffer_size);
    const unsigned workers =
        options.workers != 0 ? options.workers : std::max(1U, std::thread::hardware_concurrency());
    return queue->workers().prepare(workers) ? std::move(queue) : nullptr;
}

UringQueue::UringQueue(std::size_t buffer_size) noexcept
    : buffers_(buffer_size), workers_(buffers_) {}

UringQueue::~UringQueue() {
    workers_.close_rings();
    acceptors_.end_all();
    buffers_.check_all_back(*this);
}

ListenResult UringQueue::listen(const Endpoint& endpoint, const ListenOptions& options) {
    return Listener::listen(*this, endpoint, options.backlog);
}

void UringQueue::finish(Operation& operation, const Result& result,
                        std::atomic<std::uint32_t>* in_flight) noexcept {
    Record& record = operation.native<Record>();
    record.result = result;
    record.in_flight = in_flight;
    workers_.finish(operation);
}

void UringQueue::post(Operation& operation) noexcept {
    if (!operation.begin(*this, OperationKind::post)) {
        return;
    }
    operation.emplace_native<Record>();
    workers_.post(operation);
}

std::size_t UringQueue::wait(std::span<Completion> completions, Time deadline) noexcept {
    Batch batch(completions);
    Worker& me = workers_.enter();
    me.batch = &batch;
    for (bool last_look = false;;) {
        collect_due_timers();
        workers_.take(me);
        if (batch.count() > 0 || last_look) {
            break;
        }
        me.rounds_in_a_row = 0;
        workers_.sleep(me, deadline, earliest_timer_);
        last_look = deadline != never && now() >= deadline;
    }
    if (++me.rounds_in_a_row >= rounds_between_looks) {
        me.rounds_in_a_row = 0;
        workers_.look(me);
    }
    me.batch = nullptr;
    workers_.leave(me);
    return batch.count();
}

// --- timers --------------------------------------------------------------------------------------

/// The first act of a start that cancel() may be called for. The lock on the timers is held, which
/// guards the operation's kind and record against such a cancel. False: it was misuse. The record's
/// result is a failure when a cancel was remembered: then the start ends with it.
bool UringQueue::begin_cancelable(Operation& operation, OperationKind kind) noexcept {
    if (!operation.begin(*this, kind)) {
        return false;
    }
    Record& record = operation.emplace_native<Record>();
    if (operation.take_remembered_cancel()) {
        record.result = Result::failure(Error::canceled);
    }
    return true;
}

void UringQueue::start_timer(Operation& operation, Time deadline) noexcept {
    {
        std::unique_lock lock(timers_mutex_);
        if (!begin_cancelable(operation, OperationKind::timer)) {
            return;
        }
        if (operation.native<Record>().result.ok() && deadline > now()) {
            if (timers_.push(operation, deadline)) {
                // Whoever sleeps knows of a later deadline only. Written before it is asked whether
                // anybody sleeps, as a sleeper says that it does before it reads this.
                earliest_timer_.store(deadline);
                lock.unlock();
                if (!workers_.caller_comes_back()) {
                    workers_.wake_sleeper();
                }
            }
            return;
        }
    }
    workers_.finish(operation);
}

void UringQueue::collect_due_timers() noexcept {
    const Time earliest = earliest_timer_.load(std::memory_order_relaxed);
    if (earliest == never) {
        return;
    }
    const Time time = now();
    if (time < earliest) {
        return;
    }
    const std::lock_guard lock(timers_mutex_);
    while (Operation* const operation = timers_.pop_due(time)) {
        workers_.finish(*operation);
    }
    earliest_timer_.store(timers_.next_deadline());
}

/// The record of an operation that was ever started as something that can be canceled, else null.
/// (Neither in_flight() nor an unmade record may be looked at: the caller of cancel() need not be
/// in step with the operation's owner.)
Record* UringQueue::cancelable_record(Operation& operation) noexcept {
    const OperationKind kind = operation.kind();
    const bool started = kind == OperationKind::timer || kind == OperationKind::connect;
    return started ? &operation.native<Record>() : nullptr;
}

void UringQueue::cancel(Operation& operation) noexcept {
    {
        const std::lock_guard lock(timers_mutex_);
        Record* const record = cancelable_record(operation);
        if (record != nullptr && record->connecting != nullptr) {
            return record->connecting->cancel_connect(record->request);
        }
        if (record == nullptr || !record->timer.pending()) {
            return operation.remember_cancel();
        }
        timers_.remove(operation);
        earliest_timer_.store(timers_.next_deadline());
    }
    finish(operation, Result::failure(Error::canceled));
}

}  // namespace drydock::uring

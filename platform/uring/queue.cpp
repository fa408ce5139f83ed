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
    return Listener::listen(*this, endpoint, options);
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
        timers_.collect_due();
        workers_.take(me);
        if (batch.count() > 0 || last_look) {
            break;
        }
        me.rounds_in_a_row = 0;
        workers_.sleep(me, deadline, timers_.watch());
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

void UringQueue::start_timer(Operation& operation, Time deadline) noexcept {
    timers_.start(operation, deadline);
}

void UringQueue::cancel(Operation& operation) noexcept {
    {
        const std::lock_guard lock(timers_.mutex());
        Record* const record = timers_.find(operation);
        if (record != nullptr && record->connecting != nullptr) {
            return record->connecting->cancel_connect(record->request);
        }
        if (!timers_.remove(operation)) {
            return operation.remember_cancel();
        }
    }
    finish(operation, Result::failure(Error::canceled));
}

}  // namespace drydock::uring

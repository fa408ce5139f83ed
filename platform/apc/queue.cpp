// The completion queue on Win32's completion routines: starts that belong to no socket, and wait().
#include "platform/apc/queue.hpp"

#include <algorithm>
#include <chrono>

#include "platform/apc/connector.hpp"
#include "platform/apc/error.hpp"
#include "platform/apc/listener.hpp"
#include "platform/apc/worker.hpp"
#include "platform/common/clock_win32.hpp"
#include "platform/common/timer_heap.hpp"

namespace drydock::apc {
namespace {

constexpr Duration longest_sleep = std::chrono::hours(1);
// How long the queue's end waits for accept calls whose listeners are gone.
constexpr Duration longest_drain = std::chrono::seconds(2);
constexpr DWORD drain_step = 50;  // milliseconds
// So many times in a row the worker may live on what is ready, which a peer that floods can keep
// from ever running out, before it lets completion routines run, too.
constexpr unsigned rounds_between_looks = 32;

class Queue final : public CompletionQueue {
public:
    explicit Queue(const QueueOptions& options)
        : worker_(options), connector_(*this, worker_, operations_mutex_) {}
    ~Queue() override;

    Time now() const noexcept override { return clock_.now(); }
    ListenResult listen(const Endpoint& endpoint, const ListenOptions& options) override {
        return open_listener(*this, worker_, endpoint, options);
    }
    void connect(SocketOperation& operation, const Endpoint& endpoint) noexcept override {
        connector_.start(operation, endpoint);
    }
    void start_timer(Operation& operation, Time deadline) noexcept override;
    void cancel(Operation& operation) noexcept override;
    void post(Operation& operation) noexcept override;
    std::size_t wait(std::span<Completion> completions, Time deadline) noexcept override;

private:
    void take_due_timers() noexcept;
    bool sleep(Time deadline) noexcept;

    const platform::Clock clock_;
    Worker worker_;
    /// Guards what cancel() wants to know of an operation, whichever it is: its kind, its
    /// remembered cancel, a connect's marks; and the timers.
    std::mutex operations_mutex_;
    platform::TimerHeap timers_;
    Connector connector_;
    unsigned rounds_ = 0;  // of the thread in wait()
};

// Accept calls outlive their listeners (see acceptor.hpp).
Queue::~Queue() {
    const Time limit = later(now(), longest_drain);
    worker_.take_steps();
    while (worker_.accept_calls > 0 && now() < limit) {
        worker_.sleep(drain_step);
        worker_.take_steps();
    }
    worker_.buffers.check_all_back(*this);
}

void Queue::start_timer(Operation& operation, Time deadline) noexcept {
    const std::lock_guard lock(operations_mutex_);
    if (!operation.begin(*this, OperationKind::timer)) {
        return;
    }
    Record& record = operation.emplace_native<TimerRecord>().record;
    record.operation = &operation;
    if (operation.take_remembered_cancel()) {
        return worker_.complete(record, Result::failure(Error::canceled));
    }
    if (deadline <= now()) {
        return worker_.complete(record, Result::success());
    }
    const bool first = timers_.push(operation, deadline);
    if (first) {
        worker_.wake();
    }
}

// An operation's kind is written by the starts of timers and connects with the lock held, so it may
// be read here; its native record is what that kind says, from the first start on.
void Queue::cancel(Operation& operation) noexcept {
    const std::lock_guard lock(operations_mutex_);
    if (operation.kind() == OperationKind::timer &&
        operation.native<TimerRecord>().heap.pending()) {
        timers_.remove(operation);
        Record& record = operation.native<TimerRecord>().record;
        return worker_.complete(record, Result::failure(Error::canceled));
    }
    if (operation.kind() == OperationKind::connect && Connector::cancel(operation)) {
        return;
    }
    operation.remember_cancel();
}

void Queue::post(Operation& operation) noexcept {
    if (!operation.begin(*this, OperationKind::post)) {
        return;
    }
    Record& record = operation.emplace_native<Record>();
    record.operation = &operation;
    worker_.complete(record, Result::success());
}

// Completion routines run in the sleep. A queue that is too busy to sleep lets them run now and
// then before it hands anything out.
std::size_t Queue::wait(std::span<Completion> completions, Time deadline) noexcept {
    worker_.enter();
    bool routines_ran = false;
    std::size_t count = 0;
    for (bool is_late = false; count == 0 && !is_late;) {
        worker_.take_steps();
        take_due_timers();
        is_late = deadline <= now();
        if (!worker_.any_ready() && !is_late) {
            routines_ran = sleep(deadline);
            continue;
        }
        if (!routines_ran && (is_late || ++rounds_ % rounds_between_looks == 0)) {
            worker_.run_routines();
        }
        count = worker_.take_ready(completions);
    }
    worker_.leave();
    return count;
}

void Queue::take_due_timers() noexcept {
    const std::lock_guard lock(operations_mutex_);
    const Time time = timers_.empty() ? Time() : now();
    while (Operation* const operation = timers_.pop_due(time)) {
        worker_.ready(operation->native<TimerRecord>().record, Result::success());
    }
}

/// True: completion routines have run.
bool Queue::sleep(Time deadline) noexcept {
    if (!worker_.prepare_to_sleep()) {
        return false;
    }
    // Only now, so that a timer which is started after this look wakes the worker.
    Time until = deadline;
    {
        const std::lock_guard lock(operations_mutex_);
        until = std::min(until, timers_.next_deadline());
    }
    return worker_.sleep(platform::milliseconds_until(until, now(), longest_sleep));
}

}  // namespace

std::unique_ptr<CompletionQueue> make_queue(const QueueOptions& options) {
    return std::make_unique<Queue>(options);
}

}  // namespace drydock::apc

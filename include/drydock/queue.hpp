// The completion queue: programs start operations on it, and workers take completions out of it.
//
// A worker is a thread that runs this loop:
//
//     Completion batch[64];
//     for (;;) {
//         const std::size_t count = queue.wait(batch, never);
//         for (std::size_t i = 0; i < count; ++i) batch[i].operation->complete(batch[i].result);
//     }
//
// Most programs use WorkerLoop (<drydock/worker_loop.hpp>), which is this loop with an end. A queue
// may have any number of workers. The backend `apc` is the exception: it has one worker, and aborts
// if a second thread calls wait() (platform/apc/queue.hpp has the exact rule).
//
// Threads: a worker may call every member at any time. Any other thread may call start_timer(),
// connect(), post() and cancel().
//
// Lifetime: the queue must outlive all its sockets, listeners and operations. To shut down, cancel
// every listener, socket, timer and connect; run the workers until all their operations have
// completed; destroy the sockets and listeners; post() one operation for each worker that still
// sleeps in wait(); join the workers; destroy the queue. WorkerLoop does the last part.
//
// The members down to wait() are all that a program needs. The section at the end of the class is
// for the simulator.
#pragma once

#include <cstddef>
#include <memory>
#include <source_location>
#include <span>
#include <string_view>

#include <drydock/endpoint.hpp>
#include <drydock/error.hpp>
#include <drydock/hash.hpp>
#include <drydock/operation.hpp>
#include <drydock/socket.hpp>
#include <drydock/time.hpp>
#include <drydock/violation.hpp>

namespace drydock {

/// One entry that wait() hands out. The worker passes `result` to `operation->complete()`.
struct Completion {
    Operation* operation = nullptr;  ///< its owner's; valid until its complete() was called
    Result result;                   ///< what the operation completes with
};

/// How listen() opens a listener.
struct ListenOptions {
    /// How many connections may wait to be accepted. The system may reduce the number.
    int backlog = 4096;
    /// For the IPv6 wildcard `::` only: accept no IPv4 connections, so that another listener can
    /// use 0.0.0.0 with the same port.
    bool ipv6_only = false;
    /// Printed in the error message of a violation, as the place where the listener was opened.
    std::source_location where = std::source_location::current();
};

/// The result of listen(): a listener, or an error. The caller owns the listener.
struct ListenResult {
    std::unique_ptr<AsyncListener> listener;  ///< null when `error` is not ok
    Error error = Error::ok;                  ///< those of listen()
    std::int32_t native = 0;                  ///< the system's code for `error`, for logs
};

/// The queue of one system, or of a simulated world: where operations are started, and where their
/// completions come out. open_queue() makes one; the caller owns it.
class CompletionQueue {
public:
    CompletionQueue() = default;
    CompletionQueue(const CompletionQueue&) = delete;
    CompletionQueue& operator=(const CompletionQueue&) = delete;
    virtual ~CompletionQueue() = default;

    /// The time on this queue's clock: monotonic, with an arbitrary epoch (<drydock/time.hpp>).
    virtual Time now() const noexcept = 0;

    /// Binds a listener to `endpoint`, as `options` say, and starts to listen before it returns.
    /// Port 0 picks a free port. The call fails with address_in_use when another listener has the
    /// endpoint; closed connections that the system still remembers (TIME_WAIT; RFC 9293, section
    /// 3.6) do not count.
    ///
    /// The IPv6 wildcard `::` accepts IPv4 connections too, unless ListenOptions::ipv6_only is set.
    /// So `::` is in use when another listener has 0.0.0.0 with the same port. Every other IPv6
    /// endpoint accepts only IPv6 connections. An IPv4 peer has an IPv4 endpoint on every listener:
    /// no socket or listener of a queue reports an IPv4-mapped address (`::ffff:127.0.0.1`), and
    /// listen() and connect() treat an IPv4-mapped endpoint as the IPv4 endpoint.
    ///
    /// Errors: address_in_use, address_not_available, access_denied, too_many_handles, no_buffers;
    /// not_supported or address_not_available for IPv6 on a system without it. Throws nothing but
    /// std::bad_alloc.
    virtual ListenResult listen(const Endpoint& endpoint, const ListenOptions& options) = 0;

    /// Starts `operation` as a connect to `endpoint`, which is copied. It completes with a
    /// connected socket (SocketOperation::take_socket) or with an error: refused, timed_out,
    /// unreachable, reset, too_many_handles, no_buffers, address_not_available, access_denied,
    /// canceled.
    virtual void connect(SocketOperation& operation, const Endpoint& endpoint) noexcept = 0;

    /// Starts `operation` as a timer. It completes with ok when `deadline` has come, and never
    /// earlier; if the deadline has passed already, it completes immediately. After cancel() it
    /// completes with canceled.
    virtual void start_timer(Operation& operation, Time deadline) noexcept = 0;

    /// Cancels one start of a timer or a connect: the start in flight completes with canceled. If
    /// the operation is not in flight, or its start finishes first, the operation's next start
    /// completes with canceled instead. So a cancel that comes between the decision to wait and the
    /// start is not lost. Cancels do not accumulate: at most one is pending. The call is allowed
    /// whenever the operation exists.
    ///
    /// For timers and connects only. Other operations have their own calls: AsyncSocket::cancel(),
    /// interrupt_receive() and interrupt_send() for receives and sends, AsyncListener::cancel() and
    /// interrupt_accept() for accepts. A post cannot be canceled; it completes by itself.
    virtual void cancel(Operation& operation) noexcept = 0;

    /// Starts `operation`, which completes with ok, on any one worker. Use it to wake a worker that
    /// sleeps in wait(), or to move work to another worker. The analogue of Win32's
    /// PostQueuedCompletionStatus (on Linux: of a write to an eventfd). From any thread.
    virtual void post(Operation& operation) noexcept = 0;

    /// Takes completions out of the queue and writes them into `completions`: at least one and at
    /// most `completions.size()`, which must be at least 1. Returns how many; 0 when `deadline`
    /// passes first. With a deadline in the past the call polls. Each completion goes to exactly
    /// one worker, which must pass it to Operation::complete(). The order of completions is not
    /// promised, neither across sockets nor between the send and the receive of one socket. For
    /// workers.
    virtual std::size_t wait(std::span<Completion> completions, Time deadline) noexcept = 0;

    // ---------------------------------------------------------------------------------------------
    // Hooks for the simulator.
    //
    // A program that only runs on the backends can skip the rest of this class: there these members
    // do nothing, except that violated() aborts. The runtime (Task, Monitor, AsyncEvent, ...) calls
    // them. A program calls probe() where it likes, and touched() and its like only for state that
    // coroutines share without a Monitor (see docs/YOUR-OWN-SERVER.md, "For explore").
    // ---------------------------------------------------------------------------------------------

    /// A scheduling point: the caller is about to enter state that it shares with other coroutines.
    /// False: the caller continues immediately (all backends; there the workers interleave by
    /// themselves). True: the operation was started, and completes with ok when the schedule lets
    /// the caller continue.
    virtual bool start_step(Operation&) noexcept { return false; }
    /// Whether now() is a virtual clock, which only moves inside wait().
    virtual bool has_virtual_time() const noexcept { return false; }
    /// Whether start_step() can return true. If not, callers need not allocate an operation for it.
    virtual bool has_steps() const noexcept { return false; }

    /// The current step uses this object, which other coroutines use too. The explorer assumes that
    /// the order of two steps matters only if they use an object in common. The runtime's own
    /// objects call this by themselves.
    virtual void touched(const void*) noexcept {}
    /// touched() for an object whose state can be hashed: entered() before the use, left() after it
    /// with a view of the state. The caller passes to learned() every value that it copies out of
    /// the object and uses in a later step.
    virtual void entered(const void*) noexcept {}
    /// The current step has finished its use of an object that it entered(); the view hashes the
    /// state that it has left.
    virtual void left(const void*, const StateView&) noexcept {}
    /// The current step has copied this value, as a number, out of an object that it entered(), for
    /// use in a later step.
    virtual void learned(std::uint64_t) noexcept {}
    /// Whether somebody explores, so that settled() has a use: a caller need not compute its value
    /// otherwise.
    virtual bool explores() const noexcept { return false; }
    /// Whether the explorer counts steps that are run though an older one is ready. Then the order
    /// in which an object is going to wake others is a part of its state.
    virtual bool counts_overtakings() const noexcept { return false; }
    /// Of all that the current chain of steps has learned until now, only this value, a hash, can
    /// influence what it does, tells or leaves behind later. A chain is what a coroutine and the
    /// tasks that it awaits do, one after another, from its spawn on: the value covers their local
    /// variables as well. `where` tells places in the program apart. For loops that come back to
    /// where they were: without this, the explorer tells them apart by all that they have seen.
    virtual void settled(std::uint64_t,
                         std::source_location = std::source_location::current()) noexcept {}
    /// The current step has come to the end of its chain, and adds what the chain has learned to
    /// this object, as a child does to its TaskGroup. The order of such additions does not matter.
    /// The coroutine that takes them calls touched().
    virtual void gave(const void*) noexcept {}
    /// The object was just constructed, and no other coroutine knows it yet.
    virtual void created(const void*) noexcept {}
    /// The same for an object of which entered(), left() and gave() tell all: nothing of its state
    /// comes from the coroutine that has constructed it. If its first state can come again after a
    /// use, a left() that follows at once says so.
    virtual void created_open(const void*) noexcept {}
    /// The object that was created() is being destroyed.
    virtual void gone(const void*) noexcept {}

    /// The operation is not started yet and waits until another coroutine post()s it. If none ever
    /// does, the error message of the property `stuck`, or of Rule::task_leaked, names it.
    virtual void waits(const Operation&) noexcept {}

    /// The current step has entered a monitor, at this place in the source. A monitor that is still
    /// entered when the step ends breaks Rule::monitor_held_across_await.
    virtual void monitor_entered(const void*, std::source_location) noexcept {}
    /// The current step has left the monitor that it entered.
    virtual void monitor_left(const void*) noexcept {}

    /// A task was spawned into a group, at this place in the source. The address only identifies
    /// the task.
    virtual void task_joined(const void*, std::source_location) noexcept {}
    /// The task that was joined with this address has ended.
    virtual void task_left(const void*) noexcept {}

    /// A monitor is locked. True: the caller waits for the lock, because another worker is inside
    /// (all backends). False: the caller continues without the lock. Only the simulator returns
    /// false: its steps are atomic, so a locked monitor means that a coroutine waited inside, which
    /// has been reported (Rule::monitor_held_across_await).
    virtual bool monitor_contended(std::source_location) noexcept { return true; }

    /// The program passed a named place (a probe). The name must live as long as the program.
    virtual void probe(std::string_view) noexcept {}

    /// The program broke a rule of the contract. The backends print the error message and abort;
    /// the simulator ends the run with it.
    virtual void violated(const Violation& violation) noexcept { abort_with(violation); }
};

inline bool Operation::begin(CompletionQueue& queue, OperationKind kind) noexcept {
    if (queue_ != nullptr) {
        queue.violated({Rule::operation_reused_in_flight, kind_, where_});
        return false;
    }
    queue_ = &queue;
    kind_ = kind;
    return true;
}

inline Operation::~Operation() {
    if (queue_ != nullptr) {
        queue_->violated({Rule::operation_destroyed_in_flight, kind_, where_});
    }
}

inline std::size_t Operation::offset_of_native() noexcept { return offsetof(Operation, native_); }

inline std::unique_ptr<AsyncSocket> SocketOperation::take_socket() noexcept {
    return std::move(socket_);
}

inline void SocketOperation::deliver(std::unique_ptr<AsyncSocket> socket) noexcept {
    socket_ = std::move(socket);
}

inline SocketOperation::~SocketOperation() = default;

}  // namespace drydock

// The completion queue: where operations are started, and where their completions come out.
//
// A program drives it with any number of workers, each of them in this loop
//
//     Completion batch[64];
//     for (;;) {
//         const std::size_t count = queue.wait(batch, never);
//         for (std::size_t i = 0; i < count; ++i) batch[i].operation->complete(batch[i].result);
//     }
//
// which <drydock/worker_loop.hpp> writes once for all. Every member may be called from any worker
// at any time; start_timer, connect, post and cancel from other threads, too. The queue outlives
// all its sockets, listeners and operations.
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

/// One entry that wait() hands out: give `result` to `operation->complete()`.
struct Completion {
    Operation* operation = nullptr;
    Result result;
};

struct ListenOptions {
    /// How many connections may wait to be accepted; the system may cap it.
    int backlog = 4096;
    /// At the IPv6 wildcard `::`: take IPv6 connections alone, and leave 0.0.0.0 to others.
    bool ipv6_only = false;
    /// Told in a violation's sentence, as the place where the listener was opened.
    std::source_location where = std::source_location::current();
};

/// What listen() gives: a listener, or the error and the system's code for it.
struct ListenResult {
    std::unique_ptr<AsyncListener> listener;
    Error error = Error::ok;
    std::int32_t native = 0;
};

class CompletionQueue {
public:
    CompletionQueue() = default;
    CompletionQueue(const CompletionQueue&) = delete;
    CompletionQueue& operator=(const CompletionQueue&) = delete;
    virtual ~CompletionQueue() = default;

    virtual Time now() const noexcept = 0;

    /// Binds and listens, at once. Port 0 picks a free one. An endpoint that somebody else listens
    /// at is address_in_use; one left over from closed connections is not.
    ///
    /// The IPv6 wildcard `::` takes IPv4 connections too (unless ListenOptions::ipv6_only), so it
    /// is in use where somebody listens at 0.0.0.0 with the same port. Any other IPv6 endpoint
    /// takes IPv6 connections alone. An IPv4 peer is an IPv4 endpoint on every listener: no socket
    /// and no listener of a queue ever tells an IPv4-mapped address (::ffff:127.0.0.1), and an
    /// IPv4-mapped endpoint that is given to listen() or connect() is the IPv4 endpoint.
    ///
    /// Errors: address_in_use, address_not_available, access_denied, too_many_handles, no_buffers;
    /// not_supported or address_not_available for IPv6 on a system without it.
    virtual ListenResult listen(const Endpoint& endpoint, const ListenOptions& options) = 0;

    /// Completes with a connected socket. Errors: refused, timed_out, unreachable, reset,
    /// too_many_handles, no_buffers, address_not_available, access_denied, canceled.
    virtual void connect(SocketOperation& operation, const Endpoint& endpoint) noexcept = 0;

    /// Completes with ok at `deadline` (not before; at once if it has passed), or with canceled.
    virtual void start_timer(Operation& operation, Time deadline) noexcept = 0;

    /// Makes one start of this timer or connect complete as canceled: the one in flight or, where
    /// it is not in flight, wins the race or fails by itself, the next. (So a cancel cannot slip in
    /// between the decision to wait and the start.) The operation must exist; nothing else is asked
    /// of the caller's timing. Cancels do not add up.
    virtual void cancel(Operation& operation) noexcept = 0;

    /// Completes with ok, on whichever worker comes first: the way to wake one, and to hand a
    /// coroutine on. The analogue of PostQueuedCompletionStatus. From any thread.
    virtual void post(Operation& operation) noexcept = 0;

    /// Takes finished operations out: at least one, at most `completions.size()` (at least 1); or
    /// none when `deadline` has passed first. A deadline in the past polls. Each completion goes to
    /// exactly one worker. The order across sockets, and between one socket's send and receive, is
    /// not promised.
    virtual std::size_t wait(std::span<Completion> completions, Time deadline) noexcept = 0;

    // What the simulator needs to see. Real queues leave the following as they are.

    /// A scheduling point: the caller is about to enter state that it shares with other coroutines.
    /// False: go on at once (real queues; there, other workers interleave by themselves). True: the
    /// operation was started and completes with ok when the schedule gives the caller its turn.
    virtual bool start_step(Operation&) noexcept { return false; }
    /// Whether start_step() ever gives true: so nobody has to keep room for what is never started.
    virtual bool has_steps() const noexcept { return false; }

    /// The caller works on this object, which it shares with other coroutines: which of two steps
    /// comes first can matter only if they work on something in common. The runtime's own objects
    /// say it by themselves.
    virtual void touched(const void*) noexcept {}
    /// The same for an object that can tell what state it is in, which its `view` gives when the
    /// caller is done with it. What the caller takes away from it, it has to tell by learned().
    virtual void entered(const void*) noexcept {}
    virtual void left(const void*, const StateView&) noexcept {}
    virtual void learned(std::uint64_t) noexcept {}
    /// That object has just come to life, and nobody else knows it yet; or it is gone.
    virtual void created(const void*) noexcept {}
    virtual void gone(const void*) noexcept {}

    /// The operation is about to wait for what another coroutine does, which will post() it. Where
    /// nobody does, the sentence of the run that cannot end, or leaves it behind, names it.
    virtual void waits(const Operation&) noexcept {}

    /// A monitor was found locked. True: wait for it (real queues; another worker is inside). In
    /// the simulator, where steps are atomic, it means that a coroutine waited inside: false, go on
    /// without.
    virtual bool monitor_contended(std::source_location) noexcept { return true; }

    /// Program code passed a named place. The name must live as long as the program.
    virtual void probe(std::string_view) noexcept {}

    /// A rule of the contract was broken. Real queues abort with the sentence.
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

// Connecting to a host that has several addresses, and canceling a connect.
//
// A host with IPv4 and IPv6 addresses is often reachable by some of them only, and packets to the
// others may get no answer. So connect_any() lets attempts overlap ("Happy Eyeballs", RFC 8305): it
// tries the next address as soon as an attempt fails, or after 250 ms without an answer, and keeps
// the first connection that is established.
#pragma once

#include <chrono>
#include <source_location>
#include <span>
#include <vector>

#include <drydock/io.hpp>

namespace drydock {

/// The times of connect_any(), which are those of the queue's clock.
struct ConnectOptions {
    /// The delay that RFC 8305 recommends, and no timeout.
    ConnectOptions() noexcept {}

    /// How long to wait for an attempt before the next address is tried beside it. RFC 8305
    /// (section 8) recommends 250 ms, and no less than 100 ms.
    Duration attempt_delay = std::chrono::milliseconds(250);
    /// How long all attempts together may take. 0: until the system has given up on each of them.
    Duration timeout{0};
};

/// A connect that one coroutine awaits and any worker can cancel. The connector must outlive both
/// uses.
class Connector {
public:
    /// Makes its connects on `queue`, which must outlive it. `where` is printed in the error
    /// message of a violation, as the place where the connect was started.
    explicit Connector(CompletionQueue& queue,
                       std::source_location where = std::source_location::current()) noexcept
        : queue_(queue), operation_(queue, where) {
        queue.created(&operation_);
    }
    Connector(const Connector&) = delete;
    Connector& operator=(const Connector&) = delete;
    ~Connector() { queue_.gone(&operation_); }

    /// Awaits a connection to `endpoint`: `co_await` gives a SocketResult, whose socket the caller
    /// owns. Its errors are those of CompletionQueue::connect(). One connect at a time.
    auto to(const Endpoint& endpoint) noexcept { return Connecting(operation_, endpoint); }

    /// Cancels the connect: it completes with canceled, unless it succeeds first. If none is in
    /// flight, or it finishes first, the next one is canceled instead (CompletionQueue::cancel).
    /// From any worker.
    void cancel() noexcept { queue_.cancel(operation_); }

private:
    class ConnectOperation final : public detail::SocketAwaitable {
    public:
        ConnectOperation(CompletionQueue& queue, std::source_location where) noexcept
            : SocketAwaitable(where), queue_(queue) {}

        template <typename Promise>
        void start(std::coroutine_handle<Promise> handle, const Endpoint& endpoint) noexcept {
            suspend(handle);
            queue_.connect(*this, endpoint);
        }

    private:
        CompletionQueue& queue_;
    };

    class Connecting {
    public:
        Connecting(ConnectOperation& operation, const Endpoint& endpoint) noexcept
            : operation_(operation), endpoint_(endpoint) {}
        bool await_ready() const noexcept { return false; }
        template <typename Promise>
        void await_suspend(std::coroutine_handle<Promise> handle) noexcept {
            operation_.start(handle, endpoint_);
        }
        SocketResult await_resume() noexcept { return operation_.await_resume(); }

    private:
        ConnectOperation& operation_;
        Endpoint endpoint_;
    };

    CompletionQueue& queue_;
    ConnectOperation operation_;
};

/// The order in which connect_any() tries the addresses that a resolver returned as `endpoints`:
/// address families alternate, beginning with that of the first address (RFC 8305, section 4).
/// Within a family the order stays the same. Duplicates are removed.
std::vector<Endpoint> in_attempt_order(std::span<const Endpoint> endpoints);

/// Awaits a connection to one of `endpoints`; the array must stay until then. The first attempt
/// that succeeds wins. The others are canceled, and a connection that is established too late is
/// closed.
///
/// Errors: timed_out when `options.timeout` has passed. Otherwise the last error that came from the
/// host (refused, for example) or, if there is none, the last error (unreachable, for example).
/// With no endpoints: unreachable. SocketResult::native is the system's code for that error. The
/// caller owns the socket. `queue` must outlive the task, and the task may run on any worker.
Task<SocketResult> connect_any(CompletionQueue& queue, std::span<const Endpoint> endpoints,
                               ConnectOptions options = ConnectOptions());

}  // namespace drydock

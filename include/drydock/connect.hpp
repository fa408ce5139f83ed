// Connecting to a host that has several addresses, and cutting a connect short.
//
// A host with IPv4 and IPv6 addresses is often reachable by some of them only, and a packet to the
// others may vanish without an answer. connect_any() therefore lets attempts overlap ("Happy
// Eyeballs", RFC 8305): it tries the next address as soon as an attempt fails, or after 250 ms
// without an answer, and keeps the first connection that comes about.
#pragma once

#include <chrono>
#include <source_location>
#include <span>
#include <vector>

#include <drydock/io.hpp>

namespace drydock {

struct ConnectOptions {
    ConnectOptions() noexcept {}

    /// How long an attempt has for itself before the next address is tried beside it. RFC 8305
    /// (section 8) recommends 250 ms, and no less than 100 ms.
    Duration attempt_delay = std::chrono::milliseconds(250);
    /// How long all attempts together may take. 0: until the system gives up on each of them.
    Duration timeout{0};
};

/// One connect and, on any worker, its canceler. The connector outlives both.
class Connector {
public:
    explicit Connector(CompletionQueue& queue,
                       std::source_location where = std::source_location::current()) noexcept
        : queue_(queue), operation_(queue, where) {
        queue.created(&operation_);
    }
    Connector(const Connector&) = delete;
    Connector& operator=(const Connector&) = delete;
    ~Connector() { queue_.gone(&operation_); }

    /// Awaits a connection to `endpoint`. One at a time.
    auto to(const Endpoint& endpoint) noexcept { return Connecting(operation_, endpoint); }

    /// Makes the connect complete as canceled or, where none is in flight, the next one. From any
    /// worker. A connect may still win the race and succeed.
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

/// The order in which connect_any() tries addresses, given the order in which a resolver prefers
/// them: families take turns, beginning with that of the first (RFC 8305, section 4). Within a
/// family the order stays; what is there twice is tried once.
std::vector<Endpoint> in_attempt_order(std::span<const Endpoint> endpoints);

/// Awaits a connection to one of the endpoints, which stay until then. The first attempt that
/// succeeds wins; the others are canceled, and a connection that comes too late is closed.
///
/// Otherwise: timed_out when `options.timeout` has passed; else the last failure that tells of the
/// host (refused, for one), or the last at all where none does (unreachable); unreachable when
/// there are no endpoints.
Task<SocketResult> connect_any(CompletionQueue& queue, std::span<const Endpoint> endpoints,
                               ConnectOptions options = ConnectOptions());

}  // namespace drydock

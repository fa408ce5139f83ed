// The echo server: returns every byte in order.
//
// Per connection one receive, then one send until all of it is sent, then the next receive. That
// one rule gives order, back-pressure (a client that never reads costs one buffer) and the answer
// to a half close after the last byte. Everything else here is about ending well.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include <drydock/event.hpp>
#include <drydock/io.hpp>
#include <drydock/log.hpp>
#include <drydock/monitor.hpp>
#include <drydock/task_group.hpp>
#include <drydock/timer.hpp>

namespace drydock::echo {

struct ServerOptions {
    /// Bytes of memory per connection, and the most that is received at once.
    std::size_t buffer_size = 16 * 1024;
    /// A connection over this many is closed at once. 0: no limit.
    std::size_t max_connections = 0;
    /// A connection on which nothing moves for this long is closed. 0: never.
    Duration idle_timeout{0};
    /// While stopping: how long to wait for clients to close their side once ours is closed, so
    /// that the close does not turn into a reset; and after how long everything is cut off.
    Duration linger = std::chrono::milliseconds(500);
    Duration grace = std::chrono::seconds(5);
    /// The first and the longest pause before accepting again when the system is short of
    /// something.
    Duration accept_pause = std::chrono::milliseconds(5);
    Duration accept_pause_max = std::chrono::seconds(1);
};

/// Counts of one server's life. Bytes and messages are added when a connection ends.
struct ServerStats {
    std::uint64_t accepted = 0;         ///< connections served
    std::uint64_t ended = 0;            ///< of these, ended by the client's end of stream
    std::uint64_t failed = 0;           ///< of these, ended by an error (a reset, mostly)
    std::uint64_t idle_closed = 0;      ///< of these, closed by the idle timeout
    std::uint64_t stopped = 0;          ///< of these, ended by the stop
    std::uint64_t rejected = 0;         ///< over max_connections
    std::uint64_t accept_failures = 0;  ///< connections that went away before they were accepted
    std::uint64_t shortages = 0;        ///< accepts that failed for want of handles or memory
    std::uint64_t messages = 0;         ///< receives with at least one byte
    std::uint64_t bytes_received = 0;
    std::uint64_t bytes_sent = 0;
};

class Server {
public:
    /// The queue and the log outlive the server.
    Server(CompletionQueue& queue, std::unique_ptr<AsyncListener> listener,
           const ServerOptions& options, Log& log);

    /// Serves until request_stop(), then drains: stops accepting, lets each connection send what it
    /// has received, closes, and returns when nothing is left.
    Task<void> run();

    /// From any thread; repeating it does nothing.
    void request_stop() noexcept { stop_.set(); }

    /// Once run() has returned.
    const ServerStats& stats() noexcept { return roster_.unguarded().stats; }

private:
    enum class Ending : std::uint8_t { end_of_stream, failure, canceled };

    /// A connection as the rest of the server sees it; it lives in its coroutine's frame.
    struct Connection {
        Connection(AsyncSocket& its_socket, Time now) noexcept
            : socket(its_socket), last_activity(now) {}
        AsyncSocket& socket;
        std::atomic<Time> last_activity;
        std::uint64_t messages = 0;
        std::uint64_t bytes_received = 0;
        std::uint64_t bytes_sent = 0;
        // Guarded by the roster:
        bool lingering = false;
        bool idle = false;
        std::size_t place = 0;
    };

    struct Roster {
        std::vector<Connection*> connections;
        bool stopping = false;
        ServerStats stats;
    };

    Task<void> accept_connections(TaskGroup& connections);
    Task<bool> pause_accepting(const SocketResult& failure, Duration& pause);
    Task<void> close_idle_connections();
    Task<void> serve(std::unique_ptr<AsyncSocket> socket);
    Task<bool> join(Connection& connection);
    Task<Ending> echo(Connection& connection, MutableBuffer buffer);
    Task<void> linger(Connection& connection, MutableBuffer buffer);
    Task<void> leave(Connection& connection, Ending ending);
    Task<void> interrupt_all();
    Task<void> end_stragglers(Timer& timer);

    CompletionQueue& queue_;
    std::unique_ptr<AsyncListener> listener_;
    const ServerOptions options_;
    Log& log_;
    AsyncEvent stop_;
    Timer accept_timer_;
    Timer idle_timer_;
    Monitor<Roster> roster_;
};

}  // namespace drydock::echo

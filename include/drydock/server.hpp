// A server: accepting, limits, the idle timeout and the graceful stop, around any protocol.
//
// The protocol is a Service: what happens on one connection. This one answers each line with the
// same line.
//
//     class LineEcho final : public server::Service {
//     public:
//         Task<server::Ending> serve(server::Connection& connection) override {
//             std::string line;  // not complete yet
//             for (;;) {
//                 const ReceiveResult received = co_await receive(connection.socket(), 4096);
//                 if (received.error == Error::canceled) co_return server::Ending::stopped;
//                 if (!received.ok()) co_return server::Ending::failure;
//                 if (received.end_of_stream()) co_return server::Ending::end_of_stream;
//                 connection.moved();
//                 line += as_text(received.bytes());
//                 const std::size_t whole = line.rfind('\n') + 1;  // 0: no line is complete
//                 if (line.size() - whole > 8192) co_return server::Ending::dropped;
//                 if (whole == 0) continue;
//                 const Result sent = co_await send_all(
//                     connection.socket(), std::string_view(line).substr(0, whole),
//                     connection.progress(), server::watched_part);
//                 if (!sent.ok()) co_return connection.cut(sent.error);
//                 line.erase(0, whole);
//             }
//         }
//     };
//
// A program that serves it with all processors, until something calls request_stop():
//
//     const OpenedQueue opened = open_queue();                        // <drydock/backend.hpp>
//     ListenResult listening = opened.queue->listen(Endpoint::loopback(7000), {});
//     LineEcho service;
//     NullLog log;
//     server::Server server(*opened.queue, std::move(listening.listener), {}, service, log);
//     WorkerLoop loop(*opened.queue, server.run(), opened.workers);   // <drydock/worker_loop.hpp>
//     std::vector<std::jthread> others;
//     for (unsigned i = 1; i < opened.workers; ++i) others.emplace_back([&] { loop.run(); });
//     loop.run();
//
// The stop. request_stop() ends the accepting and interrupts one receive of each connection: it
// completes with Error::canceled. The service then sends what it still owes and returns
// Ending::stopped; the server half-closes the connection and waits until the client has closed,
// too, or Options::linger is over. After Options::grace it cancels the sockets that are left.
//
// The idle timeout. The service reports each movement of bytes to its Connection, and the server
// cancels the sockets of connections that have reported none for so long. So every receive and send
// of a service must be prepared for Error::canceled, and none is without an end. A service that
// waits for something else as well, such as a proxy's second socket, has the server cancel that,
// too, by CanceledTogether.
//
// Threads: the connections of a server run on all workers at once, each on one at a time. What a
// service keeps for all of them belongs in a Monitor.
#pragma once

#include <atomic>
#include <concepts>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include <drydock/event.hpp>
#include <drydock/hash.hpp>
#include <drydock/io.hpp>
#include <drydock/log.hpp>
#include <drydock/monitor.hpp>
#include <drydock/task_group.hpp>
#include <drydock/timer.hpp>

namespace drydock::server {

/// How a server treats its connections, whatever the protocol. Times are those of the queue's
/// clock; a time must not be negative.
struct Options {
    /// A connection over this many is closed at once. 0: no limit.
    std::size_t max_connections = 0;
    /// The same for the connections that come from one IP address. 0: no limit.
    std::size_t max_per_address = 0;
    /// A connection on which nothing moves for this long is closed. 0: never.
    Duration idle_timeout{0};
    /// The most bytes of a connection that the system should keep unsent, where it can be told so
    /// (see AsyncListener::limit_unsent). 0: as many as it likes, though few where the idle timeout
    /// watches: a client that takes what the system has kept is seen to move only when it is taken.
    std::size_t unsent_limit = 0;
    /// While stopping, and after Ending::finished: how long to wait for a client to close its side
    /// once the server's is closed, so that the close does not turn into a reset.
    Duration linger = std::chrono::milliseconds(500);
    /// While stopping: after this time, from the stop on, the connections that are left are
    /// canceled.
    Duration grace = std::chrono::seconds(5);
    /// The first pause before accepting again when the system is short of handles or memory. Each
    /// further failure doubles it.
    Duration accept_pause = std::chrono::milliseconds(5);
    /// The longest such pause.
    Duration accept_pause_max = std::chrono::seconds(1);
};

/// Counts of one server's life. A connection is added when it ends.
struct Stats {
    std::uint64_t accepted = 0;          ///< connections served
    std::uint64_t ended = 0;             ///< of these, ended by the client's end of stream
    std::uint64_t failed = 0;            ///< of these, ended by an error (a reset, mostly)
    std::uint64_t dropped = 0;           ///< of these, ended by the service (dropped, finished)
    std::uint64_t idle_closed = 0;       ///< of these, closed by the idle timeout
    std::uint64_t stopped = 0;           ///< of these, ended or cut off by the stop
    std::uint64_t rejected = 0;          ///< over max_connections
    std::uint64_t rejected_address = 0;  ///< over max_per_address
    std::uint64_t accept_failures = 0;   ///< connections that went away before they were accepted
    std::uint64_t shortages = 0;         ///< accepts that failed for want of handles or memory
};

/// How a service's work on a connection ended.
enum class Ending : std::uint8_t {
    end_of_stream,  ///< the client's, and it has all that it was owed
    failure,        ///< of a receive or a send
    stopped,        ///< interrupted by the stop, and it has all that it was owed
    cut_off,        ///< canceled before it had all that it was owed
    dropped,        ///< by the service: the connection is closed at once
    /// By the service, as after a command to quit, and the client has all that it was owed. The
    /// server half-closes and waits for the client's close, as at the stop: closing at once while
    /// bytes of the client are unread would be a reset, which can destroy the last answer.
    finished
};

/// With an idle timeout, a service sends at most so many bytes at once: a client that reads at all
/// then lets a send complete in time, as some systems complete none before all of it is taken.
inline constexpr std::size_t watched_part = 64 * 1024;

class CanceledTogether;

namespace detail {

/// A mutex of one byte, for what is locked seldom and briefly. std::mutex has forty.
class FlagMutex {
public:
    void lock() noexcept {
        while (locked_.test_and_set(std::memory_order_acquire)) {
            locked_.wait(true, std::memory_order_relaxed);
        }
    }
    void unlock() noexcept {
        locked_.clear(std::memory_order_release);
        locked_.notify_one();
    }

private:
    std::atomic_flag locked_;
};

}  // namespace detail

/// A connection while it is served. It exists until serve() has returned.
class Connection {
public:
    /// For the Server. `watched`: by the idle timeout. Both `queue` and `socket` must outlive it.
    Connection(CompletionQueue& queue, AsyncSocket& socket, bool watched) noexcept
        : socket_(socket), queue_(queue), last_activity_(queue.now()), watched_(watched) {
        if (watched) queue.created_open(this);
    }
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;
    ~Connection() { queue_.gone(this); }

    /// The connection's socket. The server owns it and closes it after serve().
    AsyncSocket& socket() const noexcept { return socket_; }

    /// The service says that bytes have moved, in a receive or in a part of a send, so the
    /// connection is not idle. From any worker. Without an idle timeout it does nothing.
    void moved() noexcept {
        if (watched_) moved_until(queue_.now());
    }
    /// moved() for send_all(), which calls it after each part. The connection must outlive what it
    /// returns.
    ///
    ///     co_await send_all(connection.socket(), answer, connection.progress(), watched_part);
    auto progress() noexcept {
        return [this](std::size_t) noexcept { moved(); };
    }

    /// Until the time `end` the silence is the service's own, which does not receive or send
    /// meanwhile; the connection is not idle then. end_excuse() ends that earlier. From any worker.
    void excuse_until(Time end) noexcept {
        if (watched_) moved_until(end);
    }
    /// Ends an excuse: the idle timeout counts from now on. From any worker. Without an idle
    /// timeout it does nothing.
    void end_excuse() noexcept {
        if (!watched_) return;
        queue_.entered(this);
        last_activity_.store(queue_.now(), std::memory_order_relaxed);
        queue_.left(this, StateView{this, &hash});
    }

    /// For a service that could not send all that it owed, because of `error`: makes the close a
    /// reset, as an orderly end would look as if all had been sent, and returns the ending.
    Ending cut(Error error) noexcept {
        socket_.set_abortive_close();
        return error == Error::canceled ? Ending::cut_off : Ending::failure;
    }

    /// Whether the idle timeout has canceled the socket. From any worker.
    bool idle() const noexcept { return idle_.load(std::memory_order_relaxed); }

    /// Whether the server has interrupted the connection's receive or canceled its socket: then a
    /// service that waits for something else should stop waiting. From any worker.
    bool interrupted() const noexcept { return interrupted_.load(std::memory_order_relaxed); }

private:
    friend class Server;
    friend class CanceledTogether;

    void moved_until(Time when) noexcept {
        queue_.entered(this);
        const bool is_later = when > last_activity_.load(std::memory_order_relaxed);
        if (is_later) last_activity_.store(when, std::memory_order_relaxed);
        queue_.left(this, StateView{this, &hash});
    }
    bool is_idle_for(Duration span, Time now) const noexcept {
        queue_.entered(this);
        const Time last = last_activity_.load(std::memory_order_relaxed);
        queue_.left(this, StateView{this, &hash});
        return now >= later(last, span);
    }
    static std::uint64_t hash(const void* connection) {
        const auto& self = *static_cast<const Connection*>(connection);
        const Time last = self.last_activity_.load(std::memory_order_relaxed);
        return hash_of({static_cast<std::uint64_t>(last.time_since_epoch().count())});
    }
    void interrupt() noexcept {
        interrupted_.store(true, std::memory_order_relaxed);
        socket_.interrupt_receive();
    }
    void cancel() noexcept;

    // In an order that leaves no gaps: a server has one for each connection.
    AsyncSocket& socket_;
    CompletionQueue& queue_;
    std::atomic<Time> last_activity_;
    std::uint32_t place_ = 0;  // guarded by the roster
    const bool watched_;
    std::atomic<bool> idle_{false};
    std::atomic<bool> interrupted_{false};

    detail::FlagMutex together_mutex_;      // guards the rest
    bool canceled_ = false;                 // the server has canceled the socket
    CanceledTogether* together_ = nullptr;  // the newest
};

/// While it exists, the server cancels `target`, too, whenever it cancels the connection's socket:
/// at the idle timeout and at the end of the grace. If it has canceled the socket before, `target`
/// is canceled at once. A target is anything with a cancel(): a second socket, a Connector, a
/// Timer. For a service that also awaits something other than its connection's socket.
///
///     Connector connector(queue);                    // <drydock/connect.hpp>
///     const server::CanceledTogether together(connection, connector);
///     SocketResult connected = co_await connector.to(upstream);
///
/// The connection and the target must outlive it. Several for one connection end in the reverse
/// order of their beginnings, as scopes do. From any worker, one at a time.
class CanceledTogether {
public:
    /// From here on, the server cancels `target` together with the socket of `connection`. Both
    /// must outlive this object.
    template <typename Target>
    CanceledTogether(Connection& connection, Target& target) noexcept
        : connection_(connection),
          target_(&target),
          cancel_([](void* its_target) { static_cast<Target*>(its_target)->cancel(); }) {
        connection_.queue_.touched(&connection_);
        const std::lock_guard lock(connection_.together_mutex_);
        outer_ = std::exchange(connection_.together_, this);
        if (connection_.canceled_) cancel_(target_);
    }
    CanceledTogether(const CanceledTogether&) = delete;
    CanceledTogether& operator=(const CanceledTogether&) = delete;
    /// Once it has ended, the server does not use the target any more.
    ~CanceledTogether() {
        connection_.queue_.touched(&connection_);
        const std::lock_guard lock(connection_.together_mutex_);
        connection_.together_ = outer_;
    }

private:
    friend class Connection;

    Connection& connection_;
    void* target_;
    void (*cancel_)(void* target);
    CanceledTogether* outer_ = nullptr;
};

inline void Connection::cancel() noexcept {
    interrupted_.store(true, std::memory_order_relaxed);
    socket_.cancel();
    queue_.touched(this);
    const std::lock_guard lock(together_mutex_);
    canceled_ = true;
    for (const CanceledTogether* each = together_; each != nullptr; each = each->outer_) {
        each->cancel_(each->target_);
    }
}

/// The protocol: what a server does on one connection. <drydock/server.hpp> begins with an example.
class Service {
public:
    Service() = default;
    Service(const Service&) = delete;
    Service& operator=(const Service&) = delete;
    virtual ~Service() = default;

    /// Serves a connection until it ends, with nothing left in flight on its socket. When the
    /// server stops it interrupts the connection's receive: then the service sends what it still
    /// owes, and returns. Where the peer must not take a cut for an end, the service makes the
    /// close abortive. It is called on any worker, for many connections at once; the connection
    /// exists until it has returned. An exception that leaves it terminates the program.
    virtual Task<Ending> serve(Connection& connection) = 0;
};

/// Where a server takes connections from: one listener, or several, which share its limits. It owns
/// them until the server takes them over.
class Listeners {
public:
    /// One listener, which must not be null.
    template <std::derived_from<AsyncListener> Listener>
    Listeners(std::unique_ptr<Listener> listener) {
        all_.push_back(std::move(listener));
    }
    /// Several listeners, none of them null.
    Listeners(std::vector<std::unique_ptr<AsyncListener>> listeners) : all_(std::move(listeners)) {}

    /// For the Server: moves the listeners out.
    std::vector<std::unique_ptr<AsyncListener>> take() noexcept { return std::move(all_); }

private:
    std::vector<std::unique_ptr<AsyncListener>> all_;
};

/// Accepts connections and serves them. No error of a connection or of an accept ends it.
class Server {
public:
    /// A server that does nothing yet: see run(). `queue`, `service` and `log` must outlive it. It
    /// owns the `listeners`, which must belong to `queue`, and copies `options`.
    Server(CompletionQueue& queue, Listeners listeners, const Options& options, Service& service,
           Log& log);

    /// Serves until request_stop(), then drains: stops accepting, lets each connection send what it
    /// owes, closes, and returns when nothing is left. Called once; usually it is the main task of
    /// a WorkerLoop. Errors of connections and accepts are counted and logged.
    Task<void> run();

    /// Starts the stop that <drydock/server.hpp> describes. From any thread, but not from a signal
    /// handler. Repeating it does nothing.
    void request_stop() noexcept { stop_.set(); }

    /// The counts. Only once run() has returned; valid as long as the server.
    const Stats& stats() noexcept { return roster_.unguarded().stats; }

private:
    /// What keeps a connection out.
    enum class Admission : std::uint8_t { admitted, too_many, too_many_of_address };

    struct Roster {
        std::vector<Connection*> connections;
        /// How many of them have come from each address; only with max_per_address.
        std::map<Endpoint, std::size_t> from_address;
        bool stopping = false;
        bool cut_off = false;  // the grace is over
        Stats stats;

        /// Which connection has which place is known to those who have joined, by when they did.
        std::uint64_t state_hash() const noexcept;
    };

    struct Door {
        Door(CompletionQueue& queue, std::unique_ptr<AsyncListener> its_listener)
            : listener(std::move(its_listener)), pause(queue) {}

        std::unique_ptr<AsyncListener> listener;
        Timer pause;  // before accepting again
    };

    bool watches() const noexcept { return options_.idle_timeout > Duration::zero(); }
    static std::deque<Door> open_doors(CompletionQueue& queue, Listeners listeners);

    Task<void> accept_connections(Door& door, TaskGroup& connections);
    Task<bool> pause_accepting(Door& door, const SocketResult& failure, Duration& pause);
    Task<void> close_idle_connections();
    Task<void> serve(std::unique_ptr<AsyncSocket> socket);
    Task<Admission> join(Connection& connection);
    Admission admit(Roster& roster, const Connection& connection) const;
    void log_rejection(const Connection& connection, Admission admission) const noexcept;
    Task<void> linger(Connection& connection, Ending ending);
    Task<void> leave(Connection& connection, Ending ending);
    Task<void> interrupt_all();
    Task<void> cut_off_all(Timer& timer);

    CompletionQueue& queue_;
    const Options options_;
    Service& service_;
    Log& log_;
    AsyncEvent stop_;
    std::deque<Door> doors_;  // a timer stays where it is
    Timer idle_timer_;
    Monitor<Roster> roster_;
};

}  // namespace drydock::server

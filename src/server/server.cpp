// Accepting, stopping, draining.
#include "src/server/server.hpp"

#include <algorithm>

#include "src/server/probes.hpp"

namespace drydock::server {

Server::Server(CompletionQueue& queue, std::unique_ptr<AsyncListener> listener,
               const Options& options, Service& service, Log& log)
    : queue_(queue),
      listener_(std::move(listener)),
      options_(options),
      service_(service),
      log_(log),
      stop_(queue),
      accept_timer_(queue),
      idle_timer_(queue) {}

Task<void> Server::run() {
    TaskGroup connections(queue_);
    TaskGroup helpers(queue_);
    helpers.spawn(accept_connections(connections));
    if (options_.idle_timeout > Duration::zero()) helpers.spawn(close_idle_connections());

    co_await stop_.wait();
    listener_->cancel();
    accept_timer_.cancel();
    idle_timer_.cancel();
    // After this join no connection can be added any more.
    co_await helpers.join();
    listener_.reset();

    co_await interrupt_all();
    Timer patience(queue_);
    helpers.spawn(end_stragglers(patience));
    co_await connections.join();
    patience.cancel();
    co_await helpers.join();
}

Task<void> Server::accept_connections(TaskGroup& connections) {
    Duration pause = options_.accept_pause;
    for (;;) {
        SocketResult accepted = co_await accept(*listener_);
        if (accepted.ok()) {
            pause = options_.accept_pause;
            connections.spawn(serve(std::move(accepted.socket)));
        } else if (accepted.error == Error::canceled) {
            co_return;
        } else if (accepted.error == Error::reset) {
            queue_.probe(probes::accept_failed);
            auto roster = co_await roster_.enter();
            ++roster->stats.accept_failures;
        } else {
            const bool go_on = co_await pause_accepting(accepted, pause);
            if (!go_on) co_return;
        }
    }
}

/// Trying again at once would spin, as the connection stays in the backlog. False: stop instead.
Task<bool> Server::pause_accepting(const SocketResult& failure, Duration& pause) {
    queue_.probe(probes::accept_shortage);
    log_.write(
        Severity::warning, "accept failed",
        {{"error", name(failure.error)},
         {"native", failure.native},
         {"retry_ms", std::chrono::duration_cast<std::chrono::milliseconds>(pause).count()}});
    {
        auto roster = co_await roster_.enter();
        ++roster->stats.shortages;
    }
    const bool elapsed = co_await accept_timer_.after(pause);
    if (!elapsed) queue_.probe(probes::stop_during_shortage);
    pause = std::min(2 * pause, options_.accept_pause_max);
    co_return elapsed;
}

/// One timer for all connections: none of them pays for a timer per message. A connection is closed
/// between one and one and a quarter timeouts after its last byte.
Task<void> Server::close_idle_connections() {
    const Duration pause = std::max<Duration>(options_.idle_timeout / 4, Duration(1));
    for (;;) {
        const bool elapsed = co_await idle_timer_.after(pause);
        if (!elapsed) co_return;
        const Time now = queue_.now();
        auto roster = co_await roster_.enter();
        for (Connection* connection : roster->connections) {
            const Time last = connection->last_activity_.load(std::memory_order_relaxed);
            if (connection->idle() || now < later(last, options_.idle_timeout)) continue;
            connection->idle_.store(true, std::memory_order_relaxed);
            connection->socket_.cancel();
        }
    }
}

Task<void> Server::serve(std::unique_ptr<AsyncSocket> socket) {
    Connection connection(*socket, queue_.now());
    const bool admitted = co_await join(connection);
    if (!admitted) {
        log_.write(Severity::info, "connection rejected",
                   {{"limit", static_cast<std::int64_t>(options_.max_connections)}});
        co_return;
    }
    const Ending ending = co_await service_.serve(connection);
    if (ending == Ending::canceled) co_await linger(connection);
    // The roster forgets the connection before the socket is closed, so nobody can cancel a socket
    // that is gone.
    co_await leave(connection, ending);
}

Task<bool> Server::join(Connection& connection) {
    auto roster = co_await roster_.enter();
    if (options_.max_connections > 0 && roster->connections.size() >= options_.max_connections) {
        queue_.probe(probes::rejected);
        ++roster->stats.rejected;
        co_return false;
    }
    ++roster->stats.accepted;
    connection.place_ = roster->connections.size();
    roster->connections.push_back(&connection);
    if (roster->stopping) {
        // It was accepted before the stop and got its turn only after it.
        queue_.probe(probes::stop_before_join);
        connection.socket_.interrupt_receive();
    }
    co_return true;
}

/// The stop has interrupted the connection, and all that was owed to it is sent. Closing while
/// bytes of the client are unread would be a reset, which can destroy the last bytes on their way.
/// So: half close, and read on, to nothing, until the client has closed too or end_stragglers()
/// cancels.
Task<void> Server::linger(Connection& connection) {
    {
        auto roster = co_await roster_.enter();
        if (connection.idle() || !roster->stopping) co_return;
        connection.lingering_ = true;
    }
    connection.socket_.shutdown_send();
    std::vector<std::byte> nowhere(4096);
    for (;;) {
        const Result received = co_await receive(connection.socket_, nowhere);
        if (received.ok() && received.bytes > 0) continue;
        queue_.probe(received.ok() ? probes::lingered_to_end : probes::lingered_too_long);
        co_return;
    }
}

Task<void> Server::leave(Connection& connection, Ending ending) {
    auto roster = co_await roster_.enter();
    std::vector<Connection*>& connections = roster->connections;
    connections[connection.place_] = connections.back();
    connections[connection.place_]->place_ = connection.place_;
    connections.pop_back();

    Stats& stats = roster->stats;
    if (connection.idle()) {
        queue_.probe(probes::idle_closed);
        ++stats.idle_closed;
    } else if (ending == Ending::canceled) {
        ++stats.stopped;
    } else {
        ++(ending == Ending::end_of_stream ? stats.ended
           : ending == Ending::dropped     ? stats.dropped
                                           : stats.failed);
    }
}

Task<void> Server::interrupt_all() {
    auto roster = co_await roster_.enter();
    roster->stopping = true;
    for (Connection* connection : roster->connections) connection->socket_.interrupt_receive();
}

Task<void> Server::end_stragglers(Timer& timer) {
    const Time start = queue_.now();
    bool elapsed = co_await timer.until(later(start, options_.linger));
    if (!elapsed) co_return;
    {
        auto roster = co_await roster_.enter();
        for (Connection* connection : roster->connections) {
            if (connection->lingering_) connection->socket_.cancel();
        }
    }
    elapsed = co_await timer.until(later(start, options_.grace));
    if (!elapsed) co_return;
    queue_.probe(probes::grace_over);
    auto roster = co_await roster_.enter();
    for (Connection* connection : roster->connections) connection->socket_.cancel();
}

}  // namespace drydock::server

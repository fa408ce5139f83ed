// The echo server's life: accept, serve, stop, drain.
#include "src/echo/server.hpp"

#include <algorithm>

#include "src/echo/probes.hpp"

namespace drydock::echo {

Server::Server(CompletionQueue& queue, std::unique_ptr<AsyncListener> listener,
               const ServerOptions& options, Log& log)
    : queue_(queue),
      listener_(std::move(listener)),
      options_(options),
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
            const Time last = connection->last_activity.load(std::memory_order_relaxed);
            if (connection->idle || now < later(last, options_.idle_timeout)) continue;
            connection->idle = true;
            connection->socket.cancel();
        }
    }
}

Task<void> Server::serve(std::unique_ptr<AsyncSocket> socket) {
    Connection connection(*socket, queue_.now());
    const bool admitted = co_await join(connection);
    if (!admitted) co_return;
    std::vector<std::byte> buffer(options_.buffer_size);
    const Ending ending = co_await echo(connection, buffer);
    if (ending == Ending::canceled) co_await linger(connection, buffer);
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
    connection.place = roster->connections.size();
    roster->connections.push_back(&connection);
    if (roster->stopping) {
        // It was accepted before the stop and got its turn only after it.
        queue_.probe(probes::stop_before_join);
        connection.socket.interrupt_receive();
    }
    co_return true;
}

Task<Server::Ending> Server::echo(Connection& connection, MutableBuffer buffer) {
    const bool watched = options_.idle_timeout > Duration::zero();
    for (;;) {
        const Result received = co_await receive(connection.socket, buffer);
        if (!received.ok()) {
            if (received.error == Error::canceled) co_return Ending::canceled;
            queue_.probe(probes::receive_failed);
            co_return Ending::failure;
        }
        if (received.bytes == 0) {
            queue_.probe(probes::end_of_stream);
            co_return Ending::end_of_stream;
        }
        ++connection.messages;
        connection.bytes_received += received.bytes;
        const ConstBuffer answer(buffer.data(), received.bytes);
        const Result sent = co_await send_all(connection.socket, answer);
        connection.bytes_sent += sent.bytes;
        if (!sent.ok()) {
            if (sent.error == Error::canceled) co_return Ending::canceled;
            queue_.probe(probes::send_failed);
            co_return Ending::failure;
        }
        if (watched) connection.last_activity.store(queue_.now(), std::memory_order_relaxed);
    }
}

/// The stop has interrupted the connection, and all that it had received is sent. Closing while
/// bytes of the client are unread would be a reset, which can destroy the last echoes on their way.
/// So: half close, and read on, to nothing, until the client has closed too or end_stragglers()
/// cancels.
Task<void> Server::linger(Connection& connection, MutableBuffer buffer) {
    {
        auto roster = co_await roster_.enter();
        if (connection.idle || !roster->stopping) co_return;
        connection.lingering = true;
    }
    connection.socket.shutdown_send();
    for (;;) {
        const Result received = co_await receive(connection.socket, buffer);
        if (received.ok() && received.bytes > 0) continue;
        queue_.probe(received.ok() ? probes::lingered_to_end : probes::lingered_too_long);
        co_return;
    }
}

Task<void> Server::leave(Connection& connection, Ending ending) {
    auto roster = co_await roster_.enter();
    std::vector<Connection*>& connections = roster->connections;
    connections[connection.place] = connections.back();
    connections[connection.place]->place = connection.place;
    connections.pop_back();

    ServerStats& stats = roster->stats;
    stats.messages += connection.messages;
    stats.bytes_received += connection.bytes_received;
    stats.bytes_sent += connection.bytes_sent;
    if (connection.idle) {
        queue_.probe(probes::idle_closed);
        ++stats.idle_closed;
    } else if (ending == Ending::canceled) {
        ++stats.stopped;
    } else {
        ++(ending == Ending::end_of_stream ? stats.ended : stats.failed);
    }
}

Task<void> Server::interrupt_all() {
    auto roster = co_await roster_.enter();
    roster->stopping = true;
    for (Connection* connection : roster->connections) connection->socket.interrupt_receive();
}

Task<void> Server::end_stragglers(Timer& timer) {
    const Time start = queue_.now();
    bool elapsed = co_await timer.until(later(start, options_.linger));
    if (!elapsed) co_return;
    {
        auto roster = co_await roster_.enter();
        for (Connection* connection : roster->connections) {
            if (connection->lingering) connection->socket.cancel();
        }
    }
    elapsed = co_await timer.until(later(start, options_.grace));
    if (!elapsed) co_return;
    queue_.probe(probes::grace_over);
    auto roster = co_await roster_.enter();
    for (Connection* connection : roster->connections) connection->socket.cancel();
}

}  // namespace drydock::echo

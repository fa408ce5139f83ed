// Accepting, stopping, draining.
#include <drydock/server.hpp>

#include <algorithm>
#include <string>

#include <drydock/hash.hpp>
#include <drydock/server_probes.hpp>

namespace drydock::server {
namespace {

constexpr Duration least_idle_pause = std::chrono::milliseconds(1);

std::uint64_t& count_for(Stats& stats, bool idle, Ending ending) noexcept {
    if (idle) return stats.idle_closed;
    switch (ending) {
        case Ending::end_of_stream:
            return stats.ended;
        case Ending::failure:
            return stats.failed;
        case Ending::dropped:
        case Ending::finished:
            return stats.dropped;
        case Ending::stopped:
        case Ending::cut_off:
            break;
    }
    return stats.stopped;
}

/// Where the connection comes from, whatever its port. It stays the same for the socket's life.
Endpoint address_of(const Connection& connection) noexcept {
    return connection.socket().peer_endpoint().with_port(0);
}

}  // namespace

std::uint64_t Server::Roster::state_hash() const noexcept {
    return hash_of({connections.size(), stopping ? 1U : 0U, cut_off ? 1U : 0U, stats.accepted,
                    stats.ended, stats.failed, stats.dropped, stats.idle_closed, stats.stopped,
                    stats.rejected, stats.rejected_address, stats.accept_failures,
                    stats.shortages});
}

Server::Server(CompletionQueue& queue, Listeners listeners, const Options& options,
               Service& service, Log& log)
    : queue_(queue),
      options_(options),
      service_(service),
      log_(log),
      stop_(queue, wakes_only),
      doors_(open_doors(queue, std::move(listeners))),
      idle_timer_(queue) {
    const std::size_t limit =
        options.unsent_limit == 0 && watches() ? watched_part : options.unsent_limit;
    if (limit == 0) return;
    for (Door& door : doors_) door.listener->limit_unsent(limit);
}

std::deque<Server::Door> Server::open_doors(CompletionQueue& queue, Listeners listeners) {
    std::deque<Door> doors;
    for (std::unique_ptr<AsyncListener>& listener : listeners.take()) {
        doors.emplace_back(queue, std::move(listener));
    }
    return doors;
}

Task<void> Server::run() {
    TaskGroup connections(queue_);
    TaskGroup helpers(queue_);
    for (Door& door : doors_) helpers.spawn(accept_connections(door, connections));
    if (watches()) helpers.spawn(close_idle_connections());

    co_await stop_.wait();
    for (Door& door : doors_) {
        door.listener->cancel();
        door.pause.cancel();
    }
    idle_timer_.cancel();
    // After this join no connection can be added any more.
    co_await helpers.join();
    for (Door& door : doors_) door.listener.reset();

    co_await interrupt_all();
    Timer patience(queue_);
    helpers.spawn(cut_off_all(patience));
    co_await connections.join();
    patience.cancel();
    co_await helpers.join();
}

Task<void> Server::accept_connections(Door& door, TaskGroup& connections) {
    Duration pause = options_.accept_pause;
    for (;;) {
        queue_.settled(static_cast<std::uint64_t>(pause.count()));
        SocketResult accepted = co_await accept(*door.listener);
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
            const bool go_on = co_await pause_accepting(door, accepted, pause);
            if (!go_on) co_return;
        }
    }
}

/// Trying again at once would spin, as the connection stays in the backlog. False: stop instead.
Task<bool> Server::pause_accepting(Door& door, const SocketResult& failure, Duration& pause) {
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
    const bool elapsed = co_await door.pause.after(pause);
    if (!elapsed) queue_.probe(probes::stop_during_shortage);
    pause = std::min(2 * pause, options_.accept_pause_max);
    co_return elapsed;
}

/// One timer for all connections: none of them pays for a timer per message. A connection is closed
/// between one and one and a quarter timeouts after its last byte.
Task<void> Server::close_idle_connections() {
    const Duration pause = std::max<Duration>(options_.idle_timeout / 4, least_idle_pause);
    for (;;) {
        const bool elapsed = co_await idle_timer_.after(pause);
        if (!elapsed) co_return;
        const Time now = queue_.now();
        auto roster = co_await roster_.enter();
        for (Connection* connection : roster->connections) {
            if (connection->idle() || !connection->is_idle_for(options_.idle_timeout, now)) {
                continue;
            }
            connection->idle_.store(true, std::memory_order_relaxed);
            connection->cancel();
        }
    }
}

Task<void> Server::serve(std::unique_ptr<AsyncSocket> socket) {
    Connection connection(queue_, *socket, watches());
    const Admission admission = co_await join(connection);
    if (admission != Admission::admitted) {
        log_rejection(connection, admission);
        co_return;
    }
    const Ending ending = co_await service_.serve(connection);
    const bool lingers = ending == Ending::stopped || ending == Ending::finished;
    if (lingers && !connection.idle()) co_await linger(connection, ending);
    // The roster forgets the connection before the socket is closed, so nobody can cancel a socket
    // that is gone.
    co_await leave(connection, ending);
    queue_.settled(0);
}

Task<Server::Admission> Server::join(Connection& connection) {
    auto roster = co_await roster_.enter();
    const Admission admission = admit(*roster, connection);
    roster.takes({static_cast<std::uint64_t>(admission)});
    if (admission != Admission::admitted) co_return admission;
    connection.place_ = static_cast<std::uint32_t>(roster->connections.size());
    roster->connections.push_back(&connection);
    if (roster->stopping) {
        // It was accepted before the stop and got its turn only after it.
        queue_.probe(probes::stop_before_join);
        connection.interrupt();
        if (roster->cut_off) connection.cancel();
    }
    co_return admission;
}

Server::Admission Server::admit(Roster& roster, const Connection& connection) const {
    if (options_.max_connections > 0 && roster.connections.size() >= options_.max_connections) {
        queue_.probe(probes::rejected);
        ++roster.stats.rejected;
        return Admission::too_many;
    }
    if (options_.max_per_address > 0) {
        std::size_t& count = roster.from_address[address_of(connection)];
        if (count >= options_.max_per_address) {
            queue_.probe(probes::rejected_address);
            ++roster.stats.rejected_address;
            return Admission::too_many_of_address;
        }
        ++count;
    }
    ++roster.stats.accepted;
    return Admission::admitted;
}

void Server::log_rejection(const Connection& connection, Admission admission) const noexcept {
    if (!log_.wants(Severity::info)) return;
    const std::string peer = connection.socket_.peer_endpoint().to_string();
    const bool of_address = admission == Admission::too_many_of_address;
    const std::size_t limit = of_address ? options_.max_per_address : options_.max_connections;
    log_.write(Severity::info, "connection rejected",
               {{"peer", peer},
                {"reason", of_address ? "too many from its address" : "too many"},
                {"limit", static_cast<std::int64_t>(limit)}});
}

/// The stop or the service ends the connection, and all that was owed to it is sent. Closing while
/// bytes of the client are unread would be a reset, which can destroy the last bytes on their way.
/// So: half close, and read on, to nothing, until the client has closed too, or has had its time.
Task<void> Server::linger(Connection& connection, Ending ending) {
    connection.socket_.shutdown_send();
    TaskGroup helpers(queue_);
    Timer timer(queue_);
    helpers.spawn(cancel_at(timer, later(queue_.now(), options_.linger), connection.socket_));
    std::vector<std::byte> nowhere(4096);
    Result received = Result::success(1);
    // A stop that comes now interrupts one receive of a connection that the service has finished.
    bool may_be_interrupted = ending == Ending::finished;
    while (received.ok() && received.bytes > 0) {
        received = co_await receive(connection.socket_, nowhere);
        if (received.error != Error::canceled || !may_be_interrupted) continue;
        may_be_interrupted = false;
        received = Result::success(1);
    }
    queue_.probe(received.ok() ? probes::lingered_to_end : probes::lingered_too_long);
    timer.cancel();
    co_await helpers.join();
}

Task<void> Server::leave(Connection& connection, Ending ending) {
    auto roster = co_await roster_.enter();
    std::vector<Connection*>& connections = roster->connections;
    connections[connection.place_] = connections.back();
    connections[connection.place_]->place_ = connection.place_;
    connections.pop_back();
    if (options_.max_per_address > 0) {
        const auto from = roster->from_address.find(address_of(connection));
        if (--from->second == 0) roster->from_address.erase(from);
    }

    if (connection.idle()) queue_.probe(probes::idle_closed);
    ++count_for(roster->stats, connection.idle(), ending);
}

Task<void> Server::interrupt_all() {
    auto roster = co_await roster_.enter();
    roster->stopping = true;
    for (Connection* connection : roster->connections) connection->interrupt();
}

Task<void> Server::cut_off_all(Timer& timer) {
    const bool elapsed = co_await timer.after(options_.grace);
    if (!elapsed) co_return;
    queue_.probe(probes::grace_over);
    auto roster = co_await roster_.enter();
    // Also for a connection that was accepted before the stop and is still on its way in here.
    roster->cut_off = true;
    for (Connection* connection : roster->connections) connection->cancel();
}

}  // namespace drydock::server

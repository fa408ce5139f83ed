// Sockets hand everything to their connection; listeners match connections with accepts.
#include "sim/socket.hpp"

#include <algorithm>

#include "sim/place.hpp"
#include "sim/world.hpp"

namespace drydock::sim {

SimSocket::SimSocket(SimWorld& world, Connection& connection, int side)
    : world_(world),
      machine_(*connection.side(side).machine),
      connection_(connection),
      side_(side) {
    connection.side(side).socket = this;
    world.network().socket_opened(*this);
}

bool SimSocket::frozen() const noexcept { return world_.frozen(machine_); }

SimSocket::~SimSocket() {
    if (frozen()) return;
    connection_.touch_all();
    Side& side = connection_.side(side_);
    for (Operation* operation : {side.receive, side.send}) {
        if (operation == nullptr) continue;
        world_.judge().violated(
            {Rule::socket_destroyed_in_flight, operation->kind(), operation->where()}, {}, {},
            operation);
    }
    if (frozen()) return;
    world_.network().socket_closed(*this);
    connection_.close(side_);
    world_.network().release_if_over(connection_);
}

void SimSocket::receive(Operation& operation, MutableBuffer buffer) noexcept {
    if (world_.begin(machine_, operation, OperationKind::receive)) {
        connection_.start_receive(side_, operation, buffer);
    }
}

void SimSocket::receive(ReceiveOperation& operation, std::size_t most) noexcept {
    if (world_.begin(machine_, operation, OperationKind::receive)) {
        connection_.start_receive(side_, operation, most);
    }
}

Result SimSocket::try_receive(MutableBuffer buffer) noexcept {
    if (frozen()) return Result::failure(Error::canceled);
    return connection_.try_receive(side_, buffer);
}

void SimSocket::send(Operation& operation, std::span<const ConstBuffer> buffers) noexcept {
    if (world_.begin(machine_, operation, OperationKind::send)) {
        connection_.start_send(side_, operation, buffers);
    }
}

void SimSocket::shutdown_send() noexcept {
    if (!frozen()) connection_.shutdown_send(side_);
}

void SimSocket::cancel() noexcept {
    if (!frozen()) connection_.cancel(side_);
}

void SimSocket::interrupt_receive() noexcept {
    if (!frozen()) connection_.interrupt_receive(side_);
}

void SimSocket::interrupt_send() noexcept {
    if (!frozen()) connection_.interrupt_send(side_);
}

void SimSocket::set_abortive_close() noexcept { connection_.side(side_).abortive = true; }

Endpoint SimSocket::local_endpoint() const noexcept { return connection_.side(side_).local; }

Endpoint SimSocket::peer_endpoint() const noexcept { return connection_.side(1 - side_).local; }

SimListener::SimListener(SimWorld& world, const Machine& machine, const Endpoint& endpoint,
                         const ListenOptions& options, std::size_t serial)
    : world_(world),
      machine_(machine),
      endpoint_(endpoint),
      ipv6_only_(options.ipv6_only),
      backlog_(static_cast<std::size_t>(std::max(options.backlog, 1))),
      serial_(serial),
      where_(options.where) {}

bool SimListener::frozen() const noexcept { return world_.frozen(machine_); }

SimListener::~SimListener() {
    if (frozen()) return;
    world_.watch().touched(this, Owner::network);
    if (!accepts_.empty() || undelivered_ > 0) {
        world_.judge().violated(
            {Rule::listener_destroyed_in_flight, OperationKind::accept, latest_});
        return;
    }
    world_.network().listener_closed(*this);
    for (Connection* connection : waiting_) {
        connection->side(1).abortive = true;
        connection->close(1);
        world_.network().release_if_over(*connection);
    }
}

bool SimListener::takes(const Endpoint& bound, bool ipv6_only, const Endpoint& endpoint) noexcept {
    if (endpoint == bound) return true;
    const bool family = endpoint.family() == bound.family() ||
                        (endpoint.family() == Endpoint::Family::ipv4 && !ipv6_only);
    return bound.is_wildcard() && family && endpoint.port() == bound.port();
}

void SimListener::accept(SocketOperation& operation) noexcept {
    if (!world_.begin(machine_, operation, OperationKind::accept)) return;
    world_.watch().touched(this, Owner::network);
    record_of(operation).listener = this;
    world_.chronicle().started(operation);
    latest_ = operation.where();
    ++undelivered_;
    if (canceling_ || take_interrupt(operation)) {
        return world_.decide(operation, Result::failure(Error::canceled));
    }
    accepts_.push_back(&operation);
    match();
}

void SimListener::cancel() noexcept {
    if (frozen()) return;
    world_.watch().touched(this, Owner::network);
    canceling_ = true;
    for (SocketOperation* operation : std::exchange(accepts_, {})) {
        world_.decide(*operation, Result::failure(Error::canceled));
    }
}

void SimListener::interrupt_accept() noexcept {
    if (frozen()) return;
    world_.watch().touched(this, Owner::network);
    if (accepts_.empty()) {
        interrupted_ = true;
        return;
    }
    SocketOperation& oldest = *accepts_.front();
    accepts_.pop_front();
    world_.decide(oldest, Result::failure(Error::canceled));
}

/// An interrupt that is remembered is the operation's, not the network's: the step watcher is told
/// that the operation has changed, and again when its start takes the interrupt.
void SimListener::interrupt_accept(SocketOperation& operation) noexcept {
    if (frozen()) return;
    world_.watch().touched(this, Owner::network);
    if (std::erase(accepts_, &operation) > 0) {
        return world_.decide(operation, Result::failure(Error::canceled));
    }
    world_.watch().touched(&operation, Owner::program);
    operation.remember_cancel();
}

/// Whether an interrupt waits for the accept that starts; one for this very operation comes first.
bool SimListener::take_interrupt(SocketOperation& operation) noexcept {
    if (operation.take_remembered_cancel()) {
        world_.watch().touched(&operation, Owner::program);
        return true;
    }
    return std::exchange(interrupted_, false);
}

void SimListener::arrive(Connection& connection) {
    world_.watch().touched(this, Owner::network);
    waiting_.push_back(&connection);
    match();
}

std::uint64_t SimListener::state_hash() const noexcept {
    Digest hash;
    hash.mix(endpoint_.port());
    hash.mix(undelivered_ * 4 + (canceling_ ? 1 : 0) + (interrupted_ ? 2 : 0));
    for (SocketOperation* accept : accepts_) hash.mix(record_of(*accept).number);
    hash.mix(accepts_.size());
    for (const Connection* connection : waiting_) hash.mix(connection->number());
    return hash.value();
}

std::string SimListener::suspicion() const {
    if (waiting_.empty() || !accepts_.empty()) return {};
    const std::size_t count = waiting_.size();
    std::string text = "; " + std::to_string(count) +
                       (count == 1 ? " connection waits at " : " connections wait at ") +
                       endpoint_.to_string() + " and no accept is in flight";
    if (latest_.line() > 0) text += "; the last one was started at " + place(latest_);
    return text;
}

void SimListener::match() noexcept {
    while (!accepts_.empty() && !waiting_.empty()) {
        SocketOperation& operation = *accepts_.front();
        accepts_.pop_front();
        if (const auto which = world_.swarm().strikes(Fault::accept_shortage, "accept: shortage", 2,
                                                      "accept: which shortage")) {
            const bool memory = *which == 1;
            world_.decide(operation,
                          Result::failure(memory ? Error::no_buffers : Error::too_many_handles));
            continue;  // the connection stays; the next accept may have it
        }
        Connection& connection = *waiting_.front();
        waiting_.pop_front();
        connection.touch_all();
        // A connection that its client has reset meanwhile may show it now, or at its first
        // receive.
        const bool gone = connection.side(1).reset_arrived &&
                          world_.choices().pick(2, "accept: reset before accept") == 1;
        if (gone || world_.swarm().fires(Fault::accept_reset, "accept: connection gone")) {
            connection.damage();
            connection.side(1).abortive = true;
            connection.close(1);
            world_.network().release_if_over(connection);
            world_.decide(operation, Result::failure(Error::reset));
            continue;
        }
        record_of(operation).send_hash = connection.number();
        connection.side(1).opened = operation.where();
        operation.deliver(world_.network().make_socket(connection, 1));
        world_.decide(operation, Result::success());
    }
}

}  // namespace drydock::sim

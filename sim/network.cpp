// Listening, connecting, and the life of connections and sockets.
#include "sim/network.hpp"

#include <array>

#include "sim/world.hpp"

namespace drydock::sim {
namespace {

/// The address of the machine that all of a world runs on.
Endpoint loopback(Endpoint::Family family, std::uint16_t port) noexcept {
    if (family == Endpoint::Family::ipv4) return Endpoint::loopback(port);
    return Endpoint::ipv6({0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, port);
}

bool is_this_machines(const Endpoint& endpoint) noexcept {
    if (endpoint.is_wildcard()) return true;
    if (endpoint.family() == Endpoint::Family::ipv4) return endpoint.address()[0] == 127;
    return endpoint == loopback(Endpoint::Family::ipv6, endpoint.port());
}

}  // namespace

void Network::create_shared_state() const noexcept {
    world_.watch().created(&listeners_, Owner::network);
    world_.watch().created(&resets_, Owner::network);
}

ListenResult Network::listen(const Endpoint& endpoint, const ListenOptions& options) {
    world_.watch().touched(&listeners_, Owner::network);
    const std::uint16_t port = endpoint.port() == 0 ? next_port_++ : endpoint.port();
    const Endpoint wanted = endpoint.unmapped().with_port(port);
    if (!is_this_machines(wanted)) return {nullptr, Error::address_not_available, 0};
    for (const SimListener* other : listeners_) {
        const bool overlap = other->takes(wanted) ||
                             SimListener::takes(wanted, options.ipv6_only, other->local_endpoint());
        if (overlap) return {nullptr, Error::address_in_use, 0};
    }
    auto listener = std::make_unique<SimListener>(world_, wanted, options);
    world_.watch().created(listener.get(), Owner::network);
    listeners_.push_back(listener.get());
    return {std::move(listener), Error::ok, 0};
}

void Network::listener_closed(SimListener& listener) noexcept {
    world_.watch().touched(&listeners_, Owner::network);
    world_.watch().touched(&listener, Owner::network);
    std::erase(listeners_, &listener);
}

void Network::connect(SocketOperation& operation, const Endpoint& given) noexcept {
    const Endpoint endpoint = given.unmapped();
    world_.watch().created(&operation, Owner::network);
    if (operation.take_remembered_cancel()) {
        return world_.decide(operation, Result::failure(Error::canceled));
    }
    if (world_.swarm().fires(Fault::connect_refused, "connect: refused")) {
        return world_.decide(operation, Result::failure(Error::refused));
    }
    Record& record = record_of(operation);
    const auto found =
        std::find_if(listeners_.begin(), listeners_.end(),
                     [&](const SimListener* listener) { return listener->takes(endpoint); });
    record.by_ipv6 = endpoint.family() == Endpoint::Family::ipv6;
    record.listener = found == listeners_.end() ? nullptr : *found;
    world_.watch().touched(
        record.listener != nullptr ? static_cast<const void*>(record.listener) : &listeners_,
        Owner::network);
    Event event;
    event.kind = EventKind::connect;
    event.operation = &operation;
    event.at = world_.now() + flight_time();
    if (world_.swarm().fires(Fault::connect_timed_out, "connect: never answered")) {
        event.kind = EventKind::give_up;
        event.at = world_.now() + std::chrono::seconds(21);
    }
    // Even at once it goes through the timeline, so that a cancel can meet it there.
    world_.timeline().add(event);
}

void Network::establish(SocketOperation& operation) noexcept {
    SimListener* listener = record_of(operation).listener;
    const bool listening = std::count(listeners_.begin(), listeners_.end(), listener) > 0;
    if (!listening || listener->is_full()) {
        return world_.decide(operation, Result::failure(Error::refused));
    }
    world_.watch().touched(listener, Owner::network);
    Connection& connection = make_connection();
    const auto family =
        record_of(operation).by_ipv6 ? Endpoint::Family::ipv6 : Endpoint::Family::ipv4;
    const Endpoint bound = listener->local_endpoint();
    connection.side(0).local = loopback(family, next_client_port_++);
    connection.side(1).local = bound.is_wildcard() ? loopback(family, bound.port()) : bound;
    connection.set_number(record_of(operation).number);
    connection.side(0).opened = operation.where();
    operation.deliver(make_socket(connection, 0));
    world_.decide(operation, Result::success());
    listener->arrive(connection);
}

Duration Network::flight_time() noexcept {
    constexpr std::array<std::int64_t, 3> microseconds = {50, 700, 40000};
    const std::optional<std::uint32_t> which = world_.swarm().strikes(
        Fault::latency, "network: latency", microseconds.size(), "network: how late");
    return which ? std::chrono::microseconds(microseconds[*which]) : Duration::zero();
}

bool Network::may_reset() noexcept {
    const std::uint64_t most = world_.options().most_resets;
    if (most == ~std::uint64_t{0}) return true;
    world_.watch().touched(&resets_, Owner::network);  // all connections share what is allowed
    return world_.swarm().hits(Fault::network_reset) < most;
}

Connection& Network::make_connection() {
    Swarm& swarm = world_.swarm();
    if (swarm.active(Fault::small_pipe)) swarm.hit(Fault::small_pipe);
    std::uint32_t slot = static_cast<std::uint32_t>(connections_.size());
    if (free_slots_.empty()) {
        connections_.emplace_back();
    } else {
        slot = free_slots_.back();
        free_slots_.pop_back();
    }
    connections_[slot] =
        std::make_unique<Connection>(world_, slot, ++connection_serial_, swarm.pipe_capacity());
    return *connections_[slot];
}

void Network::release_if_over(Connection& connection) noexcept {
    if (!connection.over()) return;
    const std::uint32_t slot = connection.slot();
    connections_[slot].reset();
    free_slots_.push_back(slot);
}

std::unique_ptr<AsyncSocket> Network::make_socket(Connection& connection, int side) {
    return std::make_unique<SimSocket>(world_, connection, side);
}

void Network::socket_opened(SimSocket& socket) {
    socket.place = open_sockets_.size();
    Side& side = socket.connection().side(socket.side());
    side.opened_at = side.moved_at = world_.now();
    open_sockets_.push_back(&socket);
    world_.chronicle().socket(RunEventKind::socket_opened, socket.connection(), socket.side(),
                              side.opened);
}

void Network::socket_closed(SimSocket& socket) noexcept {
    open_sockets_[socket.place] = open_sockets_.back();
    open_sockets_[socket.place]->place = socket.place;
    open_sockets_.pop_back();
    world_.chronicle().socket(RunEventKind::socket_closed, socket.connection(), socket.side(),
                              socket.connection().side(socket.side()).opened);
}

bool Network::any_connection() const noexcept {
    return std::any_of(connections_.begin(), connections_.end(),
                       [](const auto& connection) { return connection != nullptr; });
}

std::string Network::suspicion() const {
    std::string text;
    for (const SimListener* listener : listeners_) text += listener->suspicion();
    return text;
}

std::uint64_t Network::state_hash() const noexcept {
    std::uint64_t sum = 0;
    for (const auto& connection : connections_) {
        if (connection) sum += connection->state_hash();
    }
    for (const SimListener* listener : listeners_) sum += listener->state_hash();
    return sum;
}

}  // namespace drydock::sim

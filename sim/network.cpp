// Listening, connecting, and the life of connections and sockets.
#include "sim/network.hpp"

#include <array>

#include "sim/world.hpp"

namespace drydock::sim {
namespace {

bool is_loopback(const Endpoint& endpoint) noexcept {
    if (endpoint.family() == Endpoint::Family::ipv4) return endpoint.address()[0] == 127;
    return endpoint == loopback(Endpoint::Family::ipv6, endpoint.port());
}

bool is_address_of(const Machine& machine, const Endpoint& endpoint) noexcept {
    return endpoint == machine.address(endpoint.family(), endpoint.port());
}

// How long a system tries to connect.
constexpr Duration connect_patience = std::chrono::seconds(21);

}  // namespace

void Network::create_shared_state() const noexcept {
    world_.watch().created(&listeners_, Owner::network);
    world_.watch().created(&resets_, Owner::network);
}

ListenResult Network::listen(Machine& machine, const Endpoint& endpoint,
                             const ListenOptions& options) {
    world_.watch().touched(&listeners_, Owner::network);
    const std::uint16_t port = endpoint.port() == 0 ? next_port_++ : endpoint.port();
    const Endpoint wanted = endpoint.unmapped().with_port(port);
    const bool here = wanted.is_wildcard() || is_loopback(wanted) ||
                      (machine.is_host() && is_address_of(machine, wanted));
    if (!here) return {nullptr, Error::address_not_available, 0};
    for (const SimListener* other : listeners_) {
        if (&other->machine() != &machine) continue;
        const bool overlap = other->takes(wanted) ||
                             SimListener::takes(wanted, options.ipv6_only, other->local_endpoint());
        if (overlap) return {nullptr, Error::address_in_use, 0};
    }
    auto listener =
        std::make_unique<SimListener>(world_, machine, wanted, options, ++listener_serial_);
    world_.watch().created(listener.get(), Owner::network);
    listeners_.push_back(listener.get());
    return {std::move(listener), Error::ok, 0};
}

void Network::listener_closed(SimListener& listener) noexcept {
    world_.watch().touched(&listeners_, Owner::network);
    world_.watch().touched(&listener, Owner::network);
    std::erase(listeners_, &listener);
}

/// Where a connect to that endpoint goes. Null: there is no such machine.
Machine* Network::machine_at(Machine& from, const Endpoint& endpoint) noexcept {
    if (endpoint.is_wildcard() || is_loopback(endpoint)) return &from;
    return world_.hosts().find([&](const Machine& host) { return is_address_of(host, endpoint); });
}

void Network::connect(Machine& machine, SocketOperation& operation,
                      const Endpoint& given) noexcept {
    const Endpoint endpoint = given.unmapped();
    world_.watch().created(&operation, Owner::network);
    if (operation.take_remembered_cancel()) {
        return world_.decide(operation, Result::failure(Error::canceled));
    }
    if (world_.swarm().fires(Fault::connect_refused, "connect: refused")) {
        return world_.decide(operation, Result::failure(Error::refused));
    }
    Record& record = record_of(operation);
    Machine* const target = machine_at(machine, endpoint);
    const auto found =
        std::find_if(listeners_.begin(), listeners_.end(), [&](const SimListener* listener) {
            return &listener->machine() == target && listener->takes(endpoint);
        });
    record.to = target != nullptr ? target->number : machine.number;
    record.by_ipv6 = endpoint.family() == Endpoint::Family::ipv6;
    const SimListener* const listener = found == listeners_.end() ? nullptr : *found;
    record.progress = listener != nullptr ? listener->serial() : 0;
    world_.watch().touched(listener != nullptr ? static_cast<const void*>(listener) : &listeners_,
                           Owner::network);
    Event event;
    event.kind = EventKind::connect;
    event.operation = &operation;
    event.at = world_.now() + flight_time();
    if (record.to != machine.number) {
        world_.watch().touched(target, Owner::network);  // it may be down
        const Time passes = world_.hosts().passes(machine, *target);
        if (passes > world_.now() + connect_patience) event.kind = EventKind::give_up;
        event.at = event.kind == EventKind::give_up ? world_.now() + connect_patience
                                                    : std::max(event.at, passes);
    }
    if (world_.swarm().fires(Fault::connect_timed_out, "connect: never answered")) {
        event.kind = EventKind::give_up;
        event.at = world_.now() + connect_patience;
    }
    // Even at once it goes through the timeline, so that a cancel can meet it there.
    world_.timeline().add(event);
}

void Network::establish(SocketOperation& operation) noexcept {
    Record& record = record_of(operation);
    const auto found =
        std::find_if(listeners_.begin(), listeners_.end(),
                     [&](const SimListener* each) { return each->serial() == record.progress; });
    SimListener* const listener = found == listeners_.end() ? nullptr : *found;
    Machine& from = world_.hosts().machine(record.machine);
    Machine& to = world_.hosts().machine(record.to);
    if (to.silent) {
        Event event;
        event.kind = EventKind::give_up;
        event.operation = &operation;
        event.at = world_.now() + connect_patience;
        return world_.timeline().add(event);
    }
    if (listener == nullptr || listener->is_full()) {
        return world_.decide(operation, Result::failure(Error::refused));
    }
    world_.watch().touched(listener, Owner::network);
    Connection& connection = make_connection();
    const auto family = record.by_ipv6 ? Endpoint::Family::ipv6 : Endpoint::Family::ipv4;
    const Endpoint bound = listener->local_endpoint();
    const bool inside = &from == &to;
    const std::uint16_t port = next_client_port_++;
    connection.side(0).machine = &from;
    connection.side(1).machine = &to;
    connection.side(0).local = inside ? loopback(family, port) : from.address(family, port);
    connection.side(1).local = bound;
    if (bound.is_wildcard()) {
        connection.side(1).local =
            inside ? loopback(family, bound.port()) : to.address(family, bound.port());
    }
    connection.set_number(record.number);
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

// --- machines that go and come back -------------------------------------------------------------

/// Calls `use` with each connection that has an end on this machine, and that end. Two ends: twice.
template <typename Use>
void Network::for_each_end(const Machine& machine, Use use) noexcept {
    for (std::size_t slot = 0; slot < connections_.size(); ++slot) {
        for (const int which : {0, 1}) {
            const bool here = connections_[slot] != nullptr &&
                              connections_[slot]->side(which).machine == &machine;
            if (here) use(*connections_[slot], which);
        }
        if (connections_[slot] != nullptr) release_if_over(*connections_[slot]);
    }
}

void Network::machine_gone(const Machine& machine, Farewell farewell) noexcept {
    world_.watch().touched(&listeners_, Owner::network);
    for (SimListener* const listener : std::vector<SimListener*>(listeners_)) {
        if (&listener->machine() != &machine) continue;
        world_.watch().touched(listener, Owner::network);
        listener->machine_gone();
        std::erase(listeners_, listener);
    }
    for_each_end(machine, [&](Connection& connection, int which) {
        Side& side = connection.side(which);
        if (side.closed) return;
        connection.touch_all();
        connection.damage();
        side.receive = side.send = nullptr;
        if (side.socket != nullptr) socket_closed(*side.socket);
        side.abortive = side.abortive || farewell == Farewell::reset;
        if (farewell == Farewell::none) return connection.vanish(which);
        connection.close(which);
    });
}

void Network::machine_back(const Machine& machine) noexcept {
    for_each_end(machine, [](Connection& connection, int which) { connection.answer(which); });
}

void Network::end_half_open() noexcept {
    for (const auto& connection : connections_) {
        if (connection == nullptr) continue;
        for (const int which : {0, 1}) connection->tell_of_the_end(which);
    }
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

// The network of a world: listeners, connections with their slots, and the sockets that are open.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <source_location>
#include <string>
#include <vector>

#include <drydock/queue.hpp>

#include "sim/connection.hpp"
#include "sim/socket.hpp"

namespace drydock::sim {

class Network {
public:
    explicit Network(SimWorld& world) noexcept : world_(world) {}

    ListenResult listen(Machine& machine, const Endpoint& endpoint, const ListenOptions& options);
    /// The operation has been begun, on this machine.
    void connect(Machine& machine, SocketOperation& operation, const Endpoint& endpoint) noexcept;
    /// A connect has reached its listener.
    void establish(SocketOperation& operation) noexcept;

    /// How long something takes from one end of a connection to the other.
    Duration flight_time() noexcept;
    /// Whether the network may abort one more connection.
    bool may_reset() noexcept;

    std::unique_ptr<AsyncSocket> make_socket(Connection& connection, int side);
    void socket_opened(SimSocket& socket);
    void socket_closed(SimSocket& socket) noexcept;
    void listener_closed(SimListener& listener) noexcept;
    void release_if_over(Connection& connection) noexcept;

    /// How the others learn that a machine is gone.
    enum class Farewell : std::uint8_t {
        close,  ///< its program was killed: the system closes the sockets
        reset,  ///< it resets them
        none    ///< nobody says anything
    };
    /// The machine is down: its listeners and its ends of connections are gone. Its operations have
    /// been forgotten before.
    void machine_gone(const Machine& machine, Farewell farewell) noexcept;
    /// The machine has power again: it knows nothing of its old connections, and says so to who
    /// sends.
    void machine_back(const Machine& machine) noexcept;
    /// The world is calm: who still believes in a connection that is gone at the other end learns
    /// it.
    void end_half_open() noexcept;

    /// An accepted socket has received so many bytes more than it has sent.
    void held(std::uint64_t bytes) noexcept { most_held_ = std::max(most_held_, bytes); }
    std::uint64_t most_held() const noexcept { return most_held_; }

    // For the judge.
    const SimSocket* first_open_socket() const noexcept {
        return open_sockets_.empty() ? nullptr : open_sockets_.front();
    }
    const SimListener* first_listener() const noexcept {
        return listeners_.empty() ? nullptr : listeners_.front();
    }
    bool any_connection() const noexcept;
    /// Why a run may be stuck: connections wait, and no accept is in flight. Or empty.
    std::string suspicion() const;

    /// What listeners_ and resets are to the step watcher: things that steps share.
    void create_shared_state() const noexcept;
    /// A sum over all connections and listeners.
    std::uint64_t state_hash() const noexcept;

private:
    Connection& make_connection();
    Machine* machine_at(Machine& from, const Endpoint& endpoint) noexcept;
    template <typename Use>
    void for_each_end(const Machine& machine, Use use) noexcept;

    SimWorld& world_;
    std::vector<SimSocket*> open_sockets_;
    std::vector<SimListener*> listeners_;
    std::vector<std::unique_ptr<Connection>> connections_;  // by slot
    std::vector<std::uint32_t> free_slots_;                 // last in, first out: reused at once
    std::uint64_t connection_serial_ = 0;
    std::size_t listener_serial_ = 0;
    std::uint64_t most_held_ = 0;
    std::uint16_t next_port_ = 49152;
    std::uint16_t next_client_port_ = 1024;
    char resets_ = 0;  // its address: the resets that all connections share
};

}  // namespace drydock::sim

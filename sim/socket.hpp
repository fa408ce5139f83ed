// The simulator's sockets and listeners: thin faces of connections and of the world.
#pragma once

#include <cstdint>
#include <deque>
#include <string>

#include <drydock/queue.hpp>

namespace drydock::sim {

class Connection;
class SimWorld;
struct Machine;

class SimSocket final : public AsyncSocket {
public:
    SimSocket(SimWorld& world, Connection& connection, int side);
    ~SimSocket() override;

    void receive(Operation& operation, MutableBuffer buffer) noexcept override;
    void receive(ReceiveOperation& operation, std::size_t most) noexcept override;
    Result try_receive(MutableBuffer buffer) noexcept override;
    void send(Operation& operation, std::span<const ConstBuffer> buffers) noexcept override;
    void shutdown_send() noexcept override;
    void cancel() noexcept override;
    void interrupt_receive() noexcept override;
    void interrupt_send() noexcept override;
    void set_abortive_close() noexcept override;
    Endpoint local_endpoint() const noexcept override;
    Endpoint peer_endpoint() const noexcept override;

    Connection& connection() const noexcept { return connection_; }
    int side() const noexcept { return side_; }
    std::size_t place = 0;  // in the world's list of open sockets

private:
    bool frozen() const noexcept;

    SimWorld& world_;
    const Machine& machine_;
    Connection& connection_;  // gone where the machine is down
    int side_;
};

class SimListener final : public AsyncListener {
public:
    SimListener(SimWorld& world, const Machine& machine, const Endpoint& endpoint,
                const ListenOptions& options, std::size_t serial);
    ~SimListener() override;

    void accept(SocketOperation& operation) noexcept override;
    void cancel() noexcept override;
    void interrupt_accept() noexcept override;
    void interrupt_accept(SocketOperation& operation) noexcept override;
    Endpoint local_endpoint() const noexcept override { return endpoint_; }

    /// Whether a connection to that endpoint comes here.
    bool takes(const Endpoint& endpoint) const noexcept {
        return takes(endpoint_, ipv6_only_, endpoint);
    }
    /// The same for a listener at `bound`. A wildcard takes its own family; the IPv6 wildcard takes
    /// IPv4 too, unless it is for IPv6 alone.
    static bool takes(const Endpoint& bound, bool ipv6_only, const Endpoint& endpoint) noexcept;

    const Machine& machine() const noexcept { return machine_; }
    /// Which of the run's listeners it is, from 1: an address may be used again.
    std::size_t serial() const noexcept { return serial_; }
    /// Its machine is down: nobody will accept, and what was accepted and not taken out is gone.
    void machine_gone() noexcept {
        accepts_.clear();
        waiting_.clear();
        undelivered_ = 0;
    }

    /// Where it was opened.
    std::source_location where() const noexcept { return where_; }

    bool is_full() const noexcept { return waiting_.size() >= backlog_; }
    /// A connection has come in; the backlog is not full. A canceled listener still takes it, as
    /// systems do: they listen until it closes.
    void arrive(Connection& connection);
    /// The completion of an accept has come out.
    void accept_delivered() noexcept { --undelivered_; }

    std::uint64_t state_hash() const noexcept;

    /// Why a run may be stuck, as the end of a sentence: connections wait and nobody accepts. Or
    /// empty.
    std::string suspicion() const;

private:
    void match() noexcept;
    bool take_interrupt(SocketOperation& operation) noexcept;
    bool frozen() const noexcept;

    SimWorld& world_;
    const Machine& machine_;
    Endpoint endpoint_;
    bool ipv6_only_;
    std::size_t backlog_;
    std::size_t serial_;
    std::source_location where_;
    std::source_location latest_;  // where the last accept was started
    bool canceling_ = false;
    bool interrupted_ = false;  // the next accept is
    std::deque<SocketOperation*> accepts_;
    std::size_t undelivered_ = 0;
    std::deque<Connection*> waiting_;
};

}  // namespace drydock::sim

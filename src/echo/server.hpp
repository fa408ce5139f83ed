// The echo server: returns every byte in order.
//
// Per connection one receive, then one send until all of it is sent, then the next receive. That
// one rule gives order, back-pressure (a client that never reads costs one buffer) and the answer
// to a half close after the last byte. Accepting, limits and the stop are those of
// <drydock/server.hpp>.
#pragma once

#include <cstdint>
#include <memory>

#include <drydock/hash.hpp>
#include <drydock/server.hpp>

namespace drydock::echo {

struct ServerOptions : server::Options {
    /// The most bytes that are received at once.
    std::size_t buffer_size = 16 * 1024;
    /// A connection's share of a worker: the most bytes that it receives, or sends, before other
    /// connections have their turn.
    std::size_t turn_size = 256 * 1024;
};

/// Added up when a connection ends.
struct Totals {
    std::uint64_t messages = 0;  ///< receives with at least one byte
    std::uint64_t bytes_received = 0;
    std::uint64_t bytes_sent = 0;

    std::uint64_t state_hash() const noexcept {
        return hash_of({messages, bytes_received, bytes_sent});
    }
};

struct ServerStats : server::Stats, Totals {};

class Server final : private server::Service {
public:
    /// The queue and the log outlive the server.
    Server(CompletionQueue& queue, server::Listeners listeners, const ServerOptions& options,
           Log& log);

    /// Serves until request_stop(), then drains: each connection is sent what it is owed.
    Task<void> run() { return server_.run(); }

    /// From any thread; repeating it does nothing.
    void request_stop() noexcept { server_.request_stop(); }

    /// Once run() has returned.
    ServerStats stats() noexcept { return {server_.stats(), totals_.unguarded()}; }

private:
    Task<server::Ending> serve(server::Connection& connection) override;
    Task<server::Ending> echo(server::Connection& connection, Totals& totals);

    CompletionQueue& queue_;
    const std::size_t most_received_;
    const std::size_t most_sent_;  // at once
    server::Server server_;
    Monitor<Totals> totals_;
};

}  // namespace drydock::echo

// One echo workload for any completion queue: drydock's echo server and its clients, together in
// one task. The simulator's benchmark runs it in a simulated world and over real sockets.
#pragma once

#include <cstdint>

#include <drydock/queue.hpp>
#include <drydock/task.hpp>

namespace drydock::bench {

/// Clients that each send a message, wait for its echo, and so on; in the end they half-close.
struct Workload {
    std::uint32_t clients = 64;
    std::uint32_t messages = 1000;  ///< of each client
    std::uint32_t size = 64;        ///< bytes of a message
    /// Of the server, for each connection. The simulator looks at all of it in each receive, so a
    /// large one that is hardly used costs there what it does not cost over sockets.
    std::uint32_t buffer = 256;

    std::uint64_t all_messages() const noexcept { return std::uint64_t{clients} * messages; }
};

/// Listens at a free port of the loopback, serves the clients, stops the server and joins all.
/// `served` counts the clients that got every byte back in order, and the end of the stream.
Task<void> echo_workload(CompletionQueue& queue, const Workload& workload, std::uint32_t& served);

}  // namespace drydock::bench

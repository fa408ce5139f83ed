// Clients written against the contract alone, as the server is. So the same code runs in the
// simulator and over sockets.
#include "bench/simulator_workload.hpp"

#include <algorithm>
#include <vector>

#include <drydock/io.hpp>
#include <drydock/log.hpp>
#include <drydock/task_group.hpp>

#include "src/echo/server.hpp"

namespace drydock::bench {
namespace {

/// Other clients' messages, and this one's others, look different.
void write_message(std::span<std::byte> message, std::uint32_t client, std::uint32_t number) {
    const std::uint32_t first = client * 131 + number * 7;
    for (std::size_t i = 0; i < message.size(); ++i) {
        message[i] = static_cast<std::byte>((first + i) & 0xff);
    }
}

/// Whether what was received is the next part of the echo, of which `back` bytes have come already.
bool is_echo(std::span<const std::byte> message, std::size_t back, const Result& received,
             std::span<const std::byte> buffer) {
    if (!received.ok() || received.bytes == 0) return false;
    if (received.bytes > message.size() - back) return false;
    const std::span<const std::byte> expected = message.subspan(back, received.bytes);
    return std::equal(expected.begin(), expected.end(), buffer.begin());
}

Task<void> run_client(CompletionQueue& queue, const Endpoint& server, const Workload& workload,
                      std::uint32_t client, std::uint32_t& served) {
    const SocketResult connected = co_await connect(queue, server);
    if (!connected.ok()) co_return;
    AsyncSocket& socket = *connected.socket;
    std::vector<std::byte> message(workload.size);
    std::vector<std::byte> buffer(workload.size);
    for (std::uint32_t number = 0; number < workload.messages; ++number) {
        write_message(message, client, number);
        const Result sent = co_await send_all(socket, std::span<const std::byte>(message));
        if (!sent.ok()) co_return;
        for (std::size_t back = 0; back < message.size();) {
            const Result received = co_await receive(socket, buffer);
            if (!is_echo(message, back, received, buffer)) co_return;
            back += received.bytes;
        }
    }
    socket.shutdown_send();
    const Result end = co_await receive(socket, buffer);
    if (end.ok() && end.bytes == 0) ++served;
}

}  // namespace

Task<void> echo_workload(CompletionQueue& queue, const Workload& workload, std::uint32_t& served) {
    ListenResult listening = queue.listen(Endpoint::loopback(0), {});
    if (listening.listener == nullptr) co_return;
    const Endpoint endpoint = listening.listener->local_endpoint();
    NullLog log;
    echo::ServerOptions options;
    options.buffer_size = workload.buffer;
    echo::Server server(queue, std::move(listening.listener), options, log);
    TaskGroup serving(queue);
    serving.spawn(server.run());
    TaskGroup clients(queue);
    for (std::uint32_t client = 0; client < workload.clients; ++client) {
        clients.spawn(run_client(queue, endpoint, workload, client, served));
    }
    co_await clients.join();
    server.request_stop();
    co_await serving.join();
}

}  // namespace drydock::bench

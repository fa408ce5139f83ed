// One connection of the echo server.
#include "src/echo/server.hpp"

#include <algorithm>

#include "src/echo/probes.hpp"

namespace drydock::echo {

using server::Connection;
using server::Ending;

namespace {

/// Where the idle timeout watches, a send is small enough that a client which reads at all lets it
/// complete in time: some systems complete none before all of it is taken.
std::size_t most_sent_at_once(const ServerOptions& options) noexcept {
    constexpr std::size_t most_watched = 64 * 1024;
    const bool watched = options.idle_timeout > Duration::zero();
    return watched ? std::min(options.turn_size, most_watched) : options.turn_size;
}

}  // namespace

Server::Server(CompletionQueue& queue, server::Listeners listeners, const ServerOptions& options,
               Log& log)
    : queue_(queue),
      most_received_(std::min(options.buffer_size, options.turn_size)),
      most_sent_(most_sent_at_once(options)),
      watched_(options.idle_timeout > Duration::zero()),
      server_(queue, std::move(listeners), options, *this, log) {}

Task<Ending> Server::serve(Connection& connection) {
    Totals totals;
    const Ending ending = co_await echo(connection, totals);
    auto all = co_await totals_.enter();
    all->messages += totals.messages;
    all->bytes_received += totals.bytes_received;
    all->bytes_sent += totals.bytes_sent;
    co_return ending;
}

Task<Ending> Server::echo(Connection& connection, Totals& totals) {
    AsyncSocket& socket = connection.socket();
    for (;;) {
        const ReceiveResult received = co_await receive(socket, most_received_);
        if (!received.ok()) {
            if (received.error == Error::canceled) {
                co_return connection.idle() ? Ending::cut_off : Ending::stopped;
            }
            queue_.probe(probes::receive_failed);
            co_return Ending::failure;
        }
        if (received.end_of_stream()) {
            queue_.probe(probes::end_of_stream);
            co_return Ending::end_of_stream;
        }
        ++totals.messages;
        totals.bytes_received += received.bytes().size();
        if (watched_) connection.moved(queue_.now());
        // Part by part, as each is a movement that keeps a connection from being idle.
        std::span<const std::byte> rest = received.bytes();
        while (!rest.empty()) {
            const Result sent =
                co_await send_some(socket, rest.first(std::min(rest.size(), most_sent_)));
            totals.bytes_sent += sent.bytes;
            if (!sent.ok()) {
                // An orderly end here would look as if all had been sent back.
                socket.set_abortive_close();
                if (sent.error == Error::canceled) co_return Ending::cut_off;
                queue_.probe(probes::send_failed);
                co_return Ending::failure;
            }
            if (watched_) connection.moved(queue_.now());
            rest = rest.subspan(sent.bytes);
        }
    }
}

}  // namespace drydock::echo

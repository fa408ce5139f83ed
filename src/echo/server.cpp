// One connection of the echo server.
#include "src/echo/server.hpp"

#include <algorithm>

#include "src/echo/probes.hpp"

namespace drydock::echo {

using server::Connection;
using server::Ending;

namespace {

std::size_t most_sent_at_once(const ServerOptions& options) noexcept {
    const bool watched = options.idle_timeout > Duration::zero();
    return watched ? std::min(options.turn_size, server::watched_part) : options.turn_size;
}

}  // namespace

Server::Server(CompletionQueue& queue, server::Listeners listeners, const ServerOptions& options,
               Log& log)
    : queue_(queue),
      most_received_(std::min(options.buffer_size, options.turn_size)),
      most_sent_(most_sent_at_once(options)),
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
        if (queue_.explores()) queue_.settled(totals.state_hash());
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
        connection.moved();
        const Result sent =
            co_await send_all(socket, received.bytes(), connection.progress(), most_sent_);
        totals.bytes_sent += sent.bytes;
        if (!sent.ok()) {
            if (sent.error != Error::canceled) queue_.probe(probes::send_failed);
            co_return connection.cut(sent.error);
        }
    }
}

}  // namespace drydock::echo

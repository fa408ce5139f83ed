// The life of a connection that a client program makes: what comes goes to the service, what that
// answers is sent in pieces.
#include "tests/beast_examples/host.hpp"

#include <algorithm>
#include <utility>

#include <drydock/io.hpp>
#include <drydock/timer.hpp>

namespace drydock::beast_examples {

Host::Host(sim::World& world, MakeService make, std::shared_ptr<SSL_CTX> tls)
    : world_(world), make_(std::move(make)), tls_(std::move(tls)) {
    constexpr std::size_t chunks[] = {4096, 100, 7, 1};
    constexpr std::size_t receives[] = {256, 64, 7, 1};
    const sim::Spanned span(world, "host");
    manner_ = static_cast<Manner>(world.choose(5, "host: manner"));
    chunk_ = chunks[world.choose(4, "host: bytes per send")];
    receive_ = receives[world.choose(4, "host: receive size")];
    leaves_after_ = world.choose(tls_ ? 3000 : 300, "host: leaves after sending");
    const sim::FaultSet faults = world.active_faults();
    excuses_ = manner_ >= Manner::leaving || faults.has(sim::Fault::connect_refused) ||
               faults.has(sim::Fault::connect_timed_out);
}

Task<void> Host::run(Endpoint endpoint, std::function<bool()> over) {
    const auto listening = world_.listen(endpoint, {});
    if (listening.error != Error::ok) {
        world_.fail("host", "the host cannot listen");
        co_return;
    }
    TaskGroup group(world_);
    group.spawn(accept_all(*listening.listener, group));
    Timer timer(world_);
    while (!over()) co_await timer.after(std::chrono::milliseconds(500));
    over_ = true;
    listening.listener->cancel();
    for (const auto& connection : connections_) {
        if (connection->socket) connection->socket->cancel();
    }
    co_await group.join();
}

Task<void> Host::accept_all(AsyncListener& listener, TaskGroup& group) {
    for (;;) {
        SocketResult result = co_await accept(listener);
        if (result.error == Error::canceled) co_return;
        if (!result.ok()) {
            excuses_ = true;
            continue;
        }
        auto connection = std::make_unique<Connection>();
        connection->socket = std::move(result.socket);
        connection->service = make_(world_);
        if (tls_) connection->tls = std::make_unique<TlsEnd>(tls_, TlsEnd::Side::server);
        connections_.push_back(std::move(connection));
        group.spawn(serve(*connections_.back()));
    }
}

Task<void> Host::serve(Connection& connection) {
    world_.identify(*connection.socket, "host", static_cast<std::uint32_t>(connections_.size()));
    if (manner_ == Manner::silent) {
        Timer timer(world_);
        const Time end = later(world_.now(), std::chrono::minutes(2));
        while (!over_ && world_.now() < end) co_await timer.after(std::chrono::seconds(1));
    } else {
        co_await converse(connection);
    }
    excuses_ = excuses_ || world_.damaged(*connection.socket);
    if (manner_ == Manner::resetting) connection.socket->set_abortive_close();
    connection.socket.reset();
}

Task<void> Host::converse(Connection& connection) {
    std::vector<std::byte> buffer(receive_);
    for (;;) {
        const Result got = co_await receive(*connection.socket, buffer);
        if (!got.ok() || got.bytes == 0) co_return;
        std::string answer;
        const bool more = take(connection, as_text(std::span(buffer).first(got.bytes)), answer);
        const bool sent = co_await send(connection, std::move(answer));
        if (!sent) co_return;
        if (!more) break;
    }
    connection.socket->shutdown_send();
    co_await read_to_end(connection);
}

Task<void> Host::read_to_end(Connection& connection) {
    std::vector<std::byte> buffer(receive_);
    for (;;) {
        const Result got = co_await receive(*connection.socket, buffer);
        if (!got.ok() || got.bytes == 0) co_return;
    }
}

/// What the host says to these bytes. False: nothing follows.
bool Host::take(Connection& connection, std::string_view bytes, std::string& answer) {
    if (!connection.tls) {
        answer = connection.service->received(bytes);
        return !connection.service->done();
    }
    const bool good = connection.tls->received(bytes);
    if (!good && connection.tls->ready()) {
        world_.fail("tls", "TLS has failed: " + connection.tls->error(), *connection.socket);
    }
    if (good && connection.tls->ready()) {
        connection.tls->write(connection.service->received(connection.tls->take_text()));
        if (connection.service->done()) connection.tls->close();
    }
    answer = connection.tls->take_output();
    return good && !connection.service->done();
}

/// False: the host has left, or the connection is gone.
Task<bool> Host::send(Connection& connection, std::string bytes) {
    const bool leaves = manner_ == Manner::leaving || manner_ == Manner::resetting;
    const std::size_t most =
        leaves ? leaves_after_ - std::min(leaves_after_, connection.sent) : bytes.size();
    const bool leaves_now = most < bytes.size();
    bytes.resize(std::min(bytes.size(), most));
    Timer timer(world_);
    for (std::size_t done = 0; done < bytes.size(); done += chunk_) {
        const std::string_view piece = std::string_view(bytes).substr(done, chunk_);
        if (manner_ == Manner::slow && !world_.calm()) {
            co_await timer.after(std::chrono::milliseconds(2));
        }
        const Result result = co_await send_all(*connection.socket, piece);
        connection.sent += result.bytes;
        if (!result.ok()) co_return false;
    }
    co_return !leaves_now;
}

}  // namespace drydock::beast_examples

// A peer: the same echo server on Asio, in its usual style with callbacks.
//
// drydock-bench-asio [PORT] [--workers N]. With one worker, Asio gets the concurrency hint 1, as a
// user who cares about speed would give it.
#include <array>
#include <cstdio>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include <asio.hpp>

#include "bench/peer_program.hpp"

namespace {

using asio::ip::tcp;

class Session : public std::enable_shared_from_this<Session> {
public:
    explicit Session(tcp::socket socket) : socket_(std::move(socket)) {}

    void receive() {
        socket_.async_read_some(
            asio::buffer(buffer_),
            [self = shared_from_this()](const asio::error_code& error, std::size_t bytes) {
                if (!error) self->send(bytes);
            });
    }

private:
    void send(std::size_t bytes) {
        asio::async_write(socket_, asio::buffer(buffer_, bytes),
                          [self = shared_from_this()](const asio::error_code& error, std::size_t) {
                              if (!error) self->receive();
                          });
    }

    tcp::socket socket_;
    std::array<char, 16 * 1024> buffer_;
};

/// One at a time, as drydock's server does it.
void accept(tcp::acceptor& acceptor) {
    acceptor.async_accept([&acceptor](const asio::error_code& error, tcp::socket socket) {
        if (error == asio::error::operation_aborted) return;
        if (!error) {
            asio::error_code ignored;
            socket.set_option(tcp::no_delay(true), ignored);
            std::make_shared<Session>(std::move(socket))->receive();
        }
        accept(acceptor);
    });
}

void serve(std::uint16_t port, unsigned workers) {
    asio::io_context context(static_cast<int>(workers));
    tcp::acceptor acceptor(context, tcp::endpoint(asio::ip::address_v4::loopback(), port));
    asio::signal_set interrupts(context, SIGINT);
    interrupts.async_wait([&context](const asio::error_code&, int) { context.stop(); });
    accept(acceptor);
    std::printf("listening on 127.0.0.1:%u\n",
                static_cast<unsigned>(acceptor.local_endpoint().port()));
    std::fflush(stdout);
    std::vector<std::jthread> others;
    for (unsigned i = 1; i < workers; ++i) others.emplace_back([&context] { context.run(); });
    context.run();
}

}  // namespace

int main(int argc, char** argv) {
    return drydock::bench::run_peer(argc, argv, "drydock-bench-asio",
                                    "An echo server on Asio, to compare with.", &serve);
}

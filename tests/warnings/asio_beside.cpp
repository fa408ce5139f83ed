// The face beside Asio compiles without a warning, as a project sees it that includes drydock's
// headers as its own: each I/O object and each form of its operations, instantiated.
#include <string>

#include <drydock/asio.hpp>

namespace net = drydock::asio;

namespace {

struct SettableClock {
    using duration = std::chrono::milliseconds;
    using rep = duration::rep;
    using period = duration::period;
    using time_point = std::chrono::time_point<SettableClock>;
    static constexpr bool is_steady = false;
    static time_point now() { return {}; }
};

constexpr auto transferred = [](std::error_code, std::size_t) {};
constexpr auto done = [](std::error_code) {};
constexpr auto accepted = [](std::error_code, auto) {};

}  // namespace

void use_sockets(net::io_context& context, std::string& text) {
    net::ip::tcp::socket socket(context);
    char bytes[4];
    const auto buffer = net::buffer(bytes);
    socket.async_connect(net::ip::tcp::endpoint(), done);
    socket.async_read_some(buffer, transferred);
    socket.async_write_some(buffer, transferred);
    socket.async_receive(buffer, 0, transferred);
    socket.async_send(buffer, 0, transferred);
    socket.async_wait(net::socket_base::wait_read, done);
    net::async_write(socket, buffer, transferred);
    net::async_read(socket, buffer, transferred);
    net::async_read(socket, buffer, net::transfer_at_least(1), transferred);
    net::async_read_until(socket, net::dynamic_buffer(text), "\n", transferred);
    net::ip::tcp::acceptor acceptor(context);
    net::ip::tcp::endpoint endpoint;
    acceptor.async_accept(accepted);
    acceptor.async_accept(socket, done);
    acceptor.async_accept(socket, endpoint, done);
    acceptor.async_accept(endpoint, accepted);
    acceptor.async_accept(context, accepted);
    acceptor.async_accept(context, endpoint, accepted);
    net::ip::tcp::iostream stream;
    stream << text;
}

void use_timers_and_signals(net::io_context& context) {
    net::steady_timer steady(context);
    steady.async_wait(done);
    net::basic_waitable_timer<SettableClock> settable(context);
    settable.async_wait(done);
    settable.wait();
    net::signal_set signals(context, 2);
    signals.async_wait([](std::error_code, int) {});
    net::ip::tcp::resolver resolver(context);
    resolver.async_resolve("localhost", "80", accepted);
}

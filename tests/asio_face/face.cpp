// What the cases share, and where the queues of drydock's face come from.
#include "tests/asio_face/face.hpp"

#include <cstdint>
#include <fstream>
#include <optional>
#include <sstream>

#if defined(NET_DRYDOCK)
#include <drydock/backend.hpp>
#include <drydock/sim/run.hpp>
#endif

namespace face_test {
namespace {

#if defined(NET_DRYDOCK)
std::unique_ptr<drydock::CompletionQueue> open(const std::string& name) {
    if (name == "sim") return drydock::sim::make_queue(1, {});
    drydock::OpenedQueue opened = drydock::open_queue(name);
    if (!opened.queue) throw std::runtime_error(opened.complaint);
    return std::move(opened.queue);
}
#endif

/// One end of a connection as the system's table shows it.
struct TableEntry {
    bool established = false;  ///< neither an end nor a reset has arrived
    std::size_t unread = 0;
};

/// The entry of the socket with this port whose peer has that one; none once it was reset.
std::optional<TableEntry> look_up(std::uint16_t port, std::uint16_t peer) {
    const auto number = [](const std::string& field) {
        return std::stoul(field.substr(field.find(':') + 1), nullptr, 16);
    };
    std::ifstream table("/proc/self/net/tcp");
    for (std::string line; std::getline(table, line);) {
        std::istringstream fields(line);
        std::string row, local, remote, state, queues;
        fields >> row >> local >> remote >> state >> queues;
        if (local.find(':') == std::string::npos || number(local) != port) continue;
        if (number(remote) != peer) continue;
        return TableEntry{state == "01", number(queues)};
    }
    return std::nullopt;
}

}  // namespace

testing::AssertionResult is_system_error(const error_code& error, int number) {
    if (error.category() != net::error::get_system_category()) {
        return testing::AssertionFailure() << error.category().name() << ": " << error.message();
    }
    if (error.value() != number) {
        return testing::AssertionFailure() << error.value() << ": " << error.message();
    }
    return testing::AssertionSuccess();
}

#if defined(NET_DRYDOCK)
Face::Face() : queue_(open(GetParam())), owned_(make_context()), context(*owned_) {}
std::unique_ptr<net::io_context> Face::make_context() {
    return std::make_unique<net::io_context>(*queue_);
}
std::unique_ptr<net::io_context> Face::make_context_of_its_own() {
    return std::make_unique<net::io_context>(*more_queues_.emplace_back(open(GetParam())));
}
Face::~Face() = default;
std::vector<std::string> implementations() {
    std::vector<std::string> names = {"sim"};
    for (std::string_view name : drydock::queue_names()) {
        if (drydock::open_queue(name).queue) names.emplace_back(name);
    }
    return names;
}
#else
}  // namespace face_test
namespace drydock {
class CompletionQueue {};  // real Asio needs none
}  // namespace drydock
namespace face_test {

Face::Face() : owned_(make_context()), context(*owned_) {}
std::unique_ptr<net::io_context> Face::make_context() {
    return std::make_unique<net::io_context>();
}
std::unique_ptr<net::io_context> Face::make_context_of_its_own() { return make_context(); }
Face::~Face() = default;
std::vector<std::string> implementations() { return {"asio"}; }
#endif

std::size_t Face::run(net::io_context& of) {
    of.restart();
    const std::size_t count = of.run_for(patience);
    EXPECT_TRUE(of.stopped()) << "an operation did not complete";
    return count;
}

void Face::run_until(const std::function<bool()>& done) {
    const auto limit = std::chrono::steady_clock::now() + patience;
    context.restart();
    auto guard = net::make_work_guard(context);  // without work no time passes
    bool is_done = done();
    while (!is_done && std::chrono::steady_clock::now() < limit) {
        context.run_one_for(1ms);
        is_done = done();
    }
    guard.reset();
    context.restart();
    EXPECT_TRUE(is_done) << "what the case waits for has not happened";
}

void Face::settle() {
    bool over = false;
    net::steady_timer timer(context, 2ms);
    timer.async_wait([&](error_code) { over = true; });
    run_until([&] { return over; });
}

void Face::until_unread(const tcp::socket& socket, std::size_t bytes) {
    if (GetParam() != "sim") {
        const std::uint16_t port = socket.local_endpoint().port();
        const std::uint16_t peer = socket.remote_endpoint().port();
        run_until([&] {
            const std::optional<TableEntry> entry = look_up(port, peer);
            return entry && entry->unread >= bytes;
        });
    }
    settle();  // so that the queue knows of it, too
}

void Face::until_over(const tcp::socket& socket) {
    error_code error;
    const std::uint16_t peer = socket.remote_endpoint(error).port();
    // Of a socket that was reset the system may not know the peer any more.
    if (GetParam() != "sim" && !error) {
        const std::uint16_t port = socket.local_endpoint().port();
        run_until([&] {
            const std::optional<TableEntry> entry = look_up(port, peer);
            return !entry || !entry->established;
        });
    }
    settle();  // so that the queue knows of it, too
}

tcp::acceptor Face::listening(const net::ip::address& address) {
    return tcp::acceptor(context, tcp::endpoint(address, 0));
}

tcp::endpoint Face::nobody() { return listening().local_endpoint(); }

Pair Face::connected() { return connected(tcp::socket(context), tcp::socket(context)); }

Pair Face::connected(tcp::socket client, tcp::socket server) {
    tcp::acceptor acceptor = listening();
    Outcome accepted;
    Outcome connected;
    acceptor.async_accept(server, Into(accepted));
    client.async_connect(acceptor.local_endpoint(), Into(connected));
    run();
    EXPECT_EQ(accepted.calls, 1);
    EXPECT_FALSE(accepted.error) << accepted.error.message();
    EXPECT_EQ(connected.calls, 1);
    EXPECT_FALSE(connected.error) << connected.error.message();
    context.restart();
    return {std::move(client), std::move(server)};
}

std::size_t Face::fill(tcp::socket& socket) {
    const std::string bytes(1 << 16, 'x');
    const bool was = socket.non_blocking();
    socket.non_blocking(true);
    std::size_t sent = 0;
    auto moved = std::chrono::steady_clock::now();
    run_until([&] {
        const std::size_t before = sent;
        error_code error;
        while (!error) sent += socket.write_some(net::buffer(bytes), error);
        EXPECT_EQ(error, net::error::would_block);
        if (GetParam() == "sim") return sent == before;
        // Linux makes more room after 40 ms, by a delayed acknowledgement, and after 200 ms more,
        // by the first probe of the closed window. From then on there is none.
        const auto now = std::chrono::steady_clock::now();
        if (sent != before) moved = now;
        return now - moved > 400ms;
    });
    socket.non_blocking(was);
    return sent;
}

}  // namespace face_test

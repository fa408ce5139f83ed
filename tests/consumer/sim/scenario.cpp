// Clients that send, half-close and read; each must get all that it sent, in capitals.
#include "sim/scenario.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>
#include <string>
#include <string_view>

#include <drydock/io.hpp>
#include <drydock/task_group.hpp>

#include "src/server.hpp"

// Drydock's own sources have folders of these names. None of them may be meant.
#if __has_include("src/server/server.hpp") || __has_include("sim/world.hpp")
#error "the root of drydock's sources is an include folder of this project"
#endif

namespace shout {
namespace {

using namespace drydock;

template <Server::Defect defect>
class Scenario final : public sim::Scenario {
public:
    static constexpr sim::Parameter parameters[] = {{"clients", "number of clients", 1, 4, 1},
                                                    {"bytes", "bytes of each client", 1, 64, 2}};
    static constexpr sim::Expectation properties[] = {
        {"shout-whole", "a client gets back all that it sent, in capitals"}};
    static constexpr sim::FaultSet explored_faults =
        sim::FaultSet().with(sim::Fault::partial_receive);

    bool set(std::string_view name, std::uint64_t value) override {
        if (!sim::in_range(parameters, name, value)) return false;
        if (!clients_) clients_ = bytes_ = 1;
        (name == "clients" ? clients_ : bytes_) = static_cast<std::uint32_t>(value);
        return true;
    }

    std::string options() const override { return "clients=" + std::to_string(started_); }
    std::string outcome() const override { return outcome_; }

    Task<void> main(sim::World& world) override {
        ListenResult listening = world.listen(Endpoint::loopback(7), {});
        if (listening.error != Error::ok) {
            world.fail("shout-listen", "the server cannot listen");
            co_return;
        }
        const Endpoint endpoint = listening.listener->local_endpoint();
        Server server(world, std::move(listening.listener), defect);
        TaskGroup serving(world);
        serving.spawn(server.run());
        TaskGroup clients(world);
        for (started_ = 0; started_ < clients_.value_or(4); ++started_) {
            const sim::Spanned span(world, "client");
            const bool another = clients_ || started_ == 0 || world.choose(2, "another") == 1;
            if (!another) break;
            const std::uint32_t count = bytes_ ? *bytes_ : 1 + world.choose(64, "client: bytes");
            clients.spawn(talk(world, endpoint, count));
        }
        co_await clients.join();
        server.request_stop();
        co_await serving.join();
    }

private:
    Task<void> talk(sim::World& world, Endpoint server, std::size_t count) {
        SocketResult connected = co_await connect(world, server);
        if (!connected.ok()) co_return;
        AsyncSocket& socket = *connected.socket;
        std::string sent;
        while (sent.size() < count) sent += static_cast<char>('a' + sent.size() % 26);
        TaskGroup sending(world);
        sending.spawn(send_and_half_close(socket, sent));
        std::string back;
        std::array<std::byte, 16> buffer;
        Result received = Result::success(1);
        while (received.ok() && received.bytes > 0) {
            received = co_await receive(socket, buffer);
            back += as_text(std::span(buffer).first(received.bytes));
        }
        if (!received.ok()) socket.cancel();
        co_await sending.join();
        outcome_ += back + ";";
        if (back == in_capitals(sent) || world.damaged(socket)) co_return;
        world.fail("shout-whole", "a client sent '" + sent + "' and got '" + back + "'");
    }

    static Task<void> send_and_half_close(AsyncSocket& socket, std::string_view bytes) {
        const Result sent = co_await send_all(socket, bytes);
        if (sent.ok()) {
            socket.shutdown_send();
        } else {
            socket.cancel();
        }
    }

    static std::string in_capitals(std::string text) {
        std::transform(text.begin(), text.end(), text.begin(),
                       [](char c) { return static_cast<char>(std::toupper(c)); });
        return text;
    }

    std::optional<std::uint32_t> clients_;
    std::optional<std::uint32_t> bytes_;
    std::uint32_t started_ = 0;
    std::string outcome_;
};

}  // namespace

constinit const sim::ScenarioInfo sound =
    sim::scenario_info<Scenario<Server::Defect::none>>("shout", "the server");
constinit const sim::ScenarioInfo broken =
    sim::scenario_info<Scenario<Server::Defect::forgets_the_rest>>(
        "shout/forgets", "the server, which does not send the rest after a short send");

}  // namespace shout

// The client of Redis against small scripted peers in the simulator.
#include <functional>
#include <string>

#include <gtest/gtest.h>

#include "src/relay/client.hpp"
#include "src/relay/url.hpp"
#include "tests/support/simulated.hpp"

namespace drydock::relay {
namespace {

using namespace std::chrono_literals;

/// Receives so many bytes.
Task<std::string> hear(AsyncSocket& socket, std::size_t size) {
    std::string heard(size, '\0');
    std::size_t have = 0;
    while (have < size) {
        const Result received =
            co_await receive(socket, std::as_writable_bytes(std::span(heard)).subspan(have));
        if (!received.ok() || received.bytes == 0) break;
        have += received.bytes;
    }
    heard.resize(have);
    co_return heard;
}

using Peer = std::function<Task<void>(AsyncSocket& socket)>;
using Body = std::function<Task<void>(sim::World& world, ClientOptions& options)>;

/// The body's client meets the peer. In many worlds whose network is slow and cuts bytes anyhow,
/// and never fails.
void meet(const Peer& peer, const Body& body) {
    using enum sim::Fault;
    for (std::uint64_t seed = 1; seed <= 20 && !testing::Test::HasFailure(); ++seed) {
        sim::RunOptions options;
        options.faults =
            sim::FaultSet().with(partial_receive).with(short_send).with(latency).with(reorder);
        test::FunctionScenario scenario([&](sim::World& world) -> Task<void> {
            ListenResult listening = world.listen(Endpoint::loopback(0), {});
            AsyncListener& listener = *listening.listener;
            ClientOptions client;
            client.endpoints = {listener.local_endpoint()};
            TaskGroup group(world);
            group.spawn([&]() -> Task<void> {
                SocketResult accepted = co_await accept(listener);
                if (accepted.ok()) co_await peer(*accepted.socket);
            });
            co_await body(world, client);
            listener.cancel();
            co_await group.join();
        });
        sim::SeedChoices choices(seed);
        const sim::Report report = sim::run(scenario, choices, options);
        EXPECT_TRUE(report.passed) << "seed " << seed << ": " << report.sentence;
    }
}

constexpr std::string_view ping = "*1\r\n$4\r\nPING\r\n";

TEST(RelayClient, MatchesTheRepliesOfAPipelineInTheirOrder) {
    meet(
        [](AsyncSocket& socket) -> Task<void> {
            EXPECT_EQ(co_await hear(socket, 2 * ping.size()),
                      std::string(ping) + std::string(ping));
            co_await send_all(socket, std::string_view("+one\r\n*2\r\n:2\r\n$3\r\nt\r\n\r\n"));
        },
        [](sim::World& world, ClientOptions& options) -> Task<void> {
            Client client(world, options);
            EXPECT_TRUE((co_await client.open()).ok());
            client.add({"PING"});
            client.add({"PING"});
            const Reply* first = co_await client.next();
            EXPECT_TRUE(first != nullptr && first->root().is_simple("one"));
            const Reply* second = co_await client.next();
            EXPECT_TRUE(second != nullptr && second->root()[0].integer() == 2);
            EXPECT_TRUE(second != nullptr && second->root()[1].text() == "t\r\n");
            co_await client.close();
        });
}

TEST(RelayClient, AuthenticatesBeforeAnythingElse) {
    const std::string auth = "*3\r\n$4\r\nAUTH\r\n$2\r\nme\r\n$6\r\nsecret\r\n";
    meet(
        [&](AsyncSocket& socket) -> Task<void> {
            EXPECT_EQ(co_await hear(socket, auth.size()), auth);
            co_await send_all(socket, std::string_view("+OK\r\n"));
            EXPECT_EQ(co_await hear(socket, ping.size()), ping);
            co_await send_all(socket, std::string_view("+PONG\r\n"));
        },
        [](sim::World& world, ClientOptions& options) -> Task<void> {
            options.user = "me";
            options.password = Secret(std::string("secret"));
            Client client(world, options);
            EXPECT_TRUE((co_await client.open()).ok());
            client.add({"PING"});
            EXPECT_NE(co_await client.next(), nullptr);
            co_await client.close();
        });
}

TEST(RelayClient, HidesThePasswordInWhatAnOldServerRepeats) {
    meet(
        [](AsyncSocket& socket) -> Task<void> {
            co_await hear(socket, 10);
            co_await send_all(socket, std::string_view("-ERR unknown command `AUTH`, with args "
                                                       "beginning with: `secret`\r\n"));
        },
        [](sim::World& world, ClientOptions& options) -> Task<void> {
            options.password = Secret(std::string("secret"));
            Client client(world, options);
            const Failure failure = co_await client.open();
            EXPECT_EQ(failure.kind, Failure::Kind::refused);
            EXPECT_EQ(failure.words, "ERR (the rest is not shown)");
            co_await client.close();
        });
}

TEST(RelayClient, GivesUpAServerThatIsSilent) {
    meet([](AsyncSocket& socket) -> Task<void> { co_await hear(socket, 1000); },
         [](sim::World& world, ClientOptions& options) -> Task<void> {
             options.patience = 5s;
             Client client(world, options);
             co_await client.open();
             client.add({"PING"});
             const Time start = world.now();
             EXPECT_EQ(co_await client.next(), nullptr);
             EXPECT_EQ(client.failure().kind, Failure::Kind::no_answer);
             EXPECT_GE(world.now() - start, 5s);
             co_await client.close();
         });
}

TEST(RelayClient, EndsItsWaitWhenItIsCanceled) {
    meet([](AsyncSocket& socket) -> Task<void> { co_await hear(socket, 1000); },
         [](sim::World& world, ClientOptions& options) -> Task<void> {
             Client client(world, options);
             co_await client.open();
             TaskGroup group(world);
             group.spawn([&]() -> Task<void> {
                 Timer timer(world);
                 co_await timer.after(1s);
                 client.cancel();
             });
             client.add({"PING"});
             EXPECT_EQ(co_await client.next(), nullptr);
             EXPECT_EQ(client.failure().kind, Failure::Kind::canceled);
             co_await group.join();
             co_await client.close();
         });
}

TEST(RelayClient, RefusesRepliesOverItsLimitAndRepliesToNothing) {
    const auto says = [](std::string_view bytes) {
        return [bytes](AsyncSocket& socket) -> Task<void> {
            co_await hear(socket, ping.size());
            co_await send_all(socket, bytes);
            co_await hear(socket, 1000);
        };
    };
    const auto is_nonsense = [](sim::World& world, ClientOptions& options) -> Task<void> {
        options.limits.max_text = 100;
        Client client(world, options);
        co_await client.open();
        client.add({"PING"});
        const Reply* reply = co_await client.next();
        if (reply != nullptr) reply = co_await client.next();
        EXPECT_EQ(reply, nullptr);
        EXPECT_EQ(client.failure().kind, Failure::Kind::nonsense);
        co_await client.close();
    };
    meet(says("$101\r\n"), is_nonsense);
    meet(says("HTTP/1.1 400 Bad Request\r\n"), is_nonsense);
    meet(says("+PONG\r\n+again\r\n"), is_nonsense);
}

// --- addresses -----------------------------------------------------------------------------------

TEST(RelayAddress, IsTakenApart) {
    const ParsedAddress plain = parse_address("redis://broker.example/lobby");
    ASSERT_TRUE(plain.ok()) << plain.error;
    EXPECT_EQ(plain.address.host, "broker.example");
    EXPECT_EQ(plain.address.port, 6379);
    EXPECT_EQ(plain.address.room, "lobby");
    EXPECT_EQ(plain.address.user, "");
    const ParsedAddress full = parse_address("redis://chat@[::1]:7000/a.b-c_1");
    ASSERT_TRUE(full.ok()) << full.error;
    EXPECT_EQ(full.address.user, "chat");
    EXPECT_EQ(full.address.host, "::1");
    EXPECT_EQ(full.address.port, 7000);
    EXPECT_EQ(full.address.room, "a.b-c_1");
}

TEST(RelayAddress, IsRefusedWhereItIsWrong) {
    for (const std::string_view text :
         {"", "redis://", "redis://h", "redis:///room", "redis://h:0/room", "redis://h:x/room",
          "redis://h:70000/room", "redis://@h/room", "redis://h/", "redis://h/a/b", "redis://h/{a}",
          "redis://h/a b", "redis://[::1/room", "redis://[::1]x/room", "http://h/room"}) {
        EXPECT_FALSE(parse_address(text).ok()) << text;
    }
    EXPECT_TRUE(parse_address("redis://h/" + std::string(64, 'x')).ok());
    EXPECT_FALSE(parse_address("redis://h/" + std::string(65, 'x')).ok());
}

TEST(RelayAddress, WithAPasswordIsRefusedWithoutRepeatingIt) {
    for (const std::string_view text :
         {"redis://me:secret@h/room", "redis://:secret@h/room", "redis://me:secret@x@h/room"}) {
        const ParsedAddress parsed = parse_address(text);
        EXPECT_NE(parsed.error.find("DRYDOCK_RELAY_PASSWORD"), std::string::npos) << parsed.error;
        EXPECT_EQ(parsed.error.find("secret"), std::string::npos);
    }
}

}  // namespace
}  // namespace drydock::relay

// One server at several listeners: they share its connections, its limits and its stop.
#include <array>
#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "src/echo/server.hpp"
#include "tests/support/mocks.hpp"
#include "tests/support/scale.hpp"
#include "tests/support/server_test.hpp"
#include "tests/support/simulated.hpp"

namespace drydock::echo {
namespace {

using namespace std::chrono_literals;
using test::MockListener;
using test::MockSocket;
using test::Wire;
using testing::NiceMock;

class EchoServerAtTwoDoors : public test::ServerTest<Server, ServerOptions> {
protected:
    void start_at_both() {
        std::vector<std::unique_ptr<AsyncListener>> listeners;
        listeners.push_back(std::make_unique<NiceMock<MockListener>>(door_));
        listeners.push_back(std::make_unique<NiceMock<MockListener>>(second_));
        server_.emplace(queue_, std::move(listeners), options_, log_);
        group_.spawn(server_->run());
        queue_.pump();
    }

    Wire& connect_at(test::Door& door) {
        Wire& wire = *wires_.emplace_back(std::make_unique<Wire>(queue_));
        door.arrive(std::make_unique<NiceMock<MockSocket>>(wire));
        queue_.pump();
        return wire;
    }

    void expect_echo(Wire& wire) {
        ASSERT_TRUE(wire.receiving()) << "the connection should be served";
        wire.deliver("hello");
        queue_.pump();
        wire.take_all();
        queue_.pump();
        EXPECT_EQ(wire.sent(), "hello");
    }

    void TearDown() override {
        ServerTest::TearDown();
        EXPECT_TRUE(second_.closed) << "the second listener should be closed";
    }

    test::Door second_{queue_};
};

TEST_F(EchoServerAtTwoDoors, ServesWhoComesInByEither) {
    start_at_both();
    Wire& first = connect_at(door_);
    Wire& second = connect_at(second_);
    expect_echo(first);
    expect_echo(second);
    EXPECT_EQ(door_.accepts(), 1U);
    EXPECT_EQ(second_.accepts(), 1U);
}

TEST_F(EchoServerAtTwoDoors, CountsBothAgainstTheLimitOfConnections) {
    options_.max_connections = 1;
    start_at_both();
    const Wire& first = connect_at(door_);
    const Wire& second = connect_at(second_);
    EXPECT_FALSE(first.closed);
    EXPECT_TRUE(second.closed) << "one is the limit, whichever listener it came by";
}

TEST_F(EchoServerAtTwoDoors, PausesAtTheOneThatIsShortAndNotAtTheOther) {
    start_at_both();
    door_.fail(Error::too_many_handles);
    queue_.pump();
    EXPECT_EQ(door_.accepts(), 0U) << "it pauses";
    EXPECT_EQ(second_.accepts(), 1U) << "it goes on";
    Wire& wire = connect_at(second_);
    expect_echo(wire);
    queue_.advance(options_.accept_pause);
    EXPECT_EQ(door_.accepts(), 1U) << "after the pause it accepts again";
}

TEST_F(EchoServerAtTwoDoors, StopsAtOnceWhileBothPause) {
    start_at_both();
    door_.fail(Error::no_buffers);
    second_.fail(Error::no_buffers);
    queue_.pump();
    server_->request_stop();
    queue_.pump();
    EXPECT_FALSE(running());
}

TEST_F(EchoServerAtTwoDoors, StopsAcceptingAtBoth) {
    start_at_both();
    server_->request_stop();
    queue_.pump();
    EXPECT_TRUE(door_.canceled);
    EXPECT_TRUE(second_.canceled);
    EXPECT_FALSE(running());
}

// --- in a simulated network ----------------------------------------------------------------------

/// Byte by byte, as a pipe may hold no more.
Task<void> talk(CompletionQueue& queue, Endpoint endpoint, int& answered) {
    SocketResult connection = co_await connect(queue, endpoint);
    if (!connection.ok()) co_return;
    AsyncSocket& socket = *connection.socket;
    std::array<std::byte, 1> buffer;
    for (const std::string_view byte : {"a", "b", "c"}) {
        const Result sent = co_await send_all(socket, byte);
        if (!sent.ok()) co_return;
        const Result received = co_await receive(socket, buffer);
        if (!received.ok() || received.bytes == 0) co_return;
        EXPECT_EQ(as_text(buffer), byte);
    }
    ++answered;
}

/// Two clients of each family, one server, and a listener for each.
Task<void> serve_both_families(sim::World& world, int& answered) {
    const std::array<Endpoint, 2> endpoints = {
        Endpoint::loopback(7), Endpoint::ipv6({0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, 7)};
    std::vector<std::unique_ptr<AsyncListener>> listeners;
    for (const Endpoint& endpoint : endpoints) {
        listeners.push_back(world.listen(endpoint, {}).listener);
    }
    NullLog log;
    Server server(world, std::move(listeners), {}, log);
    TaskGroup serving(world);
    serving.spawn(server.run());
    TaskGroup clients(world);
    for (const Endpoint& endpoint : endpoints) {
        clients.spawn(talk(world, endpoint, answered));
        clients.spawn(talk(world, endpoint, answered));
    }
    co_await clients.join();
    server.request_stop();
    co_await serving.join();
}

TEST(EchoServerAtTwoDoorsSimulated, AnswersBothFamilies) {
    int answered = 0;
    const sim::Report report =
        test::simulate([&](sim::World& world) { return serve_both_families(world, answered); });
    EXPECT_TRUE(report.passed) << report.property << ": " << report.sentence;
    EXPECT_EQ(answered, 4);
}

// The world fails a run that hangs, or that leaves anything open or in flight.
TEST(EchoServerAtTwoDoorsSimulated, EndsWithNothingLeftWhateverTheNetworkDoes) {
    int answered = 0;
    const int seeds = test::scaled(3000);
    for (int seed = 1; seed <= seeds; ++seed) {
        sim::SeedChoices choices(static_cast<std::uint64_t>(seed));
        test::FunctionScenario scenario(
            [&](sim::World& world) { return serve_both_families(world, answered); });
        const sim::Report report = sim::run(scenario, choices);
        ASSERT_TRUE(report.passed)
            << "seed " << seed << ": " << report.property << ": " << report.sentence;
    }
    EXPECT_GT(answered, seeds) << "of four clients, faults should not often stop more than two";
}

}  // namespace
}  // namespace drydock::echo

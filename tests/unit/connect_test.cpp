// connect_any: attempts that overlap, and what becomes of the ones that lose.
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <drydock/connect.hpp>

#include "tests/support/mocks.hpp"
#include "tests/support/scale.hpp"
#include "tests/support/simulated.hpp"

namespace drydock {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::NiceMock;

constexpr Endpoint ipv4(std::uint8_t host) { return Endpoint::ipv4({10, 0, 0, host}, 7); }
constexpr Endpoint ipv6(std::uint8_t host) {
    return Endpoint::ipv6({0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, host}, 7);
}

/// A network in which the test decides about each connect.
class Network : public NiceMock<test::MockQueue> {
public:
    void connect(SocketOperation& operation, const Endpoint& endpoint) noexcept override {
        if (!operation.begin(*this, OperationKind::connect)) return;
        if (operation.take_remembered_cancel()) {
            return decide(operation, Result::failure(Error::canceled));
        }
        tried_.push_back(endpoint);
        pending_.push_back({&operation, endpoint});
    }

    void cancel(Operation& operation) noexcept override {
        const auto found =
            std::ranges::find_if(pending_, [&](const Connect& one) { return one.to(operation); });
        if (found == pending_.end()) return MockQueue::cancel(operation);
        canceled_.push_back(found->endpoint);
        pending_.erase(found);
        decide(operation, Result::failure(Error::canceled));
    }

    /// The completion is next in line in the queue.
    void answer(const Endpoint& endpoint) {
        SocketOperation& operation = take(endpoint);
        wires_.emplace_back(endpoint, std::make_unique<test::Wire>(*this));
        operation.deliver(std::make_unique<NiceMock<test::MockSocket>>(*wires_.back().second));
        decide(operation, Result::success());
    }
    void fail(const Endpoint& endpoint, Error error) {
        decide(take(endpoint), Result::failure(error));
    }

    const std::vector<Endpoint>& tried() const { return tried_; }
    const std::vector<Endpoint>& canceled() const { return canceled_; }
    std::size_t pending() const { return pending_.size(); }

    /// The connections that were made and are still open.
    std::vector<Endpoint> open() const {
        std::vector<Endpoint> endpoints;
        for (const auto& [endpoint, wire] : wires_) {
            if (!wire->closed) endpoints.push_back(endpoint);
        }
        return endpoints;
    }

private:
    struct Connect {
        SocketOperation* operation;
        Endpoint endpoint;
        bool to(const Operation& other) const { return operation == &other; }
    };

    SocketOperation& take(const Endpoint& endpoint) {
        const auto found = std::ranges::find(pending_, endpoint, &Connect::endpoint);
        EXPECT_NE(found, pending_.end()) << "no connect is in flight to " << endpoint.to_string();
        SocketOperation& operation = *found->operation;
        pending_.erase(found);
        return operation;
    }

    std::vector<Endpoint> tried_;
    std::vector<Endpoint> canceled_;
    std::vector<Connect> pending_;
    std::vector<std::pair<Endpoint, std::unique_ptr<test::Wire>>> wires_;
};

class ConnectAny : public testing::Test {
protected:
    void TearDown() override {
        EXPECT_EQ(group_.size(), 0U) << "connect_any should have ended";
        EXPECT_EQ(network_.pending(), 0U) << "no connect should be left in flight";
        EXPECT_EQ(network_.timers(), 0U) << "no timer should be left";
        for (const Violation& violation : network_.violations()) {
            ADD_FAILURE() << "a rule was broken: " << sentence(violation.rule);
        }
    }

    void start(std::vector<Endpoint> endpoints, Duration timeout = Duration::zero()) {
        endpoints_ = std::move(endpoints);
        ConnectOptions options;
        options.timeout = timeout;
        group_.spawn(run(options));
        network_.pump();
    }

    void answer(const Endpoint& endpoint) {
        network_.answer(endpoint);
        network_.pump();
    }
    void fail(const Endpoint& endpoint, Error error) {
        network_.fail(endpoint, error);
        network_.pump();
    }

    void expect_connected_to(const Endpoint& endpoint) {
        ASSERT_TRUE(result_) << "connect_any should have ended";
        EXPECT_TRUE(result_->ok()) << name(result_->error);
        EXPECT_THAT(network_.open(), ElementsAre(endpoint))
            << "the winner's connection should be open, and no other";
    }
    void expect_failure(Error error) {
        ASSERT_TRUE(result_) << "connect_any should have ended";
        EXPECT_EQ(result_->error, error) << name(result_->error);
        EXPECT_EQ(result_->socket, nullptr);
        EXPECT_THAT(network_.open(), IsEmpty());
    }

    Network network_;
    TaskGroup group_{network_};
    std::vector<Endpoint> endpoints_;
    std::optional<SocketResult> result_;

private:
    Task<void> run(ConnectOptions options) {
        result_ = co_await connect_any(network_, endpoints_, options);
    }
};

// --- the order -----------------------------------------------------------------------------------

TEST(AttemptOrder, AlternatesBetweenTheFamiliesAndBeginsWithTheFirst) {
    EXPECT_THAT(in_attempt_order(std::vector{ipv6(1), ipv6(2), ipv6(3), ipv4(1), ipv4(2)}),
                ElementsAre(ipv6(1), ipv4(1), ipv6(2), ipv4(2), ipv6(3)));
    EXPECT_THAT(in_attempt_order(std::vector{ipv4(1), ipv4(2), ipv6(1)}),
                ElementsAre(ipv4(1), ipv6(1), ipv4(2)))
        << "the resolver knows best which family is preferred";
}

TEST(AttemptOrder, KeepsTheOrderWithinAFamilyAndTriesNothingTwice) {
    EXPECT_THAT(in_attempt_order(std::vector{ipv4(3), ipv4(1), ipv4(3), ipv4(2)}),
                ElementsAre(ipv4(3), ipv4(1), ipv4(2)));
    EXPECT_THAT(in_attempt_order({}), IsEmpty());
}

// --- who wins ------------------------------------------------------------------------------------

TEST_F(ConnectAny, TriesNoOtherAddressWhenTheFirstAnswers) {
    start({ipv6(1), ipv4(1)});
    network_.advance(249ms);
    answer(ipv6(1));
    expect_connected_to(ipv6(1));
    EXPECT_THAT(network_.tried(), ElementsAre(ipv6(1)));
}

TEST_F(ConnectAny, TriesTheNextAddressAtOnceWhenOneIsRefused) {
    start({ipv6(1), ipv4(1)});
    fail(ipv6(1), Error::refused);
    EXPECT_THAT(network_.tried(), ElementsAre(ipv6(1), ipv4(1))) << "without waiting 250 ms";
    answer(ipv4(1));
    expect_connected_to(ipv4(1));
}

TEST_F(ConnectAny, TriesTheNextAddressAfter250MillisecondsWithoutAnAnswer) {
    start({ipv6(1), ipv4(1)});
    network_.advance(249ms);
    EXPECT_THAT(network_.tried(), ElementsAre(ipv6(1)));
    network_.advance(1ms);
    EXPECT_THAT(network_.tried(), ElementsAre(ipv6(1), ipv4(1)));
    answer(ipv4(1));
    expect_connected_to(ipv4(1));
    EXPECT_THAT(network_.canceled(), ElementsAre(ipv6(1)));
}

TEST_F(ConnectAny, KeepsWaitingForTheFirstAddressWhileItTriesOthers) {
    start({ipv6(1), ipv4(1), ipv6(2)});
    network_.advance(500ms);
    EXPECT_THAT(network_.tried(), ElementsAre(ipv6(1), ipv4(1), ipv6(2)));
    answer(ipv6(1));
    expect_connected_to(ipv6(1));
    EXPECT_THAT(network_.canceled(), ElementsAre(ipv4(1), ipv6(2)));
}

TEST_F(ConnectAny, WaitsForTheLastAddressAsLongAsTheSystemDoes) {
    start({ipv6(1), ipv4(1)});
    fail(ipv6(1), Error::unreachable);
    network_.advance(120s);
    answer(ipv4(1));
    expect_connected_to(ipv4(1));
}

// The failure of an attempt that had its 250 ms says nothing about the one that is under way.
TEST_F(ConnectAny, GivesEachAddressItsTimeAlsoWhenAnEarlierOneFailsLate) {
    start({ipv6(1), ipv4(1), ipv6(2)});
    network_.advance(250ms);
    fail(ipv6(1), Error::timed_out);
    network_.advance(249ms);
    EXPECT_THAT(network_.tried(), ElementsAre(ipv6(1), ipv4(1)));
    network_.advance(1ms);
    EXPECT_THAT(network_.tried(), ElementsAre(ipv6(1), ipv4(1), ipv6(2)));
    answer(ipv4(1));
    expect_connected_to(ipv4(1));
}

// --- two at the same time ------------------------------------------------------------------------

TEST_F(ConnectAny, ClosesAConnectionThatComesAboutBesideTheWinner) {
    start({ipv6(1), ipv4(1)});
    network_.advance(250ms);
    network_.answer(ipv4(1));
    network_.answer(ipv6(1));  // too late for a cancel to meet it
    network_.pump();
    expect_connected_to(ipv4(1));
    EXPECT_THAT(network_.canceled(), IsEmpty());
}

// --- nobody wins ---------------------------------------------------------------------------------

TEST_F(ConnectAny, TellsTheLastFailureWhenAllFail) {
    start({ipv6(1), ipv4(1)});
    fail(ipv6(1), Error::refused);
    fail(ipv4(1), Error::reset);
    expect_failure(Error::reset);
}

TEST_F(ConnectAny, TellsARefusalRatherThanThatThereIsNoWayToAnotherAddress) {
    for (const Error local :
         {Error::unreachable, Error::address_not_available, Error::not_supported}) {
        start({ipv4(1), ipv6(1)});
        fail(ipv4(1), Error::refused);
        fail(ipv6(1), local);
        expect_failure(Error::refused);
        start({ipv6(1), ipv4(1)});
        fail(ipv6(1), local);
        fail(ipv4(1), Error::refused);
        expect_failure(Error::refused);
    }
}

TEST_F(ConnectAny, TellsThatAllAddressesAreOutOfReach) {
    start({ipv6(1), ipv4(1)});
    fail(ipv6(1), Error::not_supported);
    fail(ipv4(1), Error::unreachable);
    expect_failure(Error::unreachable);
}

TEST_F(ConnectAny, IsUnreachableWithoutAnAddress) {
    start({});
    expect_failure(Error::unreachable);
}

// --- the timeout ---------------------------------------------------------------------------------

TEST_F(ConnectAny, GivesAllAttemptsUpWhenTheTimeoutPasses) {
    start({ipv6(1), ipv4(1)}, 3s);
    network_.advance(2999ms);
    EXPECT_FALSE(result_);
    network_.advance(1ms);
    expect_failure(Error::timed_out);
    EXPECT_THAT(network_.canceled(), ElementsAre(ipv6(1), ipv4(1)));
}

TEST_F(ConnectAny, StartsNoAttemptAfterTheTimeout) {
    start({ipv6(1), ipv4(1)}, 100ms);
    network_.advance(100ms);
    expect_failure(Error::timed_out);
    network_.advance(1s);
    EXPECT_THAT(network_.tried(), ElementsAre(ipv6(1)));
}

TEST_F(ConnectAny, LeavesNoTimerBehindWhenItSucceedsBeforeTheTimeout) {
    start({ipv6(1)}, 3s);
    answer(ipv6(1));
    expect_connected_to(ipv6(1));
    EXPECT_EQ(network_.timers(), 0U);
}

TEST_F(ConnectAny, TellsAFailureThatComesBeforeTheTimeout) {
    start({ipv6(1)}, 3s);
    fail(ipv6(1), Error::refused);
    expect_failure(Error::refused);
}

TEST_F(ConnectAny, TakesAConnectionThatComesAboutBesideTheTimeout) {
    start({ipv6(1)}, 3s);
    network_.hold_steps();
    network_.advance(3s);
    network_.answer(ipv6(1));
    network_.pump();
    network_.release_steps_last_first();
    network_.pump();
    expect_connected_to(ipv6(1));
}

// --- one connector -------------------------------------------------------------------------------

Task<void> connect_by(Connector& connector, std::vector<Error>& told) {
    const SocketResult connected = co_await connector.to(ipv4(1));
    told.push_back(connected.error);
}

TEST_F(ConnectAny, IsBuiltOnConnectorsThatCanBeCanceledAtAnyTime) {
    Connector connector(network_);
    std::vector<Error> told;
    group_.spawn(connect_by(connector, told));
    network_.pump();
    connector.cancel();
    network_.pump();
    connector.cancel();  // nothing is in flight: for the next one
    group_.spawn(connect_by(connector, told));
    network_.pump();
    group_.spawn(connect_by(connector, told));
    network_.pump();
    network_.answer(ipv4(1));
    network_.pump();
    EXPECT_THAT(told, ElementsAre(Error::canceled, Error::canceled, Error::ok));
}

// --- in a simulated network ----------------------------------------------------------------------

/// Listeners that take what comes, hold it until its end, and count.
struct House {
    explicit House(CompletionQueue& queue) : group(queue) {}

    Task<void> take_in(AsyncListener& listener) {
        for (;;) {
            SocketResult accepted = co_await accept(listener);
            if (accepted.error == Error::canceled) co_return;
            if (accepted.ok()) group.spawn(hold(std::move(accepted.socket)));
        }
    }

    Task<void> hold(std::unique_ptr<AsyncSocket> socket) {
        std::vector<std::byte> buffer(16);
        Result received = co_await receive(*socket, buffer);
        while (received.ok() && received.bytes > 0) {
            greeted += static_cast<int>(received.bytes);
            received = co_await receive(*socket, buffer);
        }
    }

    TaskGroup group;
    int greeted = 0;
};

/// Three addresses of which some listen; the client greets the one that it gets.
Task<void> connect_in(sim::World& world, std::uint32_t listening, bool& connected) {
    constexpr Endpoint loopback6 =
        Endpoint::ipv6({0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, 7);
    const std::vector<Endpoint> addresses = {loopback6, Endpoint::ipv4({127, 0, 0, 1}, 7),
                                             Endpoint::ipv4({127, 0, 0, 2}, 7)};
    std::vector<std::unique_ptr<AsyncListener>> listeners;
    House house(world);
    TaskGroup doors(world);
    for (std::size_t i = 0; i < addresses.size(); ++i) {
        if ((listening >> i & 1U) == 0) continue;
        listeners.push_back(world.listen(addresses[i], {}).listener);
        doors.spawn(house.take_in(*listeners.back()));
    }
    ConnectOptions options;
    options.attempt_delay = 5ms;  // so that answers that take 40 ms overlap
    options.timeout = 1s;
    const Time start = world.now();
    SocketResult result = co_await connect_any(world, addresses, options);
    connected = result.ok();
    // Besides the timeout, only late completions take time.
    if (world.now() - start > 2s) world.fail("connect-in-time", "the timeout did not hold");
    if (result.ok()) co_await send_all(*result.socket, std::string_view("x"));
    result.socket.reset();
    for (const auto& listener : listeners) listener->cancel();
    co_await doors.join();
    listeners.clear();
    co_await house.group.join();  // a connection that was left open would keep it waiting
    if (house.greeted > 1) world.fail("one-connection", "more than one was used");
}

// The world itself fails a run that leaves a socket open or anything in flight.
TEST(ConnectAnySimulated, EndsInTimeWithOneConnectionAndLeavesNothingBehind) {
    const sim::FaultSet faults = sim::FaultSet()
                                     .with(sim::Fault::connect_refused)
                                     .with(sim::Fault::connect_timed_out)
                                     .with(sim::Fault::latency)
                                     .with(sim::Fault::delay)
                                     .with(sim::Fault::reorder)
                                     .with(sim::Fault::interleave)
                                     .with(sim::Fault::accept_reset);
    int successes = 0;
    const int seeds = test::scaled(4000);
    for (int seed = 1; seed <= seeds; ++seed) {
        sim::SeedChoices choices(static_cast<std::uint64_t>(seed));
        sim::RunOptions options;
        options.faults = faults;
        bool connected = false;
        const auto listening = static_cast<std::uint32_t>(seed) % 8;
        test::FunctionScenario scenario(
            [&](sim::World& world) { return connect_in(world, listening, connected); });
        const sim::Report report = sim::run(scenario, choices, options);
        ASSERT_TRUE(report.passed)
            << "seed " << seed << ": " << report.property << ": " << report.sentence;
        EXPECT_FALSE(connected && listening == 0) << "seed " << seed;
        successes += connected ? 1 : 0;
    }
    EXPECT_GT(successes, seeds / 2) << "most worlds have a listener, and few of them refuse all";
    EXPECT_LT(successes, seeds);
}

TEST(ConnectAnySimulated, ReachesAnyListenerWhereTheNetworkDoesNotInterfere) {
    for (std::uint32_t listening = 0; listening < 8; ++listening) {
        bool connected = false;
        const sim::Report report = test::simulate(
            [&](sim::World& world) { return connect_in(world, listening, connected); });
        EXPECT_TRUE(report.passed) << report.property << ": " << report.sentence;
        EXPECT_EQ(connected, listening != 0) << listening;
    }
}

}  // namespace
}  // namespace drydock

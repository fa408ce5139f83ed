// The ready-made clients: each manner does what it says, none fails by a fault of its own, and a
// broken server is told from a sound one.
#include <array>
#include <set>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <drydock/sim/explore.hpp>
#include <drydock/sim/peers.hpp>
#include <drydock/task_group.hpp>
#include <drydock/timer.hpp>

#include "tests/support/scale.hpp"
#include "tests/support/simulated.hpp"

namespace drydock::sim {
namespace {

using namespace std::chrono_literals;
using test::FunctionScenario;
using test::LabelChoices;
using test::scaled;
using testing::Each;
using testing::ElementsAre;
using testing::Ge;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

using Messages = std::vector<std::string>;

/// Expects all that it has sent to come back.
class Echoed : public Peer {
public:
    Echoed(World& world, std::uint32_t number, const PeerPlan& plan, Messages messages)
        : Peer(world, "peer", number, plan), messages_(std::move(messages)) {}

    const std::string& got() const noexcept { return got_; }

protected:
    std::string_view next_message() override {
        if (next_ == messages_.size()) return {};
        asked_ += messages_[next_];
        return messages_[next_++];
    }
    bool received(std::string_view bytes) override {
        got_ += bytes;
        if (asked_.starts_with(got_)) return true;
        world().fail("peer-bytes", name() + " sent '" + asked_ + "' and got '" + got_ + "'");
        return false;
    }
    bool answered() const override { return got_.size() == asked_.size(); }
    void ended() override {
        if (complete() || excused()) return;
        world().fail("peer-complete", outcome());
    }

private:
    Messages messages_;
    std::size_t next_ = 0;
    std::string asked_;
    std::string got_;
};

/// Takes what comes and judges nothing; its messages have no answers.
class Unanswered : public Echoed {
public:
    using Echoed::Echoed;

protected:
    bool received(std::string_view) override { return true; }
    bool answered() const override { return true; }
    void ended() override {}
};

/// Waits for so many bytes that no message has asked for.
class Subscriber final : public Unanswered {
public:
    using Unanswered::Unanswered;

protected:
    bool received(std::string_view bytes) override {
        pushed_ += bytes.size();
        return true;
    }
    bool wants_more() const override { return pushed_ < 9; }

private:
    std::size_t pushed_ = 0;
};

// --- servers of one connection -------------------------------------------------------------------

/// What the server saw.
struct Seen {
    std::string bytes;
    std::vector<std::size_t> sizes;  // of its receives
    Error error = Error::ok;
    bool end = false;
    Time begun{};  // its first receive, and its latest
    Time ended{};
};

Task<bool> take_some(World& world, AsyncSocket& socket, Seen& seen) {
    std::array<std::byte, 4096> buffer;
    const Result result = co_await receive(socket, buffer);
    seen.error = result.error;
    seen.end = result.ok() && result.bytes == 0;
    seen.ended = world.now();
    if (seen.sizes.empty()) seen.begun = seen.ended;
    if (!result.ok() || seen.end) co_return false;
    seen.bytes += as_text(std::span(buffer).first(result.bytes));
    seen.sizes.push_back(result.bytes);
    co_return true;
}

using Serve = Task<void> (*)(World&, AsyncSocket&, Seen&);

Task<void> echo_back(World& world, AsyncSocket& socket, Seen& seen) {
    for (;;) {
        const std::size_t before = seen.bytes.size();
        const bool more = co_await take_some(world, socket, seen);
        if (!more) co_return;
        const std::string answer = seen.bytes.substr(before);
        const Result sent = co_await send_all(socket, std::string_view(answer));
        if (!sent.ok()) co_return;
    }
}

Task<void> swallow(World& world, AsyncSocket& socket, Seen& seen) {
    bool more = true;
    while (more) more = co_await take_some(world, socket, seen);
}

Task<void> answer_after_the_end(World& world, AsyncSocket& socket, Seen& seen) {
    co_await swallow(world, socket, seen);
    co_await send_all(socket, std::string_view(seen.bytes));
}

Task<void> answer_after_nine_bytes(World& world, AsyncSocket& socket, Seen& seen) {
    bool more = true;
    while (more && seen.bytes.size() < 9) more = co_await take_some(world, socket, seen);
    co_await send_all(socket, std::string_view(seen.bytes));
    co_await swallow(world, socket, seen);
}

Task<void> close_after_three_bytes(World& world, AsyncSocket& socket, Seen& seen) {
    while (seen.bytes.size() < 3) {
        const bool more = co_await take_some(world, socket, seen);
        if (!more) co_return;
    }
    const std::string answer = seen.bytes.substr(0, 3);
    co_await send_all(socket, std::string_view(answer));
}

Task<void> send_much_before_reading(World& world, AsyncSocket& socket, Seen& seen) {
    const std::string much(3 * world.pipe_capacity(), 'm');
    co_await send_all(socket, std::string_view(much));
    co_await swallow(world, socket, seen);
}

Task<void> push_three_times(World& world, AsyncSocket& socket, Seen& seen) {
    Timer timer(world);
    for (int i = 0; i < 3; ++i) {
        co_await timer.after(1s);
        co_await send_all(socket, std::string_view("abc"));
    }
    co_await swallow(world, socket, seen);
}

Task<void> lose_the_tenth_byte(World& world, AsyncSocket& socket, Seen& seen) {
    for (;;) {
        const std::size_t before = seen.bytes.size();
        const bool more = co_await take_some(world, socket, seen);
        if (!more) co_return;
        std::string answer = seen.bytes.substr(before);
        if (before < 10 && seen.bytes.size() >= 10) answer.erase(9 - before, 1);
        const Result sent = co_await send_all(socket, std::string_view(answer));
        if (!sent.ok()) co_return;
    }
}

// --- a meeting of a server and one peer ----------------------------------------------------------

/// Receives or sends of the peer: how many bytes they moved, and when they completed.
struct Operations {
    std::vector<std::size_t> sizes;
    std::vector<Duration> times;
};

struct Meeting {
    Report report;
    Seen seen;
    // of the peer
    Operations sends;
    Operations receives;
    std::string outcome;
    std::uint64_t sent = 0;
    std::uint64_t received = 0;
    bool all_sent = false;
    bool end_seen = false;
    bool left = false;
    bool complete = false;
    bool excused = false;
};

const Messages three_messages = {"one", "two", "six"};

template <typename T = Echoed>
void meet(Meeting& meeting, const PeerPlan& plan, Serve serve, const Messages& messages,
          FaultSet faults, LabelChoices& choices) {
    RunOptions options;
    options.calm_after_time = 10s;
    options.marks = true;
    const auto serve_one = [&](World& world, AsyncListener& from) -> Task<void> {
        const SocketResult accepted = co_await accept(from);
        if (accepted.ok()) co_await serve(world, *accepted.socket, meeting.seen);
    };
    meeting.report = test::simulate(
        [&](World& world) -> Task<void> {
            ListenResult listening = world.listen(Endpoint::loopback(7), {});
            TaskGroup group(world);
            group.spawn(serve_one(world, *listening.listener));
            T peer(world, 1, plan, messages);
            co_await peer.run(listening.listener->local_endpoint());
            meeting.outcome = peer.outcome();
            meeting.sent = peer.sent();
            meeting.received = peer.received_bytes();
            meeting.all_sent = peer.all_sent();
            meeting.end_seen = peer.end_seen();
            meeting.left = peer.left();
            meeting.complete = peer.complete();
            meeting.excused = peer.excused();
            listening.listener->cancel();
            co_await group.join();
        },
        faults, choices, options);
    for (const Mark& mark : meeting.report.marks) {
        const bool sends = mark.kind == OperationKind::send;
        if (mark.accepted || !(sends || mark.kind == OperationKind::receive)) continue;
        Operations& operations = sends ? meeting.sends : meeting.receives;
        operations.sizes.push_back(mark.bytes);
        operations.times.push_back(mark.at);
    }
}

template <typename T = Echoed>
Meeting meet(const PeerPlan& plan, Serve serve, const Messages& messages = three_messages) {
    Meeting meeting;
    LabelChoices benign;
    meet<T>(meeting, plan, serve, messages, FaultSet(), benign);
    return meeting;
}

#define EXPECT_PASSED(meeting)           \
    EXPECT_TRUE((meeting).report.passed) \
        << (meeting).report.property << ": " << (meeting).report.sentence

PeerPlan with(PeerManner manner, void (*change)(PeerPlan&)) {
    PeerPlan plan = plan_of(manner);
    change(plan);
    return plan;
}

// --- what each manner does -----------------------------------------------------------------------

TEST(Peer, IsCompleteWithASoundServerInEachMannerThatStays) {
    for (std::uint32_t i = 0; i < peer_manner_count; ++i) {
        const PeerPlan plan = plan_of(static_cast<PeerManner>(i));
        if (plan.leave != PeerLeave::never) continue;
        const Meeting meeting = meet(plan, &echo_back);
        EXPECT_PASSED(meeting) << text(plan);
        EXPECT_TRUE(meeting.complete) << text(plan);
        EXPECT_FALSE(meeting.excused) << text(plan);
        EXPECT_EQ(meeting.sent, 9U) << text(plan);
        EXPECT_EQ(meeting.received, 9U) << text(plan);
        EXPECT_EQ(meeting.seen.bytes, "onetwosix") << text(plan);
        EXPECT_TRUE(meeting.seen.end) << text(plan);
    }
}

TEST(Peer, WaitsForEachAnswerIfPolite) {
    EXPECT_THAT(meet(plan_of(PeerManner::polite), &echo_back).seen.sizes, ElementsAre(3, 3, 3));
    const Meeting meeting = meet(plan_of(PeerManner::polite), &answer_after_nine_bytes);
    EXPECT_EQ(meeting.report.property, "stuck") << "the answer to one message waits for the next";
}

TEST(Peer, WaitsForNoAnswerIfPipelined) {
    const Meeting meeting = meet(plan_of(PeerManner::pipelined), &answer_after_nine_bytes);
    EXPECT_PASSED(meeting);
    EXPECT_TRUE(meeting.complete);
}

TEST(Peer, HalfClosesAfterTheLastAnswerIfPipelined) {
    const Meeting meeting = meet(plan_of(PeerManner::pipelined), &answer_after_the_end);
    EXPECT_EQ(meeting.report.property, "stuck") << "the answer waits for the half close";
}

TEST(Peer, HalfClosesBeforeTheAnswersIfHalfClosing) {
    const Meeting meeting = meet(plan_of(PeerManner::half_closing), &answer_after_the_end);
    EXPECT_PASSED(meeting);
    EXPECT_TRUE(meeting.complete);
}

TEST(Peer, ClosesAfterTheLastAnswerIfClosing) {
    const Meeting meeting = meet(plan_of(PeerManner::closing), &echo_back);
    EXPECT_PASSED(meeting);
    EXPECT_FALSE(meeting.end_seen) << "it does not wait for it";
    EXPECT_EQ(meeting.outcome, "peer 1: sent 9, got 9, then its own close");
    const Meeting at_once = meet(with(PeerManner::closing, [](PeerPlan& p) { p.in_turns = false; }),
                                 &answer_after_nine_bytes);
    EXPECT_PASSED(at_once);
    EXPECT_FALSE(at_once.end_seen);
    EXPECT_EQ(at_once.received, 9U) << "all answers first";
}

TEST(Peer, SendsAndReceivesSingleBytesIfBytewise) {
    const Meeting meeting = meet(plan_of(PeerManner::bytewise), &echo_back);
    EXPECT_PASSED(meeting);
    EXPECT_THAT(meeting.sends.sizes, ElementsAre(1, 1, 1, 1, 1, 1, 1, 1, 1));
    EXPECT_THAT(meeting.receives.sizes, ElementsAre(1, 1, 1, 1, 1, 1, 1, 1, 1, 0));
}

TEST(Peer, CutsItsSendsAcrossMessages) {
    const PeerPlan plan = with(PeerManner::pipelined, [](PeerPlan& p) { p.chunk = 5; });
    EXPECT_THAT(meet(plan, &echo_back).sends.sizes, ElementsAre(5, 4));
    const PeerPlan polite = with(PeerManner::polite, [](PeerPlan& p) { p.chunk = 2; });
    EXPECT_THAT(meet(polite, &echo_back).sends.sizes, ElementsAre(2, 1, 2, 1, 2, 1))
        << "not across a message whose answer it waits for";
}

TEST(Peer, PausesBetweenSends) {
    const PeerPlan plan = with(PeerManner::pipelined, [](PeerPlan& p) { p.pause = 1s; });
    const Meeting meeting = meet(plan, &echo_back);
    EXPECT_THAT(meeting.sends.times, ElementsAre(0s, 1s, 2s));
}

TEST(Peer, StartsLate) {
    const PeerPlan plan = with(PeerManner::polite, [](PeerPlan& p) { p.start_after = 3s; });
    const Meeting meeting = meet(plan, &echo_back);
    EXPECT_THAT(meeting.sends.times, ElementsAre(3s, 3s, 3s));
}

TEST(Peer, PausesBeforeEachReceiveIfSlow) {
    const PeerPlan plan = with(PeerManner::slow, [](PeerPlan& p) { p.receive = 1; });
    const Meeting meeting = meet(plan, &echo_back);
    EXPECT_PASSED(meeting);
    ASSERT_THAT(meeting.receives.times, SizeIs(10)) << "nine bytes and the end";
    EXPECT_EQ(meeting.receives.times.front(), 5ms);
    EXPECT_EQ(meeting.receives.times.back(), 50ms);
}

TEST(Peer, StopsReadingUntilTheCalmIfStalling) {
    const PeerPlan plan = with(PeerManner::stalling, [](PeerPlan& p) {
        p.stall_at = 4;
        p.receive = 2;
    });
    const Meeting meeting = meet(plan, &echo_back);
    EXPECT_PASSED(meeting);
    ASSERT_THAT(meeting.receives.times, SizeIs(6));
    EXPECT_THAT(meeting.receives.sizes, ElementsAre(2, 1, 2, 2, 2, 0));
    EXPECT_EQ(meeting.receives.times[2], 0s);
    EXPECT_GE(meeting.receives.times[3], 10s) << "the world is calm after ten seconds";
}

TEST(Peer, StallsForAGivenTime) {
    const PeerPlan plan = with(PeerManner::stalling, [](PeerPlan& p) { p.stall_for = 2s; });
    const Meeting meeting = meet(plan, &echo_back);
    EXPECT_PASSED(meeting);
    EXPECT_EQ(meeting.report.virtual_time, Duration(2s));
}

TEST(Peer, HalfClosesInTheCalmIfStaying) {
    for (const bool in_turns : {false, true}) {
        PeerPlan plan = plan_of(PeerManner::staying);
        plan.in_turns = in_turns;
        const Meeting meeting = meet(plan, &echo_back);
        EXPECT_PASSED(meeting);
        EXPECT_TRUE(meeting.complete);
        EXPECT_THAT(meeting.sends.times, ElementsAre(0s, 0s, 0s));
        EXPECT_GE(meeting.seen.ended - meeting.seen.begun, 10s);
    }
}

TEST(Peer, StopsStayingWhenTheServerEndsTheStream) {
    const Meeting meeting =
        meet<Unanswered>(plan_of(PeerManner::staying), &close_after_three_bytes, {"one"});
    EXPECT_PASSED(meeting);
    EXPECT_TRUE(meeting.end_seen);
    EXPECT_LT(meeting.report.virtual_time, Duration(1s));
}

TEST(Peer, LeavesTheEndToTheServer) {
    const PeerPlan plan =
        with(PeerManner::pipelined, [](PeerPlan& p) { p.ending = PeerEnding::by_server; });
    EXPECT_EQ(meet(plan, &echo_back).report.property, "stuck");
    const Meeting meeting = meet(plan, &close_after_three_bytes, {"one"});
    EXPECT_PASSED(meeting);
    EXPECT_TRUE(meeting.complete);
}

TEST(Peer, StaysOpenAfterTheEndOfTheStream) {
    const PeerPlan plan = with(PeerManner::polite, [](PeerPlan& p) { p.stay_open = 4s; });
    const Meeting meeting = meet(plan, &echo_back);
    EXPECT_PASSED(meeting);
    EXPECT_EQ(meeting.report.virtual_time, Duration(4s));
}

TEST(Peer, ResetsAfterSoManyBytesReceived) {
    const PeerPlan plan = with(PeerManner::resetting, [](PeerPlan& p) { p.leave_received = 4; });
    const Meeting meeting = meet(plan, &echo_back);
    EXPECT_PASSED(meeting);
    EXPECT_TRUE(meeting.left);
    EXPECT_TRUE(meeting.excused);
    EXPECT_EQ(meeting.received, 9U) << "as many as its last receive gave";
    EXPECT_FALSE(meeting.seen.end);
    EXPECT_EQ(meeting.seen.error, Error::reset);
}

TEST(Peer, ResetsAfterSoManyBytesSent) {
    const PeerPlan plan = with(PeerManner::resetting, [](PeerPlan& p) {
        p.leave_received = PeerPlan::no_limit;
        p.leave_sent = 4;
    });
    const Meeting meeting = meet(plan, &swallow);
    EXPECT_PASSED(meeting);
    EXPECT_TRUE(meeting.left);
    EXPECT_EQ(meeting.sent, 4U);
    EXPECT_EQ(meeting.seen.error, Error::reset);
}

TEST(Peer, VanishesInMidMessage) {
    for (const bool in_turns : {false, true}) {
        PeerPlan plan = plan_of(PeerManner::vanishing);
        plan.in_turns = in_turns;
        plan.leave_received = PeerPlan::no_limit;
        plan.leave_sent = in_turns ? 2 : 4;
        const Meeting meeting = meet(plan, &swallow);
        EXPECT_PASSED(meeting);
        EXPECT_TRUE(meeting.left);
        EXPECT_FALSE(meeting.all_sent);
        EXPECT_EQ(meeting.seen.bytes, in_turns ? "on" : "onet");
        EXPECT_TRUE(meeting.seen.end) << "a plain close";
        EXPECT_EQ(meeting.outcome, "peer 1: sent " + std::to_string(plan.leave_sent) +
                                       ", got 0, then its own close");
    }
}

// --- no faults of their own ----------------------------------------------------------------------

TEST(Peer, ReadsWhileItSendsAMessageThatIsLargerThanThePipes) {
    for (const PeerManner manner : {PeerManner::polite, PeerManner::pipelined}) {
        const Meeting meeting = meet(plan_of(manner), &echo_back, {std::string(1 << 20, 'x')});
        EXPECT_PASSED(meeting);
        EXPECT_TRUE(meeting.complete);
    }
}

TEST(Peer, ReadsWhileItSendsAMessageThatHasNoAnswer) {
    const Messages large(2, std::string(1 << 20, 'x'));
    for (const PeerManner manner :
         {PeerManner::polite, PeerManner::closing, PeerManner::pipelined}) {
        const Meeting meeting = meet<Unanswered>(plan_of(manner), &send_much_before_reading, large);
        EXPECT_PASSED(meeting) << name(manner);
        EXPECT_EQ(meeting.sent, 2U << 20) << name(manner);
    }
}

TEST(Peer, WaitsForWhatItIsOwedBeforeItHalfCloses) {
    for (const PeerManner manner : {PeerManner::polite, PeerManner::pipelined}) {
        const Meeting meeting = meet<Subscriber>(plan_of(manner), &push_three_times);
        EXPECT_PASSED(meeting);
        EXPECT_EQ(meeting.received, 9U);
        EXPECT_EQ(meeting.report.virtual_time, Duration(3s));
        EXPECT_TRUE(meeting.complete);
    }
}

TEST(Peer, EndsItsReadingWhenASendFails) {
    for (const PeerManner manner : {PeerManner::polite, PeerManner::pipelined}) {
        LabelChoices choices;
        choices.next("send: no buffers", {1});
        Meeting meeting;
        meet(meeting, plan_of(manner), &swallow, three_messages, FaultSet().with(Fault::no_buffers),
             choices);
        EXPECT_PASSED(meeting);
        EXPECT_FALSE(meeting.all_sent);
        EXPECT_EQ(meeting.sent, 0U) << "its send sent nothing";
        EXPECT_TRUE(meeting.excused) << "a fault has damaged the connection";
    }
}

TEST(Peer, IsExcusedForAConnectThatAFaultRefuses) {
    LabelChoices choices;
    choices.always("connect: refused", 1);
    Meeting meeting;
    meet(meeting, PeerPlan(), &echo_back, three_messages, FaultSet().with(Fault::connect_refused),
         choices);
    EXPECT_PASSED(meeting);
    EXPECT_TRUE(meeting.excused);
    EXPECT_EQ(meeting.outcome, "peer 1: no connection");
}

TEST(Peer, IsNotExcusedIfNobodyListens) {
    const Report report = test::simulate([](World& world) -> Task<void> {
        Echoed peer(world, 1, PeerPlan(), three_messages);
        co_await peer.run(Endpoint::loopback(9));
    });
    EXPECT_EQ(report.property, "peer-complete");
    EXPECT_EQ(report.sentence, "peer 1: no connection");
}

TEST(Peer, FailsForAServerThatEndsTheStreamEarly) {
    for (const PeerManner manner : {PeerManner::polite, PeerManner::pipelined}) {
        const Meeting meeting = meet(plan_of(manner), &close_after_three_bytes);
        EXPECT_EQ(meeting.report.property, "peer-complete") << meeting.report.sentence;
    }
}

// --- plans from the world ------------------------------------------------------------------------

TEST(PeerPlan, IsPoliteIfAllChoicesAreBenign) {
    test::simulate([](World& world) -> Task<void> {
        EXPECT_EQ(text(choose_peer_plan(world)), "polite");
        co_return;
    });
}

TEST(PeerPlan, IsOneOfTheMannersThatTheScenarioAllows) {
    std::set<PeerManner> chosen;
    for (std::uint64_t seed = 1; seed <= 100; ++seed) {
        FunctionScenario scenario([&](World& world) -> Task<void> {
            PeerChoices choices;
            choices.manners = {PeerManner::slow, PeerManner::vanishing};
            chosen.insert(choose_peer_plan(world, choices).manner);
            co_return;
        });
        SeedChoices choices(seed);
        run(scenario, choices);
    }
    EXPECT_THAT(chosen, ElementsAre(PeerManner::slow, PeerManner::vanishing));
}

TEST(PeerPlan, IsToldByWhatIsNotItsDefault) {
    PeerPlan plan = plan_of(PeerManner::resetting);
    plan.chunk = 7;
    plan.start_after = 40ms;
    plan.leave_received = PeerPlan::no_limit;
    plan.leave_sent = 12;
    EXPECT_EQ(text(plan), "resetting(chunk=7 start=40000us leave_sent=12)");
}

// --- under all faults ----------------------------------------------------------------------------

/// A server for any number of connections, and one to three peers whose plans the world chooses.
class Crowd final : public Scenario {
public:
    explicit Crowd(Serve serve) : serve_(serve) {}

    Task<void> main(World& world) override {
        ListenResult listening = world.listen(Endpoint::loopback(7), {});
        TaskGroup serving(world);
        serving.spawn(accept_all(world, *listening.listener));
        std::vector<std::unique_ptr<Echoed>> peers;
        TaskGroup group(world);
        for (std::uint32_t i = 1; i <= 3; ++i) {
            const Spanned span(world, "client");
            if (i > 1 && world.choose(5 - i, "client: another") == 0) break;
            const Messages messages(world.choose(8, "client: messages"), "message ");
            plans.push_back(choose_peer_plan(world, {{}, 64, 64}));
            peers.push_back(std::make_unique<Echoed>(world, i, plans.back(), messages));
            group.spawn(peers.back()->run(listening.listener->local_endpoint()));
        }
        co_await group.join();
        for (const auto& peer : peers) left += peer->left() ? 1 : 0;
        listening.listener->cancel();
        co_await serving.join();
    }

    std::vector<PeerPlan> plans;
    int left = 0;

private:
    Task<void> accept_all(World& world, AsyncListener& listener) {
        TaskGroup group(world);
        Timer pause(world);
        for (;;) {
            SocketResult accepted = co_await accept(listener);
            if (accepted.error == Error::canceled) break;
            if (accepted.ok()) {
                group.spawn(serve_one(world, std::move(accepted.socket)));
            } else {
                co_await pause.after(1ms);
            }
        }
        co_await group.join();
    }
    Task<void> serve_one(World& world, std::unique_ptr<AsyncSocket> socket) {
        Seen seen;
        co_await serve_(world, *socket, seen);
    }

    Serve serve_;
};

TEST(Peers, LeaveNothingOpenAndBreakNoRuleUnderAllFaults) {
    std::set<PeerManner> seen;
    int left = 0;
    const int seeds = scaled(5000);
    for (int seed = 1; seed <= seeds; ++seed) {
        Crowd crowd(&echo_back);
        SeedChoices choices(static_cast<std::uint64_t>(seed));
        const Report report = run(crowd, choices);
        ASSERT_TRUE(report.passed)
            << "seed " << seed << ": " << report.property << ": " << report.sentence << "\n"
            << report.options;
        for (const PeerPlan& plan : crowd.plans) seen.insert(plan.manner);
        left += crowd.left;
    }
    if (seeds < 500) return;
    EXPECT_THAT(seen, SizeIs(peer_manner_count)) << "a manner was never chosen";
    EXPECT_THAT(left, Ge(seeds / 20)) << "peers that should leave in the middle do not";
}

TEST(Peers, TellABrokenServerFromASoundOne) {
    std::set<std::string> properties;
    int failures = 0;
    for (std::uint64_t seed = 1; seed <= 300; ++seed) {
        Crowd crowd(&lose_the_tenth_byte);
        SeedChoices choices(seed);
        const Report report = run(crowd, choices);
        if (report.passed) continue;
        ++failures;
        properties.insert(report.property);
    }
    EXPECT_THAT(failures, Ge(100));
    EXPECT_THAT(properties, testing::IsSupersetOf({"peer-bytes"}));
}

// --- in exploration ------------------------------------------------------------------------------

class SmallWorldOfPeers final : public Scenario {
public:
    explicit SmallWorldOfPeers(const PeerPlan& plan) : plan_(plan) {}
    std::string outcome() const override { return outcome_; }

    Task<void> main(World& world) override {
        ListenResult listening = world.listen(Endpoint::loopback(7), {});
        TaskGroup serving(world);
        serving.spawn(serve_one(world, *listening.listener));
        Echoed peer(world, 1, plan_, {"ab"});
        co_await peer.run(listening.listener->local_endpoint());
        co_await serving.join();
        outcome_ = peer.outcome();
    }

private:
    static Task<void> serve_one(World& world, AsyncListener& listener) {
        const SocketResult accepted = co_await accept(listener);
        Seen seen;
        if (accepted.ok()) co_await echo_back(world, *accepted.socket, seen);
    }

    PeerPlan plan_;
    std::string outcome_;
};

Exploration explore_peer(const PeerPlan& plan, Reduction reduction) {
    ExploreOptions options;
    options.reduction = reduction;
    options.run.always = FaultSet().with(Fault::partial_receive);
    options.run.prompt_clients = true;
    return explore([plan] { return std::make_unique<SmallWorldOfPeers>(plan); },
                   std::move(options));
}

/// The reductions agree only if the explorer is told of all that the peer's tasks share.
TEST(Peers, AreExploredTheSameByAllReductions) {
    for (const PeerPlan& plan : {explored_peer_plan(), plan_of(PeerManner::half_closing),
                                 plan_of(PeerManner::pipelined), plan_of(PeerManner::polite)}) {
        const Exploration plain = explore_peer(plan, Reduction::none);
        const Exploration states = explore_peer(plan, Reduction::states);
        const Exploration asleep = explore_peer(plan, Reduction::sleep_sets);
        EXPECT_TRUE(plain.complete && states.complete && asleep.complete);
        EXPECT_EQ(plain.failures + states.failures + asleep.failures, 0U);
        EXPECT_EQ(states.unreduced, plain.unreduced) << text(plan);
        EXPECT_EQ(asleep.unreduced, plain.unreduced) << text(plan);
        EXPECT_LT(states.schedules, plain.schedules) << text(plan);
    }
}

TEST(PeerPlans, ThatAreDrawnTogetherStartAtOnceWithoutPauses) {
    int delayed = 0;
    for (std::uint64_t seed = 1; seed <= 200; ++seed) {
        SeedChoices choices(seed);
        test::FunctionScenario scenario([&](World& world) -> Task<void> {
            PeerChoices drawn;
            drawn.together = true;
            const PeerPlan plan = choose_peer_plan(world, drawn);
            EXPECT_EQ(plan.start_after, Duration::zero());
            EXPECT_EQ(plan.pause, Duration::zero());
            const PeerPlan other = choose_peer_plan(world);
            const bool waits = other.start_after > Duration::zero();
            delayed += waits && other.pause > Duration::zero() ? 1 : 0;
            co_return;
        });
        EXPECT_TRUE(run(scenario, choices).passed);
    }
    EXPECT_GT(delayed, 50) << "others do start late and pause";
}

}  // namespace
}  // namespace drydock::sim

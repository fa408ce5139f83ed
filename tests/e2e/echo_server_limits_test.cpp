// The echo server at its limits: too many clients, too few descriptors, storms, floods.
#include "tests/e2e/programs.hpp"
#include "tests/support/crowd.hpp"
#include "tests/support/sanitizers.hpp"
#include "tests/support/scale.hpp"
#include "tests/support/tcp.hpp"

namespace drydock::e2e {
namespace {

using test::Crowd;
using test::Member;

/// Figures that mean something only when no sanitizer is in them.
void expect_resident_near(Process& server, std::uint64_t before, std::uint64_t allowance) {
    if (test::is_sanitized) return;
    EXPECT_LT(server.resident_bytes(), before + allowance)
        << "resident memory should be near the " << before << " bytes of before";
}

void expect_service(EchoServerProcess& server) {
    test::TcpPeer peer(server.port());
    EXPECT_EQ(peer.exchange("still there?").bytes, "still there?")
        << "the server should go on serving: " << server.process().errors();
}

/// Waits, as the last connections' ends are still on their way through the server.
void expect_descriptors(EchoServerProcess& server, std::size_t wanted) {
    const auto deadline = test::Clock::now() + test::patience;
    while (server.process().open_descriptors() > wanted && test::Clock::now() < deadline) {
        server.process().runs_for(10ms);
    }
    EXPECT_LE(server.process().open_descriptors(), wanted) << "descriptors should not leak";
}

class EchoServerLimits : public testing::TestWithParam<unsigned> {};

INSTANTIATE_TEST_SUITE_P(, EchoServerLimits, testing::Values(1U, 4U), workers_name);

// --- out of descriptors --------------------------------------------------------------------------

class OutOfDescriptors : public testing::TestWithParam<unsigned> {
protected:
    static constexpr std::size_t clients = 120;
    static constexpr Command::OpenFiles limit{40, 64};

    void SetUp() override {
        if (test::needs_descriptors) {
            GTEST_SKIP() << "UndefinedBehaviorSanitizer reports falsehoods without descriptors";
        }
        fill();
    }

    /// All clients connected, a byte of each on its way, and as many served as there is room for.
    void fill() {
        ASSERT_NE(server_.port(), 0) << server_.process().errors();
        ASSERT_TRUE(crowd_.join(clients, {.unanswered = 1}));
        ASSERT_TRUE(crowd_.talk_until([&] { return crowd_.answered() > limit.soft; }))
            << "the server should raise its limit to what it may have; it serves "
            << crowd_.answered() << " and says: " << server_.process().errors();
        ASSERT_TRUE(server_.process().wait_for_errors("accept failed"))
            << "the shortage should be logged";
        crowd_.talk_for(200ms);
        served_ = crowd_.answered();
        ASSERT_LT(served_, limit.hard) << "the test should run into the shortage";
    }

    std::size_t complaints() const {
        const std::string& text = server_.process().errors();
        return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
    }

    EchoServerProcess server_{drydock, workers(GetParam()), limit};
    Crowd crowd_{server_.port()};
    std::size_t served_ = 0;
};

INSTANTIATE_TEST_SUITE_P(, OutOfDescriptors, testing::Values(1U, 4U), workers_name);

TEST_P(OutOfDescriptors, does_not_spin) {
    const auto before = server_.process().processor_time();
    ASSERT_TRUE(server_.process().runs_for(2s)) << server_.process().errors();
    const auto spent = server_.process().processor_time() - before;
    if (!test::is_sanitized) {
        EXPECT_LT(spent.count(), 200) << "milliseconds of two seconds, with nothing to do";
    }
    EXPECT_LT(complaints(), 30U) << "nor should it fill a disk with its complaints: "
                                 << server_.process().errors();
}

TEST_P(OutOfDescriptors, serves_who_is_in_and_then_who_waits) {
    // Who is in: one byte after the other, all the time.
    std::vector<std::uint64_t> before;
    for (const Member& member : crowd_.members()) before.push_back(member.received);
    ASSERT_TRUE(crowd_.talk_until([&] {
        std::size_t served_on = 0;
        for (std::size_t i = 0; i < clients; ++i) {
            if (crowd_.members()[i].received > before[i] + 10) ++served_on;
        }
        return served_on >= served_;
    })) << "those who are in should be served on";

    // Who waits, as soon as others leave; and the last ones, too.
    const auto leave_all_that_were_served = [&] {
        for (std::size_t i = 0; i < clients; ++i) {
            const Member& member = crowd_.members()[i];
            if (member.received > 0 && member.state == Member::State::talking) crowd_.leave(i);
        }
    };
    for (int round = 0; round < 6 && crowd_.answered() < clients; ++round) {
        leave_all_that_were_served();
        const std::size_t wanted = std::min(clients, crowd_.answered() + limit.soft);
        EXPECT_TRUE(crowd_.talk_until([&] { return crowd_.answered() >= wanted; }))
            << "those who waited should be served once others have left; served are "
            << crowd_.answered();
    }
    EXPECT_EQ(crowd_.answered(), clients);
    EXPECT_EQ(crowd_.wrong(), 0U);
    EXPECT_EQ(server_.stop(), Ending::exited(0));
    EXPECT_GT(server_.summary().shortages, 0U);
    EXPECT_EQ(server_.summary().served, clients);
}

TEST_P(OutOfDescriptors, can_be_stopped) {
    server_.process().signal(SIGINT);
    EXPECT_TRUE(crowd_.talk_to_the_end()) << "all clients should be let go";
    EXPECT_EQ(server_.process().wait(), Ending::exited(0)) << server_.process().errors();
    EXPECT_EQ(crowd_.wrong(), 0U);
}

// --- many ----------------------------------------------------------------------------------------

TEST_P(EchoServerLimits, holds_5000_connections_at_once) {
    const auto clients = static_cast<std::size_t>(test::scaled(5000));
    constexpr std::uint64_t bytes = 3000;
    EchoServerProcess server(drydock, workers(GetParam()));
    const std::size_t descriptors = server.process().open_descriptors();
    Crowd crowd(server.port());
    ASSERT_TRUE(crowd.join(clients, {.bytes = bytes, .half_closes = false}))
        << "all should connect; " << crowd.members().size() << " could";
    ASSERT_TRUE(crowd.talk_until([&] { return crowd.answered(bytes) == clients; }))
        << "all should be echoed; " << crowd.answered(bytes) << " are";
    EXPECT_EQ(crowd.count(Member::State::talking), clients) << "all at the same time";
    EXPECT_EQ(crowd.wrong(), 0U);

    for (std::size_t i = 0; i < clients; ++i) crowd.leave(i);
    expect_descriptors(server, descriptors);
    expect_service(server);
    EXPECT_EQ(server.stop(), Ending::exited(0));
    EXPECT_EQ(server.summary().served, clients + 1);
    EXPECT_EQ(server.summary().ended, clients + 1);
}

TEST_P(EchoServerLimits, lets_5000_connections_go_at_ctrl_c) {
    const auto clients = static_cast<std::size_t>(test::scaled(5000));
    Words options = workers(GetParam());
    options.insert(options.end(), long_grace.begin(), long_grace.end());
    EchoServerProcess server(drydock, options);
    Crowd crowd(server.port());
    ASSERT_TRUE(crowd.join(clients, {.bytes = 1, .half_closes = false}));
    ASSERT_TRUE(crowd.talk_until([&] { return crowd.answered() == clients; }));
    server.process().signal(SIGINT);
    EXPECT_TRUE(crowd.talk_to_the_end());
    EXPECT_EQ(server.process().wait(), Ending::exited(0)) << server.process().errors();
    EXPECT_EQ(crowd.count(Member::State::ended), clients) << "each should see a clean end";
    EXPECT_EQ(server.summary().stopped, clients);
}

/// Connections that reset at once: every other one before the server can have seen it, the rest in
/// bursts.
void storm(std::uint16_t port, int connections) {
    std::vector<test::SocketFile> burst;
    for (int i = 0; i < connections; ++i) {
        test::SocketFile socket = test::connect_to(port);
        ASSERT_TRUE(socket.is_open()) << "connection " << i << " of the storm";
        if (i % 2 == 0) {
            socket.reset();
        } else {
            burst.push_back(std::move(socket));
        }
        if (burst.size() == 500 || i + 1 == connections) {
            for (test::SocketFile& kept : burst) kept.reset();
            burst.clear();
        }
    }
}

TEST_P(EchoServerLimits, is_as_before_after_10000_resets) {
    const int half = test::scaled(5000);
    EchoServerProcess server(drydock, workers(GetParam()));
    expect_service(server);
    expect_descriptors(server, 64);
    const std::size_t descriptors = server.process().open_descriptors();
    const std::uint64_t resident = server.process().resident_bytes();
    storm(server.port(), half);
    expect_service(server);
    expect_descriptors(server, descriptors);
    // What a burst needs the allocator may keep; a second storm must not need more.
    expect_resident_near(server.process(), resident, 32 * mebibyte);
    const std::uint64_t resident_between = server.process().resident_bytes();
    storm(server.port(), half);
    expect_service(server);
    expect_descriptors(server, descriptors);
    expect_resident_near(server.process(), resident_between, 6 * mebibyte);

    EXPECT_EQ(server.stop(), Ending::exited(0));
    const Summary summary = server.summary();
    EXPECT_EQ(summary.served + summary.lost, static_cast<std::uint64_t>(2 * half) + 3)
        << "each of them should be accounted for";
    EXPECT_EQ(summary.bytes_received, summary.bytes_sent);
}

TEST_P(EchoServerLimits, does_not_grow_under_a_flood_that_nobody_reads) {
    constexpr std::size_t clients = 20;
    EchoServerProcess server(drydock, workers(GetParam()));
    expect_service(server);
    const std::uint64_t resident = server.process().resident_bytes();
    Crowd crowd(server.port());
    ASSERT_TRUE(crowd.join(clients, {.reads = false}));
    EXPECT_TRUE(crowd.talk_until_nothing_moves(1s)) << "back-pressure should reach the clients";
    EXPECT_GT(crowd.sent(), clients * 100'000) << "after the sockets are full";
    expect_resident_near(server.process(), resident, 4 * mebibyte);

    // Full: the server has nothing to do.
    const auto before = server.process().processor_time();
    crowd.talk_for(1s);
    if (!test::is_sanitized) {
        EXPECT_LT((server.process().processor_time() - before).count(), 100);
    }
    expect_service(server);
    for (std::size_t i = 0; i < clients; ++i) crowd.leave(i);
    EXPECT_EQ(server.stop(), Ending::exited(0));
}

}  // namespace
}  // namespace drydock::e2e

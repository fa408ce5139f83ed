// One room over several servers: order, crashes of servers and of the broker, slow members, losses.
#include "tests/e2e/relay_room.hpp"

namespace drydock::e2e {
namespace {

TEST(Relay, gives_300_members_of_three_servers_every_line_once_and_in_one_order) {
    DRYDOCK_NEEDS_REDIS();
    RedisProcess broker(Durability::none);
    RelayRoom room(broker);
    for (std::size_t i = 0; i < 3; ++i) {
        ASSERT_TRUE(room.add_server(long_grace));
        ASSERT_TRUE(room.add_members(i, 100));
    }
    for (int round = 0; round < 4; ++round) {
        room.say_lines(0, 300, 2);
        room.crowd().talk_for(20ms);
    }
    ASSERT_TRUE(room.talk_until_heard(0, 300));
    room.expect_one_order(0, 300);
    room.expect_complete(room.crowd()[0].heard);
    for (std::size_t i = 0; i < 3; ++i) {
        const ChatSummary summary = stop_chat(room.server(i));
        EXPECT_EQ(summary.stopped, 100U);
        EXPECT_EQ(summary.lines, 800U) << "each server counts what its own members say";
    }
}

TEST(Relay, gives_a_member_that_half_closes_its_own_last_line_and_then_the_end) {
    DRYDOCK_NEEDS_REDIS();
    RedisProcess broker(Durability::none);
    RelayRoom room(broker);
    ASSERT_TRUE(room.add_server() && room.add_server());
    ASSERT_TRUE(room.add_members(0, 1) && room.add_members(1, 1));
    ChatCrowd& crowd = room.crowd();
    crowd.say(0, "first\nunfinished");
    crowd.half_close(0);
    ASSERT_TRUE(crowd.talk_until([&] { return crowd[0].state == ChatMember::State::ended; }));
    EXPECT_EQ(crowd[0].heard, "first\nunfinished\n");
    ASSERT_TRUE(crowd.talk_until([&] { return crowd[1].heard == crowd[0].heard; }));
    ASSERT_TRUE(room.add_members(0, 1));
    crowd.say(1, "later\n");
    ASSERT_TRUE(crowd.talk_until([&] { return !crowd[2].heard.empty(); }));
    EXPECT_EQ(crowd[2].heard, "later\n") << "a newcomer hears nothing from before";
}

TEST(Relay, goes_on_when_one_of_three_servers_is_killed_in_mid_broadcast) {
    DRYDOCK_NEEDS_REDIS();
    RedisProcess broker(Durability::none);
    RelayRoom room(broker);
    for (std::size_t i = 0; i < 3; ++i) {
        ASSERT_TRUE(room.add_server());
        ASSERT_TRUE(room.add_members(i, 20));
    }
    ChatCrowd& crowd = room.crowd();
    for (std::size_t i = 40; i < 60; ++i) {  // those of the server that is killed
        std::string lines;
        for (int k = 0; k < 2000; ++k) lines += "x" + std::to_string(i) + "\n";
        crowd.say(i, lines);
    }
    ASSERT_TRUE(crowd.talk_until([&] { return crowd[0].heard.size() > 2000; }));
    room.server(2).process().signal(SIGKILL);
    const auto is_gone = [&](std::size_t i) {
        return crowd[i].state != ChatMember::State::talking;
    };
    ASSERT_TRUE(crowd.talk_until([&] { return is_gone(40) && is_gone(59); }));
    crowd.say(0, "0: goes on\n");
    crowd.say(20, "20: goes on\n");
    const auto has_all = [&](std::size_t i) {
        return crowd[i].heard.find("0: goes on\n") != std::string::npos &&
               crowd[i].heard.find("20: goes on\n") != std::string::npos;
    };
    for (std::size_t i = 0; i < 40; ++i) ASSERT_TRUE(crowd.talk_until([&] { return has_all(i); }));
    ASSERT_TRUE(crowd.talk_until([&] {
        for (std::size_t i = 1; i < 40; ++i) {
            if (crowd[i].heard.size() != crowd[0].heard.size()) return false;
        }
        return true;
    }));
    room.expect_one_order(0, 40);
    EXPECT_EQ(stop_chat(room.server(0)).stopped, 20U);
    EXPECT_EQ(stop_chat(room.server(1)).stopped, 20U);
}

TEST(Relay, loses_and_doubles_nothing_when_the_broker_is_killed_and_restarted) {
    DRYDOCK_NEEDS_REDIS();
    RedisProcess broker(Durability::always);
    RelayRoom room(broker);
    for (std::size_t i = 0; i < 3; ++i) {
        ASSERT_TRUE(room.add_server());
        ASSERT_TRUE(room.add_members(i, 10));
    }
    for (int crash = 0; crash < 3; ++crash) {
        for (int i = 0; i < 20; ++i) {  // so that publishes are under way when it dies
            room.say_lines(0, 30, 3);
            room.crowd().talk_for(2ms);
        }
        broker.crash();
        room.say_lines(0, 30, 2);
        room.crowd().talk_for(150ms);
        ASSERT_TRUE(broker.restart());
        ASSERT_TRUE(room.talk_until_heard(0, 30)) << "after crash " << crash;
    }
    room.expect_one_order(0, 30);
    room.expect_complete(room.crowd()[0].heard);
    for (std::size_t i = 0; i < 3; ++i) {
        ASSERT_TRUE(room.server(i).process().runs_for(1ms));
        EXPECT_EQ(room.log_count(i, "event=\"relay away\""), 3U) << "once for each crash";
        EXPECT_EQ(room.log_count(i, "event=\"relay back\""), 3U);
        EXPECT_EQ(room.log_count(i, "event=\"relay durability\""), 0U);
        EXPECT_EQ(stop_chat(room.server(i)).stopped, 10U) << "and nobody was reset";
    }
}

TEST(Relay, waits_for_a_broker_that_is_frozen_for_seconds) {
    DRYDOCK_NEEDS_REDIS();
    RedisProcess broker(Durability::none);
    RelayRoom room(broker);
    ASSERT_TRUE(room.add_server() && room.add_server());
    ASSERT_TRUE(room.add_members(0, 5) && room.add_members(1, 5));
    room.say_lines(0, 10, 5);
    ASSERT_TRUE(room.talk_until_heard(0, 10));
    const std::size_t heard = room.crowd()[0].heard.size();
    broker.freeze();
    room.say_lines(0, 10, 5);
    room.crowd().talk_for(2s);
    EXPECT_EQ(room.crowd()[0].heard.size(), heard) << "no line comes before the broker has it";
    broker.thaw();
    ASSERT_TRUE(room.talk_until_heard(0, 10));
    room.expect_one_order(0, 10);
    room.expect_complete(room.crowd()[0].heard);
}

TEST(Relay, drops_a_member_that_does_not_read_and_serves_all_others_on) {
    DRYDOCK_NEEDS_REDIS();
    RedisProcess broker(Durability::none);
    RelayRoom room(broker);
    const Words limits = {"--outbox-limit", "200000"};
    ASSERT_TRUE(room.add_server(limits) && room.add_server(limits));
    ASSERT_TRUE(room.add_members(0, 5, Listening::compares));
    ASSERT_TRUE(room.add_members(1, 5, Listening::compares));
    ASSERT_TRUE(room.add_members(1, 1, Listening::stopped));
    ChatCrowd& crowd = room.crowd();
    std::string lines;
    for (int i = 0; i < 300; ++i) {
        lines += std::string(static_cast<std::size_t>(i % 200), 'x') + "\n";
    }
    const auto is_dropped = [&] { return crowd[10].state == ChatMember::State::was_reset; };
    for (int i = 0; i < 1000 && !is_dropped() && !HasFailure(); ++i) {
        crowd.expect(lines);
        crowd.say(0, lines);
        EXPECT_TRUE(crowd.talk_until_heard()) << "a member that reads hears every line";
    }
    EXPECT_TRUE(is_dropped());
    EXPECT_EQ(crowd.wrong(), 0U);
    EXPECT_EQ(crowd.count(ChatMember::State::talking), 10U);
    EXPECT_EQ(stop_chat(room.server(0)).too_slow, 0U);
    EXPECT_EQ(stop_chat(room.server(1)).too_slow, 1U);
}

TEST(Relay, resets_the_members_of_a_server_that_was_too_far_behind) {
    DRYDOCK_NEEDS_REDIS();
    RedisProcess broker(Durability::none);
    RelayRoom room(broker);
    ASSERT_TRUE(room.add_server({"--relay-keep", "100"}));
    ASSERT_TRUE(room.add_server({"--relay-keep", "100"}));
    ASSERT_TRUE(room.add_members(0, 1) && room.add_members(1, 1));
    ChatCrowd& crowd = room.crowd();
    crowd.say(0, "hello\n");
    ASSERT_TRUE(crowd.talk_until([&] { return crowd[1].heard == "hello\n"; }));
    room.server(1).process().signal(SIGSTOP);
    std::size_t said = 6;
    for (int i = 0; i < 400; ++i) {  // an entry each; nodes of the stream have a hundred
        crowd.say(0, "line\n");
        said += 5;
        ASSERT_TRUE(crowd.talk_until([&] { return crowd[0].heard.size() == said; }));
    }
    room.server(1).process().signal(SIGCONT);
    EXPECT_TRUE(crowd.talk_until([&] { return crowd[1].state == ChatMember::State::was_reset; }));
    ASSERT_TRUE(room.server(1).process().wait_for_errors("event=\"lines lost\""));
    EXPECT_EQ(room.log_count(1,
                             "reason=\"the stream was trimmed before it was read, or the broker "
                             "has lost all data\""),
              1U);
    ASSERT_TRUE(room.add_members(1, 1));
    crowd.say(2, "anew\n");
    EXPECT_TRUE(crowd.talk_until([&] { return crowd[2].heard == "anew\n"; }));
    EXPECT_TRUE(crowd.talk_until([&] { return crowd[0].heard.ends_with("anew\n"); }));
    EXPECT_EQ(crowd[0].state, ChatMember::State::talking);
}

TEST(Relay, resets_all_members_when_the_broker_has_lost_its_stream) {
    DRYDOCK_NEEDS_REDIS();
    RedisProcess broker(Durability::none);
    RelayRoom room(broker);
    ASSERT_TRUE(room.add_server() && room.add_server());
    ASSERT_TRUE(room.add_members(0, 2) && room.add_members(1, 2));
    room.say_lines(0, 4, 3);
    ASSERT_TRUE(room.talk_until_heard(0, 4));
    broker.crash();
    ASSERT_TRUE(broker.restart());
    ChatCrowd& crowd = room.crowd();
    EXPECT_TRUE(crowd.talk_until(
        [&] { return crowd.count(ChatMember::State::was_reset) == crowd.size(); }));
    ASSERT_TRUE(room.add_members(0, 1) && room.add_members(1, 1));
    crowd.say(4, "anew\n");
    EXPECT_TRUE(
        crowd.talk_until([&] { return crowd[4].heard == "anew\n" && crowd[5].heard == "anew\n"; }));
    ASSERT_TRUE(room.server(0).process().runs_for(1ms));
    EXPECT_EQ(room.log_count(0, "event=\"relay durability\""), 1U) << "it had been warned of";
}

}  // namespace
}  // namespace drydock::e2e

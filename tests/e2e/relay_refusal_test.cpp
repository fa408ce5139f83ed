// A broker that cannot be reached or says no, and how a server with a relay stops.
#include <filesystem>
#include <fstream>

#include "tests/e2e/relay_room.hpp"

namespace drydock::e2e {
namespace {

constexpr std::string_view password = "correct-horse";

Words with_password(const Words& program, std::string_view word = password) {
    Words words = {"/usr/bin/env", "DRYDOCK_RELAY_PASSWORD=" + std::string(word)};
    words.insert(words.end(), program.begin(), program.end());
    return words;
}

/// Status 2, one sentence, and no password in it.
void expect_refused(const Words& program, const Words& options, std::string_view says) {
    Words words = {"chat-server", "0", "--bind", "127.0.0.1"};
    words.insert(words.end(), options.begin(), options.end());
    const Outcome outcome = run(program, words);
    EXPECT_EQ(outcome.ending, Ending::exited(2));
    EXPECT_EQ(outcome.output, "");
    EXPECT_TRUE(is_one_sentence(outcome.errors, "drydock"));
    EXPECT_NE(outcome.errors.find(says), std::string::npos) << outcome.errors;
    EXPECT_EQ(outcome.errors.find(password), std::string::npos) << outcome.errors;
}

TEST(RelayRefusal, of_a_wrong_url_is_one_sentence) {
    expect_refused(drydock, {"--relay", "redis://127.0.0.1:1"}, "the form is");
    expect_refused(drydock, {"--relay", "http://127.0.0.1/room"}, "the form is");
    expect_refused(drydock, {"--relay", "redis://127.0.0.1/a room"}, "the room's name");
    expect_refused(drydock, {"--relay", "rediss://127.0.0.1/room"}, "TLS");
    expect_refused(drydock, {"--relay-password-file", "x"}, "--relay");
}

TEST(RelayRefusal, of_a_password_in_the_url_does_not_repeat_it) {
    const std::string url = "redis://me:" + std::string(password) + "@127.0.0.1/room";
    expect_refused(drydock, {"--relay", url}, "DRYDOCK_RELAY_PASSWORD");
}

TEST(RelayRefusal, of_a_broker_that_is_not_there_is_one_sentence) {
    expect_refused(drydock, {"--relay", "redis://127.0.0.1:1/room"}, "refused");
    expect_refused(drydock, {"--relay", "redis://no-such-host.invalid/room"}, "cannot find");
}

TEST(RelayRefusal, of_a_wrong_or_missing_password_is_one_sentence) {
    DRYDOCK_NEEDS_REDIS();
    const RedisProcess broker(Durability::none, {"--requirepass", std::string(password)});
    expect_refused(drydock, {"--relay", broker.url()}, "NOAUTH");
    expect_refused(with_password(drydock, "wrong"), {"--relay", broker.url()}, "WRONGPASS");
    const std::string file = testing::TempDir() + "relay_password";
    std::ofstream(file) << password << "x\n";
    expect_refused(drydock, {"--relay", broker.url(), "--relay-password-file", file}, "WRONGPASS");
    std::filesystem::remove(file);
    expect_refused(drydock, {"--relay", broker.url(), "--relay-password-file", file}, "read");
}

TEST(RelayRefusal, does_not_meet_a_user_with_the_rights_that_the_page_names) {
    DRYDOCK_NEEDS_REDIS();
    RedisProcess broker(Durability::none);
    ASSERT_EQ(broker.tell("ACL SETUSER chat on >" + std::string(password) +
                          " ~{drydock:*} ~{drydock:*}:* -@all +evalsha +script|load +xadd +xread "
                          "+xrevrange +hget +hmget +hset +hdel +zadd +zscore +zrangebyscore +zrem "
                          "+time"),
              "+OK");
    RelayRoom room(broker);
    const std::string file = testing::TempDir() + "relay_password_good";
    std::ofstream(file) << password << "\n";
    ASSERT_TRUE(room.add_server({"--relay", broker.url("chat"), "--relay-password-file", file}));
    std::filesystem::remove(file);
    ASSERT_TRUE(room.add_members(0, 2));
    room.say_lines(0, 2, 3);
    EXPECT_TRUE(room.talk_until_heard(0, 2));
    EXPECT_TRUE(room.server(0).process().wait_for_errors("relay durability unknown"));
    EXPECT_EQ(room.log_count(0, password), 0U);
    ASSERT_EQ(broker.tell("ACL SETUSER chat -xread"), "+OK");
    expect_refused(with_password(drydock), {"--relay", broker.url("chat")}, "NOPERM");
}

TEST(RelayRefusal, for_want_of_memory_is_told_once_and_waited_out) {
    DRYDOCK_NEEDS_REDIS();
    RedisProcess broker(Durability::none);
    RelayRoom room(broker);
    ASSERT_TRUE(room.add_server());
    ASSERT_TRUE(room.add_members(0, 2));
    room.say_lines(0, 2, 1);
    ASSERT_TRUE(room.talk_until_heard(0, 2));
    ASSERT_EQ(broker.tell("CONFIG SET maxmemory 1"), "+OK");
    room.say_lines(0, 2, 3);
    room.crowd().talk_for(600ms);
    ASSERT_TRUE(room.server(0).process().wait_for_errors("reply=\"OOM "));
    ASSERT_EQ(broker.tell("CONFIG SET maxmemory 0"), "+OK");
    EXPECT_TRUE(room.talk_until_heard(0, 2));
    room.expect_complete(room.crowd()[0].heard);
    ASSERT_TRUE(room.server(0).process().wait_for_errors("relay back"));
    EXPECT_EQ(room.log_count(0, "relay refused"), 1U) << room.server(0).process().errors();
    EXPECT_EQ(room.log_count(0, "relay back"), 1U);
}

TEST(RelayStop, waits_until_what_members_have_said_is_with_all) {
    DRYDOCK_NEEDS_REDIS();
    RedisProcess broker(Durability::none);
    RelayRoom room(broker);
    ASSERT_TRUE(room.add_server(long_grace) && room.add_server(long_grace));
    ASSERT_TRUE(room.add_members(0, 5) && room.add_members(1, 5));
    broker.freeze();
    room.say_lines(0, 5, 10);
    room.crowd().talk_for(100ms);
    room.server(0).process().signal(SIGINT);
    room.crowd().talk_for(300ms);
    EXPECT_EQ(room.crowd().count(ChatMember::State::talking), 10U) << "they are owed their lines";
    broker.thaw();
    ASSERT_TRUE(room.talk_until_heard(0, 10));
    const auto ended = [&] { return room.crowd().count(ChatMember::State::ended) == 5; };
    EXPECT_TRUE(room.crowd().talk_until(ended));
    room.expect_one_order(0, 10);
    room.expect_complete(room.crowd()[0].heard);
    EXPECT_EQ(expect_clean_end(room.server(0)).stopped, 5U);
}

TEST(RelayStop, waits_for_the_broker_no_longer_than_the_grace_time) {
    DRYDOCK_NEEDS_REDIS();
    RedisProcess broker(Durability::none);
    RelayRoom room(broker);
    ASSERT_TRUE(room.add_server({"--grace", "1"}));
    ASSERT_TRUE(room.add_members(0, 1));
    broker.freeze();
    room.say_lines(0, 1, 10);
    room.crowd().talk_for(100ms);
    const auto start = test::Clock::now();
    room.server(0).process().signal(SIGINT);
    EXPECT_TRUE(room.crowd().talk_until([&] {
        return room.crowd()[0].state == ChatMember::State::was_reset;
    })) << "an end that looks clean would hide that its lines are lost";
    expect_clean_end(room.server(0));
    EXPECT_GE(test::Clock::now() - start, 900ms);
    EXPECT_EQ(room.log_count(0, "lines not acknowledged"), 1U);
}

}  // namespace
}  // namespace drydock::e2e

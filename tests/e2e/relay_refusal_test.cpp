// A broker that cannot be reached or says no, and how a server with a relay stops.
#include <filesystem>
#include <fstream>
#include <functional>
#include <optional>

#include <sys/stat.h>

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
    expect_refused(drydock, {"--relay", ""}, "--relay");
    expect_refused(drydock, {"--relay", "redis://127.0.0.1:1/room", "--relay-password-file", ""},
                   "--relay-password-file");
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

TEST(RelayRefusal, of_a_password_file_that_is_no_small_file_does_not_wait_for_its_end) {
    const std::string url = "redis://127.0.0.1:1/room";
    const std::string name = testing::TempDir() + "relay_password_odd";
    std::filesystem::remove(name);
    const auto expect_says = [&](const std::string& file, std::string_view says) {
        expect_refused(drydock, {"--relay", url, "--relay-password-file", file}, says);
    };
    ASSERT_EQ(::mkfifo(name.c_str(), 0600), 0);
    expect_says(name, "is no regular file");
    std::filesystem::remove(name);
    expect_says("/dev/zero", "is no regular file");
    expect_says(testing::TempDir(), "is no regular file");
    std::ofstream(name) << std::string(4097, 'x');
    expect_says(name, "is larger than 4096 bytes");
    std::ofstream(name) << "\r\nsecond line\n";
    expect_says(name, "has no password");
    std::ofstream(name) << "";
    expect_says(name, "has no password");
    std::ofstream(name) << std::string(4096, 'x');
    expect_says(name, "refused");  // the connection
    std::filesystem::remove(name);
}

TEST(RelayRefusal, shows_the_brokers_words_without_control_characters) {
    test::TcpListener broker;
    Process server(
        command(drydock, {"chat-server", "0", "--bind", "127.0.0.1", "--relay",
                          "redis://127.0.0.1:" + std::to_string(broker.port()) + "/room"}));
    std::optional<TcpPeer> link = broker.accept();
    ASSERT_TRUE(link.has_value());
    ASSERT_TRUE(link->send(std::string_view("-ERR \x1b[31m\0\\\r\n", 15)));
    EXPECT_EQ(server.wait(), Ending::exited(2));
    EXPECT_TRUE(is_one_sentence(server.errors(), "drydock"));
    EXPECT_NE(server.errors().find("the broker says: ERR \\x1b[31m\\x00\\\\\n"), std::string::npos)
        << server.errors();
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

TEST(RelayRefusal, of_a_user_without_a_right_of_the_script_leaves_the_room_to_the_others) {
    DRYDOCK_NEEDS_REDIS();
    RedisProcess broker(Durability::none);
    const std::string who = " on >" + std::string(password) + " ~{drydock:*} ~{drydock:*}:* +@all";
    ASSERT_EQ(broker.tell("ACL SETUSER chat" + who), "+OK");
    ASSERT_EQ(broker.tell("ACL SETUSER crippled" + who + " -hset"), "+OK");
    RelayRoom room(broker);
    ASSERT_TRUE(room.add_server({"--relay", broker.url("chat")}, with_password(drydock)));
    ASSERT_TRUE(room.add_server({"--relay", broker.url("crippled")}, with_password(drydock)));
    ASSERT_TRUE(room.add_members(0, 2) && room.add_members(1, 1));
    room.crowd().say(2, "waits\n");
    room.crowd().talk_for(300ms);
    ASSERT_TRUE(room.server(1).process().wait_for_errors("relay refused"));
    room.say_lines(0, 2, 3);
    EXPECT_TRUE(room.talk_until_heard(0, 3)) << "also the crippled server's member";
    room.expect_one_order(0, 3);
    room.expect_complete(room.crowd()[0].heard);
    EXPECT_EQ(room.log_count(0, "relay refused"), 0U) << room.server(0).process().errors();
    ASSERT_EQ(broker.tell("ACL SETUSER crippled +hset"), "+OK");
    constexpr std::string_view late = "waits\n";
    EXPECT_TRUE(room.crowd().talk_until([&] {
        return room.crowd()[0].heard.ends_with(late) && room.crowd()[2].heard.ends_with(late);
    })) << "the line has waited";
    EXPECT_EQ(room.crowd()[2].heard.size(), room.size() + late.size()) << "and comes once";
}

TEST(RelayRefusal, of_an_entry_that_is_not_the_relays_is_told_once_until_it_is_deleted) {
    DRYDOCK_NEEDS_REDIS();
    RedisProcess broker(Durability::none);
    RelayRoom room(broker);
    ASSERT_TRUE(room.add_server());
    ASSERT_TRUE(room.add_members(0, 2));
    room.say_lines(0, 2, 1);
    ASSERT_TRUE(room.talk_until_heard(0, 2));
    ASSERT_EQ(broker.tell("XADD {drydock:room} * a b").front(), '$');
    ASSERT_TRUE(
        room.server(0).process().wait_for_errors("an entry of the stream is not the relay"));
    room.say_lines(0, 2, 2);
    room.crowd().talk_for(5s);
    EXPECT_EQ(room.log_count(0, "relay away"), 1U) << room.server(0).process().errors();
    EXPECT_EQ(room.log_count(0, "relay back"), 0U) << room.server(0).process().errors();
    ASSERT_EQ(
        broker.tell("EVAL \"for _, entry in ipairs(redis.call('XRANGE', KEYS[1], '-', '+')) do "
                    "if entry[2][1] == 'a' then return redis.call('XDEL', KEYS[1], entry[1]) "
                    "end end\" 1 {drydock:room}"),
        ":1");
    EXPECT_TRUE(room.talk_until_heard(0, 2));
    room.expect_complete(room.crowd()[0].heard);
    EXPECT_TRUE(room.server(0).process().wait_for_errors("relay back"));
    EXPECT_EQ(room.log_count(0, "lines lost"), 0U) << room.server(0).process().errors();
    EXPECT_EQ(room.log_count(0, "relay away"), 1U) << room.server(0).process().errors();
}

/// Members of two servers have heard each other's lines, and say more while the broker refuses.
/// When it is mended, all have what they said then, once. Each server's log says once what the
/// broker's words begin with, and that the relay is back.
void expect_waited_out(RelayRoom& room, std::string_view reply, const std::function<void()>& breaks,
                       const std::function<void()>& mended) {
    ASSERT_TRUE(room.add_server() && room.add_server());
    ASSERT_TRUE(room.add_members(0, 2) && room.add_members(1, 2));
    room.say_lines(0, 4, 2);
    ASSERT_TRUE(room.talk_until_heard(0, 4));
    const std::size_t before = room.crowd()[0].heard.size();
    breaks();
    room.say_lines(0, 4, 3);
    room.crowd().talk_for(600ms);
    const std::string refused = "reply=\"" + std::string(reply);
    for (std::size_t i = 0; i < 2; ++i) {
        ASSERT_TRUE(room.server(i).process().wait_for_errors(refused));
    }
    room.crowd().talk_for(600ms);
    EXPECT_EQ(room.crowd()[0].heard.size(), before) << "the broker does not have them yet";
    EXPECT_EQ(room.crowd().count(ChatMember::State::talking), 4U);
    mended();
    EXPECT_TRUE(room.talk_until_heard(0, 4));
    room.expect_one_order(0, 4);
    room.expect_complete(room.crowd()[0].heard);
    for (std::size_t i = 0; i < 2; ++i) {
        ASSERT_TRUE(room.server(i).process().wait_for_errors("relay back"));
        const std::string& log = room.server(i).process().errors();
        EXPECT_EQ(room.log_count(i, refused), 1U) << log;
        EXPECT_EQ(room.log_count(i, "relay back"), 1U) << log;
        EXPECT_EQ(room.log_count(i, "lines lost"), 0U) << log;
    }
}

TEST(RelayRefusal, of_a_broker_that_has_become_a_replica_is_told_once_and_waited_out) {
    DRYDOCK_NEEDS_REDIS();
    RedisProcess broker(Durability::none);
    RelayRoom room(broker);
    expect_waited_out(
        room, "READONLY ",
        [&] {
            ASSERT_EQ(broker.tell("REPLICAOF 127.0.0.1 1"), "+OK");
            expect_refused(drydock, {"--relay", broker.url()}, "READONLY");
        },
        [&] { ASSERT_EQ(broker.tell("REPLICAOF NO ONE"), "+OK"); });
}

TEST(RelayRefusal, of_a_broker_that_could_not_save_is_told_once_and_waited_out) {
    DRYDOCK_NEEDS_REDIS();
    RedisProcess broker(Durability::none, {"--enable-protected-configs", "yes"});
    const std::filesystem::path folder =
        testing::TempDir() + "relay_misconf_" + std::to_string(broker.port());
    RelayRoom room(broker);
    const auto save = [&](std::string_view until) {
        broker.tell("BGSAVE");
        return room.crowd().talk_until(
            [&] { return broker.tell("HSET other field value").starts_with(until); });
    };
    expect_waited_out(
        room, "MISCONF ",
        [&] {
            std::filesystem::create_directory(folder);
            ASSERT_EQ(broker.tell("CONFIG SET dir " + folder.string()), "+OK");
            std::filesystem::remove(folder);
            ASSERT_EQ(broker.tell("CONFIG SET save \"3600 1\""), "+OK");
            ASSERT_TRUE(save("-MISCONF"));
            expect_refused(drydock, {"--relay", broker.url()}, "MISCONF");
        },
        [&] {
            std::filesystem::create_directory(folder);
            ASSERT_EQ(broker.tell("CONFIG SET dir " + folder.string()), "+OK");
            ASSERT_TRUE(save(":"));
        });
    std::filesystem::remove_all(folder);
}

TEST(RelayRefusal, of_a_broker_that_reads_its_file_is_told_once_and_waited_out) {
    DRYDOCK_NEEDS_REDIS();
    RedisProcess broker(Durability::always);
    // Redis answers each 1,024 commands of the file.
    constexpr int commands = 8000;
    std::string text;
    for (int i = 0; i < commands; ++i) text += "HSET other " + std::to_string(i) + " value\r\n";
    TcpPeer writer(broker.port());
    ASSERT_TRUE(writer.send(text));
    ASSERT_EQ(writer.receive(std::string_view(":1\r\n").size() * commands).end, End::complete);
    RelayRoom room(broker);
    expect_waited_out(
        room, "LOADING ",
        [&] {
            broker.crash();
            ASSERT_TRUE(broker.restart_loading(400));
        },
        [&] {
            // A server that is started now waits.
            ASSERT_TRUE(room.add_server());
            EXPECT_EQ(room.log_count(2, "reply=\"LOADING "), 1U);
            ASSERT_TRUE(broker.wait_until_loaded());
        });
}

TEST(RelayIdle, timeout_closes_members_during_an_outage_but_not_one_that_is_owed_its_last_lines) {
    DRYDOCK_NEEDS_REDIS();
    RedisProcess broker(Durability::none);
    RelayRoom room(broker);
    ASSERT_TRUE(room.add_server({"--idle-timeout", "2"}) && room.add_server());
    ASSERT_TRUE(room.add_members(0, 3) && room.add_members(1, 1));
    ChatCrowd& crowd = room.crowd();
    room.say_lines(0, 1, 1);
    ASSERT_TRUE(room.talk_until_heard(0, 4));
    broker.freeze();
    room.say_lines(1, 2, 2);
    crowd.half_close(1);
    crowd.talk_for(4s);
    EXPECT_NE(crowd[0].state, ChatMember::State::talking) << "it has said nothing";
    EXPECT_EQ(crowd[1].state, ChatMember::State::talking) << "it is owed its last lines";
    EXPECT_EQ(crowd[2].state, ChatMember::State::was_reset)
        << "an end that looks clean would hide that its lines have not come back";
    EXPECT_EQ(crowd[3].state, ChatMember::State::talking) << "its server has no timeout";
    broker.thaw();
    EXPECT_TRUE(crowd.talk_until([&] { return crowd[1].state == ChatMember::State::ended; }));
    ASSERT_TRUE(room.talk_until_heard(3, 1));
    EXPECT_NE(crowd[1].heard.find("1.1\n"), std::string::npos) << crowd[1].heard;
    EXPECT_TRUE(crowd[3].heard.starts_with(crowd[1].heard)) << crowd[1].heard;
    room.expect_complete(crowd[3].heard);
    ASSERT_TRUE(room.server(0).process().wait_for_errors("reason=\"end of stream\""));
    EXPECT_EQ(room.log_count(0, "reason=idle"), 2U) << room.server(0).process().errors();
    EXPECT_EQ(room.log_count(1, "reason=idle"), 0U);
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

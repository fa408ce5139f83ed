// What a transcript cannot say: waiting reads, several connections, kills and restarts, on each
// kind of server.
#include <chrono>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/broker/publish_script.hpp"
#include "tests/broker/sha1.hpp"
#include "tests/broker_suite/link.hpp"
#include "tests/broker_suite/subject.hpp"

namespace drydock::broker {
namespace {

using namespace std::chrono_literals;

std::string entries_reply(std::string_view key, const std::vector<std::string>& ids) {
    std::string text = "*1\r\n*2\r\n$" + std::to_string(key.size()) + "\r\n" + std::string(key) +
                       "\r\n*" + std::to_string(ids.size()) + "\r\n";
    for (const std::string& id : ids) {
        text += "*2\r\n$" + std::to_string(id.size()) + "\r\n" + id +
                "\r\n*2\r\n$1\r\nf\r\n$1\r\nv\r\n";
    }
    return text;
}

Task<void> opened(Link& link, const Server& server) {
    const bool is_open = co_await link.open(server.endpoint());
    EXPECT_TRUE(is_open);
}

/// Until a reply to `request` has `expected`, or a minute has passed.
Task<void> until_reply(CompletionQueue& queue, const Server& server, std::string request,
                       std::string expected) {
    Link link(queue);
    co_await opened(link, server);
    Timer timer(queue);
    const Time end = later(queue.now(), 60s);
    std::string reply;
    while (queue.now() < end) {
        co_await link.send(request);
        reply = co_await link.reply();
        if (reply.find(expected) != std::string::npos) co_return;
        co_await timer.after(5ms);
    }
    ADD_FAILURE() << "never came: " << expected << "; the last reply: " << reply;
}

/// Until so many connections wait in an XREAD, which gives no sign of its own.
Task<void> until_waiting(CompletionQueue& queue, const Server& server, int count) {
    return until_reply(queue, server, command("INFO", "clients"),
                       "\r\nblocked_clients:" + std::to_string(count) + "\r\n");
}

class BrokerBehaviour : public testing::TestWithParam<Kind> {
protected:
    void SetUp() override {
        if (const std::string why = missing(GetParam()); !why.empty()) GTEST_SKIP() << why;
    }
};

// --- waiting reads -------------------------------------------------------------------------------

TEST_P(BrokerBehaviour, AReadThatWaitsGetsTheEntryThatComesAndNotTheNext) {
    with_server(GetParam(), {}, [](CompletionQueue& queue, Server& server) -> Task<void> {
        Link reader(queue);
        Link writer(queue);
        co_await opened(reader, server);
        co_await opened(writer, server);
        co_await reader.send(command("XREAD", "COUNT", "9", "BLOCK", "0", "STREAMS", "s", "0"));
        co_await until_waiting(queue, server, 1);
        co_await writer.send(command("XADD", "other", "1-0", "f", "v") +
                             command("XADD", "s", "1-0", "f", "v") +
                             command("XADD", "s", "2-0", "f", "v"));
        const std::string first = co_await reader.reply();
        EXPECT_EQ(first, entries_reply("s", {"1-0"}));
        const std::string rest = co_await reader.ask("XREAD", "BLOCK", "0", "STREAMS", "s", "1-0");
        EXPECT_EQ(rest, entries_reply("s", {"2-0"}));
    });
}

TEST_P(BrokerBehaviour, AReadThatHasWaitedLongEnoughGetsANullArray) {
    with_server(GetParam(), {}, [](CompletionQueue& queue, Server& server) -> Task<void> {
        Link link(queue);
        co_await opened(link, server);
        const Time begin = queue.now();
        const std::string none = co_await link.ask("XREAD", "BLOCK", "60", "STREAMS", "s", "$");
        EXPECT_EQ(none, "*-1\r\n");
        EXPECT_GE(queue.now() - begin, 55ms) << "it must wait";
        const std::string pong = co_await link.ask("PING");
        EXPECT_EQ(pong, "+PONG\r\n");
    });
}

TEST_P(BrokerBehaviour, ADollarIsTheNewestEntryWhenTheReadBegins) {
    with_server(GetParam(), {}, [](CompletionQueue& queue, Server& server) -> Task<void> {
        Link reader(queue);
        Link writer(queue);
        co_await opened(reader, server);
        co_await opened(writer, server);
        co_await writer.ask("XADD", "s", "1-0", "f", "v");
        co_await reader.send(command("XREAD", "BLOCK", "0", "STREAMS", "s", "$"));
        co_await until_waiting(queue, server, 1);
        co_await writer.ask("XADD", "s", "2-0", "f", "v");
        const std::string entries = co_await reader.reply();
        EXPECT_EQ(entries, entries_reply("s", {"2-0"}));
    });
}

TEST_P(BrokerBehaviour, CommandsBehindAReadThatWaitsWaitForIt) {
    with_server(GetParam(), {}, [](CompletionQueue& queue, Server& server) -> Task<void> {
        Link reader(queue);
        Link writer(queue);
        co_await opened(reader, server);
        co_await opened(writer, server);
        co_await reader.send(command("PING") + command("XREAD", "BLOCK", "0", "STREAMS", "s", "$") +
                             command("XADD", "s", "7-0", "f", "v"));
        const std::string pong = co_await reader.reply();
        EXPECT_EQ(pong, "+PONG\r\n") << "what was before it is answered at once";
        co_await until_waiting(queue, server, 1);
        const std::string length = co_await writer.ask("XLEN", "s");
        EXPECT_EQ(length, ":0\r\n") << "the XADD waits";
        co_await writer.ask("XADD", "s", "1-0", "f", "v");
        const std::string entries = co_await reader.reply();
        EXPECT_EQ(entries, entries_reply("s", {"1-0"}));
        const std::string own = co_await reader.reply();
        EXPECT_EQ(own, "$3\r\n7-0\r\n");
    });
}

TEST_P(BrokerBehaviour, AllThatWaitGetTheEntryAlsoAfterTheKeyWasAway) {
    with_server(GetParam(), {}, [](CompletionQueue& queue, Server& server) -> Task<void> {
        Link one(queue);
        Link other(queue);
        Link writer(queue);
        co_await opened(one, server);
        co_await opened(other, server);
        co_await opened(writer, server);
        co_await writer.ask("XADD", "s", "5-0", "f", "v");
        co_await one.send(command("XREAD", "BLOCK", "0", "STREAMS", "s", "5-0"));
        co_await other.send(command("XREAD", "BLOCK", "0", "STREAMS", "s", "$"));
        co_await until_waiting(queue, server, 2);
        co_await writer.ask("DEL", "s");
        co_await writer.ask("XADD", "s", "4-0", "f", "v");
        co_await writer.ask("XADD", "s", "6-0", "f", "v");
        const std::string of_one = co_await one.reply();
        EXPECT_EQ(of_one, entries_reply("s", {"6-0"})) << "4-0 is before what it has";
        const std::string of_other = co_await other.reply();
        EXPECT_EQ(of_other, entries_reply("s", {"6-0"}));
    });
}

TEST_P(BrokerBehaviour, AScriptWakesAReadThatWaits) {
    with_server(GetParam(), {}, [](CompletionQueue& queue, Server& server) -> Task<void> {
        Link reader(queue);
        Link writer(queue);
        co_await opened(reader, server);
        co_await opened(writer, server);
        co_await reader.send(command("XREAD", "BLOCK", "0", "STREAMS", "s", "0"));
        co_await until_waiting(queue, server, 1);
        co_await writer.ask("HSET", "p", "#", "0");
        const std::string published = co_await writer.ask("EVAL", publish_script(), "3", "s", "p",
                                                          "h", "me", "1", "hi\n", "9");
        EXPECT_EQ(published, "*2\r\n:1\r\n:1\r\n");
        const std::string entries = co_await reader.reply();
        EXPECT_EQ(entries,
                  "*1\r\n*2\r\n$1\r\ns\r\n*1\r\n*2\r\n$3\r\n1-0\r\n*6\r\n$1\r\np\r\n$2\r\nme\r\n"
                  "$1\r\ni\r\n$1\r\n1\r\n$1\r\nl\r\n$3\r\nhi\n\r\n");
    });
}

/// The integer or bulk string that a reply ends with.
std::uint64_t last_number(const std::string& reply) {
    const std::size_t end = reply.find_last_of("0123456789") + 1;
    const std::size_t begin = reply.find_last_not_of("0123456789", end - 1) + 1;
    return std::stoull(reply.substr(begin, end - begin));
}

Task<std::uint64_t> microseconds(Link& link) {
    const std::string reply = co_await link.ask("TIME");  // "*2 $10 SECONDS $6 MICROSECONDS"
    const std::size_t second = reply.find("$10\r\n");
    EXPECT_NE(second, std::string::npos) << reply;
    co_return std::stoull(reply.substr(second + 5, 10)) * 1'000'000 + last_number(reply);
}

// A server that has lost its keys does not give the number of a lost entry again.
TEST_P(BrokerBehaviour, TheScriptCountsFromTheTimeInMicrosecondsInARoomWithoutACounter) {
    with_server(GetParam(), {}, [](CompletionQueue& queue, Server& server) -> Task<void> {
        Link link(queue);
        co_await opened(link, server);
        std::uint64_t newest = 0;
        for (int lives = 0; lives < 3; ++lives) {
            const std::uint64_t before = co_await microseconds(link);
            EXPECT_GE(before, newest);
            const std::string asked =
                co_await link.ask("EVAL", publish_script(), "3", "s", "p", "h", "me", "0", "", "9");
            EXPECT_EQ(asked, "*2\r\n:0\r\n:0\r\n");
            const std::string counter = co_await link.ask("HGET", "p", "#");
            const std::uint64_t begin = last_number(counter);
            const std::uint64_t after = co_await microseconds(link);
            EXPECT_GE(begin, before);
            EXPECT_LE(begin, after);
            EXPECT_GE(begin, newest) << "entries that are lost had these numbers";
            for (std::uint64_t number = 1; number <= 20; ++number) {
                const std::string published =
                    co_await link.ask("EVAL", publish_script(), "3", "s", "p", "h", "me",
                                      std::to_string(number), "line\n", "9");
                EXPECT_EQ(published, "*2\r\n:" + std::to_string(number) +
                                         "\r\n:" + std::to_string(begin + number) + "\r\n");
            }
            newest = begin + 20;
            const std::string deleted = co_await link.ask("DEL", "s", "p", "h");
            EXPECT_EQ(deleted, ":3\r\n");
        }
    });
}

TEST_P(BrokerBehaviour, AConnectionThatEndsWhileItWaitsDisturbsNoOther) {
    with_server(GetParam(), {}, [](CompletionQueue& queue, Server& server) -> Task<void> {
        Link reader(queue);
        Link writer(queue);
        co_await opened(reader, server);
        co_await opened(writer, server);
        co_await reader.send(command("XREAD", "BLOCK", "0", "STREAMS", "s", "0"));
        co_await until_waiting(queue, server, 1);
        reader.close();
        co_await until_waiting(queue, server, 0);
        const std::string added = co_await writer.ask("XADD", "s", "1-0", "f", "v");
        EXPECT_EQ(added, "$3\r\n1-0\r\n");
    });
}

TEST_P(BrokerBehaviour, CommandsOfAConnectionThatEndsAtOnceAreAnsweredYet) {
    with_server(GetParam(), {}, [](CompletionQueue& queue, Server& server) -> Task<void> {
        Link link(queue);
        co_await opened(link, server);
        co_await link.send(command("XADD", "s", "1-0", "f", "v"));
        link.close();
        // A lost reply is no lost command.
        co_await until_reply(queue, server, command("XLEN", "s"), ":1\r\n");
    });
}

// --- the end of the server -----------------------------------------------------------------------

TEST_P(BrokerBehaviour, AKillEndsTheStreamOfAReadThatWaitsAndOfAnIdleConnection) {
    with_server(GetParam(), {}, [](CompletionQueue& queue, Server& server) -> Task<void> {
        Link reader(queue);
        Link idle(queue);
        co_await opened(reader, server);
        co_await opened(idle, server);
        co_await idle.ask("PING");
        co_await reader.send(command("XREAD", "BLOCK", "0", "STREAMS", "s", "0"));
        co_await until_waiting(queue, server, 1);
        co_await server.kill();
        const std::string of_reader = co_await reader.reply();
        EXPECT_EQ(of_reader, "(end of the stream)");
        const std::string of_idle = co_await idle.reply();
        EXPECT_EQ(of_idle, "(end of the stream)");
        Link late(queue);
        const bool is_open = co_await late.open(server.endpoint());
        EXPECT_FALSE(is_open) << "nothing listens any more";
        co_await server.start();
    });
}

Task<void> publish_some(CompletionQueue& queue, Server& server) {
    Link link(queue);
    co_await opened(link, server);
    const std::string sha = sha1_hex(publish_script());
    co_await link.ask("SCRIPT", "LOAD", publish_script());
    co_await link.ask("HSET", "p", "#", "0");
    for (int number = 1; number <= 30; ++number) {
        const std::string published = co_await link.ask("EVALSHA", sha, "3", "s", "p", "h", "me",
                                                        std::to_string(number), "line\n", "5");
        const std::string text = std::to_string(number);
        EXPECT_EQ(published, "*2\r\n:" + text + "\r\n:" + text + "\r\n");
    }
    co_await link.ask("XADD", "short", "MAXLEN", "0", "9-0", "f", "v");
    co_await link.ask("HSET", "gone", "f", "v");
    co_await link.ask("EXPIRE", "gone", "-1");
    co_await link.ask("HSET", "expires", "f", "v");
    co_await link.ask("EXPIRE", "expires", "1000");
}

TEST_P(BrokerBehaviour, ARestartWithAppendfsyncAlwaysKeepsAllThatWasAnswered) {
    const ServerOptions options{.append_only = true, .fsync = Fsync::always};
    with_server(GetParam(), options, [](CompletionQueue& queue, Server& server) -> Task<void> {
        co_await publish_some(queue, server);
        co_await server.kill();
        co_await server.start();
        Link link(queue);
        co_await opened(link, server);
        const std::string sha = sha1_hex(publish_script());
        const std::string length = co_await link.ask("XLEN", "s");
        EXPECT_EQ(length, ":30\r\n");
        const std::string unknown =
            co_await link.ask("EVALSHA", sha, "3", "s", "p", "h", "me", "0", "", "5");
        EXPECT_EQ(unknown, "-NOSCRIPT No matching script. Please use EVAL.\r\n")
            << "scripts are not kept";
        const std::string again = co_await link.ask("EVAL", publish_script(), "3", "s", "p", "h",
                                                    "me", "30", "line\n", "5");
        EXPECT_EQ(again, "*2\r\n:30\r\n:30\r\n") << "the number was accepted before";
        const std::string next =
            co_await link.ask("EVALSHA", sha, "3", "s", "p", "h", "me", "31", "line\n", "5");
        EXPECT_EQ(next, "*2\r\n:31\r\n:31\r\n");
        const std::string old = co_await link.ask("XADD", "short", "9-0", "f", "v");
        EXPECT_TRUE(old.starts_with("-ERR The ID specified in XADD is equal or smaller"))
            << "the newest id of a stream is kept without its entries: " << old;
        const std::string exist = co_await link.ask("EXISTS", "gone", "expires");
        EXPECT_EQ(exist, ":1\r\n");
        const std::string seconds = co_await link.ask("TTL", "expires");
        EXPECT_TRUE(seconds == ":1000\r\n" || seconds.starts_with(":99")) << seconds;
    });
}

TEST_P(BrokerBehaviour, ARestartWithoutAnAppendOnlyFileKeepsNothing) {
    with_server(GetParam(), {}, [](CompletionQueue& queue, Server& server) -> Task<void> {
        co_await publish_some(queue, server);
        co_await server.kill();
        co_await server.start();
        Link link(queue);
        co_await opened(link, server);
        const std::string exist = co_await link.ask("EXISTS", "s", "p", "h");
        EXPECT_EQ(exist, ":0\r\n");
    });
}

TEST_P(BrokerBehaviour, AnswersWhileItReadsItsFileWhatNeedsNoKeys) {
    const ServerOptions options{.append_only = true, .fsync = Fsync::no};
    // Redis serves its clients each 1,024 commands of the file.
    const int count = GetParam() == "redis" ? 4000 : 10;
    with_server(GetParam(), options, [count](CompletionQueue& queue, Server& server) -> Task<void> {
        Link writer(queue);
        co_await opened(writer, server);
        std::string commands;
        for (int number = 1; number <= count; ++number) {
            commands += command("HSET", "h", std::to_string(number), "v");
        }
        co_await writer.send(commands);
        for (int number = 1; number <= count; ++number) co_await writer.reply();
        co_await server.kill();
        co_await server.start_loading();
        Link link(queue);
        co_await opened(link, server);
        const std::string loading = "-LOADING Redis is loading the dataset in memory\r\n";
        co_await link.send(command("PING") + command("XREAD", "STREAMS", "s", "0") +
                           command("XADD", "s", "1-0", "f", "v") + command("EXISTS", "s") +
                           command("EVALSHA", sha1_hex(publish_script()), "0") +
                           command("SCRIPT", "LOAD", publish_script()) +
                           command("CLIENT", "SETNAME", "x") + command("AUTH", "default", "x") +
                           command("CONFIG", "GET", "appendonly") + command("XADD") +
                           command("INFO", "persistence"));
        for (int number = 1; number <= 6; ++number) {
            const std::string reply = co_await link.reply();
            EXPECT_EQ(reply, loading) << "command " << number;
        }
        for (const char* expected :
             {"+OK\r\n", "+OK\r\n", "*2\r\n$10\r\nappendonly\r\n$3\r\nyes\r\n",
              "-ERR wrong number of arguments for 'xadd' command\r\n"}) {
            const std::string reply = co_await link.reply();
            EXPECT_EQ(reply, expected);
        }
        const std::string info = co_await link.reply();
        EXPECT_NE(info.find("\r\nloading:1\r\n"), std::string::npos) << info;
        co_await server.loaded();
        const std::string length = co_await link.ask("HLEN", "h");
        EXPECT_EQ(length, ":" + std::to_string(count) + "\r\n");
    });
}

// --- the server itself ---------------------------------------------------------------------------

TEST_P(BrokerBehaviour, SaysWhatItKeepsAndWhatItIs) {
    const ServerOptions options{.append_only = true, .fsync = Fsync::always};
    with_server(GetParam(), options, [](CompletionQueue& queue, Server& server) -> Task<void> {
        Link link(queue);
        co_await opened(link, server);
        const std::string file = co_await link.ask("CONFIG", "GET", "appendonly");
        EXPECT_EQ(file, "*2\r\n$10\r\nappendonly\r\n$3\r\nyes\r\n");
        const std::string policy = co_await link.ask("CONFIG", "GET", "APPENDFSYNC");
        EXPECT_EQ(policy, "*2\r\n$11\r\nAPPENDFSYNC\r\n$6\r\nalways\r\n");
        const std::string info = co_await link.ask("INFO");
        for (const char* field : {"\r\nredis_version:7.0.", "\r\nrun_id:", "\r\nloading:0\r\n",
                                  "\r\naof_enabled:1\r\n", "\r\nrole:master\r\n"}) {
            EXPECT_NE(info.find(field), std::string::npos) << field;
        }
        const std::string quit = co_await link.ask("QUIT");
        EXPECT_EQ(quit, "+OK\r\n");
        const std::string end = co_await link.reply();
        EXPECT_EQ(end, "(end of the stream)");
    });
}

TEST_P(BrokerBehaviour, EndsAConnectionThatDoesNotSendCommands) {
    with_server(GetParam(), {}, [](CompletionQueue& queue, Server& server) -> Task<void> {
        Link link(queue);
        co_await opened(link, server);
        co_await link.send("*1\r\n$4\r\nPING\r\n*x\r\n");
        const std::string pong = co_await link.reply();
        EXPECT_EQ(pong, "+PONG\r\n");
        const std::string error = co_await link.reply();
        EXPECT_EQ(error, "-ERR Protocol error: invalid multibulk length\r\n");
        const std::string end = co_await link.reply();
        EXPECT_EQ(end, "(end of the stream)");
    });
}

INSTANTIATE_TEST_SUITE_P(Suite, BrokerBehaviour, testing::ValuesIn(kinds),
                         [](const auto& param) { return std::string(param.param); });

}  // namespace
}  // namespace drydock::broker

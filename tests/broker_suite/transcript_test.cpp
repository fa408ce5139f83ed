// Each transcript on each kind of server: the replies, byte for byte. The transcripts were recorded
// from Redis 7.0.15; with DRYDOCK_UPDATE_REPLIES=1 the cases on redis-server record them anew.
#include <cstdlib>
#include <map>
#include <memory>
#include <ostream>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "tests/broker/publish_script.hpp"
#include "tests/broker/sha1.hpp"
#include "tests/broker_suite/link.hpp"
#include "tests/broker_suite/subject.hpp"
#include "tests/broker_suite/transcript.hpp"

namespace drydock::broker {
namespace {

using Lines = std::vector<TranscriptLine>;

/// The user of a transcript that says `= user`.
User member() {
    User user;
    user.name = "member";
    user.password = "pw";
    user.commands = {"ping", "xread", "xlen", "exists", "evalsha", "client|setname", "script|load"};
    user.key_prefix = "{room}";
    return user;
}

/// Users of a transcript that says `= publishers`: all that the publish script needs, and the same
/// without HSET.
User publisher(bool may_write_hashes) {
    User user;
    user.name = may_write_hashes ? "publisher" : "crippled";
    user.password = "pw";
    user.commands = {"evalsha", "script|load",   "time", "xadd", "hget", "hmget",
                     "zscore",  "zrangebyscore", "hdel", "zrem", "zadd", "xlen"};
    if (may_write_hashes) user.commands.insert("hset");
    user.key_prefix = "{room}";
    return user;
}

ServerOptions options_of(const Lines& lines) {
    ServerOptions options;
    for (const TranscriptLine& line : lines) {
        if (line.kind != TranscriptLine::Kind::option) continue;
        if (line.words[0] == "password") options.password = line.words[1];
        if (line.words[0] == "user") options.users.push_back(member());
        if (line.words[0] == "publishers") options.users = {publisher(true), publisher(false)};
    }
    return options;
}

Condition condition_of(std::string_view name) {
    if (name == "out-of-memory") return Condition::out_of_memory;
    if (name == "read-only") return Condition::read_only;
    return name == "disk-error" ? Condition::disk_error : Condition::none;
}

std::string publish_sha() { return sha1_hex(publish_script()); }

std::string in_capitals(std::string text) {
    for (char& letter : text) {
        if (letter >= 'a' && letter <= 'z') letter = static_cast<char>(letter - 'a' + 'A');
    }
    return text;
}

std::vector<std::string> filled_in(std::vector<std::string> words) {
    for (std::string& word : words) {
        if (word == "$script") word = publish_script();
        if (word == "$sha") word = publish_sha();
        if (word == "$SHA") word = in_capitals(publish_sha());
    }
    return words;
}

/// A reply as transcripts have it: they need not change with every change of the script.
std::string without_sha(std::string reply) {
    const std::string sha = publish_sha();
    for (std::size_t at = reply.find(sha); at != std::string::npos; at = reply.find(sha)) {
        reply.replace(at, sha.size(), "$sha");
    }
    return reply;
}

Task<void> follow(CompletionQueue& queue, Server& server, Lines& lines, bool records) {
    std::map<std::string, std::unique_ptr<Link>> links;
    for (TranscriptLine& line : lines) {
        if (line.kind == TranscriptLine::Kind::condition) {
            co_await server.impose(condition_of(line.words[0]));
        }
        if (line.kind != TranscriptLine::Kind::command) continue;
        std::unique_ptr<Link>& link = links[line.connection];
        if (link == nullptr) {
            link = std::make_unique<Link>(queue);
            const bool is_open = co_await link->open(server.endpoint());
            EXPECT_TRUE(is_open);
        }
        std::string reply = co_await link->ask_words(filled_in(line.words));
        reply = without_sha(std::move(reply));
        if (records) {
            line.reply = reply;
        } else {
            EXPECT_EQ(escaped(reply), escaped(line.reply)) << line.line;
        }
    }
}

struct Case {
    Kind kind;
    std::string transcript;
};

void PrintTo(const Case& one, std::ostream* out) { *out << one.kind << " " << one.transcript; }

std::vector<Case> cases() {
    std::vector<Case> all;
    for (const Kind kind : kinds) {
        for (const char* name :
             {"keys", "connection", "hashes", "sorted_sets", "streams", "trimming", "ranges",
              "reads", "scripts", "publish", "publish_errors", "wrong_types", "out_of_memory",
              "read_only", "disk_error", "password", "permissions", "publish_rights"}) {
            all.push_back({kind, name});
        }
    }
    return all;
}

class BrokerTranscript : public testing::TestWithParam<Case> {};

TEST_P(BrokerTranscript, HasTheRepliesOfRedis) {
    const auto& [kind, name] = GetParam();
    if (const std::string why = missing(kind); !why.empty()) GTEST_SKIP() << why;
    const std::string path = std::string(DRYDOCK_TRANSCRIPTS) + "/" + name + ".txt";
    const char* const update = std::getenv("DRYDOCK_UPDATE_REPLIES");
    const bool records = kind == "redis" && update != nullptr;
    Lines lines = read_transcript(path);
    with_server(kind, options_of(lines), [&](CompletionQueue& queue, Server& server) {
        return follow(queue, server, lines, records);
    });
    if (records) write_transcript(path, lines);
}

INSTANTIATE_TEST_SUITE_P(Suite, BrokerTranscript, testing::ValuesIn(cases()),
                         [](const auto& param) {
                             return std::string(param.param.kind) + "_" + param.param.transcript;
                         });

}  // namespace
}  // namespace drydock::broker

// The model and redis-server side by side: the same commands, drawn at random, must get the same
// replies. Above all the lengths of streams that were trimmed by whole nodes.
#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/broker/publish_script.hpp"
#include "tests/broker_suite/link.hpp"
#include "tests/broker_suite/subject.hpp"
#include "tests/broker_suite/transcript.hpp"
#include "tests/support/scale.hpp"

namespace drydock::broker {
namespace {

using CommandWords = std::vector<std::string>;

/// Draws commands: mostly valid ones, on few keys.
class Dice {
public:
    explicit Dice(std::uint64_t seed) noexcept : state_(seed * 0x9E3779B97F4A7C15U + 1) {}

    std::uint64_t below(std::uint64_t bound) noexcept {
        state_ ^= state_ << 13;
        state_ ^= state_ >> 7;
        state_ ^= state_ << 17;
        return (state_ >> 11) % bound;
    }
    bool one_in(std::uint64_t count) noexcept { return below(count) == 0; }
    std::string pick(std::initializer_list<const char*> words) noexcept {
        return words.begin()[below(words.size())];
    }

    CommandWords command() {
        switch (below(10)) {
            case 0:
            case 1:
            case 2:
            case 3:
                return add();
            case 4:
                return trim();
            case 5:
                return read();
            case 6:
                return publish();
            case 7:
                return hash_command();
            case 8:
                return set_command();
            default:
                return key_command();
        }
    }

private:
    std::string number(std::uint64_t bound) { return std::to_string(below(bound)); }
    std::string stream() { return one_in(40) ? "h" : pick({"s", "s", "s", "t"}); }
    std::string id() {
        if (one_in(30)) return pick({"x", "1-", "-1", "1-1-1", ""});
        return one_in(2) ? number(next_ + 3) : number(next_ + 3) + "-" + number(3);
    }
    // Numbers of every size that a listpack knows, and texts around its borders.
    std::string value() {
        if (one_in(3)) {
            const std::int64_t any = static_cast<std::int64_t>(below(~0ULL) >> below(64));
            return std::to_string(one_in(2) ? any : -any);
        }
        const std::uint64_t size = one_in(20) ? below(5000) : below(one_in(4) ? 300 : 70);
        return std::string(size, one_in(2) ? 'a' : '0');
    }
    void append_trim(CommandWords& words) {
        words.push_back(pick({"MAXLEN", "MAXLEN", "maxlen", "MINID"}));
        const bool by_id = words.back() == "MINID";
        if (!one_in(3)) words.push_back(one_in(3) ? "=" : "~");
        const bool whole = words.back() == "~";
        words.push_back(by_id ? id() : number(300));
        if (one_in(10) && (whole || one_in(10))) {
            words.insert(words.end(), {"LIMIT", number(150)});
        }
    }
    CommandWords add() {
        CommandWords words = {"XADD", stream()};
        if (one_in(20)) words.push_back("NOMKSTREAM");
        if (one_in(3)) append_trim(words);
        words.push_back(one_in(20) ? id() : std::to_string(next_ += 1 + below(3)) + "-0");
        const bool plain = !one_in(4);
        for (std::uint64_t left = plain ? 2 : 1 + below(4); left > 0; --left) {
            words.push_back(plain ? (left == 2 ? "p" : "l") : pick({"p", "l", "x", "12"}));
            words.push_back(value());
        }
        if (one_in(50)) words.pop_back();
        return words;
    }
    CommandWords trim() {
        CommandWords words = {"XTRIM", stream()};
        append_trim(words);
        return words;
    }
    CommandWords read() {
        if (one_in(2)) return {"XLEN", stream()};
        if (one_in(2)) return {"XREAD", "COUNT", number(4), "STREAMS", stream(), id()};
        CommandWords words = {pick({"XRANGE", "XREVRANGE"}), stream()};
        for (int border = 0; border < 2; ++border) {
            words.push_back(one_in(3) ? pick({"-", "+"}) : (one_in(3) ? "(" : "") + id());
        }
        words.insert(words.end(), {"COUNT", number(5)});
        return words;
    }
    CommandWords publish() {
        return {"EVAL",
                std::string(publish_script()),
                "3",
                "room",
                "room:p",
                "room:h",
                pick({"a", "b"}),
                one_in(2) ? number(20) : std::to_string(++published_),
                value(),
                number(200)};
    }
    CommandWords hash_command() {
        const std::string key = one_in(20) ? "s" : "h";
        const std::string field = pick({"a", "b", "#"});
        switch (below(7)) {
            case 0:
                return {"HSET", key, field, value()};
            case 1:
                return {"HGET", key, field};
            case 2:
                return {"HDEL", key, field, "c"};
            case 3:
                return {"HMGET", key, field, "a", "c"};
            case 4:
                return {"HLEN", key};
            default:
                return {"HINCRBY", key, "#", one_in(10) ? value() : number(9)};
        }
    }
    CommandWords set_command() {
        const std::string key = one_in(20) ? "h" : "z";
        const std::string member = pick({"a", "b", "c"});
        switch (below(5)) {
            case 0:
                return {"ZADD", key, one_in(20) ? "x" : number(1000), member};
            case 1:
                return {"ZSCORE", key, member};
            case 2:
                return {"ZREM", key, member};
            case 3:
                return {"ZCARD", key};
            default:
                return {"ZRANGEBYSCORE", key,     pick({"-inf", "0", "300"}),
                        number(1000),    "LIMIT", number(2),
                        number(3)};
        }
    }
    CommandWords key_command() {
        const std::string key = pick({"s", "t", "h", "z", "room", "none"});
        switch (below(8)) {
            case 0:
                return {"DEL", key};
            case 1:
                return {"EXPIRE", key, one_in(3) ? "-1" : "1000"};
            case 2:
                return {"TYPE", key};
            case 3:
                return {pick({"xadd", "HSET", "FOO", "XLEN"}), key};
            default:
                return {"EXISTS", key, "s"};
        }
    }

    std::uint64_t state_;
    std::uint64_t next_ = 0;       // the id of the newest entry
    std::uint64_t published_ = 0;  // of no publisher exactly: some numbers are right
};

std::string in_words(const CommandWords& words) {
    std::string text;
    for (const std::string& word : words) text += " " + escaped(word.substr(0, 80));
    return text;
}

Task<void> compare(CompletionQueue& queue, Server& model, Server& redis, std::uint64_t seed,
                   int batches) {
    Link to_model(queue);
    Link to_redis(queue);
    const bool model_open = co_await to_model.open(model.endpoint());
    const bool redis_open = co_await to_redis.open(redis.endpoint());
    EXPECT_TRUE(model_open && redis_open);
    co_await to_redis.ask("FLUSHALL");
    // The two servers have not the same time, from which the counting would begin.
    co_await to_model.ask("HSET", "room:p", "#", "0");
    co_await to_redis.ask("HSET", "room:p", "#", "0");
    Dice dice(seed);
    for (int batch = 0; batch < batches && !testing::Test::HasFailure(); ++batch) {
        std::vector<CommandWords> commands(64);
        std::string text;
        for (CommandWords& words : commands) {
            words = dice.command();
            relay::append_command(text, std::vector<std::string_view>(words.begin(), words.end()));
        }
        co_await to_model.send(text);
        co_await to_redis.send(text);
        for (const CommandWords& words : commands) {
            const std::string of_model = co_await to_model.reply();
            const std::string of_redis = co_await to_redis.reply();
            EXPECT_EQ(escaped(of_model), escaped(of_redis))
                << "seed " << seed << ", batch " << batch << ":" << in_words(words);
            if (of_model != of_redis) co_return;
        }
    }
}

class BrokerComparison : public testing::TestWithParam<Kind> {};

TEST_P(BrokerComparison, TheModelAnswersRandomCommandsAsRedisDoes) {
    if (const std::string why = missing(GetParam()); !why.empty()) GTEST_SKIP() << why;
    const auto seeds = static_cast<std::uint64_t>(test::scaled(20));
    run_on_queue([seeds](CompletionQueue& queue) -> Task<void> {
        const auto redis = make_redis(queue, {});
        co_await redis->start();
        for (std::uint64_t seed = 1; seed <= seeds && !testing::Test::HasFailure(); ++seed) {
            const auto model = make_model(queue, {});
            co_await model->start();
            co_await compare(queue, *model, *redis, seed, 60);
            co_await model->kill();
        }
        co_await redis->kill();
    });
}

INSTANTIATE_TEST_SUITE_P(Suite, BrokerComparison, testing::Values("redis"),
                         [](const auto& param) { return std::string(param.param); });

}  // namespace
}  // namespace drydock::broker

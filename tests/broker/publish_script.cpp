// The publish script, statement by statement.
#include "tests/broker/publish_script.hpp"

#include <optional>
#include <string>

#include "src/relay/script.hpp"
#include "tests/broker/numbers.hpp"

namespace drydock::broker {
namespace {

// Places of the script that errors may name.
constexpr std::string_view at_score = "redis.call('ZSCORE'";
constexpr std::string_view at_add_heard = "redis.call('ZADD'";
constexpr std::string_view at_old = "redis.call('ZRANGEBYSCORE'";
constexpr std::string_view at_forget = "redis.call('HDEL'";
constexpr std::string_view at_remove = "redis.call('ZREM'";
constexpr std::string_view at_known = "redis.call('HMGET'";
constexpr std::string_view at_begin = "redis.call('HSET', publishers, '#', newest";
constexpr std::string_view at_compare = "if number <= last";
constexpr std::string_view at_test = "redis.call('HSET', publishers, '#', newest) --";
constexpr std::string_view at_add = "redis.call('XADD'";
constexpr std::string_view at_remember = "redis.call('HSET', publishers, '#', id";

constexpr std::int64_t noted_every = 60;        // in seconds
constexpr std::int64_t forgotten_after = 3600;  // in seconds

struct Keys {
    std::string_view stream, publishers, heard;
};

// The time of the server.
struct Now {
    std::string seconds;
    std::string microseconds;  // within the second
};

Now time_of(ScriptRun& run) {
    const relay::Reply time = run.call("redis.call('TIME'", {"TIME"});
    if (run.failed()) return {};
    return {std::string(time.root()[0].text()), std::string(time.root()[1].text())};
}

void note_publisher(ScriptRun& run, const Keys& keys, std::string_view publisher, const Now& time) {
    const std::int64_t now = parse_integer(time.seconds).value_or(0);
    const relay::Reply score = run.call(at_score, {"ZSCORE", keys.heard, publisher});
    if (run.failed()) return;
    const auto seen = static_cast<std::int64_t>(parse_score(score.root().text()).value_or(0));
    if (now >= seen && now - seen <= noted_every) return;
    run.call(at_add_heard, {"ZADD", keys.heard, std::to_string(now), publisher});
    const relay::Reply old =
        run.call(at_old, {"ZRANGEBYSCORE", keys.heard, "-inf",
                          std::to_string(now - forgotten_after), "LIMIT", "0", "8"});
    if (run.failed()) return;
    for (const relay::ReplyView one : old.root()) {
        run.call(at_forget, {"HDEL", keys.publishers, one.text()});
        run.call(at_remove, {"ZREM", keys.heard, one.text()});
    }
}

/// The newest entry's number, or where the counting begins: from the time.
std::int64_t newest_entry(ScriptRun& run, const Keys& keys, relay::ReplyView counter,
                          const Now& time) {
    if (!counter.is_null()) return parse_integer(counter.text()).value_or(0);
    const std::string padding(6 - time.microseconds.size(), '0');
    const std::string begin = time.seconds + padding + time.microseconds;
    run.call(at_begin, {"HSET", keys.publishers, "#", begin});
    return parse_integer(begin).value_or(0);
}

// What a publisher's field holds: its newest number, and the n of that entry.
struct Newest {
    std::int64_t number = 0;
    std::int64_t n = 0;
};

Newest newest_of(std::string_view field) {
    const std::size_t blank = field.find(' ');
    if (blank == std::string_view::npos) return {};
    return {parse_integer(field.substr(0, blank)).value_or(0),
            parse_integer(field.substr(blank + 1)).value_or(0)};
}

void reply_pair(ReplyWriter reply, std::int64_t number, std::int64_t n) {
    reply.array(2);
    reply.integer(number);
    reply.integer(n);
}

void publish(ScriptRun& run, ReplyWriter reply) {
    if (run.keys.size() != 3 || run.arguments.size() != 4) {
        return reply.error("ERR this model's publish script takes three keys and four arguments");
    }
    const Keys keys{run.keys[0], run.keys[1], run.keys[2]};
    const std::string_view publisher = run.arguments[0];
    const std::string_view number_text = run.arguments[1];
    const Now time = time_of(run);
    if (run.failed()) return;
    note_publisher(run, keys, publisher, time);
    const relay::Reply known = run.call(at_known, {"HMGET", keys.publishers, "#", publisher});
    if (run.failed()) return;
    const std::int64_t counted = newest_entry(run, keys, known.root()[0], time);
    if (run.failed()) return;
    const auto number = parse_integer(number_text);
    const Newest newest = newest_of(known.root()[1].text());
    if (!number) {
        return run.fail(at_compare, "ERR user_script:" + std::to_string(run.line_of(at_compare)) +
                                        ": attempt to compare nil with number");
    }
    if (*number <= newest.number) return reply_pair(reply, newest.number, newest.n);
    if (*number != newest.number + 1) {
        return reply.error("GAP the newest number is " + std::to_string(newest.number));
    }
    const std::int64_t n = counted + 1;
    const std::string id = std::to_string(n);
    run.call(at_test, {"HSET", keys.publishers, "#", std::to_string(counted)});
    run.call(at_add, {"XADD", keys.stream, "MAXLEN", "~", run.arguments[3], id + "-0", "p",
                      publisher, "i", number_text, "l", run.arguments[2]});
    run.call(at_remember,
             {"HSET", keys.publishers, "#", id, publisher, std::string(number_text) + " " + id});
    reply_pair(reply, *number, n);
}

constexpr KnownScript scripts[] = {{relay::publish_script, &publish}};

}  // namespace

std::string_view publish_script() noexcept { return relay::publish_script; }

std::span<const KnownScript> known_scripts() noexcept { return scripts; }

}  // namespace drydock::broker

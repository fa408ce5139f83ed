// The table of commands.
#include "tests/broker/command.hpp"

#include <algorithm>

namespace drydock::broker {
namespace {

using enum Command::Flags;

constexpr Command commands[] = {
    // Answered by the engine.
    {"auth", -2, while_loading | unauthenticated | no_key, nullptr},
    {"quit", -1, while_loading | unauthenticated | no_key, nullptr},
    {"select", 2, while_loading | no_key, nullptr},
    {"client|setname", 3, while_loading | no_key, nullptr},
    {"client|getname", 2, while_loading | no_key, nullptr},
    {"client|id", 2, while_loading | no_key, nullptr},
    {"config|get", -3, while_loading | no_key, nullptr},
    {"info", -1, while_loading | no_key, nullptr},
    {"script|load", 3, no_key, nullptr},
    {"script|exists", -3, no_key, nullptr},
    {"script|flush", -2, no_key, nullptr},
    {"eval", -3, no_key, nullptr},
    {"evalsha", -3, no_key, nullptr},
    // The rest.
    {"ping", -1, no_key, &answer_ping},
    {"time", 1, while_loading | no_key, &answer_time},
    {"exists", -2, every_key, &answer_exists},
    {"del", -2, writes | every_key, &answer_del},
    {"type", 2, none, &answer_type},
    {"expire", -3, writes, &answer_expire},
    {"pexpireat", -3, writes, &answer_pexpireat},
    {"ttl", 2, none, &answer_ttl},
    {"hincrby", 4, writes | needs_memory, &answer_hincrby},
    {"hget", 3, none, &answer_hget},
    {"hset", -4, writes | needs_memory, &answer_hset},
    {"hdel", -3, writes, &answer_hdel},
    {"hmget", -3, none, &answer_hmget},
    {"hlen", 2, none, &answer_hlen},
    {"zadd", -4, writes | needs_memory, &answer_zadd},
    {"zscore", 3, none, &answer_zscore},
    {"zrem", -3, writes, &answer_zrem},
    {"zcard", 2, none, &answer_zcard},
    {"zrangebyscore", -4, none, &answer_zrangebyscore},
    {"xadd", -5, writes | needs_memory, &answer_xadd},
    {"xlen", 2, none, &answer_xlen},
    {"xrange", -4, none, &answer_xrange},
    {"xrevrange", -4, none, &answer_xrevrange},
    {"xread", -4, no_key, &answer_xread},  // the engine finds its keys
    {"xtrim", -4, writes, &answer_xtrim},
};

char lower(char letter) noexcept {
    return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
}

}  // namespace

bool same_word(std::string_view one, std::string_view other) noexcept {
    return std::equal(one.begin(), one.end(), other.begin(), other.end(),
                      [](char a, char b) { return lower(a) == lower(b); });
}

std::string in_lower_case(std::string_view text) {
    std::string result(text);
    std::transform(result.begin(), result.end(), result.begin(), &lower);
    return result;
}

bool has_subcommands(std::string_view word) noexcept {
    for (const Command& command : commands) {
        const std::size_t bar = command.name.find('|');
        if (bar != std::string_view::npos && same_word(command.name.substr(0, bar), word)) {
            return true;
        }
    }
    return false;
}

const Command* find_command(Words words) noexcept {
    for (const Command& command : commands) {
        const std::size_t bar = command.name.find('|');
        if (!same_word(command.name.substr(0, bar), words[0])) continue;
        if (bar == std::string_view::npos) return &command;
        if (words.size() > 1 && same_word(command.name.substr(bar + 1), words[1])) return &command;
    }
    return nullptr;
}

}  // namespace drydock::broker

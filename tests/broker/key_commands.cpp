// Commands about keys of any type, hashes and sorted sets.
#include <algorithm>
#include <limits>
#include <utility>

#include "tests/broker/command.hpp"
#include "tests/broker/numbers.hpp"

namespace drydock::broker {
namespace {

// The value under the second word. None, with an error as the reply, if it has another type.
template <typename T>
std::optional<T*> value_of(Call& call) {
    const Found<T> found = call.keys.find<T>(call.words[1]);
    if (!found.is_wrong) return found.value;
    call.reply.error(wrong_type);
    return std::nullopt;
}

template <typename T>
T* made_value_of(Call& call) {
    const Found<T> found = call.keys.find_or_make<T>(call.words[1]);
    if (found.is_wrong) call.reply.error(wrong_type);
    return found.value;
}

// Redis has no empty hashes and sorted sets.
template <typename T>
void remove_if_empty(Call& call, const T& value) {
    if (value.empty()) call.keys.remove(call.words[1]);
}

void append_field(Call& call, const Hash* hash, std::string_view name) {
    const auto found = hash == nullptr ? Hash::const_iterator() : hash->find(name);
    if (hash == nullptr || found == hash->end()) {
        call.reply.null();
    } else {
        call.reply.bulk(found->second);
    }
}

void expire_at(Call& call, std::int64_t at) {
    const std::string_view key = call.words[1];
    if (!call.keys.has(key)) return call.reply.integer(0);
    if (at <= call.milliseconds()) {
        call.keys.remove(key);
        call.changes.add({"DEL", key});
    } else {
        call.keys.set_expiry(key, at);
        call.changes.add({"PEXPIREAT", key, std::to_string(at)});
    }
    call.reply.integer(1);
}

}  // namespace

// --- any key -------------------------------------------------------------------------------------

void answer_ping(Call& call) {
    if (call.words.size() > 2) return call.reply.wrong_arguments("ping");
    if (call.words.size() == 2) return call.reply.bulk(call.words[1]);
    call.reply.simple("PONG");
}

void answer_time(Call& call) {
    constexpr std::int64_t second = 1'000'000;
    call.reply.array(2);
    call.reply.bulk(std::to_string(call.now / second));
    call.reply.bulk(std::to_string(call.now % second));
}

void answer_exists(Call& call) {
    std::int64_t count = 0;
    for (const std::string_view key : call.words.subspan(1)) count += call.keys.has(key) ? 1 : 0;
    call.reply.integer(count);
}

void answer_del(Call& call) {
    std::int64_t count = 0;
    for (const std::string_view key : call.words.subspan(1)) {
        if (!call.keys.remove(key)) continue;
        ++count;
        call.changes.add({"DEL", key});
    }
    call.reply.integer(count);
}

void answer_type(Call& call) {
    const std::string_view key = call.words[1];
    if (call.keys.find<Stream>(key).value != nullptr) return call.reply.simple("stream");
    if (call.keys.find<Hash>(key).value != nullptr) return call.reply.simple("hash");
    call.reply.simple(call.keys.has(key) ? "zset" : "none");
}

void answer_expire(Call& call) {
    if (call.words.size() > 3) {
        return call.reply.error("ERR Unsupported option " + std::string(call.words[3]));
    }
    const auto seconds = parse_integer(call.words[2]);
    if (!seconds) return call.reply.error(no_integer);
    constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max() / 1000;
    if (*seconds > most - call.milliseconds() / 1000 - 1 || *seconds < -most) {
        return call.reply.error("ERR invalid expire time in 'expire' command");
    }
    expire_at(call, call.milliseconds() + *seconds * 1000);
}

void answer_pexpireat(Call& call) {
    const auto at = parse_integer(call.words[2]);
    if (!at) return call.reply.error(no_integer);
    expire_at(call, *at);
}

void answer_ttl(Call& call) {
    if (!call.keys.has(call.words[1])) return call.reply.integer(-2);
    const auto at = call.keys.expiry(call.words[1]);
    call.reply.integer(at ? (*at - call.milliseconds() + 500) / 1000 : -1);
}

// --- hashes --------------------------------------------------------------------------------------

void answer_hincrby(Call& call) {
    const auto step = parse_integer(call.words[3]);
    if (!step) return call.reply.error(no_integer);
    Hash* const hash = made_value_of<Hash>(call);
    if (hash == nullptr) return;
    const auto found = hash->find(call.words[2]);
    const auto value =
        found == hash->end() ? std::optional<std::int64_t>(0) : parse_integer(found->second);
    if (!value) return call.reply.error("ERR hash value is not an integer");
    const bool overflows = *step > 0 ? *value > std::numeric_limits<std::int64_t>::max() - *step
                                     : *value < std::numeric_limits<std::int64_t>::min() - *step;
    if (overflows) return call.reply.error("ERR increment or decrement would overflow");
    hash->insert_or_assign(std::string(call.words[2]), std::to_string(*value + *step));
    call.changes.add(call.words);
    call.reply.integer(*value + *step);
}

void answer_hget(Call& call) {
    if (const auto hash = value_of<Hash>(call)) append_field(call, *hash, call.words[2]);
}

void answer_hset(Call& call) {
    if (call.words.size() % 2 != 0) return call.reply.wrong_arguments("hset");
    Hash* const hash = made_value_of<Hash>(call);
    if (hash == nullptr) return;
    std::int64_t added = 0;
    for (std::size_t i = 2; i < call.words.size(); i += 2) {
        added += hash->insert_or_assign(std::string(call.words[i]), call.words[i + 1]).second;
    }
    call.changes.add(call.words);
    call.reply.integer(added);
}

void answer_hdel(Call& call) {
    const auto hash = value_of<Hash>(call);
    if (!hash) return;
    std::int64_t removed = 0;
    for (const std::string_view name : call.words.subspan(2)) {
        if (*hash == nullptr) break;
        const auto found = (*hash)->find(name);
        if (found == (*hash)->end()) continue;
        (*hash)->erase(found);
        ++removed;
    }
    if (removed > 0) call.changes.add(call.words);
    if (*hash != nullptr) remove_if_empty(call, **hash);
    call.reply.integer(removed);
}

void answer_hmget(Call& call) {
    const auto hash = value_of<Hash>(call);
    if (!hash) return;
    call.reply.array(call.words.size() - 2);
    for (const std::string_view name : call.words.subspan(2)) append_field(call, *hash, name);
}

void answer_hlen(Call& call) {
    if (const auto hash = value_of<Hash>(call)) {
        call.reply.count(*hash == nullptr ? 0 : (*hash)->size());
    }
}

// --- sorted sets ---------------------------------------------------------------------------------

void answer_zadd(Call& call) {
    if (call.words.size() % 2 != 0) return call.reply.error(syntax_error);
    for (std::size_t i = 2; i < call.words.size(); i += 2) {
        if (!parse_score(call.words[i])) {
            return call.reply.error("ERR value is not a valid float");
        }
    }
    SortedSet* const members = made_value_of<SortedSet>(call);
    if (members == nullptr) return;
    std::int64_t added = 0;
    for (std::size_t i = 2; i < call.words.size(); i += 2) {
        added +=
            members->insert_or_assign(std::string(call.words[i + 1]), *parse_score(call.words[i]))
                .second;
    }
    call.changes.add(call.words);
    call.reply.integer(added);
}

void answer_zscore(Call& call) {
    const auto members = value_of<SortedSet>(call);
    if (!members) return;
    const bool has_member = *members != nullptr && (*members)->contains(call.words[2]);
    if (!has_member) return call.reply.null();
    call.reply.bulk(score_text((*members)->find(call.words[2])->second));
}

void answer_zrem(Call& call) {
    const auto members = value_of<SortedSet>(call);
    if (!members) return;
    std::int64_t removed = 0;
    for (const std::string_view member : call.words.subspan(2)) {
        if (*members == nullptr || !(*members)->contains(member)) continue;
        (*members)->erase((*members)->find(member));
        ++removed;
    }
    if (removed > 0) call.changes.add(call.words);
    if (*members != nullptr) remove_if_empty(call, **members);
    call.reply.integer(removed);
}

void answer_zcard(Call& call) {
    if (const auto members = value_of<SortedSet>(call)) {
        call.reply.count(*members == nullptr ? 0 : (*members)->size());
    }
}

// With LIMIT, of the options, and without exclusive borders.
void answer_zrangebyscore(Call& call) {
    const auto least = parse_score(call.words[2]);
    const auto most = parse_score(call.words[3]);
    if (!least || !most) return call.reply.error("ERR min or max is not a float");
    std::int64_t skipped = 0;
    std::int64_t count = -1;
    if (call.words.size() > 4) {
        if (call.words.size() != 7 || !same_word(call.words[4], "LIMIT")) {
            return call.reply.error(syntax_error);
        }
        const auto offset = parse_integer(call.words[5]);
        const auto limit = parse_integer(call.words[6]);
        if (!offset || !limit) return call.reply.error(no_integer);
        skipped = *offset;
        count = *limit;
    }
    const auto members = value_of<SortedSet>(call);
    if (!members) return;
    std::vector<std::pair<double, std::string_view>> found;
    if (*members != nullptr && skipped >= 0) {
        for (const auto& [member, score] : **members) {
            if (score >= *least && score <= *most) found.emplace_back(score, member);
        }
    }
    std::sort(found.begin(), found.end());
    const auto begin =
        std::min(static_cast<std::size_t>(std::max<std::int64_t>(skipped, 0)), found.size());
    found.erase(found.begin(), found.begin() + static_cast<std::ptrdiff_t>(begin));
    if (count >= 0) found.resize(std::min(static_cast<std::size_t>(count), found.size()));
    call.reply.array(found.size());
    for (const auto& [score, member] : found) call.reply.bulk(member);
}

}  // namespace drydock::broker

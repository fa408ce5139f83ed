// A command of the model: its name, what it may do, and the function that answers it.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "src/relay/resp.hpp"
#include "tests/broker/keyspace.hpp"
#include "tests/broker/replies.hpp"

namespace drydock::broker {

using Words = std::span<const std::string_view>;

/// Upper and lower case of ASCII are the same in names and options.
bool same_word(std::string_view one, std::string_view other) noexcept;
std::string in_lower_case(std::string_view text);

/// What the commands of one request, or of one script, have changed.
struct Changes {
    /// Each as it goes into the append-only file.
    std::vector<std::string> commands;
    /// Streams that have got entries.
    std::set<std::string, std::less<>> grown;

    void add(std::initializer_list<std::string_view> words) {
        relay::append_command(commands.emplace_back(), words);
    }
    void add(Words words) { relay::append_command(commands.emplace_back(), words); }
};

/// An XREAD that found nothing and has BLOCK.
struct BlockedRead {
    std::string key;
    StreamId after;
    std::uint64_t count = 0;   ///< 0: all
    std::int64_t timeout = 0;  ///< in milliseconds; 0: none
};

/// A command while it is answered.
struct Call {
    Keyspace& keys;
    Words words;  ///< the command's name, and its arguments
    ReplyWriter reply;
    Changes& changes;
    std::int64_t now;  ///< in microseconds since 1970
    std::optional<BlockedRead> blocked = {};

    std::int64_t milliseconds() const noexcept { return now / 1000; }
};

struct Command {
    std::string_view name;  ///< in lower case; "client|setname" for a command of a command
    /// How many words, its name included; negative: at least so many.
    int arity;
    enum Flags : unsigned {
        none = 0,
        writes = 1,
        needs_memory = 2,  ///< refused when memory is short
        while_loading = 4,
        unauthenticated = 8,
        every_key = 16,  ///< all words after the first are keys
        no_key = 32      ///< otherwise the second word is a key
    };
    unsigned flags;
    /// Null: the engine answers it, as it is about the connection or the server.
    void (*answer)(Call& call);

    bool is(Flags flag) const noexcept { return (flags & flag) != 0; }
};

/// The command that the words name, or null.
const Command* find_command(Words words) noexcept;
/// Whether the word is a command that has others, such as CLIENT.
bool has_subcommands(std::string_view word) noexcept;

/// The entries that an XREAD gets at once, as its reply. False: there are none, and nothing is
/// appended.
bool append_read(const Stream& stream, std::string_view key, StreamId after, std::uint64_t count,
                 std::string& to);

// The commands, by the type of their keys.
void answer_ping(Call& call);
void answer_time(Call& call);
void answer_exists(Call& call);
void answer_del(Call& call);
void answer_type(Call& call);
void answer_expire(Call& call);
void answer_pexpireat(Call& call);
void answer_ttl(Call& call);
void answer_hincrby(Call& call);
void answer_hget(Call& call);
void answer_hset(Call& call);
void answer_hdel(Call& call);
void answer_hmget(Call& call);
void answer_hlen(Call& call);
void answer_zadd(Call& call);
void answer_zscore(Call& call);
void answer_zrem(Call& call);
void answer_zcard(Call& call);
void answer_zrangebyscore(Call& call);
void answer_xadd(Call& call);
void answer_xlen(Call& call);
void answer_xrange(Call& call);
void answer_xrevrange(Call& call);
void answer_xread(Call& call);
void answer_xtrim(Call& call);

}  // namespace drydock::broker

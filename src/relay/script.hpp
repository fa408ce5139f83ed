// The publish script: how a batch of lines gets into the broker's stream exactly once.
//
// A room has three keys, which one hash tag keeps on one node of a Redis cluster:
//
//     {drydock:ROOM}             stream       n-0 -> p PUBLISHER i NUMBER l LINES
//     {drydock:ROOM}:publishers  hash         '#' -> n of the newest entry; at first, where the
//                                             counting begins
//                                             PUBLISHER -> "NUMBER n" of its newest entry
//     {drydock:ROOM}:heard       sorted set   PUBLISHER -> when it was last heard, in seconds
//
// The entries are numbered without gaps, so that a reader can check that nothing is missing between
// two entries. The counting begins from the broker's time in microseconds. A broker that has lost
// all data then begins again behind every number that it has used: an entry takes longer than a
// microsecond, so the numbers stay behind the time. The numbers of lost entries do not come again,
// and a reader that has read them finds a gap. A clock that is set back does no harm unless all
// data is lost, too: the counting goes on from the counter. (Until the year 2255 the numbers are
// below 2^53, up to which Lua counts exactly.)
//
// A publisher numbers its batches 1, 2, ... The script accepts the next number alone. It answers a
// number that it has accepted before with what it knows and changes nothing, so a batch may be sent
// again after a lost reply. It refuses a number that is too high: otherwise, when one of several
// batches on their way is refused (for want of memory, say), the batches behind it would overtake
// it. Number 0 asks for what is known and publishes nothing, but begins the counting.
//
// XADD comes before the writes that remember a batch: Redis does not roll a script back, and a
// failing XADD then leaves everything as it was. An HSET that fails after XADD would leave the
// stream ahead of the counter, and every later XADD would fail, for all servers. It fails if the
// user has no right to it (ACL). So the script first writes the counter as it stands: without the
// right it ends there, before it has published. Want of memory and the like cannot begin between
// the two writes: Redis looks at its memory before the script, and does nothing else while it runs.
//
// A publisher is written into the sorted set at most once a minute. The same call forgets up to
// eight publishers that were silent for `forgotten_after`. (A publisher that has nothing to say
// asks with number 0 from time to time and is not forgotten.)
//
// Sources: https://redis.io/docs/interact/programmability/eval-intro, XADD, and for the atomicity
// of scripts in the append-only file https://redis.io/docs/management/persistence. Redis 5 or
// newer.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include <drydock/time.hpp>

namespace drydock::relay {

/// KEYS: the stream, the hash, the sorted set. ARGV: the publisher's id, the batch's number, the
/// lines, and how many entries to keep (about; XADD MAXLEN ~). Replies with two integers: the
/// publisher's newest number, and the n of that entry; 0 and 0 if the publisher is unknown. A
/// number that is too high is an error that begins with `gap_error`.
inline constexpr std::string_view publish_script =
    R"(local stream, publishers, heard = KEYS[1], KEYS[2], KEYS[3]
local publisher, number, keep = ARGV[1], tonumber(ARGV[2]), ARGV[4]
local time = redis.call('TIME')
local now = tonumber(time[1])
local seen = tonumber(redis.call('ZSCORE', heard, publisher) or '0')
if now < seen or now - seen > 60 then
  redis.call('ZADD', heard, now, publisher)
  for _, old in ipairs(redis.call('ZRANGEBYSCORE', heard, '-inf', now - 3600, 'LIMIT', 0, 8)) do
    redis.call('HDEL', publishers, old)
    redis.call('ZREM', heard, old)
  end
end
local known = redis.call('HMGET', publishers, '#', publisher)
local newest = known[1]
if not newest then
  newest = string.format('%s%06d', time[1], time[2])
  redis.call('HSET', publishers, '#', newest)
end
local last, n = string.match(known[2] or '0 0', '^(%d+) (%d+)$')
last, n = tonumber(last), tonumber(n)
if number <= last then return {last, n} end
if number ~= last + 1 then return redis.error_reply('GAP the newest number is ' .. last) end
n = tonumber(newest) + 1
local id = string.format('%.0f', n)
redis.call('HSET', publishers, '#', newest) -- without the right to it the script ends here
redis.call('XADD', stream, 'MAXLEN', '~', keep, id..'-0', 'p', ARGV[1], 'i', ARGV[2], 'l', ARGV[3])
redis.call('HSET', publishers, '#', id, publisher, ARGV[2] .. ' ' .. id)
return {number, n}
)";

/// How the script's own error begins, as the client sees it.
inline constexpr std::string_view gap_error = "GAP ";

/// How long a publisher must be silent before the script forgets it. As in the script.
inline constexpr Duration forgotten_after = std::chrono::hours(1);

/// The names of a room's keys.
struct Keys {
    /// Those of the room of this name.
    explicit Keys(std::string_view room)
        : stream("{drydock:" + std::string(room) + "}"),
          publishers(stream + ":publishers"),
          heard(stream + ":heard") {}

    std::string stream;      ///< the stream
    std::string publishers;  ///< the hash
    std::string heard;       ///< the sorted set
};

}  // namespace drydock::relay

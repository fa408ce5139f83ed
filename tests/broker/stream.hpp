// A stream as Redis keeps it: entries in the order of their ids, in nodes that trimming by `~`
// removes as a whole.
//
// How long a stream is after XADD MAXLEN ~ depends on where Redis has begun its nodes, and so on
// the bytes of each entry. A stream here counts them as Redis' listpacks do.
//
// Source: t_stream.c and listpack.c of Redis 7.0.15.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace drydock::broker {

struct StreamId {
    std::uint64_t time = 0;
    std::uint64_t sequence = 0;
    auto operator<=>(const StreamId&) const = default;
};

inline constexpr StreamId largest_id = {std::numeric_limits<std::uint64_t>::max(),
                                        std::numeric_limits<std::uint64_t>::max()};

/// "12-3", or "12" with this sequence. (Redis also takes what strtoull() takes: signs and blanks.)
std::optional<StreamId> parse_id(std::string_view text, std::uint64_t missing_sequence);
std::string to_text(StreamId id);

struct StreamEntry {
    StreamId id;
    std::vector<std::string> fields;  // a name, its value, and so on
};

/// What XTRIM and XADD remove.
struct Trim {
    enum class By : std::uint8_t { nothing, length, id };
    By by = By::nothing;
    bool whole_nodes = false;  // ~
    std::uint64_t length = 0;  // to keep
    StreamId id;               // the smallest to keep
    std::uint64_t most = 0;    // LIMIT: entries to remove; 0: no limit
};

class Stream {
public:
    /// The id must be larger than last_id().
    void add(StreamId id, std::span<const std::string_view> fields);
    /// Gives how many entries are gone.
    std::uint64_t trim(const Trim& trim);

    /// Of the newest entry that there ever was.
    StreamId last_id() const noexcept { return last_id_; }
    const std::deque<StreamEntry>& entries() const noexcept { return entries_; }
    /// The index of the first entry whose id is not smaller.
    std::size_t lower_bound(StreamId id) const noexcept;

private:
    struct Node {
        std::uint64_t entries = 0;  // that are not removed
        std::uint64_t removed = 0;
        std::uint64_t bytes = 0;
        std::vector<std::string> names;  // of the fields of its first entry
        StreamId first;
    };

    void remove_front(std::uint64_t count);

    std::deque<StreamEntry> entries_;
    std::deque<Node> nodes_;
    StreamId last_id_;
};

}  // namespace drydock::broker

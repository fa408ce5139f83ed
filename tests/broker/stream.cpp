// Streams: ids, nodes and their sizes, trimming.
#include "tests/broker/stream.hpp"

#include <algorithm>
#include <charconv>

#include "tests/broker/numbers.hpp"

namespace drydock::broker {
namespace {

// The settings stream-node-max-entries and stream-node-max-bytes of an unchanged server.
constexpr std::uint64_t node_max_entries = 100;
constexpr std::uint64_t node_max_bytes = 4096;

std::optional<std::uint64_t> parse_part(std::string_view text) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || error != std::errc() || end != text.data() + text.size()) {
        return std::nullopt;
    }
    return value;
}

// --- the sizes of a listpack's elements ----------------------------------------------------------

std::uint64_t with_back_length(std::uint64_t size) {
    if (size <= 127) return size + 1;
    if (size < 16383) return size + 2;
    if (size < 2097151) return size + 3;
    return size < 268435455 ? size + 4 : size + 5;
}

std::uint64_t size_of(std::int64_t value) {
    const auto fits = [value](int bits) {
        return value >= -(std::int64_t{1} << (bits - 1)) && value < std::int64_t{1} << (bits - 1);
    };
    if (value >= 0 && value <= 127) return 2;
    if (fits(13)) return 3;
    if (fits(16)) return 4;
    if (fits(24)) return 5;
    return fits(32) ? 6 : 10;
}

std::uint64_t size_of(std::string_view text) {
    if (const auto value = parse_integer(text)) return size_of(*value);
    const std::uint64_t size = text.size();
    return with_back_length(size + (size < 64 ? 1U : size < 4096 ? 2U : 5U));
}

constexpr std::uint64_t empty_listpack = 7;

// Count, removed, number of fields, their names, a zero.
std::uint64_t size_of_master(std::span<const std::string> names) {
    std::uint64_t size = empty_listpack + 2 + 2 + size_of(static_cast<std::int64_t>(names.size()));
    for (const std::string& name : names) size += size_of(std::string_view(name));
    return size + 2;
}

std::uint64_t size_of_entry(StreamId id, StreamId first, std::span<const std::string_view> fields,
                            bool same_names) {
    const auto difference = [](std::uint64_t one, std::uint64_t other) {
        return size_of(static_cast<std::int64_t>(one - other));
    };
    std::uint64_t size =
        2 + difference(id.time, first.time) + difference(id.sequence, first.sequence);
    const std::size_t count = fields.size() / 2;
    if (!same_names) size += size_of(static_cast<std::int64_t>(count));
    for (std::size_t i = 0; i < fields.size(); ++i) {
        if (i % 2 == 1 || !same_names) size += size_of(fields[i]);
    }
    const std::size_t elements = same_names ? count + 3 : count * 2 + 4;
    return size + size_of(static_cast<std::int64_t>(elements));
}

std::vector<std::string> names_of(std::span<const std::string_view> fields) {
    std::vector<std::string> names;
    for (std::size_t i = 0; i < fields.size(); i += 2) names.emplace_back(fields[i]);
    return names;
}

}  // namespace

std::optional<StreamId> parse_id(std::string_view text, std::uint64_t missing_sequence) {
    const std::size_t dash = text.find('-');
    const auto time = parse_part(text.substr(0, dash));
    const auto sequence =
        dash == std::string_view::npos ? missing_sequence : parse_part(text.substr(dash + 1));
    if (!time || !sequence) return std::nullopt;
    return StreamId{*time, *sequence};
}

std::string to_text(StreamId id) {
    return std::to_string(id.time) + "-" + std::to_string(id.sequence);
}

void Stream::add(StreamId id, std::span<const std::string_view> fields) {
    std::uint64_t texts = 0;
    for (const std::string_view field : fields) texts += field.size();
    const bool is_full = nodes_.empty() || nodes_.back().bytes + texts >= node_max_bytes ||
                         nodes_.back().entries + nodes_.back().removed >= node_max_entries;
    std::vector<std::string> names = names_of(fields);
    if (is_full) {
        const std::uint64_t size = size_of_master(names);
        nodes_.push_back({0, 0, size, names, id});
    }
    Node& node = nodes_.back();
    node.bytes += size_of_entry(id, node.first, fields, names == node.names);
    ++node.entries;
    entries_.push_back({id, std::vector<std::string>(fields.begin(), fields.end())});
    last_id_ = id;
}

std::size_t Stream::lower_bound(StreamId id) const noexcept {
    const auto found =
        std::lower_bound(entries_.begin(), entries_.end(), id,
                         [](const StreamEntry& entry, StreamId other) { return entry.id < other; });
    return static_cast<std::size_t>(found - entries_.begin());
}

void Stream::remove_front(std::uint64_t count) {
    entries_.erase(entries_.begin(), entries_.begin() + static_cast<std::ptrdiff_t>(count));
}

std::uint64_t Stream::trim(const Trim& trim) {
    std::uint64_t gone = 0;
    const auto excess = [&]() -> std::uint64_t {
        if (trim.by == Trim::By::nothing) return 0;
        if (trim.by == Trim::By::id) return lower_bound(trim.id);
        return entries_.size() > trim.length ? entries_.size() - trim.length : 0;
    };
    while (!nodes_.empty() && excess() > 0) {
        Node& node = nodes_.front();
        if (trim.most > 0 && gone + node.entries > trim.most) break;
        const bool is_whole = excess() >= node.entries;
        if (!is_whole && trim.whole_nodes) break;
        const std::uint64_t count = std::min(excess(), node.entries);
        remove_front(count);
        gone += count;
        node.entries -= count;
        node.removed += count;
        if (is_whole) nodes_.pop_front();
    }
    return gone;
}

}  // namespace drydock::broker

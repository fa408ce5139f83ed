// Commands about streams, after t_stream.c of Redis 7.0.15: also the order in which it looks for
// errors.
#include <algorithm>
#include <limits>

#include "tests/broker/command.hpp"
#include "tests/broker/numbers.hpp"

namespace drydock::broker {
namespace {

constexpr std::uint64_t usual_trim_limit = 10'000;  // 100 * stream-node-max-entries
constexpr std::uint64_t largest_trim_limit = 1'000'000;

// The options of XADD and XTRIM.
struct TrimOptions {
    Trim trim;
    std::optional<std::uint64_t> limit;
    bool must_exist = false;    // NOMKSTREAM
    std::size_t value_at = 0;   // the word that says what to keep
    std::size_t next = 0;       // the word behind the options
    bool generates_id = false;  // *
    StreamId id;                // of XADD
    std::string error;
};

class TrimOptionsReader {
public:
    TrimOptionsReader(Words words, bool is_add) : words_(words), is_add_(is_add) {}

    TrimOptions read() {
        for (at_ = 2; at_ < words_.size() && options_.error.empty(); ++at_) {
            if (!read_option()) break;
        }
        if (options_.error.empty()) check();
        options_.next = at_ + 1;
        return std::move(options_);
    }

private:
    std::size_t more() const noexcept { return words_.size() - 1 - at_; }

    // False: the options end, for XADD at its id.
    bool read_option() {
        const std::string_view word = words_[at_];
        if (is_add_ && word == "*") {
            options_.generates_id = true;
            return false;
        }
        if (same_word(word, "MAXLEN") && more() > 0) {
            read_strategy(Trim::By::length);
        } else if (same_word(word, "MINID") && more() > 0) {
            read_strategy(Trim::By::id);
        } else if (same_word(word, "LIMIT") && more() > 0) {
            read_limit();
        } else if (is_add_ && same_word(word, "NOMKSTREAM")) {
            options_.must_exist = true;
        } else if (is_add_) {
            read_id();
            return false;
        } else {
            options_.error = syntax_error;
        }
        return true;
    }

    void read_strategy(Trim::By by) {
        if (options_.trim.by != Trim::By::nothing) {
            options_.error =
                "ERR syntax error, MAXLEN and MINID options at the same time are not compatible";
            return;
        }
        options_.trim.by = by;
        const std::string_view sign = words_[at_ + 1];
        if (more() >= 2 && (sign == "~" || sign == "=")) {
            options_.trim.whole_nodes = sign == "~";
            ++at_;
        }
        ++at_;
        options_.value_at = at_;
        if (by == Trim::By::id) {
            const auto id = parse_id(words_[at_], 0);
            if (!id) options_.error = invalid_id;
            options_.trim.id = id.value_or(StreamId());
            return;
        }
        const auto length = parse_integer(words_[at_]);
        if (!length) {
            options_.error = no_integer;
        } else if (*length < 0) {
            options_.error = "ERR The MAXLEN argument must be >= 0.";
        } else {
            options_.trim.length = static_cast<std::uint64_t>(*length);
        }
    }

    void read_limit() {
        ++at_;
        const auto limit = parse_integer(words_[at_]);
        if (!limit) {
            options_.error = no_integer;
        } else if (*limit < 0) {
            options_.error = "ERR The LIMIT argument must be >= 0.";
        } else {
            options_.limit = static_cast<std::uint64_t>(*limit);
        }
    }

    void read_id() {
        const auto id = parse_id(words_[at_], 0);
        if (!id) options_.error = invalid_id;
        options_.id = id.value_or(StreamId());
    }

    void check() {
        const bool trims = options_.trim.by != Trim::By::nothing;
        if (options_.limit.value_or(0) > 0 && !trims) {
            options_.error =
                "ERR syntax error, LIMIT cannot be used without specifying a trimming strategy";
        } else if (!is_add_ && !trims) {
            options_.error = "ERR syntax error, XTRIM must be called with a trimming strategy";
        } else if (options_.limit && !options_.trim.whole_nodes) {
            options_.error = "ERR syntax error, LIMIT cannot be used without the special ~ option";
        } else if (options_.trim.whole_nodes) {
            options_.trim.most =
                std::min(options_.limit.value_or(usual_trim_limit), largest_trim_limit);
        }
    }

    Words words_;
    bool is_add_;
    std::size_t at_ = 0;
    TrimOptions options_;
};

// How the append-only file has it: whole nodes are where this server has them.
void add_trim(Call& call, const TrimOptions& options, const Stream& stream) {
    if (options.trim.whole_nodes || options.trim.by == Trim::By::length) {
        call.changes.add(
            {"XTRIM", call.words[1], "MAXLEN", "=", std::to_string(stream.entries().size())});
    } else {
        call.changes.add({"XTRIM", call.words[1], "MINID", "=", to_text(options.trim.id)});
    }
}

StreamId generated_id(const Stream& stream, const Call& call) {
    const StreamId last = stream.last_id();
    const auto now = static_cast<std::uint64_t>(call.milliseconds());
    if (now > last.time) return {now, 0};
    if (last.sequence < std::numeric_limits<std::uint64_t>::max()) {
        return {last.time, last.sequence + 1};
    }
    return {last.time + 1, 0};
}

void append_entry(ReplyWriter& reply, const StreamEntry& entry) {
    reply.array(2);
    reply.bulk(to_text(entry.id));
    reply.array(entry.fields.size());
    for (const std::string& field : entry.fields) reply.bulk(field);
}

struct Border {
    StreamId id;
    bool is_valid = true;
};

// "-", "+", an id, or "(" and an id that is left out.
Border border_of(std::string_view text, bool is_start) {
    const bool leaves_out = text.starts_with('(');
    if (leaves_out) text.remove_prefix(1);
    if (!leaves_out && text == "-") return {{}, true};
    if (!leaves_out && text == "+") return {largest_id, true};
    const std::uint64_t missing = is_start ? 0 : std::numeric_limits<std::uint64_t>::max();
    const auto id = parse_id(text, missing);
    if (!id) return {{}, false};
    if (!leaves_out) return {*id, true};
    StreamId next = *id;
    if (is_start) {
        if (++next.sequence == 0) ++next.time;
    } else if (next.sequence-- == 0) {
        --next.time;
    }
    return {next, true};
}

void answer_range(Call& call, bool is_reversed) {
    const Border start = border_of(call.words[is_reversed ? 3 : 2], true);
    if (!start.is_valid) return call.reply.error(invalid_id);
    const Border end = border_of(call.words[is_reversed ? 2 : 3], false);
    if (!end.is_valid) return call.reply.error(invalid_id);
    std::optional<std::int64_t> count;
    for (std::size_t i = 4; i < call.words.size(); i += 2) {
        if (!same_word(call.words[i], "COUNT") || i + 1 == call.words.size()) {
            return call.reply.error(syntax_error);
        }
        count = parse_integer(call.words[i + 1]);
        if (!count) return call.reply.error(no_integer);
    }
    const Found<Stream> found = call.keys.find<Stream>(call.words[1]);
    if (found.is_wrong) return call.reply.error(wrong_type);
    if (found.value == nullptr) return call.reply.array(0);
    if (count && *count <= 0) return call.reply.null_array();
    const std::deque<StreamEntry>& entries = found.value->entries();
    const std::size_t first = found.value->lower_bound(start.id);
    std::size_t last = found.value->lower_bound(end.id);  // the one behind
    if (last < entries.size() && entries[last].id == end.id) ++last;
    std::size_t size = last > first ? last - first : 0;
    if (count) size = std::min(size, static_cast<std::size_t>(*count));
    call.reply.array(size);
    for (std::size_t i = 0; i < size; ++i) {
        append_entry(call.reply, entries[is_reversed ? last - 1 - i : first + i]);
    }
}

// The options of XREAD.
struct ReadOptions {
    std::optional<std::int64_t> block;
    std::uint64_t count = 0;
    std::size_t keys_at = 0;
    std::string error;
};

void read_block(ReadOptions& options, std::string_view word) {
    const auto timeout = parse_integer(word);
    if (!timeout) {
        options.error = "ERR timeout is not an integer or out of range";
    } else if (*timeout < 0) {
        options.error = "ERR timeout is negative";
    }
    options.block = timeout;
}

void read_count(ReadOptions& options, std::string_view word) {
    const auto count = parse_integer(word);
    if (!count) options.error = no_integer;
    options.count = static_cast<std::uint64_t>(std::max<std::int64_t>(count.value_or(0), 0));
}

ReadOptions read_options(Words words) {
    ReadOptions options;
    for (std::size_t i = 1; i < words.size() && options.error.empty(); ++i) {
        const std::size_t more = words.size() - 1 - i;
        if (same_word(words[i], "BLOCK") && more > 0) {
            read_block(options, words[++i]);
        } else if (same_word(words[i], "COUNT") && more > 0) {
            read_count(options, words[++i]);
        } else if (same_word(words[i], "STREAMS") && more > 0) {
            options.keys_at = i + 1;
            if (more % 2 != 0) {
                options.error =
                    "ERR Unbalanced XREAD list of streams: for each stream key an ID or '$' must "
                    "be specified.";
            }
            return options;
        } else if (same_word(words[i], "GROUP") && more >= 2) {
            options.error =
                "ERR The GROUP option is only supported by XREADGROUP. You called XREAD instead.";
        } else {
            options.error = syntax_error;
        }
    }
    if (options.error.empty()) options.error = syntax_error;
    return options;
}

}  // namespace

void answer_xadd(Call& call) {
    const TrimOptions options = TrimOptionsReader(call.words, true).read();
    if (!options.error.empty()) return call.reply.error(options.error);
    const Words fields = call.words.subspan(std::min(options.next, call.words.size()));
    if (fields.size() < 2 || fields.size() % 2 != 0) return call.reply.wrong_arguments("xadd");
    if (!options.generates_id && options.id == StreamId()) {
        return call.reply.error("ERR The ID specified in XADD must be greater than 0-0");
    }
    const std::string_view key = call.words[1];
    if (call.keys.find<Stream>(key).is_wrong) return call.reply.error(wrong_type);
    if (options.must_exist && !call.keys.has(key)) return call.reply.null();
    Stream& stream = *call.keys.find_or_make<Stream>(key).value;
    if (stream.last_id() == largest_id) {
        return call.reply.error(
            "ERR The stream has exhausted the last possible ID, unable to add more items");
    }
    const StreamId id = options.generates_id ? generated_id(stream, call) : options.id;
    if (id <= stream.last_id()) {
        return call.reply.error(
            "ERR The ID specified in XADD is equal or smaller than the target "
            "stream top item");
    }
    stream.add(id, fields);
    const bool trimmed = stream.trim(options.trim) > 0;
    call.changes.grown.emplace(key);
    const std::string id_text = to_text(id);
    std::vector<std::string_view> words = {"XADD", key, id_text};
    words.insert(words.end(), fields.begin(), fields.end());
    call.changes.add(words);
    if (trimmed) add_trim(call, options, stream);
    call.reply.bulk(id_text);
}

void answer_xlen(Call& call) {
    const Found<Stream> found = call.keys.find<Stream>(call.words[1]);
    if (found.is_wrong) return call.reply.error(wrong_type);
    call.reply.count(found.value == nullptr ? 0 : found.value->entries().size());
}

void answer_xrange(Call& call) { answer_range(call, false); }

void answer_xrevrange(Call& call) { answer_range(call, true); }

bool append_read(const Stream& stream, std::string_view key, StreamId after, std::uint64_t count,
                 std::string& to) {
    std::size_t first = stream.lower_bound(after);
    const std::deque<StreamEntry>& entries = stream.entries();
    if (first < entries.size() && entries[first].id == after) ++first;
    if (first == entries.size()) return false;
    std::size_t size = entries.size() - first;
    if (count > 0) size = std::min<std::size_t>(size, count);
    ReplyWriter reply(to);
    reply.array(1);
    reply.array(2);
    reply.bulk(key);
    reply.array(size);
    for (std::size_t i = first; i < first + size; ++i) append_entry(reply, entries[i]);
    return true;
}

void answer_xread(Call& call) {
    const ReadOptions options = read_options(call.words);
    if (!options.error.empty()) return call.reply.error(options.error);
    if (call.words.size() - options.keys_at > 2) {
        return call.reply.error("ERR this model of Redis reads one stream at a time");
    }
    const std::string_view key = call.words[options.keys_at];
    const std::string_view id_text = call.words[options.keys_at + 1];
    const Found<Stream> found = call.keys.find<Stream>(key);
    if (found.is_wrong) return call.reply.error(wrong_type);
    const StreamId newest = found.value == nullptr ? StreamId() : found.value->last_id();
    const auto after = id_text == "$" ? std::optional(newest) : parse_id(id_text, 0);
    if (!after) return call.reply.error(invalid_id);
    std::string entries;
    if (found.value != nullptr && append_read(*found.value, key, *after, options.count, entries)) {
        return call.reply.raw(entries);
    }
    if (!options.block) return call.reply.null_array();
    call.blocked = BlockedRead{std::string(key), *after, options.count, *options.block};
}

void answer_xtrim(Call& call) {
    const TrimOptions options = TrimOptionsReader(call.words, false).read();
    if (!options.error.empty()) return call.reply.error(options.error);
    const Found<Stream> found = call.keys.find<Stream>(call.words[1]);
    if (found.is_wrong) return call.reply.error(wrong_type);
    const std::uint64_t gone = found.value == nullptr ? 0 : found.value->trim(options.trim);
    if (gone > 0) add_trim(call, options, *found.value);
    call.reply.integer(static_cast<std::int64_t>(gone));
}

}  // namespace drydock::broker

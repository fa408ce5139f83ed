// RESP2, the protocol that Redis speaks: commands out, replies in. Pure; no I/O.
//
//     std::string request;
//     append_command(request, {"XADD", stream, "*", "line", text});
//
//     ReplyReader reader;
//     while (const Reply* reply = reader.feed(chunk)) use(reply->root());  // `chunk` gets shorter
//     if (reader.refusal() != Refusal::none) log(describe(reader.refusal()));
//
// The reader looks at each byte once, whatever the chunking, so the time is linear. It holds one
// reply at most, of which every measure has a limit, so memory is bounded whatever the peer sends.
// An array takes memory when its elements arrive, not when its length does.
//
// The reader accepts what hiredis (0.14, its redisReader) accepts of RESP2, except:
//   - A bulk string must end in CR LF. hiredis skips two bytes there, whatever they are.
//   - A null array differs from a null bulk string. hiredis has one null.
//   - The limits (ReplyLimits) are refusals. hiredis limits only the depth, to 8 arrays.
//   - A number with more than 20 characters is refused at once. hiredis refuses it at its CR LF.
// Numbers are strict in both: no plus sign, no leading zero, no "-0", no overflow of 64 bits.
// Simple strings and errors end at the first CR LF: a CR or an LF alone is part of the text.
//
// Source: https://redis.io/docs/reference/protocol-spec (RESP2).
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <iterator>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace drydock::relay {

/// Appends a command to `to`: its name and its arguments, of any bytes, as RESP2's array of bulk
/// strings. Several commands end to end are a pipeline. Throws std::bad_alloc.
void append_command(std::string& to, std::span<const std::string_view> arguments);
/// The same for arguments in braces.
void append_command(std::string& to, std::initializer_list<std::string_view> arguments);

/// What a reply, or an element of one, is.
enum class ReplyKind : std::uint8_t {
    simple_string,  ///< `+OK`
    error,          ///< `-ERR what is wrong`
    integer,        ///< `:42`
    bulk,           ///< `$4`, and then four bytes of any value
    null_bulk,      ///< `$-1`: there is no such value
    array,          ///< `*2`, and then two replies
    null_array      ///< `*-1`: as after a blocking read that has timed out
};

class Reply;

/// A reply or an element of one: a view, valid as long as its Reply exists and does not change.
class ReplyView {
public:
    class Iterator;

    /// The kind. What the other functions give for other kinds is empty or 0.
    ReplyKind kind() const noexcept;
    /// Whether it is an error, such as `-NOAUTH Authentication required.`.
    bool is_error() const noexcept { return kind() == ReplyKind::error; }
    /// Whether it is an array, and not the null one.
    bool is_array() const noexcept { return kind() == ReplyKind::array; }
    /// Whether it is one of the two nulls.
    bool is_null() const noexcept {
        return kind() == ReplyKind::null_bulk || kind() == ReplyKind::null_array;
    }
    /// Whether it is the simple string `text`.
    bool is_simple(std::string_view expected) const noexcept {
        return kind() == ReplyKind::simple_string && text() == expected;
    }

    /// The bytes of a simple string (without the plus sign), an error (without the minus sign) or a
    /// bulk string.
    std::string_view text() const noexcept;
    /// The value of an integer.
    std::int64_t integer() const noexcept;
    /// The number of elements of an array.
    std::size_t size() const noexcept;

    /// The elements of an array, in order.
    Iterator begin() const noexcept;
    /// The end of begin().
    Iterator end() const noexcept;
    /// The element `index` of an array, which must be below size(). It takes as many steps.
    ReplyView operator[](std::size_t index) const noexcept;

private:
    friend class Reply;
    ReplyView(const Reply& reply, std::size_t node) noexcept : reply_(&reply), node_(node) {}

    const Reply* reply_;
    std::size_t node_;
};

/// A whole reply with all its elements, in two pieces of memory: an entry for each element, and the
/// texts end to end. A value: it can be copied, moved and compared.
class Reply {
public:
    /// The null bulk string.
    Reply() : nodes_(1) {}

    /// The reply itself; its elements are reached through it.
    ReplyView root() const noexcept { return ReplyView(*this, 0); }

    bool operator==(const Reply&) const = default;

private:
    friend class ReplyReader;
    friend class ReplyView;
    friend class ReplyView::Iterator;

    struct Node {
        std::int64_t value = 0;   // the integer, or where the text begins
        std::uint32_t size = 0;   // bytes of the text, or elements of the array
        std::uint32_t after = 1;  // the node that follows it and all its elements
        ReplyKind kind = ReplyKind::null_bulk;
        bool operator==(const Node&) const = default;
    };

    std::vector<Node> nodes_;  // in the order of the bytes: an array is followed by its elements
    std::string texts_;
};

/// Goes through the elements of an array.
class ReplyView::Iterator {
public:
    using iterator_category = std::forward_iterator_tag;
    using value_type = ReplyView;
    using difference_type = std::ptrdiff_t;

    /// For ReplyView.
    explicit Iterator(ReplyView at) noexcept : at_(at) {}
    /// The element.
    ReplyView operator*() const noexcept { return at_; }
    /// Goes on to the next element.
    Iterator& operator++() noexcept;
    /// Whether both are at the same element of one array.
    bool operator==(const Iterator& other) const noexcept { return at_.node_ == other.at_.node_; }

private:
    ReplyView at_;
};

/// What a reader accepts of one reply. All are at most 2^31 - 1; larger ones count as that.
struct ReplyLimits {
    /// Bytes of one bulk string, simple string or error.
    std::size_t max_text = 1024 * 1024;
    /// Elements of all arrays of the reply together.
    std::size_t max_elements = 256 * 1024;
    /// Arrays within each other. An array of integers has the depth 1.
    std::size_t max_depth = 8;
    /// Bytes of the whole reply as it was sent.
    std::size_t max_bytes = 16 * 1024 * 1024;
};

/// Why a reader has refused its input.
enum class Refusal : std::uint8_t {
    none,               ///< it has not
    unknown_type,       ///< a reply begins with a byte that RESP2 does not know
    bad_integer,        ///< no number of 64 bits
    bad_bulk_length,    ///< no number, or below -1
    bad_array_length,   ///< no number, or below -1
    unended_bulk,       ///< something else than CR LF behind a bulk string
    text_too_long,      ///< ReplyLimits::max_text
    too_many_elements,  ///< ReplyLimits::max_elements
    too_deep,           ///< ReplyLimits::max_depth
    reply_too_large     ///< ReplyLimits::max_bytes
};

/// One sentence that says what was refused. Static memory.
std::string_view describe(Refusal refusal) noexcept;

/// Bytes in, replies out. On any thread, one at a time.
class ReplyReader {
public:
    /// A reader at the start of a stream.
    explicit ReplyReader(const ReplyLimits& limits = {});

    /// Takes bytes from the front of `chunk`, which gets shorter, until a reply is whole. Returns
    /// it, or null when all of the chunk is taken. The reply belongs to the reader and is valid
    /// until the next call; copy it to keep it. After a refusal the reader takes nothing more, and
    /// every call returns null. The replies before the refusal have been given. Throws
    /// std::bad_alloc.
    const Reply* feed(std::string_view& chunk);

    /// Why it has refused its input, or none. What is refused, and after which reply, does not
    /// depend on the chunks.
    Refusal refusal() const noexcept { return refusal_; }

    /// Whether a reply has begun and is not whole: an end of the stream would cut it.
    bool in_reply() const noexcept { return used_ > 0 && !given_; }

private:
    enum class State : std::uint8_t { type, line, bulk, bulk_cr, bulk_lf };

    struct Open {
        std::uint32_t node;  // of an array
        std::uint32_t left;  // elements that have not begun
    };

    void begin_reply();
    bool refuse(Refusal refusal) noexcept;
    bool take_type(std::string_view& chunk);
    bool take_line(std::string_view& chunk);
    bool take_bulk(std::string_view& chunk);
    bool take_bulk_end(std::string_view& chunk);
    bool end_line(std::string_view line);
    bool end_bulk_length(std::string_view line);
    bool end_array_length(std::string_view line);
    bool check_line(std::size_t size) noexcept;
    Reply::Node& add(ReplyKind kind, std::int64_t value, std::size_t size);
    void add_text(ReplyKind kind, std::string_view text);
    void end_element();

    ReplyLimits limits_;
    Reply reply_;
    std::vector<Open> open_;
    std::string line_;           // of the line that began in an earlier chunk
    std::size_t used_ = 0;       // bytes of the reply, without those of the line
    std::size_t elements_ = 0;   // that arrays of the reply have announced
    std::size_t bulk_left_ = 0;  // bytes of the bulk string that have not come
    State state_ = State::type;
    char type_ = '\0';
    bool given_ = true;  // the reply is whole, and the next byte begins another
    Refusal refusal_ = Refusal::none;
};

}  // namespace drydock::relay

// Writing commands and reading replies of RESP2.
#include "src/relay/resp.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <optional>

namespace drydock::relay {
namespace {

// Any 64-bit number, its minus sign included.
constexpr std::size_t longest_number = 20;

void append_length(std::string& to, char type, std::size_t length) {
    std::array<char, longest_number + 3> text{type};
    char* const end = std::to_chars(text.data() + 1, text.data() + text.size() - 2, length).ptr;
    end[0] = '\r';
    end[1] = '\n';
    to.append(text.data(), end + 2);
}

// A number as Redis writes it, and in no other form.
std::optional<std::int64_t> number_of(std::string_view text) {
    const std::string_view digits = text.substr(text.starts_with('-') ? 1 : 0);
    if (digits.empty()) return std::nullopt;
    if (digits.front() == '0' && text.size() > 1) return std::nullopt;
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return value;
}

bool is_text(char type) noexcept { return type == '+' || type == '-'; }

}  // namespace

void append_command(std::string& to, std::span<const std::string_view> arguments) {
    append_length(to, '*', arguments.size());
    for (const std::string_view argument : arguments) {
        append_length(to, '$', argument.size());
        to.append(argument).append("\r\n");
    }
}

void append_command(std::string& to, std::initializer_list<std::string_view> arguments) {
    append_command(to, std::span(arguments.begin(), arguments.size()));
}

std::string_view describe(Refusal refusal) noexcept {
    switch (refusal) {
        case Refusal::none:
            return "nothing was refused";
        case Refusal::unknown_type:
            return "a reply begins with a byte that is no type of RESP2";
        case Refusal::bad_integer:
            return "an integer reply is no number of 64 bits";
        case Refusal::bad_bulk_length:
            return "the length of a bulk string is not valid";
        case Refusal::bad_array_length:
            return "the length of an array is not valid";
        case Refusal::unended_bulk:
            return "a bulk string does not end in CR LF";
        case Refusal::text_too_long:
            return "a string of a reply is longer than the limit";
        case Refusal::too_many_elements:
            return "a reply has more elements than the limit";
        case Refusal::too_deep:
            return "the arrays of a reply are nested deeper than the limit";
        case Refusal::reply_too_large:
            return "a reply is larger than the limit";
    }
    return "";
}

// --- views ---------------------------------------------------------------------------------------

ReplyKind ReplyView::kind() const noexcept { return reply_->nodes_[node_].kind; }

std::string_view ReplyView::text() const noexcept {
    const Reply::Node& node = reply_->nodes_[node_];
    switch (node.kind) {
        case ReplyKind::simple_string:
        case ReplyKind::error:
        case ReplyKind::bulk:
            return std::string_view(reply_->texts_)
                .substr(static_cast<std::size_t>(node.value), node.size);
        default:
            return {};
    }
}

std::int64_t ReplyView::integer() const noexcept {
    return kind() == ReplyKind::integer ? reply_->nodes_[node_].value : 0;
}

std::size_t ReplyView::size() const noexcept { return is_array() ? reply_->nodes_[node_].size : 0; }

ReplyView::Iterator ReplyView::begin() const noexcept {
    return Iterator(ReplyView(*reply_, node_ + 1));
}

ReplyView::Iterator ReplyView::end() const noexcept {
    return Iterator(ReplyView(*reply_, reply_->nodes_[node_].after));
}

ReplyView ReplyView::operator[](std::size_t index) const noexcept {
    Iterator element = begin();
    for (; index > 0; --index) ++element;
    return *element;
}

ReplyView::Iterator& ReplyView::Iterator::operator++() noexcept {
    at_.node_ = at_.reply_->nodes_[at_.node_].after;
    return *this;
}

// --- reading -------------------------------------------------------------------------------------

ReplyReader::ReplyReader(const ReplyLimits& limits) : limits_(limits) {
    constexpr std::size_t most = std::numeric_limits<std::int32_t>::max();
    for (std::size_t* limit :
         {&limits_.max_text, &limits_.max_elements, &limits_.max_depth, &limits_.max_bytes}) {
        *limit = std::min(*limit, most);
    }
}

const Reply* ReplyReader::feed(std::string_view& chunk) {
    if (given_ && !chunk.empty()) begin_reply();
    while (!chunk.empty() && refusal_ == Refusal::none) {
        bool is_whole = false;
        switch (state_) {
            case State::type:
                is_whole = take_type(chunk);
                break;
            case State::line:
                is_whole = take_line(chunk);
                break;
            case State::bulk:
                is_whole = take_bulk(chunk);
                break;
            case State::bulk_cr:
            case State::bulk_lf:
                is_whole = take_bulk_end(chunk);
                break;
        }
        if (!is_whole) continue;
        given_ = true;
        return &reply_;
    }
    return nullptr;
}

void ReplyReader::begin_reply() {
    given_ = false;
    reply_.nodes_.clear();
    reply_.texts_.clear();
    open_.clear();
    used_ = 0;
    elements_ = 0;
}

// Each take_...() says whether the reply is whole, which it is not after a refusal.

bool ReplyReader::refuse(Refusal refusal) noexcept {
    refusal_ = refusal;
    return false;
}

bool ReplyReader::take_type(std::string_view& chunk) {
    type_ = chunk.front();
    constexpr std::string_view types = "+-:$*";
    constexpr std::size_t shortest = 3;  // a type and an empty line
    if (types.find(type_) == std::string_view::npos) {
        refuse(Refusal::unknown_type);
    } else if (type_ == '*' && open_.size() >= limits_.max_depth) {
        refuse(Refusal::too_deep);
    } else if (limits_.max_bytes < shortest || used_ > limits_.max_bytes - shortest) {
        refuse(Refusal::reply_too_large);
    } else {
        chunk.remove_prefix(1);
        ++used_;
        line_.clear();
        state_ = State::line;
    }
    return false;
}

// Whether a line of so many bytes, without its CR LF, may be.
bool ReplyReader::check_line(std::size_t size) noexcept {
    constexpr std::size_t ending = 2;
    const std::size_t room = limits_.max_bytes - used_ - ending;  // take_type() has left it
    const std::size_t longest = is_text(type_) ? limits_.max_text : longest_number;
    if (size <= std::min(longest, room)) return true;
    if (room < longest) {
        return refuse(Refusal::reply_too_large);
    }
    switch (type_) {
        case ':':
            return refuse(Refusal::bad_integer);
        case '$':
            return refuse(Refusal::bad_bulk_length);
        case '*':
            return refuse(Refusal::bad_array_length);
        default:
            return refuse(Refusal::text_too_long);
    }
}

bool ReplyReader::take_line(std::string_view& chunk) {
    std::size_t looked_at = 0;
    for (;;) {
        const std::size_t newline = chunk.find('\n', looked_at);
        if (newline == std::string_view::npos) break;
        looked_at = newline + 1;
        const bool has_return = newline > 0 ? chunk[newline - 1] == '\r' : line_.ends_with('\r');
        if (!has_return) continue;
        std::string_view line = chunk.substr(0, looked_at);
        if (!line_.empty()) line = line_.append(line);
        line.remove_suffix(2);
        if (!check_line(line.size())) return false;
        chunk.remove_prefix(looked_at);
        return end_line(line);
    }
    line_.append(chunk);
    const bool may_end = line_.ends_with('\r');
    if (check_line(line_.size() - (may_end ? 1 : 0))) chunk = {};
    return false;
}

bool ReplyReader::end_line(std::string_view line) {
    used_ += line.size() + 2;
    state_ = State::type;
    switch (type_) {
        case '+':
            add_text(ReplyKind::simple_string, line);
            break;
        case '-':
            add_text(ReplyKind::error, line);
            break;
        case '$':
            return end_bulk_length(line);
        case '*':
            return end_array_length(line);
        default: {
            const std::optional<std::int64_t> value = number_of(line);
            if (!value) return refuse(Refusal::bad_integer);
            add(ReplyKind::integer, *value, 0);
        }
    }
    end_element();
    return open_.empty();
}

bool ReplyReader::end_bulk_length(std::string_view line) {
    const std::optional<std::int64_t> length = number_of(line);
    if (!length || *length < -1) return refuse(Refusal::bad_bulk_length);
    if (*length == -1) {
        add(ReplyKind::null_bulk, 0, 0);
        end_element();
        return open_.empty();
    }
    const auto size = static_cast<std::uint64_t>(*length);
    if (size > limits_.max_text) return refuse(Refusal::text_too_long);
    if (size + 2 > limits_.max_bytes - used_) return refuse(Refusal::reply_too_large);
    bulk_left_ = static_cast<std::size_t>(size);
    add(ReplyKind::bulk, static_cast<std::int64_t>(reply_.texts_.size()), bulk_left_);
    state_ = bulk_left_ > 0 ? State::bulk : State::bulk_cr;
    return false;
}

bool ReplyReader::end_array_length(std::string_view line) {
    const std::optional<std::int64_t> length = number_of(line);
    if (!length || *length < -1) return refuse(Refusal::bad_array_length);
    if (*length > 0) {
        const auto size = static_cast<std::uint64_t>(*length);
        if (size > limits_.max_elements - elements_) return refuse(Refusal::too_many_elements);
        elements_ += static_cast<std::size_t>(size);
        const auto node = static_cast<std::uint32_t>(reply_.nodes_.size());
        add(ReplyKind::array, 0, static_cast<std::size_t>(size));
        open_.push_back({node, static_cast<std::uint32_t>(size)});
        return false;
    }
    add(*length == 0 ? ReplyKind::array : ReplyKind::null_array, 0, 0);
    end_element();
    return open_.empty();
}

bool ReplyReader::take_bulk(std::string_view& chunk) {
    const std::string_view part = chunk.substr(0, bulk_left_);
    reply_.texts_.append(part);
    chunk.remove_prefix(part.size());
    used_ += part.size();
    bulk_left_ -= part.size();
    if (bulk_left_ == 0) state_ = State::bulk_cr;
    return false;
}

bool ReplyReader::take_bulk_end(std::string_view& chunk) {
    const bool at_return = state_ == State::bulk_cr;
    if (chunk.front() != (at_return ? '\r' : '\n')) return refuse(Refusal::unended_bulk);
    chunk.remove_prefix(1);
    ++used_;
    state_ = at_return ? State::bulk_lf : State::type;
    if (at_return) return false;
    end_element();
    return open_.empty();
}

Reply::Node& ReplyReader::add(ReplyKind kind, std::int64_t value, std::size_t size) {
    const auto after = static_cast<std::uint32_t>(reply_.nodes_.size() + 1);
    return reply_.nodes_.emplace_back(
        Reply::Node{value, static_cast<std::uint32_t>(size), after, kind});
}

void ReplyReader::add_text(ReplyKind kind, std::string_view text) {
    add(kind, static_cast<std::int64_t>(reply_.texts_.size()), text.size());
    reply_.texts_.append(text);
}

// The element that has come last may be the last one of its array, and that of another.
void ReplyReader::end_element() {
    while (!open_.empty() && --open_.back().left == 0) {
        reply_.nodes_[open_.back().node].after = static_cast<std::uint32_t>(reply_.nodes_.size());
        open_.pop_back();
    }
}

}  // namespace drydock::relay

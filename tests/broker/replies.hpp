// Writing replies of RESP2.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace drydock::broker {

inline constexpr std::string_view wrong_type =
    "WRONGTYPE Operation against a key holding the wrong kind of value";
inline constexpr std::string_view syntax_error = "ERR syntax error";
inline constexpr std::string_view no_integer = "ERR value is not an integer or out of range";
inline constexpr std::string_view invalid_id =
    "ERR Invalid stream ID specified as stream command argument";

/// Appends replies to a text.
class ReplyWriter {
public:
    explicit ReplyWriter(std::string& to) noexcept : to_(to) {}

    /// Replies that are written already.
    void raw(std::string_view replies) { to_.append(replies); }
    void simple(std::string_view text) { to_.append("+").append(text).append("\r\n"); }
    /// An error has no line ends: Redis writes blanks for them.
    void error(std::string_view text) {
        to_ += '-';
        for (const char byte : text) to_ += byte == '\r' || byte == '\n' ? ' ' : byte;
        to_ += "\r\n";
    }
    void wrong_arguments(std::string_view command) {
        error("ERR wrong number of arguments for '" + std::string(command) + "' command");
    }
    void integer(std::int64_t value) { to_ += ":" + std::to_string(value) + "\r\n"; }
    void count(std::size_t value) { integer(static_cast<std::int64_t>(value)); }
    void bulk(std::string_view text) {
        to_ += "$" + std::to_string(text.size()) + "\r\n";
        to_.append(text).append("\r\n");
    }
    void null() { to_ += "$-1\r\n"; }
    void null_array() { to_ += "*-1\r\n"; }
    void array(std::size_t size) { to_ += "*" + std::to_string(size) + "\r\n"; }

private:
    std::string& to_;
};

}  // namespace drydock::broker

// What a line of the servers' log looks like: logfmt, or JSON.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <drydock/log.hpp>

namespace drydock::app {

enum class LogFormat : std::uint8_t {
    logfmt,  ///< time=... level=info event="member left" member=1
    json     ///< {"time":"...","level":"info","event":"member left","member":1}
};

/// "logfmt" or "json".
std::optional<LogFormat> log_format(std::string_view name);

using WallClock = std::chrono::system_clock;

/// The text with what would end or hide its line, control characters and backslashes, escaped as in
/// logfmt: for words of others in a sentence.
std::string escaped(std::string_view text);

/// As RFC 3339 has it, in UTC, with milliseconds: "2026-01-02T03:04:05.678Z".
std::string rfc3339(WallClock::time_point time);

/// A line without its time, which is taken when the line gets its place among the others.
std::string log_event(LogFormat format, Severity severity, std::string_view event,
                      std::span<const LogField> fields);

/// The whole line, with its newline. Whatever the values hold, it is one line, and in JSON an
/// object in valid UTF-8.
std::string log_line(LogFormat format, WallClock::time_point time, std::string_view log_event);

}  // namespace drydock::app

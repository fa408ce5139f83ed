// Lines of the log, by format.
#include "src/cli/log_line.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace drydock::app {
namespace {

bool is_control(char c) noexcept { return static_cast<unsigned char>(c) < ' ' || c == 0x7f; }

void append_escaped(std::string& to, char c) {
    if (c == '\n') {
        to += "\\n";
    } else if (is_control(c)) {
        to += fmt::format("\\x{:02x}", static_cast<unsigned>(c));
    } else {
        if (c == '\\') to += '\\';
        to += c;
    }
}

/// A value that is no plain word gets quotes. In them, what would end the value or the line is
/// escaped.
std::string quoted_if_needed(std::string_view text) {
    const bool plain = !text.empty() && text.find_first_of(" \"=\\") == std::string_view::npos &&
                       std::none_of(text.begin(), text.end(), &is_control);
    if (plain) return std::string(text);
    std::string quoted = "\"";
    for (const char c : text) {
        if (c == '"') quoted += '\\';
        append_escaped(quoted, c);
    }
    return quoted + '"';
}

std::string logfmt_event(Severity severity, std::string_view event,
                         std::span<const LogField> fields) {
    std::string text = fmt::format("level={} event={}", name(severity), quoted_if_needed(event));
    for (const LogField& field : fields) {
        if (const auto* number = std::get_if<std::int64_t>(&field.value)) {
            text += fmt::format(" {}={}", field.key, *number);
        } else {
            text += fmt::format(" {}={}", field.key,
                                quoted_if_needed(std::get<std::string_view>(field.value)));
        }
    }
    return text;
}

std::string json_event(Severity severity, std::string_view event,
                       std::span<const LogField> fields) {
    nlohmann::ordered_json object = {{"level", name(severity)}, {"event", event}};
    for (const LogField& field : fields) {
        std::visit([&](const auto& value) { object[std::string(field.key)] = value; }, field.value);
    }
    return object.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace

std::optional<LogFormat> log_format(std::string_view name) {
    if (name == "logfmt") return LogFormat::logfmt;
    if (name == "json") return LogFormat::json;
    return std::nullopt;
}

std::string escaped(std::string_view text) {
    std::string result;
    for (const char c : text) append_escaped(result, c);
    return result;
}

std::string rfc3339(WallClock::time_point time) {
    const auto instant = std::chrono::floor<std::chrono::milliseconds>(time);
    const auto midnight = std::chrono::floor<std::chrono::days>(instant);
    const std::chrono::year_month_day date(midnight);
    const std::chrono::hh_mm_ss clock(instant - midnight);
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", static_cast<int>(date.year()),
                       static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                       clock.hours().count(), clock.minutes().count(), clock.seconds().count(),
                       clock.subseconds().count());
}

std::string log_event(LogFormat format, Severity severity, std::string_view event,
                      std::span<const LogField> fields) {
    return format == LogFormat::json ? json_event(severity, event, fields)
                                     : logfmt_event(severity, event, fields);
}

std::string log_line(LogFormat format, WallClock::time_point time, std::string_view log_event) {
    if (format == LogFormat::logfmt) return fmt::format("time={} {}\n", rfc3339(time), log_event);
    log_event.remove_prefix(1);  // the brace
    return fmt::format("{{\"time\":\"{}\",{}\n", rfc3339(time), log_event);
}

}  // namespace drydock::app

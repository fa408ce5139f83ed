// Structured logs: an event has a name and fields. The program decides where they are written, by
// implementing Log.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string_view>
#include <variant>

namespace drydock {

enum class Severity : std::uint8_t { debug, info, warning, error };

constexpr std::string_view name(Severity severity) noexcept {
    constexpr std::string_view names[] = {"debug", "info", "warning", "error"};
    return names[static_cast<std::size_t>(severity)];
}

struct LogField {
    std::string_view key;
    std::variant<std::int64_t, std::string_view> value;

    LogField(std::string_view field_key, std::string_view text) noexcept
        : key(field_key), value(text) {}
    LogField(std::string_view field_key, std::int64_t number) noexcept
        : key(field_key), value(number) {}
};

/// Any worker may call any member at any time; an implementation must be thread-safe. It must
/// outlive the servers that write to it.
class Log {
public:
    Log() = default;
    Log(const Log&) = delete;
    Log& operator=(const Log&) = delete;
    virtual ~Log() = default;

    /// False: events of this severity are not written, so the caller need not build their fields.
    virtual bool wants(Severity severity) const noexcept = 0;

    /// Writes an event. `event` is a few words in lower case, as in "connection ended". The views
    /// are valid only during the call.
    virtual void write(Severity severity, std::string_view event,
                       std::span<const LogField> fields) noexcept = 0;

    void write(Severity severity, std::string_view event,
               std::initializer_list<LogField> fields = {}) noexcept {
        if (wants(severity)) write(severity, event, std::span(fields.begin(), fields.size()));
    }
};

/// A log that writes nothing.
class NullLog final : public Log {
public:
    using Log::write;
    bool wants(Severity) const noexcept override { return false; }
    void write(Severity, std::string_view, std::span<const LogField>) noexcept override {}
};

}  // namespace drydock

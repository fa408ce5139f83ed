// Structured logs: an event has a name and fields. The program decides where they are written, by
// implementing Log.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string_view>
#include <variant>

namespace drydock {

/// How much an event matters to the person who runs the program.
enum class Severity : std::uint8_t {
    debug,    ///< for the program's authors: each connection's life
    info,     ///< what a person expects to see: it listens, it stops
    warning,  ///< something was refused or given up; the program goes on
    error     ///< the program cannot do what it was asked for
};

/// The name of the enumerator: "debug", "info", "warning", "error". It lives as long as the
/// program.
constexpr std::string_view name(Severity severity) noexcept {
    constexpr std::string_view names[] = {"debug", "info", "warning", "error"};
    return names[static_cast<std::size_t>(severity)];
}

/// A named value of an event. A view: the texts must live until the write() that it is passed to
/// has returned.
struct LogField {
    std::string_view key;  ///< one word in lower case, as in "connections"
    std::variant<std::int64_t, std::string_view> value;  ///< a number, or a text

    /// A field with a text.
    LogField(std::string_view field_key, std::string_view text) noexcept
        : key(field_key), value(text) {}
    /// A field with a number.
    LogField(std::string_view field_key, std::int64_t number) noexcept
        : key(field_key), value(number) {}
};

/// Where a server writes what happens to it. The program implements it. Any worker may call any
/// member at any time, so an implementation must be thread-safe. It must outlive the servers that
/// write to it.
class Log {
public:
    Log() = default;
    Log(const Log&) = delete;
    Log& operator=(const Log&) = delete;
    virtual ~Log() = default;

    /// Whether events of this severity are written. If not, the caller need not build their fields.
    virtual bool wants(Severity severity) const noexcept = 0;

    /// Writes an event of this `severity`, also if wants() is false for it. `event` is a few words
    /// in lower case, as in "connection ended"; the `fields` belong to it, in their order. The
    /// views are valid only during the call.
    virtual void write(Severity severity, std::string_view event,
                       std::span<const LogField> fields) noexcept = 0;

    /// Writes an event if wants() is true for its severity. This is what programs call.
    void write(Severity severity, std::string_view event,
               std::initializer_list<LogField> fields = {}) noexcept {
        if (wants(severity)) write(severity, event, std::span(fields.begin(), fields.size()));
    }
};

/// A log that writes nothing.
class NullLog final : public Log {
public:
    using Log::write;
    /// False for every severity.
    bool wants(Severity) const noexcept override { return false; }
    /// Writes nothing.
    void write(Severity, std::string_view, std::span<const LogField>) noexcept override {}
};

}  // namespace drydock

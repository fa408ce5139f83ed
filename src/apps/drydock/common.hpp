// What the programs' main functions share: arguments checked, workers run.
#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <string_view>

#include <drydock/log.hpp>
#include <drydock/queue.hpp>
#include <drydock/task.hpp>

#include "src/cli/exit_status.hpp"
#include "src/cli/log_line.hpp"

namespace drydock::app {

/// The number, or nothing after an error message.
std::optional<std::uint16_t> parse_port(std::string_view text);
std::optional<Severity> parse_severity(std::string_view text);
std::optional<LogFormat> parse_log_format(std::string_view text);

/// Seconds as the queue counts time; negative and enormous ones become the nearest that fits.
Duration to_duration(double seconds) noexcept;
/// The same for a timeout, of which 0 is "never": what somebody has asked for does not become that
/// by rounding.
Duration to_timeout(double seconds) noexcept;

/// Prints the promised "listening on ADDR:PORT" for each. Where that cannot be written, the log
/// says so now, as the end of the program may be far.
void announce(std::span<const AsyncListener* const> listeners, Log& log);

/// The main task on `workers` threads, this one included. Returns when it has ended.
void run_workers(CompletionQueue& queue, Task<void> main, unsigned workers);

}  // namespace drydock::app

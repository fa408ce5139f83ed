// Arguments and workers.
#include "src/apps/drydock/common.hpp"

#include <algorithm>
#include <charconv>
#include <thread>
#include <vector>

#include <fmt/format.h>

#include <drydock/worker_loop.hpp>

#include "src/cli/output.hpp"

namespace drydock::app {

std::optional<std::uint16_t> parse_port(std::string_view text) {
    std::uint16_t port = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    if (error == std::errc() && end == text.data() + text.size()) return port;
    complain(fmt::format("'{}' is not a port, which is a number from 0 to 65535", text));
    return std::nullopt;
}

std::optional<Severity> parse_severity(std::string_view text) {
    for (const Severity severity :
         {Severity::debug, Severity::info, Severity::warning, Severity::error}) {
        if (name(severity) == text) return severity;
    }
    complain(fmt::format("--log-level: '{}' is not one of debug, info, warning, error", text));
    return std::nullopt;
}

std::optional<LogFormat> parse_log_format(std::string_view text) {
    const std::optional<LogFormat> format = log_format(text);
    if (!format) complain(fmt::format("--log-format: '{}' is not one of logfmt, json", text));
    return format;
}

Duration to_duration(double seconds) noexcept {
    constexpr double most = 1e9;  // thirty years; nanoseconds of it fit
    const double sane = std::clamp(seconds, 0.0, most);
    return std::chrono::duration_cast<Duration>(std::chrono::duration<double>(sane));
}

Duration to_timeout(double seconds) noexcept {
    if (seconds <= 0) return Duration::zero();
    return std::max<Duration>(to_duration(seconds), std::chrono::milliseconds(1));
}

void announce(std::span<const AsyncListener* const> listeners, Log& log) {
    // A server whose output is a full pipe that nothing reads is to serve all the same.
    standard_output().set_patience(std::chrono::seconds(1));
    for (const AsyncListener* listener : listeners) {
        print("listening on {}\n", listener->local_endpoint().to_string());
    }
    if (standard_output().flush()) return;
    log.write(Severity::error, "cannot write to standard output",
              {{"reason", standard_output().failure()}});
}

void run_workers(CompletionQueue& queue, Task<void> main, unsigned workers) {
    WorkerLoop loop(queue, std::move(main), workers);
    std::vector<std::jthread> others;
    for (unsigned i = 1; i < workers; ++i) {
        others.emplace_back([&loop] { loop.run(); });
    }
    loop.run();
}

}  // namespace drydock::app

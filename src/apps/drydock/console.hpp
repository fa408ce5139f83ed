// The terminal's side of the programs: log lines, prompts, and lines typed.
#pragma once

#include <condition_variable>
#include <mutex>
#include <string_view>
#include <thread>

#include <drydock/log.hpp>

#include "src/echo/client.hpp"

namespace drydock::app {

/// Writes events to standard error, one per line, as key=value pairs (logfmt).
class StderrLog final : public Log {
public:
    using Log::write;
    explicit StderrLog(Severity least) noexcept : least_(least) {}
    bool wants(Severity severity) const noexcept override { return severity >= least_; }
    void write(Severity severity, std::string_view event,
               std::span<const LogField> fields) noexcept override;

private:
    Severity least_;
    std::mutex mutex_;
};

/// Standard output, flushed at each write.
class StdoutText final : public echo::TextOutput {
public:
    void write(std::string_view text) noexcept override;
};

/// Reads standard input on a thread of its own, a line for each ask(), so that waiting for the user
/// keeps no completion waiting.
class StdinLines final : public echo::LineInput {
public:
    explicit StdinLines(AsyncQueue<echo::ClientEvent>& events);
    ~StdinLines() override;

    void ask() noexcept override;

    /// Lets the thread end. False: it is in the middle of a read and cannot be called back from
    /// there; the program has to end without it, and without touching std::cin or stdin.
    bool end() noexcept;

private:
    enum class State { idle, asked, reading, ended };

    void run();

    AsyncQueue<echo::ClientEvent>& events_;
    std::mutex mutex_;
    std::condition_variable changed_;
    State state_ = State::idle;
    std::thread thread_;
};

}  // namespace drydock::app

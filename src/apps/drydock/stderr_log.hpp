// The log of the servers: standard error, written by a thread of its own.
//
// Whoever started the server may never read its standard error. A worker that wrote to a full pipe
// would wait there, and all that it serves with it; so workers only leave their lines in a bounded
// queue. What does not fit is counted, and the log tells the count when there is room again. A
// write that fails, because a disk is full or a reader is gone, is tried again every second.
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>

#include <drydock/log.hpp>

#include "src/cli/log_line.hpp"

namespace drydock::app {

/// One event per line. The thread starts with the first line, so that
/// what has to be set up before any thread starts can be.
class StderrLog final : public Log {
public:
    using Log::write;
    StderrLog(Severity least, LogFormat format);
    /// As finish().
    ~StderrLog() override;

    /// Waits until all is written; not for ever, should nobody read it. False: something was not.
    /// Nothing may be written after it.
    bool finish() noexcept;

    bool wants(Severity severity) const noexcept override { return severity >= least_; }
    void write(Severity severity, std::string_view event,
               std::span<const LogField> fields) noexcept override;

    /// Bytes that may wait to be written.
    static constexpr std::size_t capacity = 1024 * 1024;

private:
    struct Pending;

    Severity least_;
    std::shared_ptr<Pending> pending_;  // outlives us where the thread cannot be ended
};

}  // namespace drydock::app

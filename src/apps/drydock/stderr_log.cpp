// Lines in, by any worker; lines out, by one thread.
#include "src/apps/drydock/stderr_log.hpp"

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>
#include <utility>

#include "platform/host/streams.hpp"

namespace drydock::app {
namespace {

// How long the end of the program waits for somebody to read the last lines.
constexpr auto patience = std::chrono::seconds(1);

// Between two attempts while standard error cannot be written.
constexpr auto pause = std::chrono::seconds(1);

}  // namespace

struct StderrLog::Pending {
    void run();
    void write_batch(std::unique_lock<std::mutex>& lock);
    /// About the log itself, now.
    std::string warning(std::string_view event, const LogField& field) const;
    bool is_empty() const noexcept { return lines.empty() && lost == 0; }

    LogFormat format = LogFormat::logfmt;
    std::mutex mutex;
    std::condition_variable changed;
    std::string lines;          // their beginning may be the rest of one that was cut
    std::uint64_t lost = 0;     // after `lines`, for want of room
    std::size_t in_flight = 0;  // bytes that the thread is writing
    std::string failure;        // why the last write failed; empty: it did not
    bool started = false;
    bool ending = false;
    bool ended = false;
};

/// While writes fail, tries again every now and then, even if no line comes.
void StderrLog::Pending::run() {
    std::unique_lock lock(mutex);
    do {
        if (failure.empty()) {
            changed.wait(lock, [this] { return !is_empty() || ending; });
        } else {
            changed.wait_for(lock, pause, [this] { return ending; });
        }
        if (!is_empty()) write_batch(lock);
    } while (!ending || (!is_empty() && failure.empty()));
    ended = true;
    changed.notify_all();
}

/// Writes all that there is. What could not be written goes back, to be tried again.
void StderrLog::Pending::write_batch(std::unique_lock<std::mutex>& lock) {
    std::string batch = std::exchange(lines, {});
    if (lost > 0) {
        const LogField field{"lines", static_cast<std::int64_t>(std::exchange(lost, 0))};
        batch += warning("log lines lost", field);
    }
    in_flight = batch.size();
    lock.unlock();
    const host::WriteResult result = host::write(host::Stream::error, batch);
    lock.lock();
    in_flight = 0;
    if (!result.ok()) {
        lines.insert(0, batch, result.written);
        failure = result.failure;
    } else if (!failure.empty()) {
        const std::string reason = std::exchange(failure, {});
        const LogField field{"reason", reason};
        lines += warning("log could not be written", field);
    }
}

std::string StderrLog::Pending::warning(std::string_view event, const LogField& field) const {
    return log_line(format, WallClock::now(),
                    log_event(format, Severity::warning, event, {&field, 1}));
}

StderrLog::StderrLog(Severity least, LogFormat format)
    : least_(least), pending_(std::make_shared<Pending>()) {
    pending_->format = format;
}

StderrLog::~StderrLog() { finish(); }

bool StderrLog::finish() noexcept {
    std::unique_lock lock(pending_->mutex);
    pending_->ending = true;
    pending_->changed.notify_all();
    pending_->changed.wait_for(lock, patience,
                               [this] { return !pending_->started || pending_->ended; });
    return pending_->is_empty() && pending_->in_flight == 0;
}

void StderrLog::write(Severity severity, std::string_view event,
                      std::span<const LogField> fields) noexcept {
    const LogFormat format = pending_->format;
    const std::string text = log_event(format, severity, event, fields);
    const std::lock_guard lock(pending_->mutex);
    // Under the lock, so that lines are in the order of their times.
    const std::string line = log_line(format, WallClock::now(), text);
    // Once a line is lost, so are the next, until that can be told in its place.
    const std::size_t waiting = pending_->lines.size() + pending_->in_flight;
    if (pending_->lost > 0 || waiting + line.size() > capacity) {
        ++pending_->lost;
        return;
    }
    pending_->lines += line;
    pending_->changed.notify_all();
    if (std::exchange(pending_->started, true)) return;
    std::thread([pending = pending_] { pending->run(); }).detach();
}

}  // namespace drydock::app

// Lines in, by any worker; lines out, by one thread.
#include "src/apps/drydock/stderr_log.hpp"

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>
#include <utility>

#include <fmt/format.h>

#include "platform/host/streams.hpp"

namespace drydock::app {
namespace {

// How long the end of the program waits for somebody to read the last lines.
constexpr auto patience = std::chrono::seconds(1);

// Between two attempts while standard error cannot be written.
constexpr auto pause = std::chrono::seconds(1);

std::string quoted_if_needed(std::string_view text) {
    if (!text.empty() && text.find_first_of(" \"=") == std::string_view::npos) {
        return std::string(text);
    }
    std::string quoted = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') quoted += '\\';
        quoted += c;
    }
    return quoted + '"';
}

std::string format_line(Severity severity, std::string_view event,
                        std::span<const LogField> fields) {
    std::string line = fmt::format("level={} event={}", name(severity), quoted_if_needed(event));
    for (const LogField& field : fields) {
        if (const auto* number = std::get_if<std::int64_t>(&field.value)) {
            line += fmt::format(" {}={}", field.key, *number);
        } else {
            line += fmt::format(" {}={}", field.key,
                                quoted_if_needed(std::get<std::string_view>(field.value)));
        }
    }
    return line += '\n';
}

}  // namespace

struct StderrLog::Pending {
    void run();
    void write_batch(std::unique_lock<std::mutex>& lock);
    bool is_empty() const noexcept { return lines.empty() && lost == 0; }

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
        batch += format_line(Severity::warning, "log lines lost", {&field, 1});
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
        lines += format_line(Severity::warning, "log could not be written", {&field, 1});
    }
}

StderrLog::StderrLog(Severity least) : least_(least), pending_(std::make_shared<Pending>()) {}

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
    const std::string line = format_line(severity, event, fields);
    const std::lock_guard lock(pending_->mutex);
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

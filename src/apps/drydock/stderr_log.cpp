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

#include "platform/host/host.hpp"

namespace drydock::app {
namespace {

// How long the end of the program waits for somebody to read the last lines.
constexpr auto patience = std::chrono::seconds(1);

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

    std::mutex mutex;
    std::condition_variable changed;
    std::string lines;
    std::uint64_t lost = 0;
    bool started = false;
    bool writing = false;
    bool ending = false;
};

void StderrLog::Pending::run() {
    std::unique_lock lock(mutex);
    for (;;) {
        changed.wait(lock, [this] { return !lines.empty() || ending; });
        if (lines.empty()) return;
        std::string batch = std::exchange(lines, {});
        if (lost > 0) {
            const std::int64_t count = static_cast<std::int64_t>(std::exchange(lost, 0));
            const LogField fields[] = {{"lines", count}};
            batch += format_line(Severity::warning, "log lines lost", fields);
        }
        writing = true;
        lock.unlock();
        host::write_error(batch);
        lock.lock();
        writing = false;
        changed.notify_all();
    }
}

StderrLog::StderrLog(Severity least) : least_(least), pending_(std::make_shared<Pending>()) {}

StderrLog::~StderrLog() {
    std::unique_lock lock(pending_->mutex);
    pending_->ending = true;
    pending_->changed.notify_all();
    pending_->changed.wait_for(lock, patience,
                               [this] { return pending_->lines.empty() && !pending_->writing; });
}

void StderrLog::write(Severity severity, std::string_view event,
                      std::span<const LogField> fields) noexcept {
    const std::string line = format_line(severity, event, fields);
    const std::lock_guard lock(pending_->mutex);
    if (pending_->lines.size() + line.size() > capacity) {
        ++pending_->lost;
        return;
    }
    pending_->lines += line;
    pending_->changed.notify_all();
    if (std::exchange(pending_->started, true)) return;
    std::thread([pending = pending_] { pending->run(); }).detach();
}

}  // namespace drydock::app

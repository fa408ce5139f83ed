// Standard streams.
#include "src/apps/drydock/console.hpp"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <string>
#include <system_error>

#include "src/cli/output.hpp"

namespace drydock::app {

bool StdoutText::write(std::string_view text) noexcept {
    standard_output().write(text);
    return standard_output().flush();
}

StdinLines::StdinLines(LineSink sink) : sink_(std::move(sink)), thread_([this] { run(); }) {}

StdinLines::~StdinLines() {
    end();
    thread_.join();
}

void StdinLines::ask() noexcept {
    {
        const std::lock_guard lock(mutex_);
        if (state_ == State::idle) state_ = State::asked;
    }
    changed_.notify_one();
}

int StdinLines::leave(int status) noexcept {
    // The C library's own end would flush standard input, too. The thread that reads it holds its
    // lock until it gets a line.
    if (!end()) std::_Exit(finish_output("drydock", status));
    if (failure_.empty() || status != exit_ok) return status;
    complain("drydock", "cannot read standard input: " + failure_);
    return exit_wrong_usage;
}

/// Lets the thread end. False: it is in the middle of a read; nobody may touch std::cin or stdin.
bool StdinLines::end() noexcept {
    // To look and to end are one step: a line that was asked for just now may not be begun in
    // between.
    const std::lock_guard lock(mutex_);
    const bool reading = state_ == State::reading;
    state_ = State::ended;
    changed_.notify_one();
    return !reading;
}

void StdinLines::run() {
    std::unique_lock lock(mutex_);
    for (;;) {
        changed_.wait(lock, [this] { return state_ == State::asked || state_ == State::ended; });
        if (state_ == State::ended) return;
        state_ = State::reading;
        lock.unlock();
        std::string line;
        errno = 0;
        const bool got = static_cast<bool>(std::getline(std::cin, line));
        const int code = errno;
        lock.lock();
        if (!got && std::ferror(stdin) != 0) failure_ = std::generic_category().message(code);
        if (state_ == State::reading) state_ = State::idle;
        // Pushed under the lock: the answer may be the next ask(), which must find us idle.
        sink_(got ? std::optional(std::move(line)) : std::nullopt);
    }
}

}  // namespace drydock::app

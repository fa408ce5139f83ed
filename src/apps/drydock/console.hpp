// The terminal's side of the clients: prompts, and lines typed.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include <drydock/async_queue.hpp>

#include "src/console/safe_text.hpp"
#include "src/console/streams.hpp"

namespace drydock::app {

/// Standard output, flushed at each write.
class StdoutText : public console::TextOutput {
public:
    bool write(std::string_view text) noexcept override;
};

/// The same where standard output is a terminal: whole lines, with nothing in them that the
/// terminal would obey.
class SafeStdoutText final : public StdoutText {
public:
    ~SafeStdoutText() override { StdoutText::write(safe_.finish()); }
    bool write(std::string_view text) noexcept override {
        return StdoutText::write(safe_.feed(text));
    }

private:
    console::SafeText safe_;
};

/// Takes the user's lines, one for each that was asked for; nothing stands for the end of input.
using LineSink = std::function<void(std::optional<std::string>)>;

/// Pushes them into a client's queue of events.
template <typename Event>
LineSink into(AsyncQueue<Event>& events) {
    return [&events](std::optional<std::string> line) {
        if (line) {
            events.push(console::Line{std::move(*line)});
        } else {
            events.push(console::EndOfInput{});
        }
    };
}

/// Reads standard input on a thread of its own, a line for each ask(), so that waiting for the user
/// keeps no completion waiting.
class StdinLines final : public console::LineInput {
public:
    explicit StdinLines(LineSink sink);
    ~StdinLines() override;

    void ask() noexcept override;

    /// The program's last act: gives `status` where the thread can be ended, and ends the program
    /// with it where the thread is in the middle of a read and cannot be called back from there. If
    /// standard input could not be read, complains and makes a good status 2.
    int leave(int status) noexcept;

private:
    enum class State { idle, asked, reading, ended };

    void run();
    bool end() noexcept;

    LineSink sink_;
    std::mutex mutex_;
    std::condition_variable changed_;
    State state_ = State::idle;
    std::string failure_;  // why standard input cannot be read
    std::thread thread_;
};

}  // namespace drydock::app

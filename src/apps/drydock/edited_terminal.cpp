// The line editor between a terminal and a client.
#include "src/apps/drydock/edited_terminal.hpp"

#include <utility>

namespace drydock::app {
namespace {

/// With so many lines entered and not sent, no key is taken: a long paste waits in the terminal.
constexpr std::size_t most_entered = 16;

}  // namespace

EditedTerminal::EditedTerminal(std::unique_ptr<host::Terminal> terminal, LineSink sink)
    : terminal_(std::move(terminal)),
      sink_(std::move(sink)),
      editor_("> ", terminal_->columns()),
      thread_([this] { run(); }) {}

EditedTerminal::~EditedTerminal() {
    {
        const std::lock_guard lock(mutex_);
        ending_ = true;
    }
    room_.notify_one();
    terminal_->interrupt();
    thread_.join();
    if (shown_) terminal_->write(console::LineEditor::erase());
    terminal_->write(safe_.finish());
}

void EditedTerminal::ask() noexcept {
    {
        const std::lock_guard lock(mutex_);
        if (!std::exchange(shown_, true)) terminal_->write(editor_.draw());
        asked_ = true;
        answer();
    }
    room_.notify_one();
}

bool EditedTerminal::write(std::string_view text) noexcept {
    const std::lock_guard lock(mutex_);
    const std::string lines = safe_.feed(text);
    if (!lines.empty()) terminal_->write(shown_ ? editor_.above(lines) : lines);
    return true;
}

void EditedTerminal::run() {
    bool more = true;
    while (more) {
        const host::TerminalInput input = terminal_->read();
        std::unique_lock lock(mutex_);
        take(input);
        room_.wait(lock, [this] { return ending_ || entered_.size() <= most_entered; });
        more = !ending_ && !input_ended_;
    }
}

void EditedTerminal::take(const host::TerminalInput& input) {
    console::LineEditor::Typed typed;
    switch (input.kind) {
        case host::TerminalInput::Kind::keys:
            typed = editor_.type(input.text);
            break;
        case host::TerminalInput::Kind::redraw:
            editor_.resize(terminal_->columns());
            typed.screen = editor_.draw();
            break;
        case host::TerminalInput::Kind::end:
            typed.end = true;
            break;
    }
    if (shown_) terminal_->write(typed.screen);
    for (std::string& line : typed.lines) entered_.push_back(std::move(line));
    input_ended_ = input_ended_ || typed.end;
    answer();
}

/// Gives what was asked for, if it is there.
void EditedTerminal::answer() {
    if (!asked_ || ending_ || (entered_.empty() && !input_ended_)) return;
    asked_ = false;
    if (entered_.empty()) return sink_(std::nullopt);
    std::string line = std::move(entered_.front());
    entered_.pop_front();
    sink_(std::move(line));
}

}  // namespace drydock::app

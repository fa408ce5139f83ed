// A terminal whose user's line and other people's text do not get into each other's way.
#pragma once

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include "platform/host/terminal.hpp"
#include "src/apps/drydock/console.hpp"
#include "src/console/line_editor.hpp"

namespace drydock::app {

/// Both sides of a client. A thread of its own takes the keys; whoever writes, writes above the row
/// in which the user types.
class EditedTerminal final : public console::LineInput, public console::TextOutput {
public:
    EditedTerminal(std::unique_ptr<host::Terminal> terminal, LineSink sink);
    /// Shows what is held back, and leaves the terminal as if there had been no row.
    ~EditedTerminal() override;

    /// The first one shows the row.
    void ask() noexcept override;
    /// Always true: a terminal that is gone is the end of its input, too.
    bool write(std::string_view text) noexcept override;

private:
    void run();
    void take(const host::TerminalInput& input);
    void answer();

    std::unique_ptr<host::Terminal> terminal_;
    LineSink sink_;
    std::mutex mutex_;  // guards all of the following, and writing to the terminal
    std::condition_variable room_;
    console::LineEditor editor_;
    console::SafeText safe_;
    std::deque<std::string> entered_;  // and not asked for yet
    bool asked_ = false;
    bool shown_ = false;
    bool input_ended_ = false;
    bool ending_ = false;
    std::thread thread_;
};

}  // namespace drydock::app

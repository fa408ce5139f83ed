// The terminal on Windows: console modes, key events in, UTF-16 out.
#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include "platform/common/winsock_win32.hpp"
#include "platform/host/terminal.hpp"

namespace drydock::host {
namespace {

struct Modes {
    HANDLE input = nullptr;
    HANDLE output = nullptr;
    DWORD input_mode = 0;
    DWORD output_mode = 0;
};

// A console handler has no argument: what it is to put back has to be found here. Written before it
// is installed; one terminal at a time.
Modes found;

void put_back() noexcept {
    DWORD written = 0;
    ::WriteConsoleW(found.output, L"\r\x1b[K", 4, &written, nullptr);
    ::SetConsoleMode(found.input, found.input_mode);
    ::SetConsoleMode(found.output, found.output_mode);
}

/// Ctrl-C and the like: puts the console back and lets the default end the program.
BOOL WINAPI on_end(DWORD) {
    put_back();
    return FALSE;
}

std::string to_utf8(std::wstring_view text) {
    const int size = static_cast<int>(text.size());
    const int needed =
        ::WideCharToMultiByte(CP_UTF8, 0, text.data(), size, nullptr, 0, nullptr, nullptr);
    std::string bytes(static_cast<std::size_t>(needed), '\0');
    ::WideCharToMultiByte(CP_UTF8, 0, text.data(), size, bytes.data(), needed, nullptr, nullptr);
    return bytes;
}

/// What xterm sends for a key that is no character.
std::wstring_view sequence_of(WORD key) noexcept {
    switch (key) {
        case VK_LEFT:
            return L"\x1b[D";
        case VK_RIGHT:
            return L"\x1b[C";
        case VK_HOME:
            return L"\x1b[H";
        case VK_END:
            return L"\x1b[F";
        case VK_DELETE:
            return L"\x1b[3~";
        default:
            return {};
    }
}

class WindowsTerminal final : public Terminal {
public:
    WindowsTerminal(const Modes& modes, HANDLE interrupted) noexcept
        : modes_(modes), interrupted_(interrupted) {
        found = modes;
        ::SetConsoleCtrlHandler(&on_end, TRUE);
    }

    ~WindowsTerminal() override {
        ::SetConsoleCtrlHandler(&on_end, FALSE);
        ::SetConsoleMode(modes_.input, modes_.input_mode);
        ::SetConsoleMode(modes_.output, modes_.output_mode);
        ::CloseHandle(interrupted_);
    }

    TerminalInput read() override {
        for (;;) {
            const HANDLE handles[] = {interrupted_, modes_.input};
            if (::WaitForMultipleObjects(2, handles, FALSE, INFINITE) != WAIT_OBJECT_0 + 1) {
                return {TerminalInput::Kind::end};
            }
            std::array<INPUT_RECORD, 256> records;
            DWORD count = 0;
            if (!::ReadConsoleInputW(modes_.input, records.data(), records.size(), &count)) {
                return {TerminalInput::Kind::end};
            }
            std::string text = keys_of(std::span(records).first(count));
            if (!text.empty()) {
                return {TerminalInput::Kind::keys, std::move(text)};
            }
            if (std::exchange(resized_, false)) {
                return {TerminalInput::Kind::redraw};
            }
        }
    }

    void interrupt() noexcept override { ::SetEvent(interrupted_); }

    void write(std::string_view text) noexcept override {
        const int size = static_cast<int>(text.size());
        const int needed = ::MultiByteToWideChar(CP_UTF8, 0, text.data(), size, nullptr, 0);
        std::wstring wide(static_cast<std::size_t>(needed), L'\0');
        ::MultiByteToWideChar(CP_UTF8, 0, text.data(), size, wide.data(), needed);
        constexpr std::size_t most_at_once = 8 * 1024;
        std::wstring_view rest = wide;
        while (!rest.empty()) {
            const std::size_t part = std::min(rest.size(), most_at_once);
            DWORD written = 0;
            if (!::WriteConsoleW(modes_.output, rest.data(), static_cast<DWORD>(part), &written,
                                 nullptr) ||
                written == 0) {
                return;  // it is gone, as reading will tell
            }
            rest.remove_prefix(written);
        }
    }

    std::size_t columns() const noexcept override {
        constexpr std::size_t usual = 80;
        CONSOLE_SCREEN_BUFFER_INFO info{};
        if (!::GetConsoleScreenBufferInfo(modes_.output, &info)) {
            return usual;
        }
        const int window = info.srWindow.Right - info.srWindow.Left + 1;
        const int columns = std::min<int>(window, info.dwSize.X);
        return columns > 0 ? static_cast<std::size_t>(columns) : usual;
    }

private:
    std::string keys_of(std::span<const INPUT_RECORD> records) {
        std::wstring text = std::exchange(high_surrogate_, {});
        for (const INPUT_RECORD& record : records) {
            if (record.EventType == WINDOW_BUFFER_SIZE_EVENT) {
                resized_ = true;
            } else if (record.EventType == KEY_EVENT) {
                add(record.Event.KeyEvent, text);
            }
        }
        if (!text.empty() && IS_HIGH_SURROGATE(text.back())) {
            high_surrogate_ = text.back();  // its other half is an event of its own
            text.pop_back();
        }
        return to_utf8(text);
    }

    static void add(const KEY_EVENT_RECORD& key, std::wstring& text) {
        const wchar_t character = key.uChar.UnicodeChar;
        // Alt with digits gives its character when Alt is let go.
        const bool composed = !key.bKeyDown && key.wVirtualKeyCode == VK_MENU && character != 0;
        if (!key.bKeyDown && !composed) {
            return;
        }
        for (WORD i = 0; i < std::max<WORD>(key.wRepeatCount, 1); ++i) {
            if (character != 0) {
                text += character;
            } else {
                text += sequence_of(key.wVirtualKeyCode);
            }
        }
    }

    Modes modes_;
    HANDLE interrupted_;
    std::wstring high_surrogate_;
    bool resized_ = false;
};

bool set_modes(const Modes& modes) noexcept {
    // Quick edit (selecting with the mouse) stays as it is; no line mode, no echo.
    const DWORD kept =
        modes.input_mode & (ENABLE_EXTENDED_FLAGS | ENABLE_QUICK_EDIT_MODE | ENABLE_INSERT_MODE);
    const DWORD input = kept | ENABLE_PROCESSED_INPUT | ENABLE_WINDOW_INPUT;
    const DWORD output = modes.output_mode | ENABLE_PROCESSED_OUTPUT | ENABLE_WRAP_AT_EOL_OUTPUT |
                         ENABLE_VIRTUAL_TERMINAL_PROCESSING;
    if (!::SetConsoleMode(modes.output, output)) {
        return false;  // a console from before Windows 10
    }
    if (!::SetConsoleMode(modes.input, input)) {
        ::SetConsoleMode(modes.output, modes.output_mode);
        return false;
    }
    return true;
}

}  // namespace

std::unique_ptr<Terminal> open_terminal() {
    Modes modes;
    modes.input = ::GetStdHandle(STD_INPUT_HANDLE);
    modes.output = ::GetStdHandle(STD_OUTPUT_HANDLE);
    if (!::GetConsoleMode(modes.input, &modes.input_mode) ||
        !::GetConsoleMode(modes.output, &modes.output_mode)) {
        return nullptr;
    }
    const HANDLE interrupted = ::CreateEventW(nullptr, TRUE, FALSE, nullptr);
    if (interrupted == nullptr) {
        return nullptr;
    }
    if (!set_modes(modes)) {
        ::CloseHandle(interrupted);
        return nullptr;
    }
    return std::make_unique<WindowsTerminal>(modes, interrupted);
}

bool output_is_terminal() noexcept {
    DWORD mode = 0;
    return ::GetConsoleMode(::GetStdHandle(STD_OUTPUT_HANDLE), &mode) != 0;
}

bool error_is_terminal() noexcept {
    DWORD mode = 0;
    return ::GetConsoleMode(::GetStdHandle(STD_ERROR_HANDLE), &mode) != 0;
}

}  // namespace drydock::host

// The terminal on POSIX systems: termios, and signal handlers that restore it.
#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <utility>

#include "platform/host/terminal.hpp"

namespace drydock::host {
namespace {

constexpr char wake_to_redraw = 'r';
constexpr char wake_to_end = 'e';

// What signal handlers need to find. Written before they are installed; one terminal at a time.
::termios found;
::termios raw;
int wake_write_end = -1;

constexpr int deadly[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGABRT};

// From here to die_of(): functions that a signal handler may call.

/// In the background the terminal is somebody else's.
bool in_foreground() noexcept { return ::tcgetpgrp(STDIN_FILENO) == ::getpgrp(); }

void set(const ::termios& settings) noexcept {
    while (::tcsetattr(STDIN_FILENO, TCSANOW, &settings) != 0 && errno == EINTR) {}
}

void wake(char why) noexcept {
    [[maybe_unused]] const ::ssize_t written = ::write(wake_write_end, &why, 1);
}

void put_back() noexcept {
    if (!in_foreground()) {
        return;
    }
    set(found);
    ::tcflow(STDOUT_FILENO,
             TCOON);  // somebody may have stopped it with Ctrl-S: the write would wait
    constexpr std::string_view erase_row = "\r\x1b[K";
    [[maybe_unused]] const ::ssize_t written =
        ::write(STDOUT_FILENO, erase_row.data(), erase_row.size());
}

void take_again() noexcept {
    if (in_foreground()) {
        set(raw);
        wake(wake_to_redraw);
    }
}

void install(int signal, void (*handler)(int)) noexcept {
    struct ::sigaction action {};
    action.sa_handler = handler;
    action.sa_flags = SA_RESTART;
    ::sigfillset(&action.sa_mask);  // SIGTTOU among them: putting back may not stop the program
    ::sigaction(signal, &action, nullptr);
}

/// By the signal's default action, as soon as the handler has returned.
void die_of(int signal) {
    put_back();
    install(signal, SIG_DFL);
    ::raise(signal);
}

void stop_for(int signal) {
    const int code = errno;
    put_back();
    install(signal, SIG_DFL);
    ::sigset_t only{};
    ::sigemptyset(&only);
    ::sigaddset(&only, signal);
    ::raise(signal);
    ::pthread_sigmask(SIG_UNBLOCK, &only, nullptr);  // here it stops, and here it goes on
    ::pthread_sigmask(SIG_BLOCK, &only, nullptr);
    install(signal, &stop_for);
    take_again();
    errno = code;
}

void go_on(int) {
    const int code = errno;
    take_again();
    errno = code;
}

void resized(int) {
    const int code = errno;
    wake(wake_to_redraw);
    errno = code;
}

class PosixTerminal final : public Terminal {
public:
    PosixTerminal(const ::termios& settings, int wake_read_end, int write_end)
        : wake_read_end_(wake_read_end) {
        found = settings;
        raw = settings;
        // ISIG stays: Ctrl-C, Ctrl-\ and Ctrl-Z are signals. Output is still processed.
        raw.c_lflag &= ~static_cast<::tcflag_t>(ICANON | ECHO | ECHONL | IEXTEN);
        raw.c_lflag |= NOFLSH;  // Ctrl-Z and what was typed before it are two things
        raw.c_iflag &= ~static_cast<::tcflag_t>(ICRNL | INLCR | IGNCR | ISTRIP);
        raw.c_cc[VMIN] = 1;
        raw.c_cc[VTIME] = 0;
        wake_write_end = write_end;
        for (const int signal : deadly) {
            handle(signal, &die_of);
        }
        handle(SIGTSTP, &stop_for);
        handle(SIGCONT, &go_on);
        handle(SIGWINCH, &resized);
        set(raw);
    }

    ~PosixTerminal() override {
        if (in_foreground()) {
            set(found);
        }
        for (std::size_t i = 0; i < handled_; ++i) {
            ::sigaction(signals_[i], &actions_[i], nullptr);
        }
        ::close(wake_read_end_);
        ::close(std::exchange(wake_write_end, -1));
    }

    TerminalInput read() override {
        for (;;) {
            std::array<::pollfd, 2> files = {
                {{wake_read_end_, POLLIN, 0}, {STDIN_FILENO, POLLIN, 0}}};
            if (::poll(files.data(), files.size(), -1) < 0) {
                continue;
            }
            if (files[0].revents != 0) {
                return woken();
            }
            std::array<char, 4096> buffer;
            const ::ssize_t count = ::read(STDIN_FILENO, buffer.data(), buffer.size());
            if (count > 0) {
                return {TerminalInput::Kind::keys,
                        std::string(buffer.data(), static_cast<std::size_t>(count))};
            }
            if (count == 0 || (errno != EINTR && errno != EAGAIN)) {
                return {TerminalInput::Kind::end};
            }
        }
    }

    void interrupt() noexcept override { wake(wake_to_end); }

    void write(std::string_view text) noexcept override {
        while (!text.empty()) {
            const ::ssize_t count = ::write(STDOUT_FILENO, text.data(), text.size());
            if (count > 0) {
                text.remove_prefix(static_cast<std::size_t>(count));
                continue;
            }
            ::pollfd file{STDOUT_FILENO, POLLOUT, 0};
            if (errno == EAGAIN) {
                ::poll(&file, 1, -1);
            } else if (errno != EINTR) {
                return;  // it is gone, as reading will tell
            }
        }
    }

    std::size_t columns() const noexcept override {
        constexpr std::size_t usual = 80;
        ::winsize size{};
        const bool known = ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
        return known ? size.ws_col : usual;
    }

private:
    void handle(int signal, void (*handler)(int)) noexcept {
        struct ::sigaction before {};
        ::sigaction(signal, nullptr, &before);
        if (before.sa_handler == SIG_IGN) {
            return;  // as under nohup: not for us to change
        }
        signals_[handled_] = signal;
        actions_[handled_++] = before;
        install(signal, handler);
    }

    TerminalInput woken() noexcept {
        std::array<char, 64> why;
        const ::ssize_t count = ::read(wake_read_end_, why.data(), why.size());
        const std::string_view reasons(why.data(), count > 0 ? static_cast<std::size_t>(count) : 0);
        if (reasons.find(wake_to_end) == std::string_view::npos) {
            return {TerminalInput::Kind::redraw};
        }
        interrupt();  // from now on
        return {TerminalInput::Kind::end};
    }

    int wake_read_end_;
    std::array<int, std::size(deadly) + 3> signals_{};
    std::array<struct ::sigaction, std::size(deadly) + 3> actions_{};
    std::size_t handled_ = 0;
};

}  // namespace

std::unique_ptr<Terminal> open_terminal() {
    const char* const type = std::getenv("TERM");
    const bool knows_sequences = type != nullptr && std::string_view(type) != "dumb";
    ::termios settings{};
    if (!knows_sequences || !output_is_terminal() || !in_foreground() ||
        ::tcgetattr(STDIN_FILENO, &settings) != 0) {
        return nullptr;
    }
    int ends[2];
    if (::pipe(ends) != 0) {
        return nullptr;
    }
    for (const int end : ends) {
        ::fcntl(end, F_SETFD, FD_CLOEXEC);
        ::fcntl(end, F_SETFL, O_NONBLOCK);
    }
    return std::make_unique<PosixTerminal>(settings, ends[0], ends[1]);
}

bool output_is_terminal() noexcept { return ::isatty(STDOUT_FILENO) == 1; }

bool error_is_terminal() noexcept { return ::isatty(STDERR_FILENO) == 1; }

}  // namespace drydock::host

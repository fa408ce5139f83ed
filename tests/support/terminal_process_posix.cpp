// Starting a program at a pseudo-terminal.
#include "tests/support/terminal_process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace drydock::test {
namespace {

/// The child's side of the fork.
[[noreturn]] void become(const Command& command, char* const* words, int terminal) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // not to outlive the test
    ::setsid();
    ::ioctl(terminal, TIOCSCTTY, 0);
    for (const int file : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
        ::dup2(terminal, file);
    }
    for (const int number : {SIGINT, SIGTERM, SIGPIPE, SIGQUIT, SIGHUP}) {
        ::signal(number, SIG_DFL);
    }
    ::setenv("TERM", "xterm", 1);
    for (const auto& [name, value] : command.environment) {
        ::setenv(name.c_str(), value.c_str(), 1);
    }
    ::execv(words[0], words);
    std::perror(words[0]);
    ::_exit(126);
}

bool are_same(const ::termios& a, const ::termios& b) {
    return a.c_iflag == b.c_iflag && a.c_oflag == b.c_oflag && a.c_cflag == b.c_cflag &&
           a.c_lflag == b.c_lflag && std::memcmp(a.c_cc, b.c_cc, sizeof a.c_cc) == 0;
}

}  // namespace

TerminalProcess::TerminalProcess(const Command& command, unsigned short columns) {
    const ::winsize size{24, columns, 0, 0};
    if (::openpty(&terminal_, &programs_side_, nullptr, nullptr, &size) != 0) {
        std::perror("openpty");
        std::abort();
    }
    ::tcgetattr(programs_side_, &found_);
    ::fcntl(terminal_, F_SETFD, FD_CLOEXEC);
    ::fcntl(programs_side_, F_SETFD, FD_CLOEXEC);
    ::fcntl(terminal_, F_SETFL, O_NONBLOCK);
    std::vector<std::string> words = command.words;
    std::vector<char*> pointers;
    for (std::string& word : words) {
        pointers.push_back(word.data());
    }
    pointers.push_back(nullptr);
    pid_ = ::fork();
    if (pid_ == 0) {
        become(command, pointers.data(), programs_side_);
    }
}

TerminalProcess::~TerminalProcess() {
    reap();
    if (ending_.kind == Ending::Kind::still_running) {
        ::kill(pid_, SIGKILL);
        ::waitpid(pid_, nullptr, 0);
    }
    ::close(terminal_);
    ::close(programs_side_);
}

void TerminalProcess::reap() {
    int status = 0;
    if (ending_.kind == Ending::Kind::still_running && ::waitpid(pid_, &status, WNOHANG) == pid_) {
        ending_ = WIFSIGNALED(status) ? Ending::killed(WTERMSIG(status))
                                      : Ending::exited(WEXITSTATUS(status));
    }
}

void TerminalProcess::signal(int number) {
    reap();
    if (ending_.kind == Ending::Kind::still_running) {
        ::kill(pid_, number);
    }
}

void TerminalProcess::resize(unsigned short columns) {
    const ::winsize size{24, columns, 0, 0};
    ::ioctl(terminal_, TIOCSWINSZ, &size);
}

bool TerminalProcess::read_some() {
    std::array<char, 64 * 1024> buffer;
    const ::ssize_t count = ::read(terminal_, buffer.data(), buffer.size());
    if (count > 0) {
        output_.append(buffer.data(), static_cast<std::size_t>(count));
    }
    return count > 0;
}

template <typename Condition>
bool TerminalProcess::pump_until(Condition condition, Milliseconds timeout) {
    const Clock::time_point deadline = Clock::now() + timeout;
    for (;;) {
        reap();
        // In this order: what it wrote before its end is all read.
        const bool ended = ending_.kind != Ending::Kind::still_running;
        while (read_some()) {}
        if (condition()) {
            return true;
        }
        if (ended || Clock::now() >= deadline) {
            return false;
        }
        ::pollfd file{terminal_, POLLIN, 0};
        ::poll(&file, 1, 5);
    }
}

bool TerminalProcess::type(std::string_view keys, Milliseconds timeout) {
    return pump_until(
        [&] {
            const ::ssize_t count = ::write(terminal_, keys.data(), keys.size());
            keys.remove_prefix(count > 0 ? static_cast<std::size_t>(count) : 0);
            return keys.empty();
        },
        timeout);
}

bool TerminalProcess::wait_for(std::string_view text, Milliseconds timeout) {
    return pump_until(
        [&] {
            const std::size_t at = output_.find(text, waited_to_);
            if (at == std::string::npos) {
                return false;
            }
            waited_to_ = at + text.size();
            return true;
        },
        timeout);
}

void TerminalProcess::watch(Milliseconds span) {
    pump_until([] { return false; }, span);
}

Ending TerminalProcess::wait(Milliseconds timeout) {
    watch(timeout);
    return ending_;
}

bool TerminalProcess::echoes() const {
    ::termios now{};
    ::tcgetattr(programs_side_, &now);
    return (now.c_lflag & ECHO) != 0;
}

bool TerminalProcess::is_as_found() const {
    ::termios now{};
    ::tcgetattr(programs_side_, &now);
    return are_same(now, found_);
}

}  // namespace drydock::test

// Fatal signals on POSIX systems. See last_words.hpp.
#include <signal.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "platform/host/last_words_system.hpp"

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define DRYDOCK_SANITIZER_REPORTS 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define DRYDOCK_SANITIZER_REPORTS 1
#endif
#ifdef DRYDOCK_SANITIZER_REPORTS
#include <sanitizer/common_interface_defs.h>
#endif

namespace drydock::host {
namespace {

struct Fatal {
    int signal;
    const char* name;
    struct ::sigaction before;
};

std::array<Fatal, 6> fatal_signals = {{{SIGSEGV, "segmentation fault", {}},
                                       {SIGBUS, "bus error", {}},
                                       {SIGFPE, "arithmetic error", {}},
                                       {SIGILL, "illegal instruction", {}},
                                       {SIGTRAP, "trap", {}},
                                       {SIGABRT, "abort", {}}}};

/// The instruction is tried again once this has returned, and ends the process as it would have
/// done. A signal that was sent is sent again.
extern "C" void on_fatal_signal(int signal, ::siginfo_t* info, void*) {
    const int code = errno;
    for (Fatal& fatal : fatal_signals) {
        if (fatal.signal != signal) continue;
        say_last_words(fatal.name);
        ::sigaction(signal, &fatal.before, nullptr);
    }
    if (info->si_code <= 0) ::raise(signal);
    errno = code;
}

}  // namespace

void catch_crashes() noexcept {
#ifdef DRYDOCK_SANITIZER_REPORTS
    // The sanitizer's own handlers print what is wrong, and then end the process.
    ::__sanitizer_set_death_callback([] { say_last_words("error reported by a sanitizer"); });
    Fatal& abort = fatal_signals.back();
    struct ::sigaction action {};
    action.sa_sigaction = &on_fatal_signal;
    action.sa_flags = SA_SIGINFO;
    ::sigaction(abort.signal, &action, &abort.before);
#else
    for (Fatal& fatal : fatal_signals) {
        struct ::sigaction action {};
        action.sa_sigaction = &on_fatal_signal;
        // In a simulated program the handler's sigaction() is the program's: it has no effect here.
        action.sa_flags = SA_SIGINFO | SA_ONSTACK | static_cast<int>(SA_RESETHAND);
        ::sigaction(fatal.signal, &action, &fatal.before);
    }
#endif
}

void release_crashes() noexcept {
#ifdef DRYDOCK_SANITIZER_REPORTS
    ::__sanitizer_set_death_callback(nullptr);
    const Fatal& abort = fatal_signals.back();
    ::sigaction(abort.signal, &abort.before, nullptr);
#else
    for (const Fatal& fatal : fatal_signals) ::sigaction(fatal.signal, &fatal.before, nullptr);
#endif
}

void write_last_words(const char* text, std::size_t size) noexcept {
    while (size > 0) {
        const ::ssize_t count = ::write(STDERR_FILENO, text, size);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) return;
        text += count;
        size -= static_cast<std::size_t>(count);
    }
}

}  // namespace drydock::host

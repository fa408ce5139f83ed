// Functions of the C library that concern the whole process, as a simulated program calls them: its
// end by abort(), its signals, its standard streams. (system.cpp has exit(), raise() and others.) A
// caller that is on no fiber of a program gets the C
// library's own function.
#include <dlfcn.h>
#include <pthread.h>
#include <signal.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <ios>
#include <string>

#include "sim/program/run.hpp"

namespace {

using drydock::sim::ProgramStream;
using drydock::sim::program_detail::Capture;
using drydock::sim::program_detail::ProgramRun;
using drydock::sim::program_detail::Signals;

/// The C library's own function of that name.
template <typename Function>
Function real(const char* name) noexcept {
    return reinterpret_cast<Function>(dlsym(RTLD_NEXT, name));
}

#define DRYDOCK_REAL(name)                                                   \
    ([] {                                                                    \
        static const auto found_by_drydock = real<decltype(&::name)>(#name); \
        return found_by_drydock;                                             \
    }())

/// The stream that descriptor `file` stands for, on a fiber of a program. -1: none.
int stream_of(int file, const ProgramRun* run) noexcept {
    return run != nullptr ? run->stream_of(file) : -1;
}

}  // namespace

extern "C" {

// --- the end of the process ----------------------------------------------------------------------

void _Exit(int status) noexcept {
    if (ProgramRun* const run = ProgramRun::current()) run->exit(status);
    DRYDOCK_REAL(_Exit)(status);
    __builtin_unreachable();
}

void abort() noexcept {
    if (ProgramRun* const run = ProgramRun::current()) run->abort({});
    DRYDOCK_REAL(abort)();
    __builtin_unreachable();
}

[[noreturn]] void __assert_fail(const char* expression, const char* file, unsigned line,
                                const char* function) noexcept {
    if (ProgramRun* const run = ProgramRun::current()) {
        const std::string text = std::string(file) + ":" + std::to_string(line) + ": " + function +
                                 ": Assertion `" + expression + "' failed.";
        run->wrote(ProgramStream::error, text + "\n");
        run->abort(text);
    }
    real<void (*)(const char*, const char*, unsigned, const char*)>("__assert_fail")(
        expression, file, line, function);
    __builtin_unreachable();
}

int atexit(void (*function)()) noexcept {
    if (ProgramRun* const run = ProgramRun::current()) {
        run->at_exit(function);
        return 0;
    }
    // The C library's own is a part of the executable: it has no other name for it.
    return on_exit([](int, void* f) { reinterpret_cast<void (*)()>(f)(); },
                   reinterpret_cast<void*>(function));
}

int on_exit(void (*function)(int, void*), void* argument) noexcept {
    if (ProgramRun* const run = ProgramRun::current()) {
        run->at_exit([=] { function(0, argument); });
        return 0;
    }
    return DRYDOCK_REAL(on_exit)(function, argument);
}

// --- signals -------------------------------------------------------------------------------------

int sigaction(int number, const struct sigaction* next, struct sigaction* before) noexcept {
    ProgramRun* const run = ProgramRun::current();
    if (run == nullptr) return DRYDOCK_REAL(sigaction)(number, next, before);
    if (!Signals::valid(number)) {
        errno = EINVAL;
        return -1;
    }
    struct sigaction& action = run->signals().action(number);
    if (before != nullptr) *before = action;
    if (next != nullptr) action = *next;
    return 0;
}

sighandler_t signal(int number, sighandler_t handler) noexcept {
    if (ProgramRun::current() == nullptr) return DRYDOCK_REAL(signal)(number, handler);
    struct sigaction next {};
    struct sigaction before {};
    next.sa_handler = handler;
    return sigaction(number, &next, &before) == 0 ? before.sa_handler : SIG_ERR;
}

int sigprocmask(int how, const sigset_t* next, sigset_t* before) noexcept {
    ProgramRun* const run = ProgramRun::current();
    if (run == nullptr) return DRYDOCK_REAL(sigprocmask)(how, next, before);
    sigset_t& blocked = run->signals().blocked;
    if (before != nullptr) *before = blocked;
    for (int number = 1; next != nullptr && number < Signals::count; ++number) {
        const bool named = sigismember(next, number) == 1;
        if (how == SIG_SETMASK ? named : named && how == SIG_BLOCK) sigaddset(&blocked, number);
        if (how == SIG_SETMASK ? !named : named && how == SIG_UNBLOCK) sigdelset(&blocked, number);
    }
    return 0;
}

int pthread_sigmask(int how, const sigset_t* next, sigset_t* before) noexcept {
    if (ProgramRun::current() != nullptr) return sigprocmask(how, next, before);
    return DRYDOCK_REAL(pthread_sigmask)(how, next, before);
}

int sigwait(const sigset_t* numbers, int* number) {
    ProgramRun* const run = ProgramRun::current();
    if (run == nullptr) return DRYDOCK_REAL(sigwait)(numbers, number);
    *number = run->wait_for_signal(*numbers, drydock::never);
    return 0;
}

int sigwaitinfo(const sigset_t* numbers, siginfo_t* info) {
    ProgramRun* const run = ProgramRun::current();
    if (run == nullptr) return DRYDOCK_REAL(sigwaitinfo)(numbers, info);
    const int number = run->wait_for_signal(*numbers, drydock::never);
    if (info != nullptr) *info = {};
    if (info != nullptr) info->si_signo = number;
    return number;
}

int pause() {
    ProgramRun* const run = ProgramRun::current();
    if (run == nullptr) return DRYDOCK_REAL(pause)();
    run->wait_for_handler();
    errno = EINTR;
    return -1;
}

int sigsuspend(const sigset_t* mask) {
    ProgramRun* const run = ProgramRun::current();
    if (run == nullptr) return DRYDOCK_REAL(sigsuspend)(mask);
    run->wait_for_handler();
    errno = EINTR;
    return -1;
}

// --- the standard streams ------------------------------------------------------------------------

ssize_t write(int file, const void* bytes, std::size_t size) {
    ProgramRun* const run = ProgramRun::current();
    const int stream = stream_of(file, run);
    if (stream < 1) return DRYDOCK_REAL(write)(file, bytes, size);
    run->write(stream, {static_cast<const char*>(bytes), size});
    return static_cast<ssize_t>(size);
}

ssize_t writev(int file, const struct iovec* parts, int count) {
    ProgramRun* const run = ProgramRun::current();
    if (stream_of(file, run) < 1) return DRYDOCK_REAL(writev)(file, parts, count);
    ssize_t size = 0;
    for (int i = 0; i < count; ++i) size += write(file, parts[i].iov_base, parts[i].iov_len);
    return size;
}

int vdprintf(int file, const char* format, std::va_list values) {
    if (stream_of(file, ProgramRun::current()) < 1) {
        return DRYDOCK_REAL(vdprintf)(file, format, values);
    }
    std::va_list again;
    va_copy(again, values);
    const int size = std::vsnprintf(nullptr, 0, format, values);
    std::string text(size < 0 ? 0 : static_cast<std::size_t>(size), '\0');
    if (size > 0) std::vsnprintf(text.data(), text.size() + 1, format, again);
    va_end(again);
    if (size > 0) write(file, text.data(), text.size());
    return size;
}

int dprintf(int file, const char* format, ...) {
    std::va_list values;
    va_start(values, format);
    const int size = vdprintf(file, format, values);
    va_end(values);
    return size;
}

// What they are called in a program that is compiled with _FORTIFY_SOURCE.
[[gnu::format(printf, 3, 0)]] int __vdprintf_chk(int file, int, const char* format,
                                                 std::va_list values) {
    return vdprintf(file, format, values);
}

[[gnu::format(printf, 3, 4)]] int __dprintf_chk(int file, int, const char* format, ...) {
    std::va_list values;
    va_start(values, format);
    const int size = vdprintf(file, format, values);
    va_end(values);
    return size;
}

ssize_t read(int file, void* bytes, std::size_t size) {
    ProgramRun* const run = ProgramRun::current();
    if (stream_of(file, run) != 0) return DRYDOCK_REAL(read)(file, bytes, size);
    return static_cast<ssize_t>(run->read(static_cast<char*>(bytes), size));
}

int dup(int file) noexcept {
    ProgramRun* const run = ProgramRun::current();
    if (stream_of(file, run) < 0) return DRYDOCK_REAL(dup)(file);
    const int duplicate = run->duplicate(file);
    if (duplicate < 0) errno = EMFILE;
    return duplicate;
}

int close(int file) {
    ProgramRun* const run = ProgramRun::current();
    if (stream_of(file, run) < 0) return DRYDOCK_REAL(close)(file);
    run->close_descriptor(file);
    return 0;
}

int isatty(int file) noexcept {
    if (stream_of(file, ProgramRun::current()) < 0) return DRYDOCK_REAL(isatty)(file);
    errno = ENOTTY;
    return 0;
}

int fileno(FILE* file) noexcept {
    const int known = ProgramRun::current() == nullptr ? -1 : Capture::descriptor_of(file);
    return known >= 0 ? known : DRYDOCK_REAL(fileno)(file);
}

}  // extern "C"

void drydock::sim::program_detail::link_process_calls() noexcept {}

/// Where a program calls it, its streams stay the run's.
bool std::ios_base::sync_with_stdio(bool synchronized) {
    if (ProgramRun::current() != nullptr) return true;
    static const auto found_by_drydock = real<bool (*)(bool)>("_ZNSt8ios_base15sync_with_stdioEb");
    return found_by_drydock(synchronized);
}

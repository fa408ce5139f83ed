// Unhandled exceptions and abort() on Windows. See last_words.hpp.
#include <csignal>

#include "platform/host/last_words_system.hpp"

#include <windows.h>

namespace drydock::host {
namespace {

LPTOP_LEVEL_EXCEPTION_FILTER filter_before = nullptr;
void (*abort_before)(int) = SIG_DFL;

const char* name_of(DWORD code) noexcept {
    switch (code) {
        case EXCEPTION_ACCESS_VIOLATION:
            return "access violation";
        case EXCEPTION_STACK_OVERFLOW:
            return "stack overflow";
        case EXCEPTION_INT_DIVIDE_BY_ZERO:
            return "division by zero";
        case EXCEPTION_ILLEGAL_INSTRUCTION:
            return "illegal instruction";
        case EXCEPTION_BREAKPOINT:
            return "breakpoint";
        default:
            return "unhandled exception";
    }
}

LONG WINAPI on_exception(EXCEPTION_POINTERS* exception) {
    say_last_words(name_of(exception->ExceptionRecord->ExceptionCode));
    return filter_before != nullptr ? filter_before(exception) : EXCEPTION_CONTINUE_SEARCH;
}

/// abort() ends the process once this has returned.
extern "C" void on_abort(int) { say_last_words("abort"); }

}  // namespace

void catch_crashes() noexcept {
    filter_before = ::SetUnhandledExceptionFilter(&on_exception);
    abort_before = std::signal(SIGABRT, &on_abort);
}

void release_crashes() noexcept {
    ::SetUnhandledExceptionFilter(filter_before);
    std::signal(SIGABRT, abort_before);
}

void write_last_words(const char* text, std::size_t size) noexcept {
    DWORD written = 0;
    ::WriteFile(::GetStdHandle(STD_ERROR_HANDLE), text, static_cast<DWORD>(size), &written,
                nullptr);
}

}  // namespace drydock::host

// What last_words.cpp needs from each system, and what each system calls.
#pragma once

#include <cstddef>

namespace drydock::host {

/// From the handler of a crash, on the thread that crashed. `what`: "segmentation fault".
void say_last_words(const char* what) noexcept;

void catch_crashes() noexcept;
void release_crashes() noexcept;

/// To standard error, at once; allowed in a signal handler.
void write_last_words(const char* text, std::size_t size) noexcept;

}  // namespace drydock::host

// The last words of a process that crashes: what the thread that crashed was working on.
//
// For runs of the program under test in this process itself. A fatal signal (on Windows, an
// unhandled exception) prints one line to standard error; then the process ends as it would have
// without it: a debugger stops there, and a core file is written where the system does that.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>

namespace drydock::host {

/// While one of these lives, a fatal signal prints its text. One at a time in a process.
class LastWords {
public:
    /// `work` is what all threads work on: "scenario echo". `again`: a command that ends in the
    /// number that work_on() was given, or empty.
    LastWords(const std::string& work, const std::string& again);
    LastWords(const LastWords&) = delete;
    LastWords& operator=(const LastWords&) = delete;
    ~LastWords();

    /// From here on the calling thread works on this seed. `step`: null, or where it counts steps.
    static void work_on(std::uint64_t seed, const std::atomic<std::uint64_t>* step) noexcept;
    /// The same where there is no seed.
    static void work_on(const std::atomic<std::uint64_t>* step) noexcept;
    /// The calling thread has done it.
    static void done() noexcept;

private:
    std::string work_;
    std::string again_;
};

}  // namespace drydock::host

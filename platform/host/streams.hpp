// The three standard streams: opening those that are closed, and writing without the C library.
//
// One header, and one source file per system (streams_posix.cpp, streams_win32.cpp).
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

namespace drydock::host {

/// Opens the null device as each of standard input, output and error that is closed. Otherwise the
/// next files and sockets that the program opens would get the numbers of its streams, and what the
/// program prints would go into them. Also lets a write to a pipe that nobody reads fail, where the
/// system would end the program (SIGPIPE). Gives whether standard output was closed.
///
/// To be called by main() before anything else.
bool secure_standard_streams() noexcept;

enum class Stream : unsigned char { output, error };

struct WriteResult {
    std::size_t written = 0;   ///< bytes, from the beginning of the text
    std::string failure = {};  ///< why the rest was not written, as "No space left on device"

    bool ok() const noexcept { return failure.empty(); }
};

inline constexpr std::chrono::milliseconds for_ever{-1};

/// Writes all of the text, or as much as the system takes before it reports an error. Waits while
/// the stream has no room, though no longer than `patience` at a time (on POSIX systems): then
/// nothing reads the stream, which is a failure like others. Holds no lock of the C library, for
/// which the end of the program would have to wait.
WriteResult write(Stream stream, std::string_view text,
                  std::chrono::milliseconds patience = for_ever);

}  // namespace drydock::host

// The standard streams on Windows: handles, and the C library's streams on top of them. See
// streams.hpp.
#include "platform/host/streams.hpp"

#include <io.h>

#include <algorithm>
#include <cstdio>

#include "platform/common/winsock_win32.hpp"

namespace drydock::host {
namespace {

bool is_open(::HANDLE file) noexcept {
    if (file == nullptr || file == INVALID_HANDLE_VALUE) return false;
    ::SetLastError(NO_ERROR);
    return ::GetFileType(file) != FILE_TYPE_UNKNOWN || ::GetLastError() == NO_ERROR;
}

/// The C library's stream and the system's handle both.
void open_in_place_of(::DWORD handle, std::FILE* stream, const char* mode) noexcept {
    if (std::freopen("NUL", mode, stream) == nullptr) return;
    ::SetStdHandle(handle, reinterpret_cast<::HANDLE>(::_get_osfhandle(::_fileno(stream))));
}

std::string sentence_of(::DWORD code) {
    switch (code) {
        case ERROR_DISK_FULL:
        case ERROR_HANDLE_DISK_FULL:
            return "the disk is full";
        case ERROR_BROKEN_PIPE:
        case ERROR_NO_DATA:
            return "nobody reads the pipe";
        default:
            return "Windows error " + std::to_string(code);
    }
}

}  // namespace

bool secure_standard_streams() noexcept {
    const bool output_was_closed = !is_open(::GetStdHandle(STD_OUTPUT_HANDLE));
    const struct {
        ::DWORD handle;
        std::FILE* stream;
        const char* mode;
    } streams[] = {{STD_INPUT_HANDLE, stdin, "r"},
                   {STD_OUTPUT_HANDLE, stdout, "w"},
                   {STD_ERROR_HANDLE, stderr, "w"}};
    for (const auto& [handle, stream, mode] : streams) {
        if (!is_open(::GetStdHandle(handle))) open_in_place_of(handle, stream, mode);
    }
    return output_was_closed;
}

WriteResult write(Stream stream, std::string_view text, std::chrono::milliseconds) {
    const ::HANDLE file =
        ::GetStdHandle(stream == Stream::output ? STD_OUTPUT_HANDLE : STD_ERROR_HANDLE);
    WriteResult result;
    while (!text.empty()) {
        const auto count = static_cast<::DWORD>(std::min<std::size_t>(text.size(), 1U << 20));
        ::DWORD written = 0;
        if (::WriteFile(file, text.data(), count, &written, nullptr) == 0 || written == 0) {
            result.failure = sentence_of(::GetLastError());
            break;
        }
        result.written += written;
        text.remove_prefix(written);
    }
    return result;
}

}  // namespace drydock::host

// Files written, flushed and renamed with Win32 calls. See whole_file.hpp.
#include "platform/host/whole_file.hpp"

#include <algorithm>
#include <system_error>

#include "platform/common/winsock_win32.hpp"

namespace drydock::host {
namespace {

::DWORD write_all(::HANDLE file, std::string_view text) noexcept {
    while (!text.empty()) {
        const auto size = static_cast<::DWORD>(std::min<std::size_t>(text.size(), 1U << 20));
        ::DWORD count = 0;
        if (::WriteFile(file, text.data(), size, &count, nullptr) == 0) return ::GetLastError();
        text.remove_prefix(count);
    }
    return NO_ERROR;
}

::DWORD write_new_file(const wchar_t* path, std::string_view text) noexcept {
    const ::HANDLE file =
        ::CreateFileW(path, GENERIC_WRITE, 0, nullptr, CREATE_NEW, FILE_ATTRIBUTE_NORMAL, nullptr);
    if (file == INVALID_HANDLE_VALUE) return ::GetLastError();
    ::DWORD failure = write_all(file, text);
    if (failure == NO_ERROR && ::FlushFileBuffers(file) == 0) failure = ::GetLastError();
    ::CloseHandle(file);
    return failure;
}

/// The move fails while another process has the file open. So it is tried again, for half a second
/// at most.
::DWORD put_in_place(const wchar_t* part, const wchar_t* path) noexcept {
    constexpr int most_attempts = 100;
    ::DWORD failure = NO_ERROR;
    for (int attempt = 0; attempt < most_attempts; ++attempt) {
        if (attempt > 0) ::Sleep(5);
        if (::MoveFileExW(part, path, MOVEFILE_REPLACE_EXISTING | MOVEFILE_WRITE_THROUGH) != 0) {
            return NO_ERROR;
        }
        failure = ::GetLastError();
        if (failure != ERROR_SHARING_VIOLATION && failure != ERROR_ACCESS_DENIED) break;
    }
    return failure;
}

}  // namespace

std::string replace_file(const std::filesystem::path& path, std::string_view text) {
    const std::filesystem::path part = part_beside(path);
    ::DWORD failure = write_new_file(part.c_str(), text);
    if (failure == NO_ERROR) failure = put_in_place(part.c_str(), path.c_str());
    if (failure == NO_ERROR) return {};
    ::DeleteFileW(part.c_str());
    return std::system_category().message(static_cast<int>(failure));
}

}  // namespace drydock::host

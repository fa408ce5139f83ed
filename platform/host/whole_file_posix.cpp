// Files written, synchronized and renamed with POSIX calls. See whole_file.hpp.
#include "platform/host/whole_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <system_error>

namespace drydock::host {
namespace {

int write_all(int file, std::string_view text) noexcept {
    while (!text.empty()) {
        const ::ssize_t count = ::write(file, text.data(), text.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return errno;
        text.remove_prefix(static_cast<std::size_t>(count));
    }
    return 0;
}

/// Some file systems cannot, and say so by EINVAL: then there is nothing to wait for.
int synchronize(int file) noexcept {
    while (::fsync(file) != 0) {
        if (errno == EINVAL || errno == ENOTSUP) return 0;
        if (errno != EINTR) return errno;
    }
    return 0;
}

int write_new_file(const char* path, std::string_view text) noexcept {
    const int file = ::open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (file < 0) return errno;
    int failure = write_all(file, text);
    if (failure == 0) failure = synchronize(file);
    // Network file systems report a failed write here at the latest.
    if (::close(file) != 0 && failure == 0 && errno != EINTR) failure = errno;
    return failure;
}

/// Without this the rename itself could be lost with the machine's power.
void synchronize_folder(const std::filesystem::path& path) noexcept {
    const char* const name = path.empty() ? "." : path.c_str();
    const int folder = ::open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0) return;
    synchronize(folder);
    ::close(folder);
}

}  // namespace

std::string replace_file(const std::filesystem::path& path, std::string_view text) {
    const std::filesystem::path part = part_beside(path);
    int failure = write_new_file(part.c_str(), text);
    if (failure == 0 && std::rename(part.c_str(), path.c_str()) != 0) failure = errno;
    if (failure != 0) {
        ::unlink(part.c_str());
        return std::generic_category().message(failure);
    }
    synchronize_folder(path.parent_path());
    return {};
}

}  // namespace drydock::host

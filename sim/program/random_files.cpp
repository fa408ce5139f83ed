// /dev/urandom and /dev/random: a program that opens one gets a file with numbers of the run.
#include <array>
#include <cstdarg>
#include <cstdio>
#include <string_view>

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "sim/program/interposed.hpp"

namespace drydock::sim {
namespace {

constinit Real<int(const char*, int, mode_t)> real_open("open");
constinit Real<int(const char*, int, mode_t)> real_open64("open64");
constinit Real<int(int, const char*, int, mode_t)> real_openat("openat");
constinit Real<std::FILE*(const char*, const char*)> real_fopen("fopen");
constinit Real<std::FILE*(const char*, const char*)> real_fopen64("fopen64");

// A program that reads more of one file comes to its end.
constexpr int blocks = 64;
constexpr std::size_t block_size = 4096;

bool is_random(const char* path) noexcept {
    const std::string_view name = path != nullptr ? path : "";
    return name == "/dev/urandom" || name == "/dev/random";
}

/// A file with the next numbers of the stream. -1: the system has none.
int random_file(Fibers& fibers) noexcept {
    const int file = ::memfd_create("urandom", MFD_CLOEXEC);
    if (file < 0) return file;
    std::array<unsigned char, block_size> block;
    for (int i = 0; i < blocks; ++i) {
        fibers.random().fill(block.data(), block.size());
        if (::pwrite(file, block.data(), block.size(), i * off_t{block_size}) < 0) break;
    }
    return file;
}

/// The mode, which is an argument only where the call may create a file.
mode_t mode_of(int flags, std::va_list& list) noexcept {
    const bool creates = (flags & O_CREAT) != 0 || (flags & O_TMPFILE) == O_TMPFILE;
    return creates ? va_arg(list, mode_t) : mode_t{0};
}

}  // namespace

int program_open(const char*, int, ...) DRYDOCK_SYMBOL("open");
int program_open(const char* path, int flags, ...) {
    std::va_list list;
    va_start(list, flags);
    const mode_t mode = mode_of(flags, list);
    va_end(list);
    Fibers* const fibers = simulated();
    if (fibers == nullptr || !is_random(path)) return real_open(path, flags, mode);
    return random_file(*fibers);
}

int program_open64(const char*, int, ...) DRYDOCK_SYMBOL("open64");
int program_open64(const char* path, int flags, ...) {
    std::va_list list;
    va_start(list, flags);
    const mode_t mode = mode_of(flags, list);
    va_end(list);
    Fibers* const fibers = simulated();
    if (fibers == nullptr || !is_random(path)) return real_open64(path, flags, mode);
    return random_file(*fibers);
}

int program_openat(int, const char*, int, ...) DRYDOCK_SYMBOL("openat");
int program_openat(int folder, const char* path, int flags, ...) {
    std::va_list list;
    va_start(list, flags);
    const mode_t mode = mode_of(flags, list);
    va_end(list);
    Fibers* const fibers = simulated();
    if (fibers == nullptr || !is_random(path)) return real_openat(folder, path, flags, mode);
    return random_file(*fibers);
}

std::FILE* program_fopen(const char*, const char*) DRYDOCK_SYMBOL("fopen");
std::FILE* program_fopen(const char* path, const char* mode) {
    Fibers* const fibers = simulated();
    if (fibers == nullptr || !is_random(path)) return real_fopen(path, mode);
    return ::fdopen(random_file(*fibers), "r");
}

std::FILE* program_fopen64(const char*, const char*) DRYDOCK_SYMBOL("fopen64");
std::FILE* program_fopen64(const char* path, const char* mode) {
    Fibers* const fibers = simulated();
    if (fibers == nullptr || !is_random(path)) return real_fopen64(path, mode);
    return ::fdopen(random_file(*fibers), "r");
}

void link_random_files() noexcept {}

}  // namespace drydock::sim

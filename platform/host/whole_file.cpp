// The names of files that are not whole yet: the same on every system.
#include "platform/host/whole_file.hpp"

#include <cstdint>
#include <random>

namespace drydock::host {

std::filesystem::path part_beside(const std::filesystem::path& path) {
    constexpr char digits[] = "0123456789abcdef";
    std::random_device device;
    const std::uint64_t number = std::uint64_t{device()} << 32 | device();
    std::string suffix = ".";
    for (int shift = 60; shift >= 0; shift -= 4) suffix += digits[number >> shift & 0xf];
    std::filesystem::path name = ".";
    name += path.filename();
    name += suffix + ".part";
    return path.parent_path() / name;
}

}  // namespace drydock::host

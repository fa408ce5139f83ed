// What /proc tells of a process and of the connections at a port.
#include "tests/soak/health.hpp"

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

#include <fmt/format.h>

namespace drydock::soak {
namespace {

namespace fs = std::filesystem;

std::size_t count_threads(const fs::path& tasks) {
    std::size_t count = 0;
    std::error_code error;
    for (const fs::directory_entry& task : fs::directory_iterator(tasks, error)) {
        std::string name;
        std::ifstream(task.path() / "comm") >> name;
        if (!name.starts_with("iou-")) ++count;
    }
    return count;
}

std::uint64_t median(std::span<const Health> points) {
    std::vector<std::uint64_t> sizes;
    for (const Health& point : points) sizes.push_back(point.resident);
    std::sort(sizes.begin(), sizes.end());
    return sizes.empty() ? 0 : sizes[sizes.size() / 2];
}

}  // namespace

Health look_at(::pid_t process) {
    const fs::path folder = fmt::format("/proc/{}", process);
    Health health;
    std::error_code error;
    const fs::directory_iterator files(folder / "fd", error);
    health.descriptors =
        error ? 0 : static_cast<std::size_t>(std::distance(begin(files), end(files)));
    health.threads = count_threads(folder / "task");
    std::uint64_t all = 0;
    std::uint64_t resident = 0;
    std::ifstream(folder / "statm") >> all >> resident;
    health.resident = resident * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
    return health;
}

std::size_t open_connections(std::uint16_t port) {
    std::ifstream table("/proc/net/tcp");
    const std::string local = fmt::format(":{:04X}", port);
    std::size_t count = 0;
    for (std::string row; std::getline(table, row);) {
        std::istringstream fields(row);
        std::string number, from, to, state;
        fields >> number >> from >> to >> state;
        const bool is_open = state == "01" || state == "08";  // established, close-wait
        if (from.ends_with(local) && is_open) ++count;
    }
    return count;
}

Trend trend_of(std::span<const Health> points) {
    const std::size_t fifth = points.size() / 5;
    if (fifth == 0) return {};
    const std::span<const Health> later = points.subspan(fifth);
    Trend trend{median(points.subspan(fifth, fifth)), median(points.last(fifth)), 0};
    double x = 0;
    double y = 0;
    for (const Health& point : later) {
        x += point.minute / static_cast<double>(later.size());
        y += static_cast<double>(point.resident) / static_cast<double>(later.size());
    }
    double products = 0;
    double squares = 0;
    for (const Health& point : later) {
        products += (point.minute - x) * (static_cast<double>(point.resident) - y);
        squares += (point.minute - x) * (point.minute - x);
    }
    trend.per_minute = squares > 0 ? products / squares : 0;
    return trend;
}

}  // namespace drydock::soak

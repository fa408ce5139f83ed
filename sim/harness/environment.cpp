// Reads DRYDOCK_SEEDS, DRYDOCK_FIRST_SEED, DRYDOCK_JOBS, DRYDOCK_IN_PROCESS and DRYDOCK_SCHEDULES.
#include "sim/harness/environment.hpp"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <limits>
#include <string_view>
#include <thread>

namespace drydock::sim::harness {
namespace {

constexpr std::uint64_t most_seeds = std::numeric_limits<std::uint64_t>::max();
constexpr std::uint64_t most_jobs = 1024;

/// None: the variable is not set, or it is no whole number in the range, which `complaint` says.
std::optional<std::uint64_t> read_number(const char* name, std::uint64_t least, std::uint64_t most,
                                         std::string& complaint) {
    const char* const value = std::getenv(name);
    if (value == nullptr) return std::nullopt;
    const std::string_view text = value;
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    const bool whole = error == std::errc() && end == text.data() + text.size();
    if (whole && number >= least && number <= most) return number;
    complaint = std::string("the environment variable ") + name + " is '" + value +
                "', not a whole number from " + std::to_string(least) + " to " +
                std::to_string(most);
    return std::nullopt;
}

}  // namespace

Environment read_environment() {
    Environment read;
    read.seeds = read_number("DRYDOCK_SEEDS", 1, most_seeds, read.complaint);
    read.first_seed = read_number("DRYDOCK_FIRST_SEED", 0, most_seeds, read.complaint);
    const std::uint64_t cores = std::max(1U, std::thread::hardware_concurrency());
    read.jobs = static_cast<unsigned>(
        read_number("DRYDOCK_JOBS", 1, most_jobs, read.complaint).value_or(cores));
    read.in_process = read_number("DRYDOCK_IN_PROCESS", 0, 1, read.complaint).value_or(0) == 1;
    const char* const folder = std::getenv("DRYDOCK_SCHEDULES");
    read.folder = folder != nullptr && *folder != '\0' ? folder : "drydock-failures";
    return read;
}

}  // namespace drydock::sim::harness

// The schedule file: the choices of a run as readable lines, from which it can be replayed.
//
//     drydock-schedule 1
//     scenario echo
//     property echo-complete
//     calm-after 1500
//     choice 3 8 swarm: density
//     ...
//     end
//
// A choice line is value, number of options, label. "end" tells a whole file from a cut one.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <drydock/sim/run.hpp>

namespace drydock::sim {

inline constexpr int schedule_version = 1;

struct Schedule {
    std::string scenario;
    std::string property;  ///< what the recorded run broke; empty when it passed
    std::uint64_t calm_after = RunOptions{}.calm_after;
    std::vector<std::uint32_t> values;
};

std::string write_schedule(std::string_view scenario, const RunOptions& options,
                           const Report& report);

/// A schedule, or the sentence that says what is wrong with the text.
struct ParsedSchedule {
    Schedule schedule;
    std::string complaint;
    bool ok() const noexcept { return complaint.empty(); }
};

ParsedSchedule parse_schedule(std::string_view text);

}  // namespace drydock::sim

// Looking for leaks of a program: by counting, and by runs that are repeated where the count grew.
#include "sim/program_run.hpp"

#include <utility>

#include "sim/memory.hpp"

namespace drydock::sim {
namespace {

/// What a run has left allocated.
struct Left {
    MemoryInUse memory;
    std::uint64_t digest = 0;
    bool passed = false;
};

bool has_block(const std::string& text) noexcept {
    return text.capacity() > std::string().capacity();
}

template <typename T>
std::int64_t blocks_in(const std::vector<T>& values) {
    std::int64_t blocks = values.capacity() > 0 ? 1 : 0;
    if constexpr (std::is_same_v<T, std::string>) {
        for (const std::string& value : values) blocks += has_block(value) ? 1 : 0;
    }
    return blocks;
}

/// Blocks that the report itself has.
std::int64_t blocks_of(const Report& report) {
    std::int64_t blocks = 0;
    for (const std::string* const text :
         {&report.property, &report.sentence, &report.options, &report.outcome}) {
        blocks += has_block(*text) ? 1 : 0;
    }
    return blocks + blocks_in(report.probes) + blocks_in(report.schedule) +
           blocks_in(report.spans) + blocks_in(report.trace) + blocks_in(report.output) +
           blocks_in(report.marks);
}

Left run_again(const ScenarioInfo& scenario, const Settings& settings,
               const std::vector<Choice>& schedule, RunOptions options) {
    options.listener = nullptr;
    options.record = options.marks = false;
    options.trace = 0;
    const MemoryInUse before = memory_in_use;
    Left left;
    {
        ReplayChoices choices{std::span<const Choice>(schedule)};
        const Report report = run_once(scenario, settings, choices, options);
        left.passed = report.passed && std::exchange(memory_must_be_freed, false);
        left.digest = report.digest;
    }
    left.memory = {memory_in_use.blocks - before.blocks, memory_in_use.bytes - before.bytes};
    return left;
}

void look_for_leak(const ScenarioInfo& scenario, const Settings& settings,
                   const RunOptions& options, Report& report) {
    const Left second = run_again(scenario, settings, report.schedule, options);
    if (!second.passed || second.memory.blocks <= 0) return;
    const Left third = run_again(scenario, settings, report.schedule, options);
    if (!third.passed || third.memory.blocks != second.memory.blocks) return;
    report.passed = false;
    report.property = "program-leaks";
    report.sentence = "each run of these choices leaves " + std::to_string(third.memory.bytes) +
                      " bytes in " + std::to_string(third.memory.blocks) +
                      (third.memory.blocks == 1 ? " block" : " blocks") +
                      " allocated, which the program never frees";
}

/// What the caller of run() has not asked for.
void leave_out(const RunOptions& options, Report& report) {
    if (options.record) return;
    report.recorded = false;
    report.schedule = {};
    report.spans = {};
    report.outcome.clear();
    if (report.passed && options.trace == 0) report.options.clear();
}

}  // namespace

Report run_program(const ScenarioInfo& scenario, const Settings& settings, ChoiceSource& choices,
                   const RunOptions& options) {
    RunOptions recorded = options;
    recorded.record = true;
    const std::int64_t before = memory_in_use.blocks;
    memory_must_be_freed = false;
    Report report = run_once(scenario, settings, choices, recorded);
    const bool must = std::exchange(memory_must_be_freed, false);
    if (must && report.passed && memory_in_use.blocks - before > blocks_of(report)) {
        look_for_leak(scenario, settings, options, report);
    }
    leave_out(options, report);
    return report;
}

}  // namespace drydock::sim

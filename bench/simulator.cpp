// Simulator speed: completions that one core simulates a second, with every check on.
//
// `items_per_second` is that number. A run is one seed of a scenario, as a farm would run it: the
// world is built, goes through its faults, turns calm, is drained and judged. Each iteration is a
// new seed.
#include <cstdint>
#include <string>

#include <benchmark/benchmark.h>

#include "sim/farm.hpp"
#include "sim/scenarios/scenarios.hpp"

namespace drydock::bench {
namespace {

void simulate(benchmark::State& state, const sim::ScenarioInfo& scenario,
              const sim::RunOptions& options) {
    std::uint64_t seed = 0;
    std::uint64_t completions = 0;
    for ([[maybe_unused]] auto iteration : state) {
        const sim::Report report = sim::run(scenario, ++seed, options);
        if (!report.passed) {
            const std::string what = "seed " + std::to_string(seed) + " failed: " + report.sentence;
            state.SkipWithError(what.c_str());
            break;
        }
        completions += report.completions;
    }
    state.SetItemsProcessed(static_cast<std::int64_t>(completions));
    state.counters["runs"] =
        benchmark::Counter(static_cast<double>(seed), benchmark::Counter::kIsRate);
}

void simulated_completions(benchmark::State& state, const std::string& name) {
    simulate(state, *sim::find_scenario(name), {});
}

void simulated_completions_recorded(benchmark::State& state, const std::string& name) {
    sim::RunOptions options;
    options.record = true;
    simulate(state, *sim::find_scenario(name), options);
}

BENCHMARK_CAPTURE(simulated_completions, echo, std::string("echo"));
BENCHMARK_CAPTURE(simulated_completions_recorded, echo, std::string("echo"));

}  // namespace
}  // namespace drydock::bench

// run, farm, replay, list.
#include "src/apps/drydock-sim/commands.hpp"

#include <chrono>
#include <fstream>
#include <optional>
#include <sstream>
#include <thread>
#include <vector>

#include <fmt/format.h>

#include "sim/farm.hpp"
#include "sim/scenarios/scenarios.hpp"
#include "sim/schedule.hpp"
#include "src/apps/drydock-sim/report.hpp"
#include "src/apps/exit_status.hpp"

namespace drydock::app {
namespace {

void complain(std::string_view sentence) noexcept {
    drydock::app::complain("drydock-sim", sentence);
}

class Stopwatch {
public:
    double seconds() const {
        return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
    }

private:
    std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

const sim::ScenarioInfo* find_or_complain(const std::string& name) {
    const sim::ScenarioInfo* scenario = sim::find_scenario(name);
    if (scenario != nullptr) return scenario;
    std::string known;
    for (const sim::ScenarioInfo* other : sim::scenarios()) {
        known += (known.empty() ? "" : ", ") + std::string(other->name);
    }
    complain(fmt::format("there is no scenario '{}'; known are: {}", name, known));
    return nullptr;
}

sim::RunOptions run_options(const CommonArguments& arguments) {
    sim::RunOptions options;
    if (arguments.calm_after > 0) options.calm_after = arguments.calm_after;
    return options;
}

bool save(const std::string& path, const std::string& text) {
    std::ofstream file(path, std::ios::binary);
    file << text;
    file.close();
    if (file) return true;
    complain(fmt::format("cannot write the file '{}'", path));
    return false;
}

std::optional<std::string> load(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    const bool has_bytes = file.peek() != std::ifstream::traits_type::eof();
    std::ostringstream text;
    if (has_bytes) text << file.rdbuf();
    if (file.is_open() && !file.bad() && text) return text.str();
    complain(fmt::format("cannot read the file '{}'", path));
    return std::nullopt;
}

}  // namespace

int run_one(const RunArguments& arguments) {
    const sim::ScenarioInfo* scenario = find_or_complain(arguments.scenario);
    if (scenario == nullptr) return exit_wrong_usage;
    sim::RunOptions options = run_options(arguments);
    options.record = true;
    options.trace = arguments.trace;
    const Stopwatch stopwatch;
    const sim::Report report = sim::run(*scenario, arguments.seed, options);
    const double seconds = stopwatch.seconds();
    const std::string origin = fmt::format("{}: seed {}", scenario->name, arguments.seed);
    if (arguments.json) {
        print_report_json(*scenario, report, origin, seconds);
    } else {
        print_report(
            report, origin,
            fmt::format("drydock-sim run {} --seed {} --trace 40", scenario->name, arguments.seed));
    }
    const std::string schedule = write_schedule(scenario->name, options, report);
    if (!arguments.record.empty() && !save(arguments.record, schedule)) return exit_wrong_usage;
    return report.passed ? exit_ok : exit_failed;
}

int run_farm(const FarmArguments& arguments) {
    const sim::ScenarioInfo* scenario = find_or_complain(arguments.scenario);
    if (scenario == nullptr) return exit_wrong_usage;
    sim::FarmOptions options;
    options.first = arguments.first;
    options.count = arguments.seeds;
    options.run = run_options(arguments);
    options.twice = arguments.twice;
    options.keep_digests = arguments.digests;
    sim::Farm farm(*scenario, options);
    const unsigned jobs =
        arguments.jobs > 0 ? arguments.jobs : std::max(1U, std::thread::hardware_concurrency());
    const Stopwatch stopwatch;
    {
        std::vector<std::jthread> others;
        for (unsigned i = 1; i < jobs; ++i) others.emplace_back([&farm] { farm.work(); });
        farm.work();
    }
    const sim::FarmSummary& summary = farm.summary();
    if (arguments.json) {
        print_farm_json(*scenario, summary, stopwatch.seconds());
    } else {
        print_farm(*scenario, summary, stopwatch.seconds());
    }
    const bool covered = summary.seeds < standard_farm || summary.unreached(*scenario).empty();
    if (!covered) complain("a farm of this size must reach every probe, and did not");
    return summary.failures == 0 && covered ? exit_ok : exit_failed;
}

int run_replay(const ReplayArguments& arguments) {
    const std::optional<std::string> text = load(arguments.file);
    if (!text) return exit_wrong_usage;
    const sim::ParsedSchedule parsed = sim::parse_schedule(*text);
    if (!parsed.ok()) {
        complain(fmt::format("'{}' is no schedule that can be replayed: {}", arguments.file,
                             parsed.complaint));
        return exit_wrong_usage;
    }
    const sim::ScenarioInfo* scenario = find_or_complain(parsed.schedule.scenario);
    if (scenario == nullptr) return exit_wrong_usage;
    sim::RunOptions options = run_options(arguments);
    if (arguments.calm_after == 0) options.calm_after = parsed.schedule.calm_after;
    options.record = true;
    options.trace = arguments.trace;
    sim::ReplayChoices choices(parsed.schedule.values);
    const std::unique_ptr<sim::Scenario> instance = scenario->make();
    const Stopwatch stopwatch;
    const sim::Report report = sim::run(*instance, choices, options);
    const std::string origin = fmt::format("{}: {}", scenario->name, arguments.file);
    if (arguments.json) {
        print_report_json(*scenario, report, origin, stopwatch.seconds());
    } else {
        print_report(report, origin, fmt::format("drydock-sim replay {}", arguments.file));
    }
    return report.passed ? exit_ok : exit_failed;
}

int run_list(const CommonArguments& arguments) {
    print_list(arguments.json);
    return exit_ok;
}

}  // namespace drydock::app

// Processes or threads, and how the end of a process becomes a report.
#include <drydock/sim/farming.hpp>

#include <drydock/host.hpp>

#include "sim/farming/codec.hpp"
#include "sim/farming/processes.hpp"

namespace drydock::sim {
namespace {

std::string seconds_text(Milliseconds time) {
    std::string text = std::to_string(time.count() / 1000);
    if (time.count() % 1000 != 0) {
        std::string rest = std::to_string(time.count() % 1000 + 1000).substr(1);
        rest.erase(rest.find_last_not_of('0') + 1);
        text += "." + rest;
    }
    return text + " s";
}

/// Runs the first seed of each failure in a process of its own, and says so where it goes another
/// way than after other seeds.
void confirm(const ScenarioInfo& scenario, const FarmOptions& options, const FarmRun& how,
             FarmSummary& summary) {
    Apart apart;
    apart.isolation = Isolation::processes;
    apart.timeout = second_look(how.seed_timeout);
    apart.quiet = true;
    for (auto& [property, group] : summary.failed) {
        if (ends_process(property) || property == "determinism") continue;
        const std::uint64_t seed = group.first;
        const Report alone = run_apart(
            [&](RunListener* listener) {
                FarmOptions heard = options;
                heard.run.listener = listener;
                return run_seed(scenario, heard, seed);
            },
            apart);
        if (alone.property == property) continue;
        group.sentence += "; in a process of its own, this seed " +
                          (alone.passed ? "passes" : "fails " + alone.property) +
                          ": the run depends on what earlier runs have left in the program's "
                          "variables with static storage duration; the scenario's member `static "
                          "constexpr bool fresh_process = true` gives each run a new process";
    }
}

}  // namespace

bool uses_processes(Isolation isolation) noexcept {
    if (isolation == Isolation::threads || !host::has_children()) return false;
    return isolation == Isolation::processes || host::thread_count() == 1;
}

bool ends_process(std::string_view property) noexcept {
    return property == "crash" || property == "hang" || property == "endless-step";
}

FarmSummary run_farm(const ScenarioInfo& scenario, const FarmOptions& options, const FarmRun& how) {
    const unsigned jobs = how.jobs > 0 ? how.jobs : host::hardware_workers();
    if (uses_processes(how.isolation)) {
        FarmSummary summary = run_processes(scenario, options, how, jobs);
        if (scenario.runs_program && !scenario.fresh_process)
            confirm(scenario, options, how, summary);
        return summary;
    }
    // The variables of a program, and its standard streams, are there once in a process.
    return run_threads(scenario, options, how, scenario.runs_program ? 1 : jobs);
}

std::string hang_text(Milliseconds limit) {
    return "the run did not end within " + seconds_text(limit);
}

Report report_of_end(const BlackBox& box, const host::ChildEnd& end, Milliseconds limit) {
    const bool hung = limit.count() > 0;
    Report report = box.read(hung ? "hang" : "crash");
    if (!report.sentence.empty()) return report;  // the world has ended it, and has said why
    report.sentence =
        (hung ? hang_text(limit) + "; it was ended" : describe(end)) + " " + box.place();
    return report;
}

void run_and_send(const RunToKeepApart& run, RunListener& listener, host::ChildOutput& output) {
    Encoder encoder;
    encoder.report(run(&listener));
    output.send(framed(encoder.bytes()));
}

std::optional<Report> take_report(std::string& received) {
    const std::optional<std::string> frame = take_frame(received);
    if (!frame) return std::nullopt;
    Decoder decoder(*frame);
    Report report = decoder.report();
    return decoder.good() ? std::optional(std::move(report)) : std::nullopt;
}

}  // namespace drydock::sim

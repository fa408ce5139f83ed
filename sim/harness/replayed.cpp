// expect_replay_holds(): a recorded schedule as a regression test.
#include <drydock/sim/expect.hpp>

#include <filesystem>
#include <iostream>

#include <drydock/sim/failure.hpp>

#include "sim/harness/entry.hpp"
#include "sim/harness/runs.hpp"
#include "sim/harness/schedule_file.hpp"

namespace drydock::sim {
namespace {

constexpr std::size_t trace_length = 40;

/// The file itself, or the one beside the test's source file.
std::string find_file(const TestPlace& place, const std::string& path) {
    namespace fs = std::filesystem;
    std::error_code error;
    if (fs::exists(path, error)) return path;
    const fs::path beside = fs::path(place.file).parent_path() / path;
    return fs::exists(beside, error) ? beside.string() : path;
}

std::string verdict_text(const ScenarioInfo& scenario, const Replayed& replayed,
                         const std::string& path) {
    std::string text = std::string(scenario.name) + ": " + replayed.property +
                       " does not hold in the replay of " + path + "\n" +
                       failure_text(scenario, replayed, "  ");
    if (replayed.recorded_property != replayed.property) {
        text += "  when the schedule was recorded, ";
        text += replayed.recorded_property.empty() ? "the run passed\n"
                                                   : replayed.recorded_property + " did not hold\n";
    }
    if (replayed.divergence) text += "  " + divergence_text(*replayed.divergence) + "\n";
    text += "  the last completions:\n";
    for (const std::string& line : replayed.trace) text += "    " + line + "\n";
    return text;
}

void note_divergence(const TestFramework& test, const std::string& path,
                     const Divergence& divergence) {
    const std::string text = divergence_text(divergence);
    std::cout << "note: " << path << ": " << text << "\n" << std::flush;
    test.record("replay_diverged", path + ": " + text);
}

Replayed refuse(const TestFramework& test, const TestPlace& place, std::string sentence) {
    test.fail(place, sentence);
    Replayed nothing;
    nothing.property = "schedule";
    nothing.sentence = std::move(sentence);
    return nothing;
}

}  // namespace

Replayed expect_replay_holds(const TestFramework& test, const TestPlace& place,
                             const ScenarioInfo& scenario, const std::string& path) {
    const std::string complaint = entry_objection(scenario);
    if (!complaint.empty()) return refuse(test, place, complaint);
    const std::string file = find_file(place, path);
    const std::optional<std::string> text = harness::read_file(file);
    if (!text) return refuse(test, place, "the schedule file '" + path + "' cannot be read");
    Replayed replayed = harness::replay_apart(scenario, *text, trace_length);
    if (replayed.passed) {
        if (replayed.divergence) note_divergence(test, path, *replayed.divergence);
    } else if (replayed.completions == 0 && replayed.property == "schedule") {
        test.fail(place, "the schedule file '" + path + "': " + replayed.sentence);
    } else {
        test.fail(place, verdict_text(scenario, replayed, path));
    }
    return replayed;
}

}  // namespace drydock::sim

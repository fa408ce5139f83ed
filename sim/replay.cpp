// Replays of schedule files.
#include <drydock/sim/schedule.hpp>

namespace drydock::sim {
namespace {

Replayed refuse(std::string sentence) {
    Replayed replayed;
    replayed.property = "schedule";
    replayed.sentence = std::move(sentence);
    return replayed;
}

/// `play` runs the scenario: (choices, options) -> report.
template <typename Play>
Replayed replay_parsed(const Schedule& schedule, std::size_t trace, const Play& play) {
    RunOptions options = schedule.setup.options;
    options.record = true;
    options.trace = trace;
    ReplayChoices choices{std::span<const Choice>(schedule.choices)};
    Replayed replayed{play(choices, options), {}, schedule.property};
    replayed.divergence = choices.divergence();
    return replayed;
}

std::string not_a_schedule(const ParsedSchedule& parsed) {
    return "the text is not a schedule that can be replayed: " + parsed.complaint;
}

}  // namespace

Replayed replay(const ScenarioInfo& scenario, std::string_view schedule_text, std::size_t trace) {
    const ParsedSchedule parsed = parse_schedule(schedule_text);
    if (!parsed.ok()) return refuse(not_a_schedule(parsed));
    const RunSetup& setup = parsed.schedule.setup;
    if (setup.scenario != scenario.name) {
        return refuse("the schedule is of the scenario '" + setup.scenario + "', not of '" +
                      std::string(scenario.name) + "'");
    }
    const std::string complaint = objection(scenario, setup.settings);
    if (!complaint.empty()) {
        return refuse("the schedule has a setting that cannot be used: " + complaint);
    }
    return replay_parsed(parsed.schedule, trace,
                         [&](ChoiceSource& choices, const RunOptions& options) {
                             return run(scenario, setup.settings, choices, options);
                         });
}

Replayed replay(const std::function<std::unique_ptr<Scenario>()>& make,
                std::string_view schedule_text, std::size_t trace) {
    const ParsedSchedule parsed = parse_schedule(schedule_text);
    if (!parsed.ok()) return refuse(not_a_schedule(parsed));
    return replay_parsed(parsed.schedule, trace,
                         [&](ChoiceSource& choices, const RunOptions& options) {
                             const std::unique_ptr<Scenario> scenario = make();
                             return run(*scenario, choices, options);
                         });
}

}  // namespace drydock::sim

// The schedule file: a run as readable lines, from which it can be replayed, shrunk and drawn.
//
//     drydock-schedule 2
//     scenario echo
//     set clients 2                     a parameter of the scenario
//     faults partial_receive reorder    which the swarm may choose from; left out: all
//     always reorder                    which are active in any case
//     calm-after 1500
//     calm-after-time 60000000000       nanoseconds; left out, as the next three: the usual value
//     calm-bound 20000
//     most-resets 1
//     prompt-clients
//     property echo-complete            what the run broke, and how; for people, and to compare
//     sentence client 1 sent ...
//     options buffer=64 clients: ...
//     choice 3 8 swarm: density         value, number of options, label
//     begin client                      a span: choices that belong together
//     choice 1 4 client: another
//     end client
//     end
//
// The last line tells a whole file from a cut one. Version 1 had neither spans nor settings, and
// is read as well.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <drydock/sim/run.hpp>

namespace drydock::sim {

inline constexpr int schedule_version = 2;

/// What a run was made of, beside its choices.
struct RunSetup {
    std::string scenario;
    Settings settings;
    RunOptions options;
};

struct Schedule {
    RunSetup setup;
    /// What the recorded run broke; empty when it passed.
    std::string property;
    std::string sentence;
    std::vector<Choice> choices;
    std::vector<ChoiceSpan> spans;
    /// What the labels of choices and spans point into. So a schedule is moved, not copied.
    std::set<std::string> labels;

    Schedule() = default;
    Schedule(Schedule&&) = default;
    Schedule& operator=(Schedule&&) = default;
};

/// The text of a schedule file. Throws std::invalid_argument if the report was not recorded
/// (RunOptions::record).
std::string write_schedule(const RunSetup& setup, const Report& report);

/// A schedule, or the sentence that says what is wrong with the text.
struct ParsedSchedule {
    Schedule schedule;
    std::string complaint;
    bool ok() const noexcept { return complaint.empty(); }
};

ParsedSchedule parse_schedule(std::string_view text);

/// The report of a replay, and where it left its schedule.
struct Replayed : Report {
    /// The first choice that was not the recorded one. The replay of a changed program may leave
    /// its schedule; it is then another run than the recorded one.
    std::optional<Divergence> divergence;
    /// The property that the recorded run broke. Empty: it passed.
    std::string recorded_property;
};

/// Replays a schedule, with the settings and options that it gives, and keeps the last `trace`
/// completions as text. If the text is no schedule, or one of another scenario, or has settings
/// that this scenario does not have, nothing is run: the report fails the property `schedule`, and
/// its sentence says why.
Replayed replay(const ScenarioInfo& scenario, std::string_view schedule_text,
                std::size_t trace = 0);
/// The same for a scenario that a function makes; the schedule may name any. The function's
/// scenarios have the workload of the recorded run, and its settings do not apply.
Replayed replay(const std::function<std::unique_ptr<Scenario>()>& make,
                std::string_view schedule_text, std::size_t trace = 0);

/// The names without "fault.", separated by spaces; "none" for none.
std::string fault_names(FaultSet faults);
/// The reverse; also with commas. None: one of the names is unknown.
std::optional<FaultSet> parse_faults(std::string_view names);

}  // namespace drydock::sim

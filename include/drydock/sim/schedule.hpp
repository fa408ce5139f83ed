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

/// The version of the files that write_schedule() writes.
inline constexpr int schedule_version = 2;

/// What a run was made of, beside its choices.
struct RunSetup {
    std::string scenario;  ///< ScenarioInfo::name
    Settings settings;     ///< of the scenario's parameters
    RunOptions options;    ///< as the run had them
};

/// A schedule file, in memory.
struct Schedule {
    RunSetup setup;  ///< what the recorded run was made of
    /// The property or rule that the recorded run broke; empty when it passed.
    std::string property;
    std::string sentence;           ///< its error message
    std::vector<Choice> choices;    ///< all choices of the run, in their order
    std::vector<ChoiceSpan> spans;  ///< of the choices; an outer span before its inner ones
    /// What the labels of choices and spans point into. So a schedule is moved, not copied.
    std::set<std::string> labels;

    Schedule() = default;
    Schedule(Schedule&&) = default;
    Schedule& operator=(Schedule&&) = default;
};

/// The text of the schedule file for a run that `setup` describes and that gave `report`. Throws
/// std::invalid_argument if the report was not recorded (RunOptions::record).
std::string write_schedule(const RunSetup& setup, const Report& report);

/// A schedule, or the sentence that says what is wrong with the text.
struct ParsedSchedule {
    Schedule schedule;      ///< empty or incomplete if there is a complaint
    std::string complaint;  ///< "its line 7 cannot be understood"; empty: there is none
    /// Whether the text is a schedule.
    bool ok() const noexcept { return complaint.empty(); }
};

/// Reads the text of a schedule file, of this version or an earlier one. The result does not refer
/// to `text`. Throws nothing but std::bad_alloc.
ParsedSchedule parse_schedule(std::string_view text);

/// The report of a replay, and where it left its schedule.
struct Replayed : Report {
    /// The first choice that was not the recorded one. The replay of a changed program may leave
    /// its schedule; it is then another run than the recorded one.
    std::optional<Divergence> divergence;
    /// The property that the recorded run broke. Empty: it passed.
    std::string recorded_property;
};

/// Replays the schedule `schedule_text` of `scenario`, with the settings and options that it gives,
/// and keeps the last `trace` completions as text. If the text is no schedule, or one of another
/// scenario, or has settings that this scenario does not have, nothing is run: the report fails the
/// property `schedule`, and its sentence says why. Throws as run() does.
Replayed replay(const ScenarioInfo& scenario, std::string_view schedule_text,
                std::size_t trace = 0);
/// The same for a scenario that `make` makes; the schedule may name any. The function's scenarios
/// have the workload of the recorded run, and the settings in the schedule do not apply.
Replayed replay(const std::function<std::unique_ptr<Scenario>()>& make,
                std::string_view schedule_text, std::size_t trace = 0);

/// The names of `faults` without "fault.", separated by spaces; "none" for none.
std::string fault_names(FaultSet faults);
/// The set that fault_names() gives these `names` for; they may also be separated by commas.
/// std::nullopt: one of them is unknown.
std::optional<FaultSet> parse_faults(std::string_view names);

}  // namespace drydock::sim

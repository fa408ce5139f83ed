// What the process farm and single runs apart have in common: how the end of a child becomes a
// report, and for how long a run is waited for.
#pragma once

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>

#include <drydock/sim/farming.hpp>

#include "platform/host/children.hpp"
#include "sim/farming/black_box.hpp"

namespace drydock::sim {

using Milliseconds = std::chrono::milliseconds;

/// Real time, as a loop that waits for children counts it. A long gap between two looks is none of
/// the children's doing (the whole group of processes was stopped), and counts as a short one.
class PatienceClock {
public:
    static constexpr Milliseconds tick{50};

    Milliseconds since_last_look() noexcept {
        const auto now = std::chrono::steady_clock::now();
        const auto passed = std::chrono::duration_cast<Milliseconds>(now - last_);
        last_ += passed;
        return std::min(passed, 4 * tick);
    }

private:
    std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
};

/// For how long a run that is known to hang is run once more, to see where it does.
inline Milliseconds second_look(Milliseconds timeout) noexcept {
    const Milliseconds tenth = std::clamp(timeout / 10, Milliseconds(500), Milliseconds(3000));
    return std::min(timeout, tenth);
}

/// "did not end within 30 s".
std::string hang_text(Milliseconds limit);

/// The report of a run whose child has ended without sending one. `limit`: not zero, the child was
/// killed because its run took this long.
Report report_of_end(const BlackBox& box, const host::ChildEnd& end, Milliseconds limit);

/// In the child: runs, and sends the report.
void run_and_send(const RunToKeepApart& run, RunListener& listener, host::ChildOutput& output);

/// In the parent: the report, if it has come.
std::optional<Report> take_report(std::string& received);

/// run_farm() in child processes.
FarmSummary run_processes(const ScenarioInfo& scenario, const FarmOptions& options,
                          const FarmRun& how, unsigned jobs);

/// run_farm() in threads of this process.
FarmSummary run_threads(const ScenarioInfo& scenario, const FarmOptions& options,
                        const FarmRun& how, unsigned jobs);

}  // namespace drydock::sim

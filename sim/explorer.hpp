// An exploration that one or more workers make together: each goes through the same tree of choices
// in another order, and none explores a state that another one has finished.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

#include <drydock/mutex.hpp>
#include <drydock/sim/explore.hpp>

#include "sim/exhaustive.hpp"
#include "sim/state_table.hpp"

namespace drydock::sim {

/// The options for explore() with those of the scenario and of explored_run(). Throws as explore()
/// does.
ExploreOptions checked(const ScenarioInfo& scenario, ExploreOptions options);

class Explorer {
public:
    using Make = std::function<std::unique_ptr<Scenario>()>;

    /// `make` is called by all workers.
    Explorer(Make make, ExploreOptions options);

    /// The whole work of one worker. The first one (0) asks ExploreOptions::stop and reports
    /// progress, and must be one of them.
    void work(unsigned worker);
    /// Once all workers have returned.
    Exploration result();

private:
    struct Counts {
        std::uint64_t ended = 0;
        std::uint64_t cut = 0;
        std::uint64_t completions = 0;
        std::uint64_t monitor_entries = 0;
        std::uint64_t longest = 0;
        bool countable = true;
        std::uint32_t equals = 0;
        bool failed = false;  // and so at its end
    };

    void begin_together() noexcept;
    double run_once(ExhaustiveChoices& choices, Counts& counts, unsigned worker);
    void keep_failure(ExhaustiveChoices& choices, unsigned worker);
    void report_progress(const ExhaustiveChoices& choices, unsigned worker);
    void add_up(const ExhaustiveChoices& choices, const Counts& counts, bool finished);

    const Make make_;
    const ExploreOptions options_;
    StateTable explored_;
    std::atomic<bool> stopped_{false};
    std::atomic<bool> together_{false};  // all workers work, or it is over
    std::atomic<std::uint64_t> runs_{0};
    std::array<std::atomic<double>, 2> behind_{};  // of the first two workers

    Mutex mutex_;  // guards the rest
    Exploration found_;
    Tally tally_;        // of what was finished
    Tally tally_begun_;  // with what was not
    std::uint64_t equals_ = 0;
    bool countable_ = true;
    bool finished_ = false;
};

}  // namespace drydock::sim

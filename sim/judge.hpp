// The judge of a run: its verdict, the calm and its bound, what is left in the end, and the rules
// that concern no single connection.
#pragma once

#include <cstdint>
#include <functional>
#include <source_location>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <drydock/sim/run.hpp>
#include <drydock/violation.hpp>

#include "sim/buffers.hpp"
#include "sim/choice_log.hpp"
#include "sim/chronicle.hpp"
#include "sim/in_flight.hpp"
#include "sim/network.hpp"
#include "sim/timeline.hpp"

namespace drydock::sim {

class Judge {
public:
    /// `aborts`: a violation ends the process, not the run.
    Judge(SimWorld& world, bool aborts) noexcept : world_(world), aborts_(aborts) {}

    /// Ends the run with a failure. The first one counts.
    void fail(std::string_view property, std::string sentence) noexcept;
    /// `whose`, or empty, says whose operation it is; `also`, or empty, what else concerns it.
    /// `operation`, or null, is the one that it is about, which is in flight.
    void violated(const Violation& violation, const std::string& whose = {},
                  const std::string& also = {}, Operation* operation = nullptr) noexcept;

    bool failed() const noexcept { return failed_; }
    /// Nothing may be touched any more: a failed run's operations may be gone.
    bool frozen() const noexcept { return frozen_ || failed_; }
    void freeze() noexcept { frozen_ = true; }
    /// What the program says that it waits for, for the property `stuck`.
    void explain_waits(std::function<std::string()> text) noexcept { waits_ = std::move(text); }
    const std::string& property() const noexcept { return property_; }
    const std::string& sentence() const noexcept { return sentence_; }

    bool calm() const noexcept { return calm_; }
    /// The world turns calm, unless it is already.
    void become_calm() noexcept;

    // The life of a step, from the queue:

    /// The last step has ended, and another one is asked for. False: the run has failed.
    bool step_ended() noexcept;
    /// A completion comes out. What breaks a rule on the way belongs to the step that it begins.
    void completion_begins() noexcept { delivering_ = true; }
    void completion_ends(Operation& operation) noexcept;

    void monitor_entered(const void* monitor, std::source_location where) {
        if (!frozen()) held_.push_back({monitor, where});
        ++monitor_entries_;
    }
    void monitor_left(const void* monitor) noexcept;
    std::uint64_t monitor_entries() const noexcept { return monitor_entries_; }

    /// Nothing more can happen.
    void nothing_happens() noexcept;
    /// After the main task: fails the run if anything is still in flight or open.
    void check_nothing_left();
    void check_nothing_leaked();
    void check_buffers_untouched();

private:
    struct Held {
        const void* monitor;
        std::source_location where;
    };
    /// The completion that came out last, as it can be named once its operation is gone.
    struct Last {
        OperationKind kind = OperationKind::none;
        std::source_location where;
        EndName end;
    };

    void become_calm_if_due() noexcept;
    void announce() noexcept;
    void fail_after_the_step(std::string_view property, std::string sentence) noexcept;
    std::string waiting_for() const;

    SimWorld& world_;
    const bool aborts_;
    bool calm_ = false;
    bool failed_ = false;
    bool frozen_ = false;
    bool delivering_ = false;
    bool steps_ended_ = false;  // what fails now fails after the last step
    std::uint64_t calm_since_ = 0;
    std::uint64_t monitor_entries_ = 0;
    std::vector<Held> held_;  // monitors; at most one unless the program is wrong
    Last last_;
    std::function<std::string()> waits_;
    std::string property_;
    std::string sentence_;
    VerdictSubject about_;  // of the verdict
};

}  // namespace drydock::sim

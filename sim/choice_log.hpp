// The log of choices: asks the source, and records what it answers with the spans around it.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include <drydock/sim/choices.hpp>
#include <drydock/sim/run.hpp>

#include "sim/chronicle.hpp"
#include "sim/memory.hpp"

namespace drydock::sim {

class ChoiceLog {
public:
    ChoiceLog(ChoiceSource& source, Chronicle& chronicle, const RunOptions& options) noexcept
        : source_(source),
          chronicle_(chronicle),
          records_(options.record),
          most_in_step_(options.most_choices_in_step) {}

    /// One of 0..options-1.
    std::uint32_t pick(std::uint32_t options, const char* label) noexcept {
        count_in_step(label);
        if (options <= 1 || silent_) return 0;
        const SimulatorMemory memory;
        const std::uint32_t value = source_.choose(options, label);
        record(value, options, label);
        return value;
    }

    /// True about once in `one_in` calls.
    bool toss(std::uint32_t one_in, const char* label) noexcept {
        count_in_step(label);
        if (silent_) return false;
        const SimulatorMemory memory;
        const std::uint32_t value = source_.flip(one_in, label);
        record(value, 2, label);
        return value == 1;
    }

    /// A choice that somebody else has made: the step watcher.
    void record(std::uint32_t value, std::uint32_t options, const char* label) noexcept {
        const Choice choice{value, options, label};
        ++count_;
        chronicle_.choice(choice);
        if (!records_) return;
        const SimulatorMemory memory;
        schedule_.push_back(choice);
    }

    void begin_span(const char* label) noexcept;
    /// False: none is open.
    bool end_span() noexcept;
    /// The label of the innermost span that is open. Null: none is.
    const char* open_span() const noexcept {
        return open_spans_.empty() ? nullptr : open_spans_.back().label;
    }

    /// From here on every choice is the benign one, without asking and without a record.
    void silence() noexcept { silent_ = true; }
    bool silent() const noexcept { return silent_; }

    void step_begins() noexcept { in_step_ = 0; }

    std::uint64_t count() const noexcept { return count_; }
    std::vector<Choice> take_schedule() noexcept { return std::move(schedule_); }
    std::vector<ChoiceSpan> take_spans() noexcept { return std::move(spans_); }

private:
    struct OpenSpan {
        const char* label;
        std::size_t place;  // in spans_, if those are recorded
    };

    /// A step that chooses for ever never comes back, and nothing can interrupt it.
    void count_in_step(const char* label) noexcept {
        if (++in_step_ > most_in_step_) give_up(label);
    }
    [[noreturn]] void give_up(const char* label) noexcept;

    ChoiceSource& source_;
    Chronicle& chronicle_;
    const bool records_;
    const std::uint64_t most_in_step_;
    bool silent_ = false;
    std::uint64_t in_step_ = 0;
    std::uint64_t count_ = 0;
    std::vector<Choice> schedule_;
    std::vector<ChoiceSpan> spans_;
    std::vector<OpenSpan> open_spans_;
};

}  // namespace drydock::sim

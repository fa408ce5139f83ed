// The one source of nondeterminism: everything that a simulated world could do differently is a
// choice.
//
// 0 is always the benign option (first in, first out; whole transfer; no fault), so that a schedule
// shrinks toward the run that a demonstration would show, and a source that has run dry says 0.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <drydock/hash.hpp>

namespace drydock::sim {

/// One choice that was made: `value` of `options`, for the purpose that `label` names.
struct Choice {
    std::uint32_t value = 0;
    std::uint32_t options = 0;
    const char* label = "";
};

/// Choices that belong together, [first, last) of a schedule: a client, a fault that struck. What
/// they made can be left out of the run by leaving them out. Spans nest; they do not overlap.
struct ChoiceSpan {
    const char* label = "";
    std::size_t first = 0;
    std::size_t last = 0;
};

/// A completion that could come out next. The step is its coming out, and all that the program does
/// until the next one.
struct Step {
    /// Which start of an operation this is, counted from the beginning of the run: the same in all
    /// runs that have made the same choices up to that start.
    std::uint64_t start = 0;
    /// What the operation works on: the receives, or the sends, of one end of a connection. 0: on
    /// nothing that others work on.
    std::uint64_t lane = 0;
    /// It became ready because nothing else was and time passed.
    bool waited = false;
};

/// Whose an object is that steps work on: one of the simulated network, whose state can be seen;
/// one of the program, whose state is what has been done to it; or one of the program that tells
/// its state.
enum class Owner : std::uint8_t { network, program, open_program };

/// Orders steps, and is told what they do.
class StepWatcher {
public:
    StepWatcher() = default;
    StepWatcher(const StepWatcher&) = delete;
    StepWatcher& operator=(const StepWatcher&) = delete;

    /// Which of these comes out first, as an index. Asked also where there is only one.
    /// `network` is the state of everything in flight and of the network.
    virtual std::uint32_t choose_step(std::span<const Step> ready,
                                      const StateView& network) noexcept = 0;
    /// This run shows nothing that another one does not: it may end here.
    virtual bool redundant() const noexcept { return false; }

    /// The step begins: which operation it is the completion of, and a hash of what it is told.
    virtual void begins(std::uint64_t, std::uint64_t) noexcept {}
    /// The step has started an operation. Gives the number by which begins() is told of it.
    virtual std::uint64_t started() noexcept { return 0; }
    /// The step has learned something otherwise than by its completion.
    virtual void learned(std::uint64_t) noexcept {}
    /// The step works on this object (any address, for telling apart), has made it, or ended it.
    virtual void touched(const void*, Owner) noexcept {}
    /// It is done with an object of the program's, whose state is this.
    virtual void left(const void*, const StateView&) noexcept {}
    virtual void created(const void*, Owner) noexcept {}
    virtual void gone(const void*, Owner) noexcept {}

protected:
    ~StepWatcher() = default;
};

/// Whoever decides. Asked only where there is more than one option.
class ChoiceSource {
public:
    ChoiceSource() = default;
    ChoiceSource(const ChoiceSource&) = delete;
    ChoiceSource& operator=(const ChoiceSource&) = delete;
    virtual ~ChoiceSource() = default;

    /// One of 0..options-1, each as likely as the others where likelihood means anything.
    virtual std::uint32_t choose(std::uint32_t options, const char* label) noexcept = 0;

    /// 0 or 1; 1 about once in `one_in` times where likelihood means anything. For the schedule it
    /// is a choice between two options.
    virtual std::uint32_t flip(std::uint32_t one_in, const char* label) noexcept = 0;

    /// Sources that order steps by what they are say here who is to be asked; the others are asked
    /// choose() for a completion that overtakes.
    virtual StepWatcher* watcher() noexcept { return nullptr; }
};

/// Random choices from a seed: xoshiro256** and unbiased bounded integers, the same on every
/// system.
class SeedChoices : public ChoiceSource {
public:
    explicit SeedChoices(std::uint64_t seed) noexcept;
    std::uint32_t choose(std::uint32_t options, const char* label) noexcept override;
    std::uint32_t flip(std::uint32_t one_in, const char* label) noexcept override;

private:
    std::uint64_t next() noexcept;
    std::uint32_t below(std::uint32_t bound) noexcept;

    std::array<std::uint64_t, 4> state_;
};

/// PCT, probabilistic concurrency testing (Burckhardt and others, 2010): each lane of steps gets a
/// random priority, the highest runs, and at `depth` - 1 random moments the one that would run
/// falls below all others. A defect that takes `depth` orderings between steps is found in one run
/// with a probability of at least 1 / (lanes * steps^(depth - 1)). All other choices are
/// SeedChoices'. Orders are chosen only where Fault::reorder is active.
class PctChoices final : public SeedChoices, public StepWatcher {
public:
    /// `steps`: about how many a run has; the change points lie among these.
    PctChoices(std::uint64_t seed, std::uint32_t depth, std::uint32_t steps);
    StepWatcher* watcher() noexcept override { return this; }
    std::uint32_t choose_step(std::span<const Step> ready, const StateView&) noexcept override;

private:
    struct Priority {
        std::uint64_t lane;
        std::uint64_t value;
    };
    std::uint64_t& priority_of(const Step& step) noexcept;

    SeedChoices random_;
    std::vector<Priority> priorities_;
    std::vector<std::uint64_t> changes_;  // at which steps; ascending
    std::uint64_t step_ = 0;
    std::size_t changed_ = 0;
};

/// Where a replay left its record.
struct Divergence {
    std::size_t position = 0;  ///< in the record
    std::string recorded;      ///< "3 of 8 for 'clients'", or that the record had ended
    std::string asked;         ///< "one of 5 for 'members'"
};

/// Recorded choices again. Each label is answered from the choices that were recorded for it, in
/// their order, so that a choice which a changed program or parameter no longer asks for, or asks
/// for in addition, leaves those of other labels in place. A value that does not fit is reduced to
/// the options asked for; past the end everything is benign.
class ReplayChoices final : public ChoiceSource {
public:
    explicit ReplayChoices(std::span<const Choice> record);
    /// Without labels, one after the other: any vector of numbers is a schedule.
    explicit ReplayChoices(std::span<const std::uint32_t> values);

    std::uint32_t choose(std::uint32_t options, const char* label) noexcept override;
    std::uint32_t flip(std::uint32_t one_in, const char* label) noexcept override;

    /// The first question that was not the recorded one; questions past the record's end are not
    /// meant. Numbers without labels never diverge.
    std::optional<Divergence> divergence() const;

private:
    /// The choices that one label has left, as places in the record, linked.
    struct Queue {
        const char* label;
        std::size_t next;
    };
    Queue& queue_of(const char* label) noexcept;
    void compare(std::uint32_t options, const char* label) noexcept;

    std::vector<Choice> record_;
    std::vector<std::size_t> following_;  // of the same label
    std::vector<Queue> queues_;
    bool labelled_ = true;
    std::size_t asked_ = 0;
    std::optional<std::size_t> diverged_;
    Choice question_;  // where it diverged
};

/// A fuzzer's input: one byte a choice, two or four where there are more options than a byte tells
/// apart. Past the end everything is benign, so every run ends.
class ByteChoices final : public ChoiceSource {
public:
    explicit ByteChoices(std::span<const std::uint8_t> bytes) noexcept : bytes_(bytes) {}
    std::uint32_t choose(std::uint32_t options, const char* label) noexcept override;
    std::uint32_t flip(std::uint32_t one_in, const char* label) noexcept override;

private:
    std::span<const std::uint8_t> bytes_;
};

}  // namespace drydock::sim

// The only source of nondeterminism: everything that a simulated world can do in more than one way
// is a choice.
//
// The value 0 is always the benign one (first in, first out; the whole transfer; no fault). So a
// schedule shrinks toward the run that a demonstration would show, and a choice source that has no
// more values answers 0.
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

/// What a choice or a span is for, and the role of a client: a string literal. Schedules keep the
/// pointer, so the text must live as long as the program; the compiler refuses one that is made at
/// run time, such as a c_str().
class Label {
public:
    /// A label with the text `literal`: one line, of at least one character. Any other does not
    /// compile.
    consteval Label(const char* literal) : text_(literal) {
        if (*literal == '\0') a_label_has_at_least_one_character();
        for (const char* c = literal; *c != '\0'; ++c) {
            if (*c == '\n' || *c == '\r') a_label_is_one_line();
        }
    }
    /// The text, which lives as long as the program.
    const char* text() const noexcept { return text_; }

private:
    // The compiler names these where it refuses a label: neither can be called in a constant.
    static void a_label_has_at_least_one_character();
    static void a_label_is_one_line();

    const char* text_;
};

/// A choice that was made: `value` is one of 0..options-1, and `label` says what it was for.
struct Choice {
    std::uint32_t value = 0;    ///< what was chosen; 0 is the benign value
    std::uint32_t options = 0;  ///< how many values there were to choose from
    const char* label = "";     ///< the text of a Label, or of Schedule::labels
};

/// Choices that belong together, [first, last) of a schedule: those for one client, or for one
/// fault that struck. Shrinking tries to remove a span as a whole. Spans nest; they do not overlap.
struct ChoiceSpan {
    const char* label = "";  ///< the text of a Label, or of Schedule::labels
    std::size_t first = 0;   ///< the position of its first choice in the schedule
    std::size_t last = 0;    ///< the position behind its last choice
};

/// A completion that could come out next. A step is this completion and all that the program does
/// until the next completion.
struct Step {
    /// The number of the operation's start, counted from the beginning of the run. It is the same
    /// in all runs that have made the same choices up to that start.
    std::uint64_t start = 0;
    /// What the operation works on: the receives, or the sends, of one end of a connection. 0: on
    /// nothing that other operations work on.
    std::uint64_t lane = 0;
    /// It became ready because nothing else was ready and virtual time passed.
    bool waited = false;
    /// The number that StepWatcher::started() gave to the start.
    std::uint64_t number = 0;
};

/// The owner of an object that steps work on.
enum class Owner : std::uint8_t {
    network,  ///< the simulated network, whose state is known
    program,  ///< the program; its state is not known, so the explorer uses the object's history
    open_program  ///< the program, for an object with a state_hash()
};

/// Chooses the order of steps and observes what they do. For choice sources: `explore` and PCT have
/// one. The world calls it on the thread of the run. It must not call the world.
class StepWatcher {
public:
    StepWatcher() = default;
    StepWatcher(const StepWatcher&) = delete;
    StepWatcher& operator=(const StepWatcher&) = delete;

    /// Returns the index in `ready` of the step to run next. Called also if there is only one.
    /// `network` is the state of the network and of all operations in flight.
    virtual std::uint32_t choose_step(std::span<const Step> ready,
                                      const StateView& network) noexcept = 0;
    /// Whether this run shows nothing that another run does not show, so that it may end here.
    virtual bool redundant() const noexcept { return false; }

    /// The next so many chains that the step spawns are equal clients. True: this run stands for
    /// all orders in which they might begin.
    virtual bool equal_clients(std::uint32_t) noexcept { return false; }
    /// Whether it counts steps that are run though an older one is ready: then the order in which
    /// steps become ready is a part of the state.
    virtual bool counts_overtakings() const noexcept { return false; }
    /// The step begins: the number of the operation that completes (see started()), and a hash of
    /// its result.
    virtual void begins(std::uint64_t, std::uint64_t) noexcept {}
    /// The step has started an operation. Returns the number that begins() gets when it completes.
    virtual std::uint64_t started(const void*) noexcept { return 0; }
    /// The step's coroutine waits until another step starts this operation for it.
    virtual void waits(const void*) noexcept {}
    /// A crash has ended this operation: with the number that started() has returned, or 0 for one
    /// that has waited.
    virtual void abandoned(const void*, std::uint64_t) noexcept {}
    /// The step has learned a value other than the result of its completion.
    virtual void learned(std::uint64_t) noexcept {}
    /// The step works on this object. The address only identifies it.
    virtual void touched(const void*, Owner) noexcept {}
    /// The step has finished its work on an object of the program that has this state.
    virtual void left(const void*, const StateView&) noexcept {}
    /// Of what the chain has learned until now, only this value matters later.
    virtual void settled(std::uint64_t) noexcept {}
    /// The next operation that the step starts is the first of a new chain, which has learned only
    /// this value: the restart of a host's program.
    virtual void begins_anew(std::uint64_t) noexcept {}
    /// The next operation that the step starts is the first of a new chain.
    virtual void spawns() noexcept {}
    /// The chain of the step ends, and what it has learned is part of this object from here on.
    virtual void gave(const void*) noexcept {}
    /// The step has constructed this object.
    virtual void created(const void*, Owner) noexcept {}
    /// The step has destroyed this object.
    virtual void gone(const void*, Owner) noexcept {}
    /// The step has ended, nothing was ready, and virtual time passes: what is reported from here
    /// to the next step belongs to no step. It comes after all steps so far and before all others.
    virtual void time_passes() noexcept {}

protected:
    ~StepWatcher() = default;
};

/// A source of choices: a seed, a schedule, a fuzzer's input, the explorer. It is asked only when
/// there is more than one option. It serves one run, on one thread.
class ChoiceSource {
public:
    ChoiceSource() = default;
    ChoiceSource(const ChoiceSource&) = delete;
    ChoiceSource& operator=(const ChoiceSource&) = delete;
    virtual ~ChoiceSource() = default;

    /// Returns one of 0..`options`-1. Random sources return each with the same probability. `label`
    /// says what the choice is for; it lives as long as the program.
    virtual std::uint32_t choose(std::uint32_t options, const char* label) noexcept = 0;

    /// Returns 0 or 1. Random sources return 1 about once in `one_in` calls. In the schedule it is
    /// a choice of 2 options. `label` says what the choice is for.
    virtual std::uint32_t flip(std::uint32_t one_in, const char* label) noexcept = 0;

    /// The watcher that orders the steps; it must live as long as this source. Null: the world
    /// orders them by calls of choose().
    virtual StepWatcher* watcher() noexcept { return nullptr; }
};

/// Random choices from a seed: xoshiro256** (Blackman and Vigna, 2018) and unbiased bounded
/// integers. The same on every system.
class SeedChoices : public ChoiceSource {
public:
    /// The choices of the run that has this `seed`. Every value is a seed.
    explicit SeedChoices(std::uint64_t seed) noexcept;
    /// Returns each of 0..`options`-1 with the same probability. `label` has no influence.
    std::uint32_t choose(std::uint32_t options, const char* label) noexcept override;
    /// Returns 1 about once in `one_in` calls. `label` has no influence.
    std::uint32_t flip(std::uint32_t one_in, const char* label) noexcept override;

private:
    std::uint64_t next() noexcept;
    std::uint32_t below(std::uint32_t bound) noexcept;

    std::array<std::uint64_t, 4> state_;
};

/// PCT, probabilistic concurrency testing (Burckhardt and others, 2010). Each lane of steps gets a
/// random priority, and the step with the highest priority runs next. At `depth` - 1 random moments
/// the lane that would run next gets a priority below all others. A defect that needs `depth`
/// orderings between steps is found in one run with a probability of at least
/// 1 / (lanes * steps^(depth - 1)). All other choices are those of SeedChoices. Steps are ordered
/// only if Fault::reorder is active.
class PctChoices final : public SeedChoices, public StepWatcher {
public:
    /// Choices from `seed`. `steps`: about how many steps a run has. The `depth` - 1 moments are
    /// among these; `depth` is at least 1.
    PctChoices(std::uint64_t seed, std::uint32_t depth, std::uint32_t steps);
    /// This object: it orders the steps.
    StepWatcher* watcher() noexcept override { return this; }
    /// Returns the index of the step with the highest priority.
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

/// Where a replay left its schedule: the first choice that was not the recorded one.
struct Divergence {
    std::size_t position = 0;  ///< in the schedule
    std::string recorded;      ///< "3 of 8 for 'clients'", or that the schedule had ended
    std::string asked;         ///< "one of 5 for 'members'"
};

/// Choices from a schedule. Each choice is answered from the recorded choices with the same label,
/// in their order. So if a changed program or parameter asks for a choice more or less, the choices
/// with other labels stay in place. A value that is too large is taken modulo the options.
/// When a label has no recorded choices left, the answer is 0.
class ReplayChoices final : public ChoiceSource {
public:
    /// The choices of `record`, which are copied; their labels must live as long as this object.
    explicit ReplayChoices(std::span<const Choice> record);
    /// `values` without labels, used one after the other: any vector of numbers is a schedule. They
    /// are copied.
    explicit ReplayChoices(std::span<const std::uint32_t> values);

    /// Returns the next recorded choice for `label`, or 0 if it has none left.
    std::uint32_t choose(std::uint32_t options, const char* label) noexcept override;
    /// The same for a choice of 2 options; `one_in` has no influence.
    std::uint32_t flip(std::uint32_t one_in, const char* label) noexcept override;

    /// The first choice that was not the recorded one. Choices after the end of the schedule do not
    /// count. A schedule without labels never diverges.
    std::optional<Divergence> divergence() const;

private:
    /// The recorded choices that one label has left: a linked list of positions in the record.
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

/// Choices from a fuzzer's input: one byte for a choice, or two or four bytes if there are more
/// options than one byte can hold. After the end of the input every choice is 0, so every run ends.
class ByteChoices final : public ChoiceSource {
public:
    /// Choices from `bytes`, which must exist as long as this object.
    explicit ByteChoices(std::span<const std::uint8_t> bytes) noexcept : bytes_(bytes) {}
    /// Takes 1, 2 or 4 bytes, modulo `options`. `label` has no influence.
    std::uint32_t choose(std::uint32_t options, const char* label) noexcept override;
    /// Takes one byte: 1 for about one value in `one_in`.
    std::uint32_t flip(std::uint32_t one_in, const char* label) noexcept override;

private:
    std::span<const std::uint8_t> bytes_;
};

}  // namespace drydock::sim

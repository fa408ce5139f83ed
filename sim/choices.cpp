// The choice sources: seed, PCT, replay, and a fuzzer's bytes.
#include <drydock/sim/choices.hpp>

#include <algorithm>
#include <bit>

#include "sim/label.hpp"

namespace drydock::sim {
namespace {

/// SplitMix64 (Steele, Lea, Flood 2014): spreads a seed over the state of the generator proper.
std::uint64_t split_mix(std::uint64_t& state) noexcept {
    std::uint64_t z = (state += 0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
}

}  // namespace

// --- seed ---------------------------------------------------------------------------------------

SeedChoices::SeedChoices(std::uint64_t seed) noexcept : state_{} {
    for (std::uint64_t& word : state_) word = split_mix(seed);
}

/// xoshiro256** 1.0 (Blackman, Vigna 2018; public domain).
std::uint64_t SeedChoices::next() noexcept {
    const std::uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
    const std::uint64_t shifted = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= shifted;
    state_[3] = std::rotl(state_[3], 45);
    return result;
}

/// Lemire's method: multiply and shift, rejecting the few draws that would make it biased.
std::uint32_t SeedChoices::below(std::uint32_t bound) noexcept {
    for (;;) {
        const std::uint64_t product = (next() >> 32) * bound;
        const auto low = static_cast<std::uint32_t>(product);
        if (low >= bound || low >= (0U - bound) % bound) {
            return static_cast<std::uint32_t>(product >> 32);
        }
    }
}

std::uint32_t SeedChoices::choose(std::uint32_t options, const char*) noexcept {
    return below(options);
}

std::uint32_t SeedChoices::flip(std::uint32_t one_in, const char*) noexcept {
    return below(one_in) == one_in - 1 ? 1 : 0;
}

// --- PCT ----------------------------------------------------------------------------------------

PctChoices::PctChoices(std::uint64_t seed, std::uint32_t depth, std::uint32_t steps)
    : SeedChoices(seed), random_(~seed) {
    for (std::uint32_t i = 1; i < depth; ++i) {
        changes_.push_back(random_.choose(std::max(steps, 1U), "pct: change point"));
    }
    std::sort(changes_.begin(), changes_.end());
}

/// A new lane gets a random place among the others. Priorities of changed lanes lie below 2^32.
std::uint64_t& PctChoices::priority_of(const Step& step) noexcept {
    // Lane 0 is no lane: each of its steps is one of its own.
    const std::uint64_t lane = step.lane != 0 ? step.lane << 1 : (step.start << 1) | 1;
    for (Priority& known : priorities_) {
        if (known.lane == lane) return known.value;
    }
    const std::uint64_t value =
        (std::uint64_t{1} << 32) + random_.choose(0x7fffffff, "pct: priority");
    return priorities_.emplace_back(Priority{lane, value}).value;
}

std::uint32_t PctChoices::choose_step(std::span<const Step> ready, const StateView&) noexcept {
    const auto highest = [&] {
        std::size_t best = 0;
        for (std::size_t i = 1; i < ready.size(); ++i) {
            if (priority_of(ready[i]) > priority_of(ready[best])) best = i;
        }
        return best;
    };
    std::size_t chosen = highest();
    for (; changed_ < changes_.size() && changes_[changed_] <= step_; ++changed_) {
        priority_of(ready[chosen]) = changes_.size() - changed_;
        chosen = highest();
    }
    ++step_;
    if (ready[chosen].lane == 0) {  // it will not come again
        std::erase_if(priorities_, [&](const Priority& known) {
            return known.lane == ((ready[chosen].start << 1) | 1);
        });
    }
    return static_cast<std::uint32_t>(chosen);
}

// --- replay -------------------------------------------------------------------------------------

namespace {

constexpr std::size_t no_more = ~std::size_t{0};

std::string describe(const Choice& choice) {
    return std::to_string(choice.value) + " of " + std::to_string(choice.options) + " for '" +
           choice.label + "'";
}

}  // namespace

ReplayChoices::ReplayChoices(std::span<const Choice> record)
    : record_(record.begin(), record.end()), following_(record.size(), no_more) {
    const auto unnamed = [](const Choice& choice) { return *choice.label == '\0'; };
    labelled_ = std::none_of(record_.begin(), record_.end(), unnamed);
    if (!labelled_) return;
    // From its end, so that each queue begins with its first.
    for (std::size_t i = record_.size(); i-- > 0;) {
        Queue& queue = queue_of(record_[i].label);
        following_[i] = queue.next;
        queue.next = i;
    }
}

ReplayChoices::ReplayChoices(std::span<const std::uint32_t> values) : labelled_(false) {
    record_.reserve(values.size());
    for (const std::uint32_t value : values) record_.push_back({value, 0, ""});
}

/// Few labels, and nearly always the same address for one: a list will do.
ReplayChoices::Queue& ReplayChoices::queue_of(const char* label) noexcept {
    for (Queue& queue : queues_) {
        if (queue.label == label) return queue;
    }
    for (Queue& queue : queues_) {
        if (same_label(queue.label, label)) return queue;
    }
    return queues_.emplace_back(Queue{label, no_more});
}

std::uint32_t ReplayChoices::choose(std::uint32_t options, const char* label) noexcept {
    if (!labelled_) {
        return asked_ < record_.size() ? record_[asked_++].value % options : 0;
    }
    compare(options, label);
    Queue& queue = queue_of(label);
    if (queue.next == no_more) return 0;
    const std::uint32_t value = record_[queue.next].value;
    queue.next = following_[queue.next];
    return value % options;
}

std::uint32_t ReplayChoices::flip(std::uint32_t, const char* label) noexcept {
    return choose(2, label);
}

void ReplayChoices::compare(std::uint32_t options, const char* label) noexcept {
    if (diverged_ || asked_ >= record_.size()) return;
    const Choice& recorded = record_[asked_];
    if (recorded.options == options && same_label(recorded.label, label)) {
        ++asked_;
        return;
    }
    diverged_ = asked_;
    question_ = {0, options, label};
}

std::optional<Divergence> ReplayChoices::divergence() const {
    if (!diverged_) {
        if (!labelled_ || asked_ >= record_.size()) return std::nullopt;
        const Choice& first = record_[asked_];
        return Divergence{asked_, describe(first), "nothing any more: the run had ended"};
    }
    return Divergence{
        *diverged_, describe(record_[*diverged_]),
        "one of " + std::to_string(question_.options) + " for '" + question_.label + "'"};
}

// --- bytes --------------------------------------------------------------------------------------

std::uint32_t ByteChoices::choose(std::uint32_t options, const char*) noexcept {
    std::uint64_t drawn = 0;
    for (std::uint64_t reach = 1; reach < options; reach *= 256) {
        if (bytes_.empty()) return 0;
        drawn = drawn * 256 + bytes_.front();
        bytes_ = bytes_.subspan(1);
    }
    return static_cast<std::uint32_t>(drawn % options);
}

std::uint32_t ByteChoices::flip(std::uint32_t one_in, const char* label) noexcept {
    return choose(one_in < 256 ? one_in : 256, label) == 1 ? 1 : 0;
}

}  // namespace drydock::sim

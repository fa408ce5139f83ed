// The one source of nondeterminism: everything that a simulated world could do differently is a
// choice.
//
// 0 is always the benign option (first in, first out; whole transfer; no fault), so that a schedule
// shrinks toward the run that a demonstration would show, and a source that has run dry says 0.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace drydock::sim {

/// One choice that was made: `value` of `options`, for the purpose that `label` names.
struct Choice {
    std::uint32_t value = 0;
    std::uint32_t options = 0;
    const char* label = "";
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
};

/// Random choices from a seed: xoshiro256** and unbiased bounded integers, the same on every
/// system.
class SeedChoices final : public ChoiceSource {
public:
    explicit SeedChoices(std::uint64_t seed) noexcept;
    std::uint32_t choose(std::uint32_t options, const char* label) noexcept override;
    std::uint32_t flip(std::uint32_t one_in, const char* label) noexcept override;

private:
    std::uint64_t next() noexcept;
    std::uint32_t below(std::uint32_t bound) noexcept;

    std::array<std::uint64_t, 4> state_;
};

/// Recorded choices, one after the other. A value that does not fit the options asked for is
/// reduced to them; past the end everything is benign. So a record survives a changed parameter,
/// and any vector of numbers is a schedule.
class ReplayChoices final : public ChoiceSource {
public:
    explicit ReplayChoices(std::span<const std::uint32_t> values)
        : values_(values.begin(), values.end()) {}
    std::uint32_t choose(std::uint32_t options, const char* label) noexcept override;
    std::uint32_t flip(std::uint32_t one_in, const char* label) noexcept override;

private:
    std::vector<std::uint32_t> values_;
    std::size_t position_ = 0;
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

// What a farm has shown, as numbers: how rare its failures must be if no seed has failed, and how
// likely it is that the next seed behaves as no seed has (Good and Turing; Good, 1953).
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>

namespace drydock::sim {

/// Counts the behaviors of runs, and which of them came once. A behavior is a hash of the set of
/// the program's probes that a run has reached, in whatever order and however often, and of the
/// property that it has failed, if any. The counts of two farms over different seeds add up to
/// those of one. If there are more than `most_kept` behaviors, it keeps those whose hash ends in
/// enough zero bits, and estimates the rest from these. What it keeps depends on the behaviors
/// alone, not on the order in which they came. For one thread at a time.
class Behaviors {
public:
    /// At most so many are kept.
    static constexpr std::size_t most_kept = 256;

    /// A run with this behavior.
    void add(std::uint64_t behavior);
    /// All that `other` has counted.
    void merge(const Behaviors& other);

    /// How many behaviors there were; about, if not all were kept.
    std::uint64_t different() const noexcept { return std::uint64_t{kept_.size()} << halvings_; }
    /// How many behaviors came once; about, if not all were kept.
    std::uint64_t seen_once() const noexcept;
    /// How likely it is that the next seed shows a behavior that none of `seeds` seeds has shown:
    /// the part of these seeds whose behavior came once. `seeds` is at least 1.
    double chance_of_new(std::uint64_t seeds) const noexcept;

    /// One behavior of 2 to this power is kept.
    unsigned halvings() const noexcept { return halvings_; }
    /// Those that are kept, and whether they came more than once.
    const std::map<std::uint64_t, bool>& kept() const noexcept { return kept_; }
    /// What kept() and halvings() of another object gave. False: no object can have given them.
    static bool read(unsigned halvings, const std::map<std::uint64_t, bool>& kept,
                     Behaviors& behaviors);

    bool operator==(const Behaviors&) const = default;

private:
    bool keeps(std::uint64_t behavior) const noexcept {
        return (behavior & ((std::uint64_t{1} << halvings_) - 1)) == 0;
    }
    void add(std::uint64_t behavior, bool more_than_once);
    void halve_while_too_many();

    unsigned halvings_ = 0;
    std::map<std::uint64_t, bool> kept_;
};

/// The rule of three, exactly: if none of `seeds` seeds has failed, then a seed fails with at most
/// this probability, with 95 % confidence. About 3 / `seeds`. `seeds` is at least 1.
double most_likely_failing(std::uint64_t seeds) noexcept;

}  // namespace drydock::sim

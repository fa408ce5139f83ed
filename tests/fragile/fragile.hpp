// A scenario that ends its process, or never ends, about once in a thousand seeds.
#pragma once

#include <cstddef>
#include <string_view>

#include <drydock/sim/run.hpp>

namespace drydock::test {

enum class Disaster : unsigned char {
    none,
    null_write,       // a segmentation fault
    exception,        // leaves the main task
    exit,             // with status 3
    endless_loop,     // without a choice and without a completion
    endless_choices,  // in one step
};

/// Its line in the source says where the crash begins: three tasks sleep, one after the other, and
/// after the third one fate decides.
class Fragile : public sim::Scenario {
public:
    explicit Fragile(Disaster disaster) noexcept : disaster_(disaster) {}
    Task<void> main(sim::World& world) override;
    std::string options() const override { return "tasks=3"; }

    static constexpr std::string_view probes[] = {"fragile.survived"};
    static constexpr std::uint32_t one_in = 1000;
    /// The drawn value of the choice "fate" that brings the disaster.
    static constexpr std::uint32_t doom = 7;

private:
    void meet_fate(sim::World& world) const;

    Disaster disaster_;
};

constexpr std::string_view name(Disaster disaster) noexcept {
    constexpr std::string_view names[] = {"fragile/none",         "fragile/null-write",
                                          "fragile/exception",    "fragile/exit",
                                          "fragile/endless-loop", "fragile/endless-choices"};
    return names[static_cast<std::size_t>(disaster)];
}

template <Disaster disaster>
class FragileBy final : public Fragile {
public:
    FragileBy() noexcept : Fragile(disaster) {}
};

template <Disaster disaster>
inline constexpr sim::ScenarioInfo fragile = sim::scenario_info<FragileBy<disaster>>(
    name(disaster), "a server that meets a disaster in one seed of a thousand");

}  // namespace drydock::test

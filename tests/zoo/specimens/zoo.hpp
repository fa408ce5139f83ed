// The zoo: all specimens by name, what each of them has, and how it is found out.
//
// A specimen is a small server that is broken on purpose in one way, as a real one was. It is a
// scenario like any other, so whatever runs scenarios can run it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include <drydock/sim/run.hpp>

namespace drydock::zoo {

/// What a run may find, and a part of its sentence that names the cause.
struct Expected {
    std::string_view property;  ///< or rule
    std::string_view cause;
};

struct Specimen {
    /// Its name is "zoo/..."; its summary says in a sentence what is wrong.
    sim::ScenarioInfo scenario;
    /// Where the defect was met: a program of the textbook, or a report from the field.
    std::string_view origin;
    /// All that runs of it may find.
    std::span<const Expected> expected;
    /// As a person would try it: few clients, who behave.
    std::unique_ptr<sim::Scenario> (*demonstration)();
    /// The demonstration shows it, to the simulator at least.
    bool shows_at_once = false;
    /// The defect must be found within so many seeds, from `from` on.
    std::uint64_t budget = 1000;
    /// Where none of these faults may strike, it is not found. None: it is found without any that
    /// has to do with hosts.
    sim::FaultSet needs = {};
    /// Its runs are so long that shrinking ends by its bound.
    bool long_runs = false;
    /// Where the hunt begins. Not 1: the specimen is rare, and no seed before this one fails. A
    /// change of the simulator's choices makes a new search necessary (`drydock-sim farm NAME
    /// --until-failure`).
    std::uint64_t from = 1;

    /// Whether it takes a long farm to find the defect.
    constexpr bool is_rare() const noexcept { return from > 1; }
    /// A shrunk run of it has at most so many choices that are not benign. A rare defect needs
    /// several events together.
    constexpr std::size_t most_choices() const noexcept { return is_rare() ? 40 : 12; }
};

/// The first seed that fails of a rare specimen lies beyond this one.
inline constexpr std::uint64_t rare_beyond = 10'000;

std::span<const Specimen> specimens() noexcept;

/// By the scenario's name. Null: there is none.
const Specimen* find_specimen(std::string_view name) noexcept;

/// The servers without a defect, drydock's own among them: nothing may be found in them.
std::span<const sim::ScenarioInfo> sound_servers() noexcept;

/// A defect that has no specimen, because nobody can write it against the contract.
struct ImpossibleDefect {
    std::string_view origin;
    std::string_view defect;
    std::string_view reason;
};

std::span<const ImpossibleDefect> impossible_defects() noexcept;

}  // namespace drydock::zoo

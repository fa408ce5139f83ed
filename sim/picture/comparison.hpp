// Two runs side by side: which of their events are the same, and where they first differ.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "sim/picture/json.hpp"

namespace drydock::sim {

/// A choice that two runs made differently.
struct DifferentChoice {
    std::uint64_t index = 0;  ///< its number in both schedules, from 1
    std::string label;
    std::uint32_t options = 0;
    std::uint32_t first = 0;   ///< the value in the first run
    std::uint32_t second = 0;  ///< in the second
};

/// Where two runs first differ.
struct FirstDifference {
    std::size_t first = 0;   ///< id of an event of the first run; 0: it has ended
    std::size_t second = 0;  ///< of the second
    std::optional<DifferentChoice> choice;
    std::string sentence;
};

struct Comparison {
    std::optional<FirstDifference> difference;  ///< none: the runs are the same
    /// Ids of events that are the same in both, ascending in both.
    std::vector<std::pair<std::size_t, std::size_t>> aligned;
    /// Events of both that come in another order, ascending in the first.
    std::vector<std::pair<std::size_t, std::size_t>> moved;
};

/// An event of one run is the same as one of the other if it is the n-th in its run that is of this
/// kind, on this end of this connection, with this place, result, choice and bytes. Virtual time
/// and the order of events make no difference to that.
Comparison compare(const RecordedRun& first, const RecordedRun& second);

/// The format "drydock-comparison" (docs/VIEW.md). Both pictures are of one scenario.
nlohmann::ordered_json comparison_of(const Picture& first, const Picture& second);

}  // namespace drydock::sim

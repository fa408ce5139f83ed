// What of the timeline belongs to the state of a world.
#include "sim/timeline.hpp"

#include "sim/connection.hpp"
#include "sim/digest.hpp"

namespace drydock::sim {

std::uint64_t Timeline::state_hash() const noexcept {
    std::uint64_t sum = 0;
    for (const Event& event : heap_) {
        Digest part;
        part.mix(static_cast<std::uint64_t>(event.at.time_since_epoch().count()));
        part.mix((static_cast<std::uint64_t>(event.kind) << 8) | event.side);
        part.mix(event.operation == nullptr ? 0 : record_of(*event.operation).number);
        part.mix(event.connection == nullptr ? 0 : event.connection->number());
        part.mix(event.upto);
        sum += part.value();
    }
    return sum;
}

}  // namespace drydock::sim

// What the property tests of the echo and chat servers share beyond <drydock/sim/rapidcheck.hpp>.
#pragma once

#include <cstdint>
#include <vector>

#include <drydock/sim/rapidcheck.hpp>

namespace drydock::sim {

/// Nothing that takes bytes away from a connection.
inline FaultSet harmless_faults() {
    return FaultSet::all()
        .without(Fault::network_reset)
        .without(Fault::no_buffers)
        .without(Fault::accept_reset)
        .without(Fault::accept_shortage)
        .without(Fault::connect_refused)
        .without(Fault::connect_timed_out);
}

inline std::vector<std::uint32_t> values_of(const Report& report) {
    std::vector<std::uint32_t> values;
    for (const Choice& choice : report.schedule) values.push_back(choice.value);
    return values;
}

}  // namespace drydock::sim

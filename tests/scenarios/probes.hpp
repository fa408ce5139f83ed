// The probes that a server's scenario has to reach: its own, every server's, and all faults.
#pragma once

#include <algorithm>
#include <array>
#include <string_view>

#include <drydock/server_probes.hpp>
#include <drydock/sim/faults.hpp>

namespace drydock::sim {

template <std::size_t count>
constexpr auto with_server_and_faults(const std::array<std::string_view, count>& own) {
    std::array<std::string_view, count + server::probes::all.size() + fault_count> names{};
    auto next = std::copy(own.begin(), own.end(), names.begin());
    next = std::copy(server::probes::all.begin(), server::probes::all.end(), next);
    for (int i = 0; i < fault_count; ++i) *next++ = name(static_cast<Fault>(i));
    return names;
}

}  // namespace drydock::sim

// The probes that a server's scenario has to reach: its own, every server's, and all faults of
// worlds without hosts.
#pragma once

#include <algorithm>
#include <array>
#include <string_view>

#include <drydock/server_probes.hpp>
#include <drydock/sim/faults.hpp>

namespace drydock::sim {

template <std::size_t count>
constexpr auto with_server_and_faults(const std::array<std::string_view, count>& own) {
    constexpr auto faults = static_cast<std::size_t>(Fault::crash);
    static_assert(!is_of_hosts(static_cast<Fault>(faults - 1)) && is_of_hosts(Fault::crash));
    std::array<std::string_view, count + server::probes::all.size() + faults> names{};
    auto next = std::copy(own.begin(), own.end(), names.begin());
    next = std::copy(server::probes::all.begin(), server::probes::all.end(), next);
    for (std::size_t i = 0; i < faults; ++i) *next++ = name(static_cast<Fault>(i));
    return names;
}

}  // namespace drydock::sim

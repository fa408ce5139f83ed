// The named places in the relay that a farm of simulated runs must have reached.
#pragma once

#include <array>
#include <string_view>

namespace drydock::relay::probes {

inline constexpr std::string_view not_connected = "relay.not_connected";
inline constexpr std::string_view broker_gone = "relay.broker_gone";
inline constexpr std::string_view no_answer = "relay.no_answer";
inline constexpr std::string_view refused = "relay.refused";
inline constexpr std::string_view back = "relay.back";
inline constexpr std::string_view batched = "relay.batched";
inline constexpr std::string_view pipelined = "relay.pipelined";
inline constexpr std::string_view sent_again = "relay.sent_again";
inline constexpr std::string_view was_applied = "relay.was_applied";
inline constexpr std::string_view renewed = "relay.renewed";
inline constexpr std::string_view full = "relay.full";
inline constexpr std::string_view resumed = "relay.resumed";
inline constexpr std::string_view behind = "relay.behind";
inline constexpr std::string_view begun = "relay.begun";
inline constexpr std::string_view trimmed = "relay.trimmed";
inline constexpr std::string_view rewritten = "relay.rewritten";
inline constexpr std::string_view finished = "relay.finished";
inline constexpr std::string_view abandoned = "relay.abandoned";

inline constexpr std::array all = {
    not_connected, broker_gone, no_answer,   refused,   back,     batched,
    pipelined,     sent_again,  was_applied, renewed,   full,     resumed,
    behind,        begun,       trimmed,     rewritten, finished, abandoned,
};

}  // namespace drydock::relay::probes

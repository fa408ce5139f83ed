// What a world chooses for a run of the relay's scenario, and how a report tells it.
#include <algorithm>
#include <utility>

#include "tests/scenarios/relay.hpp"
#include "tests/scenarios/text.hpp"

namespace drydock::sim {
namespace {

template <typename T, std::size_t count>
T relay_pick(World& world, const std::array<T, count>& options, Label label) {
    return options[world.choose(static_cast<std::uint32_t>(count), label)];
}

constexpr std::uint32_t most_relay_members = 5;

RelayMember choose_relay_member(World& world, std::uint32_t servers, std::uint32_t usual) {
    constexpr std::array<std::uint32_t, 3> sizes = {8, 24, 40};
    constexpr std::array<std::uint32_t, 4> chunks = {64, 200, 9, 1};
    constexpr std::array<std::uint32_t, 3> receives = {64, 300, 7};
    constexpr std::array<std::int64_t, 4> delays_us = {0, 100, 30'000, 700'000};
    RelayMember plan;
    plan.manner = static_cast<RelayManner>(world.choose(relay_manner_count, "member: manner"));
    plan.server = (usual + world.choose(servers, "member: server")) % servers;
    plan.lines = 1 + world.choose(8, "member: lines");
    plan.line_size = relay_pick(world, sizes, "member: line size");
    plan.chunk = relay_pick(world, chunks, "member: bytes per send");
    plan.receive = relay_pick(world, receives, "member: receive size");
    plan.visits = 1 + (world.flip(4, "member: comes back") ? 1 : 0);
    plan.stays = !world.flip(4, "member: does not stay");
    plan.start_after = std::chrono::microseconds(relay_pick(world, delays_us, "member: start"));
    plan.pause = std::chrono::microseconds(relay_pick(world, delays_us, "member: pause"));
    return plan;
}

}  // namespace

RelayWorkload choose_relay_workload(World& world) {
    constexpr std::array<std::size_t, 3> waiting_limits = {8'000, 400, 60};
    constexpr std::array<std::size_t, 3> batches = {4096, 60, 1};
    constexpr std::array<std::size_t, 3> counts = {16, 2, 1};
    constexpr std::array<std::size_t, 3> pipelines = {8, 2, 1};
    constexpr std::array<std::int64_t, 4> paces_us = {0, 300, 20'000, 300'000};
    constexpr std::array<std::int64_t, 4> stops_us = {0, 3'000, 60'000, 900'000};
    RelayWorkload workload;
    workload.servers = 2 + world.choose(2, "servers");
    workload.server.max_line = 100;
    workload.server.buffer_size = world.flip(3, "server: small buffer") ? 16 : 256;
    workload.exchange.waiting_limit = relay_pick(world, waiting_limits, "relay: waiting limit");
    workload.exchange.batch_bytes = relay_pick(world, batches, "relay: batch");
    workload.exchange.read_count = relay_pick(world, counts, "relay: entries of a read");
    workload.exchange.most_batches = relay_pick(world, pipelines, "relay: pipeline");
    workload.pace.reply_delay =
        std::chrono::microseconds(relay_pick(world, paces_us, "broker: reply delay"));
    constexpr std::array<std::int64_t, 4> moments_us = {0, 20'000, 400'000, 3'000'000};
    if (world.flip(8, "administrator")) {
        workload.meddling = world.choose(2, "administrator: does what") == 0
                                ? RelayMeddling::trims
                                : RelayMeddling::deletes;
        workload.meddling_after =
            std::chrono::microseconds(relay_pick(world, moments_us, "administrator: when"));
    }
    if (world.flip(8, "broker: refuses")) {
        workload.refusal = 1 + world.choose(4, "broker: refuses why");
        workload.refusal_after =
            std::chrono::microseconds(relay_pick(world, moments_us, "broker: refuses when"));
        workload.refusal_for =
            std::chrono::microseconds(relay_pick(world, moments_us, "broker: refuses how long"));
    }
    workload.stop_early = world.flip(6, "stop early");
    if (workload.stop_early) {
        workload.stop_after = std::chrono::microseconds(relay_pick(world, stops_us, "stop: when"));
    }
    bool flooded = false;
    for (std::uint32_t i = 0; i < most_relay_members; ++i) {
        const Spanned spanned(world, "member");
        if (i > 0 && world.choose(most_relay_members + 1 - i, "member: another") == 0) break;
        RelayMember member = choose_relay_member(world, workload.servers, i);
        if (member.manner == RelayManner::floods) {
            if (std::exchange(flooded, true) || world.pipe_capacity() < 16) {
                member.manner = RelayManner::talks;
            } else {
                member.lines += 16;
                member.pause = Duration(0);
            }
        }
        workload.members.push_back(member);
    }
    return workload;
}

constexpr std::array<Parameter, 3> relay_parameters = {
    Parameter{"servers", "number of servers that share the room", 1, 3, 2},
    Parameter{"members", "members at each server that talk, half-close and read to the end", 1, 2,
              1},
    Parameter{"lines", "lines that each member says", 0, 4, 1},
};

bool RelayScenario::set(std::string_view parameter, std::uint64_t value) {
    if (!in_range(relay_parameters, parameter, value)) return false;
    given_ = true;
    workload_.small = true;
    workload_.server.buffer_size = 64;
    const auto number = static_cast<std::uint32_t>(value);
    if (parameter == "servers") workload_.servers = number;
    if (parameter == "members") members_each_ = number;
    if (parameter == "lines") lines_ = number;
    workload_.members.clear();
    for (std::uint32_t i = 0; i < workload_.servers * members_each_; ++i) {
        RelayMember member;
        member.server = i % workload_.servers;
        member.lines = lines_;
        member.line_size = 1;
        member.in_sequence = true;
        workload_.members.push_back(member);
    }
    return true;
}

std::string RelayScenario::options() const {
    constexpr std::array<std::string_view, relay_manner_count> manners = {
        "talks", "slow_reader", "resets", "vanishes", "floods"};
    std::string text = "servers=" + std::to_string(workload_.servers) +
                       " waiting=" + std::to_string(workload_.exchange.waiting_limit) +
                       " batch=" + std::to_string(workload_.exchange.batch_bytes) +
                       " reads=" + std::to_string(workload_.exchange.read_count);
    if (workload_.pace.reply_delay > Duration::zero()) {
        text += " reply_delay=" + in_ms(workload_.pace.reply_delay);
    }
    if (workload_.meddling == RelayMeddling::trims) text += " trimmed";
    if (workload_.meddling == RelayMeddling::deletes) text += " deleted";
    constexpr std::array<std::string_view, 5> refusals = {"", " out_of_memory", " loading",
                                                          " read_only", " misconf"};
    text += refusals[workload_.refusal];
    if (workload_.stop_early) text += " stop_early";
    text += " members:";
    for (const RelayMember& plan : workload_.members) {
        text += " " + std::string(manners[static_cast<std::size_t>(plan.manner)]) + "@" +
                std::to_string(plan.server + 1) + "(" + std::to_string(plan.lines) + "x" +
                std::to_string(plan.line_size) + (plan.visits > 1 ? " twice" : "") +
                (plan.stays ? " stays" : "") + ")";
    }
    return text;
}

}  // namespace drydock::sim

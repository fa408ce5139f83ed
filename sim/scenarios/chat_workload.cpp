// What a world chooses for a run of the chat scenario, and how a report tells it.
#include <algorithm>
#include <array>

#include "sim/scenarios/chat.hpp"

namespace drydock::sim {
namespace {

template <typename T, std::size_t count>
T pick(World& world, const std::array<T, count>& options, const char* label) {
    return options[world.choose(static_cast<std::uint32_t>(count), label)];
}

constexpr std::uint32_t most_members = 5;

MemberPlan choose_member(World& world) {
    constexpr std::array<std::uint32_t, 4> sizes = {8, 24, 40, 1};
    constexpr std::array<std::uint32_t, 4> chunks = {64, 200, 9, 1};
    constexpr std::array<std::uint32_t, 4> receives = {64, 300, 7, 1};
    constexpr std::array<std::int64_t, 4> delays_us = {0, 100, 30000, 700000};
    MemberPlan plan;
    plan.manner = static_cast<ChatManner>(world.choose(chat_manner_count, "member: manner"));
    plan.lines = world.choose(10, "member: lines");
    plan.line_size = pick(world, sizes, "member: line size");
    plan.chunk = pick(world, chunks, "member: bytes per send");
    plan.receive = pick(world, receives, "member: receive size");
    plan.visits = 1 + (world.flip(4, "member: comes back") ? 1 : 0);
    plan.stays = world.flip(2, "member: stays");
    plan.unfinished = world.flip(4, "member: last line unfinished");
    plan.stays_open = world.flip(8, "member: stays open");
    plan.start_after = std::chrono::microseconds(pick(world, delays_us, "member: start"));
    plan.pause = std::chrono::microseconds(pick(world, delays_us, "member: pause")) / 10;
    return plan;
}

}  // namespace

ChatWorkload choose_chat_workload(World& world) {
    constexpr std::array<std::size_t, 3> buffers = {64, 256, 1};
    constexpr std::array<std::size_t, 5> limits = {1 << 20, 400, 1500, 150, 1};
    constexpr std::array<std::int64_t, 3> graces_us = {5'000'000, 50'000, 0};
    constexpr std::array<std::int64_t, 4> stops_us = {0, 100, 3000, 60000};
    ChatWorkload workload;
    workload.server.max_line = 100;
    workload.server.buffer_size = pick(world, buffers, "server: buffer size");
    workload.server.outbox_limit = pick(world, limits, "server: outbox limit");
    if (world.flip(12, "server: limited")) {
        workload.server.max_connections = 1 + world.choose(2, "server: max members");
    }
    if (world.flip(12, "server: idle timeout")) {
        workload.server.idle_timeout = std::chrono::milliseconds(100);
    }
    workload.stop_early = world.flip(6, "stop early");
    if (workload.stop_early) {
        workload.stop_after = std::chrono::microseconds(pick(world, stops_us, "stop: when"));
        workload.server.grace = std::chrono::microseconds(pick(world, graces_us, "stop: grace"));
        workload.server.linger = std::min(workload.server.linger, workload.server.grace);
    }
    for (std::uint32_t i = 0; i < most_members; ++i) {
        const Spanned member(world, "member");
        // All numbers of members are as likely; one that is left out leaves the others as they are.
        if (i > 0 && world.choose(most_members + 1 - i, "member: another") == 0) break;
        workload.members.push_back(choose_member(world));
    }
    return workload;
}

std::string_view name(ChatManner manner) noexcept {
    constexpr std::array<std::string_view, chat_manner_count> names = {
        "talks", "slow_reader", "stops_reading", "resets", "vanishes", "shouts"};
    return names[static_cast<std::size_t>(manner)];
}

constexpr std::array<Parameter, 2> chat_parameters = {
    Parameter{"members", "who talk, half-close and read to the end", 1, most_members, 2},
    Parameter{"lines", "that each of them says", 0, 8, 1},
};

bool ChatScenario::set(std::string_view parameter, std::uint64_t value) {
    if (!in_range(chat_parameters, parameter, value)) return false;
    if (!given_) {
        given_ = true;
        workload_.members.resize(1);
        workload_.members.front().line_size = 1;
        workload_.members.front().in_sequence = true;
        workload_.server.buffer_size = 64;
    }
    if (parameter == "members") {
        const MemberPlan same = workload_.members.front();
        workload_.members.assign(static_cast<std::size_t>(value), same);
    } else {
        for (MemberPlan& plan : workload_.members) plan.lines = static_cast<std::uint32_t>(value);
    }
    return true;
}

std::string ChatScenario::options() const {
    std::string text = "buffer=" + std::to_string(workload_.server.buffer_size) +
                       " outbox=" + std::to_string(workload_.server.outbox_limit);
    if (workload_.server.max_connections > 0) {
        text += " max_members=" + std::to_string(workload_.server.max_connections);
    }
    if (workload_.server.idle_timeout > Duration::zero()) text += " idle_timeout";
    if (workload_.stop_early) {
        const auto grace = workload_.server.grace;
        text +=
            " stop_early grace=" +
            std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(grace).count()) +
            "ms";
    }
    text += " members:";
    for (const MemberPlan& plan : workload_.members) {
        text += " " + std::string(name(plan.manner)) + "(" + std::to_string(plan.lines) + "x" +
                std::to_string(plan.line_size);
        if (plan.visits > 1) text += " twice";
        if (plan.stays) text += " stays";
        if (plan.stays_open) text += " open";
        text += ")";
    }
    return text;
}

}  // namespace drydock::sim

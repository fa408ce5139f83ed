// What a world chooses for a run of the chat scenario, and how a report tells it.
#include <algorithm>
#include <array>
#include <utility>

#include "tests/scenarios/chat.hpp"
#include "tests/scenarios/text.hpp"

namespace drydock::sim {
namespace {

template <typename T, std::size_t count>
T pick(World& world, const std::array<T, count>& options, Label label) {
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

/// The one member that floods says more than the middle one of the outbox limits, unless every byte
/// of it would take a completion.
void make_flood(MemberPlan& plan, bool by_bytes) {
    plan.lines += by_bytes ? 4 : 24;
    plan.line_size = 40;
    plan.chunk = 200;
    plan.receive = 300;
    plan.pause = Duration(0);
    plan.visits = 1;
}

}  // namespace

ChatWorkload choose_chat_workload(World& world) {
    constexpr std::array<std::size_t, 3> buffers = {64, 256, 1};
    constexpr std::array<std::size_t, 5> limits = {1 << 20, 1200, 400, 150, 1};
    constexpr std::array<std::int64_t, 3> graces_us = {5'000'000, 50'000, 0};
    constexpr std::array<std::int64_t, 4> stops_us = {0, 100, 3000, 60000};
    ChatWorkload workload;
    workload.server.max_line = 100;
    workload.server.buffer_size = pick(world, buffers, "server: buffer size");
    workload.server.outbox_limit = pick(world, limits, "server: outbox limit");
    // Slow beside any member that reads, so that none is dropped for what another says; and fast
    // enough that one who does not read is dropped before the patience of the others ends.
    workload.server.least_rate = 64;
    workload.server.speaker_share = 100;
    if (world.flip(12, "server: limited")) {
        // All members have one address: of these two limits either keeps some of them out.
        const bool in_all = world.choose(2, "server: max members") == 0;
        (in_all ? workload.server.max_connections : workload.server.max_per_address) =
            in_all ? 1 : 2;
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
    const bool by_bytes = workload.server.buffer_size == 1 || world.pipe_capacity() < 16;
    bool flooded = false;
    for (std::uint32_t i = 0; i < most_members; ++i) {
        const Spanned spanned(world, "member");
        // All numbers of members are as likely; one that is left out leaves the others as they are.
        if (i > 0 && world.choose(most_members + 1 - i, "member: another") == 0) break;
        MemberPlan member = choose_member(world);
        if (member.manner == ChatManner::floods) {
            if (std::exchange(flooded, true)) {
                member.manner = ChatManner::talks;
            } else {
                make_flood(member, by_bytes);
            }
        }
        workload.members.push_back(member);
    }
    return workload;
}

std::string_view name(ChatManner manner) noexcept {
    constexpr std::array<std::string_view, chat_manner_count> names = {
        "talks", "slow_reader", "stops_reading", "resets", "vanishes", "shouts", "floods"};
    return names[static_cast<std::size_t>(manner)];
}

constexpr std::array<Parameter, 2> chat_parameters = {
    Parameter{"members", "number of members that talk, half-close and read to the end", 1,
              most_members, 2},
    Parameter{"lines", "lines that each member says", 0, 8, 1},
};

bool ChatScenario::set(std::string_view parameter, std::uint64_t value) {
    if (!in_range(chat_parameters, parameter, value)) return false;
    if (!given_) {
        given_ = true;
        equal_ = true;
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
    if (workload_.server.max_per_address > 0) {
        text += " max_per_address=" + std::to_string(workload_.server.max_per_address);
    }
    if (workload_.server.idle_timeout > Duration::zero()) text += " idle_timeout";
    if (workload_.stop_early) {
        text += " stop_early grace=" + in_ms(workload_.server.grace);
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

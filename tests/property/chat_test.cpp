// The laws of the chat server over generated workloads and generated schedules.
//
// RapidCheck makes both: who comes, says what, reads how and leaves how; and every choice of the
// simulated world, as a seed or as a vector of numbers. The scenario judges each run. When a law
// does not hold, the workload and the schedule are shrunk, and the smallest case is printed.
#include <algorithm>
#include <ostream>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tests/property/generators.hpp"
#include "tests/scenarios/chat.hpp"
#include "tests/support/scale.hpp"
#include "tests/zoo/specimens/chat_specimens.hpp"

namespace drydock::sim {

// How RapidCheck prints a case.
void showValue(const MemberPlan& plan, std::ostream& out) {
    out << name(plan.manner) << " lines=" << plan.lines << " line_size=" << plan.line_size
        << " chunk=" << plan.chunk << " receive=" << plan.receive << " visits=" << plan.visits
        << " stays=" << plan.stays << " unfinished=" << plan.unfinished
        << " start_after=" << plan.start_after.count() << "ns pause=" << plan.pause.count() << "ns";
}

void showValue(const ChatWorkload& workload, std::ostream& out) {
    out << "buffer=" << workload.server.buffer_size << " outbox=" << workload.server.outbox_limit
        << " max_members=" << workload.server.max_connections
        << " idle_timeout=" << workload.server.idle_timeout.count() << "ns";
    if (workload.stop_early) out << " stop_after=" << workload.stop_after.count() << "ns";
    for (const MemberPlan& plan : workload.members) {
        out << "\n  ";
        showValue(plan, out);
    }
}

namespace {

using namespace std::chrono_literals;
using rapidcheck::any_seed;
using rapidcheck::durations;
using rapidcheck::schedules;
using test::scaled;

rc::Gen<ChatManner> any_chat_manner() {
    return rc::gen::map(rc::gen::inRange<int>(0, static_cast<int>(chat_manner_count)),
                        [](int number) { return static_cast<ChatManner>(number); });
}

rc::Gen<MemberPlan> members(rc::Gen<ChatManner> manners) {
    return rc::gen::build<MemberPlan>(
        rc::gen::set(&MemberPlan::manner, std::move(manners)),
        rc::gen::set(&MemberPlan::lines, rc::gen::inRange<std::uint32_t>(0, 12)),
        rc::gen::set(&MemberPlan::line_size, rc::gen::inRange<std::uint32_t>(1, 45)),
        rc::gen::set(&MemberPlan::chunk, rc::gen::inRange<std::uint32_t>(1, 300)),
        rc::gen::set(&MemberPlan::receive, rc::gen::inRange<std::uint32_t>(1, 300)),
        rc::gen::set(&MemberPlan::visits,
                     rc::gen::weightedElement<std::uint32_t>({{3, 1}, {1, 2}, {1, 3}})),
        rc::gen::set(&MemberPlan::stays), rc::gen::set(&MemberPlan::unfinished),
        rc::gen::set(&MemberPlan::stays_open),
        rc::gen::set(&MemberPlan::start_after, durations(50ms)),
        rc::gen::set(&MemberPlan::pause, durations(3ms)));
}

chat::ServerOptions small_server() {
    chat::ServerOptions options;
    options.max_line = 100;
    return options;
}

rc::Gen<chat::ServerOptions> any_chat_server() {
    using Options = chat::ServerOptions;
    return rc::gen::build<Options>(
        rc::gen::set(&Options::max_line, rc::gen::just<std::size_t>(100)),
        rc::gen::set(&Options::outbox_limit, rc::gen::oneOf(rc::gen::just<std::size_t>(1 << 20),
                                                            rc::gen::inRange<std::size_t>(1, 600))),
        rc::gen::set(&Options::buffer_size, rc::gen::inRange<std::size_t>(1, 400)),
        rc::gen::set(&Options::max_connections,
                     rc::gen::weightedElement<std::size_t>({{8, 0}, {1, 1}, {1, 3}})),
        rc::gen::set(&Options::idle_timeout,
                     rc::gen::weightedElement<Duration>(
                         {{8, Duration(0)}, {1, std::chrono::milliseconds(100)}})),
        rc::gen::set(&Options::linger, durations(500ms)),
        rc::gen::set(&Options::grace, durations(5s)));
}

rc::Gen<ChatWorkload> any_chat_workload() {
    return rc::gen::build<ChatWorkload>(
        rc::gen::set(&ChatWorkload::members,
                     rc::gen::resize(6, rc::gen::container<std::vector<MemberPlan>>(
                                            members(any_chat_manner())))),
        rc::gen::set(&ChatWorkload::server, any_chat_server()),
        rc::gen::set(&ChatWorkload::stop_early,
                     rc::gen::weightedElement<bool>({{4, false}, {1, true}})),
        rc::gen::set(&ChatWorkload::stop_after, durations(60ms)));
}

/// Byte by byte, each byte of each line costs a handful of completions for each member.
std::uint64_t enough_completions(const ChatWorkload& workload) {
    std::uint64_t bytes = 0;
    std::uint64_t visits = 1;
    for (const MemberPlan& plan : workload.members) {
        bytes += std::uint64_t{plan.visits} * ((plan.lines + 1) * (2 * plan.line_size + 12) + 150);
        visits += plan.visits;
    }
    return 5'000 + 10 * bytes * visits;
}

Report expect_passed(const ChatWorkload& workload, ChoiceSource& choices, FaultSet faults,
                     const std::string& test) {
    RunOptions options;
    options.faults = faults;
    options.calm_bound = enough_completions(workload);
    const auto make = [&] { return std::make_unique<ChatScenario>(workload); };
    return rapidcheck::expect_holds({"chat", make, test, options}, choices);
}

// --- laws ----------------------------------------------------------------------------------------

RC_GTEST_PROP(Chat, HoldsItsPropertiesForAnyWorkloadAndAnySchedule, ()) {
    const ChatWorkload workload = *any_chat_workload();
    std::vector<std::uint32_t> schedule = *schedules();
    for (int i = 0; i < scaled(40); ++i) {
        ReplayChoices choices(schedule);
        expect_passed(workload, choices, FaultSet::all(), "any_schedule");
        if (!schedule.empty()) std::rotate(schedule.begin(), schedule.begin() + 1, schedule.end());
    }
}

RC_GTEST_PROP(Chat, HoldsItsPropertiesForAnyWorkloadAndAnySeed, ()) {
    const ChatWorkload workload = *any_chat_workload();
    const auto seed = *any_seed();
    for (int i = 0; i < scaled(60); ++i) {
        SeedChoices choices(seed + static_cast<std::uint64_t>(i));
        expect_passed(workload, choices, FaultSet::all(), "any_seed");
    }
}

// Here the numbers decide the workload, too, so that the file that a failure leaves is all that it
// takes.
RC_GTEST_PROP(Chat, HoldsItsPropertiesWhateverTheNumbersMakeOfIt, ()) {
    const std::vector<std::uint32_t> schedule = *schedules();
    ReplayChoices choices(schedule);
    rapidcheck::expect_holds(chat_scenario, choices, "numbers");
}

RC_GTEST_PROP(Chat, RunsTheSameCaseInTheSameWayTwice, ()) {
    const ChatWorkload workload = *any_chat_workload();
    const auto seed = *any_seed();
    SeedChoices first(seed);
    const Report once = expect_passed(workload, first, FaultSet::all(), "once");
    ReplayChoices replay(values_of(once));
    const Report replayed = expect_passed(workload, replay, FaultSet::all(), "replayed");
    RC_ASSERT(once.digest == replayed.digest);
}

// With harmless faults and nobody near the limit, whoever stays is owed every line.
RC_GTEST_PROP(Chat, GivesEveryLineToTheOthersWhenOneMemberMisbehaves, ()) {
    ChatWorkload workload;
    workload.server = small_server();
    workload.members = *rc::gen::nonEmpty(rc::gen::resize(
        5, rc::gen::container<std::vector<MemberPlan>>(
               members(rc::gen::element(ChatManner::talks, ChatManner::slow_reader)))));
    const MemberPlan rude = *members(rc::gen::element(ChatManner::stops_reading, ChatManner::resets,
                                                      ChatManner::vanishes, ChatManner::shouts));
    const auto place = *rc::gen::inRange<std::size_t>(0, workload.members.size() + 1);
    workload.members.insert(workload.members.begin() + static_cast<std::ptrdiff_t>(place), rude);
    const auto seed = *any_seed();
    for (int i = 0; i < scaled(40); ++i) {
        SeedChoices choices(seed + static_cast<std::uint64_t>(i));
        expect_passed(workload, choices, harmless_faults(), "one_is_rude");
    }
}

RC_GTEST_PROP(Chat, IsStoppedAtAnyMomentWithNothingLeft, ()) {
    ChatWorkload workload = *any_chat_workload();
    workload.stop_early = true;
    const auto seed = *any_seed();
    for (int i = 0; i < scaled(60); ++i) {
        SeedChoices choices(seed + static_cast<std::uint64_t>(i));
        expect_passed(workload, choices, FaultSet::all(), "stopped");
    }
}

// --- and the laws can be broken ------------------------------------------------------------------

/// Whether RapidCheck finds a case in which that server breaks a property. It reports on standard
/// error.
bool finds_a_case(MakeChatServer make) {
    return !rc::check("a specimen: this failure is wanted", [make] {
        const ChatWorkload workload = *any_chat_workload();
        SeedChoices choices(*any_seed());
        ChatScenario scenario(workload, make);
        RunOptions options;
        options.calm_bound = enough_completions(workload);
        const Report report = run(scenario, choices, options);
        if (!report.passed) RC_LOG() << report.property << ": " << report.sentence << "\n";
        RC_ASSERT(report.passed);
    });
}

TEST(ChatLaws, AreBrokenByAServerThatRelaysChunks) {
    EXPECT_TRUE(finds_a_case(&zoo::make_relays_chunks))
        << "properties that a broken server keeps prove nothing about the real one";
}

TEST(ChatLaws, AreBrokenByAServerThatForgetsTheUnfinishedLine) {
    EXPECT_TRUE(finds_a_case(&zoo::make_forgets_the_unfinished_line))
        << "properties that a broken server keeps prove nothing about the real one";
}

}  // namespace
}  // namespace drydock::sim

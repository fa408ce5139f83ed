// The laws of the echo server over generated workloads and generated schedules.
//
// RapidCheck makes both: who connects, says what and leaves how; and every choice of the simulated
// world, as a seed or as a vector of numbers. When a law does not hold it shrinks them, and the
// smallest case is printed and its schedule written to a file.
#include <algorithm>
#include <ostream>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tests/property/generators.hpp"
#include "tests/scenarios/echo.hpp"
#include "tests/support/scale.hpp"
#include "tests/zoo/specimens/echo_specimens.hpp"

namespace drydock::sim {

// How RapidCheck prints a case.
void showValue(const ClientPlan& plan, std::ostream& out) {
    out << name(plan.manner) << " bytes=" << plan.bytes << " message=" << plan.message
        << " receive=" << plan.receive << " leave_after=" << plan.leave_after
        << " start_after=" << plan.start_after.count() << "ns";
}

void showValue(const EchoWorkload& workload, std::ostream& out) {
    out << "buffer=" << workload.server.buffer_size
        << " max_connections=" << workload.server.max_connections
        << " idle_timeout=" << workload.server.idle_timeout.count() << "ns";
    if (workload.stop_early) out << " stop_after=" << workload.stop_after.count() << "ns";
    for (const ClientPlan& plan : workload.clients) {
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

constexpr std::uint32_t most_bytes = 400;

rc::Gen<ClientPlan> clients(rc::Gen<Manner> manners) {
    return rc::gen::build<ClientPlan>(
        rc::gen::set(&ClientPlan::manner, std::move(manners)),
        rc::gen::set(&ClientPlan::bytes, rc::gen::inRange<std::uint32_t>(0, most_bytes)),
        rc::gen::set(&ClientPlan::message, rc::gen::inRange<std::uint32_t>(1, 400)),
        rc::gen::set(&ClientPlan::receive, rc::gen::inRange<std::uint32_t>(1, 400)),
        rc::gen::set(&ClientPlan::leave_after, rc::gen::inRange<std::uint32_t>(0, most_bytes)),
        rc::gen::set(&ClientPlan::start_after, durations(50ms)));
}

rc::Gen<Manner> any_echo_manner() {
    return rc::gen::map(rc::gen::inRange<int>(0, static_cast<int>(manner_count)),
                        [](int number) { return static_cast<Manner>(number); });
}

rc::Gen<echo::ServerOptions> plain_servers() {
    return rc::gen::build<echo::ServerOptions>(
        rc::gen::set(&echo::ServerOptions::buffer_size, rc::gen::inRange<std::size_t>(1, 400)));
}

rc::Gen<echo::ServerOptions> any_echo_server() {
    using Options = echo::ServerOptions;
    return rc::gen::build<Options>(
        rc::gen::set(&Options::buffer_size, rc::gen::inRange<std::size_t>(1, 400)),
        rc::gen::set(&Options::max_connections,
                     rc::gen::weightedElement<std::size_t>({{6, 0}, {1, 1}, {1, 3}})),
        rc::gen::set(&Options::idle_timeout,
                     rc::gen::weightedElement<Duration>({{6, Duration(0)},
                                                         {1, std::chrono::milliseconds(100)},
                                                         {1, std::chrono::seconds(30)}})),
        rc::gen::set(&Options::linger, durations(500ms)),
        rc::gen::set(&Options::grace, durations(5s)));
}

rc::Gen<EchoWorkload> any_echo_workload() {
    return rc::gen::build<EchoWorkload>(
        rc::gen::set(&EchoWorkload::clients,
                     rc::gen::container<std::vector<ClientPlan>>(clients(any_echo_manner()))),
        rc::gen::set(&EchoWorkload::server, any_echo_server()),
        rc::gen::set(&EchoWorkload::stop_early,
                     rc::gen::weightedElement<bool>({{3, false}, {1, true}})),
        rc::gen::set(&EchoWorkload::stop_after, durations(60ms)));
}

/// Byte by byte through a server with a buffer of one byte, each byte costs a handful of
/// completions.
std::uint64_t enough_completions(const EchoWorkload& workload) {
    std::uint64_t bytes = 0;
    for (const ClientPlan& plan : workload.clients) bytes += plan.bytes;
    return 5'000 + 25 * bytes;
}

Report expect_passed(const EchoWorkload& workload, ChoiceSource& choices, FaultSet faults,
                     const std::string& test) {
    RunOptions options;
    options.faults = faults;
    options.calm_bound = enough_completions(workload);
    const auto make = [&] { return std::make_unique<EchoScenario>(workload); };
    return rapidcheck::expect_holds({"echo", make, test, options}, choices);
}

// --- laws ----------------------------------------------------------------------------------------

// What comes back is a prefix; all of it after a half close; one buffer a client; nothing left
// over: the scenario judges all of that in every run.
RC_GTEST_PROP(Echo, HoldsItsPropertiesForAnyWorkloadAndAnySchedule, ()) {
    const EchoWorkload workload = *any_echo_workload();
    std::vector<std::uint32_t> schedule = *schedules();
    for (int i = 0; i < scaled(20); ++i) {
        ReplayChoices choices(schedule);
        expect_passed(workload, choices, FaultSet::all(), "any_schedule");
        if (!schedule.empty()) std::rotate(schedule.begin(), schedule.begin() + 1, schedule.end());
    }
}

// Here the numbers decide the workload, too, so that the file that a failure leaves is all that it
// takes.
RC_GTEST_PROP(Echo, HoldsItsPropertiesWhateverTheNumbersMakeOfIt, ()) {
    const std::vector<std::uint32_t> schedule = *schedules();
    ReplayChoices choices(schedule);
    rapidcheck::expect_holds(echo_scenario, choices, "numbers");
}

RC_GTEST_PROP(Echo, HoldsItsPropertiesForAnyWorkloadAndAnySeed, ()) {
    const EchoWorkload workload = *any_echo_workload();
    const auto seed = *any_seed();
    for (int i = 0; i < scaled(40); ++i) {
        SeedChoices choices(seed + static_cast<std::uint64_t>(i));
        expect_passed(workload, choices, FaultSet::all(), "any_seed");
    }
}

RC_GTEST_PROP(Echo, RunsTheSameCaseInTheSameWayTwice, ()) {
    const EchoWorkload workload = *any_echo_workload();
    const auto seed = *any_seed();
    SeedChoices first(seed);
    const Report once = expect_passed(workload, first, FaultSet::all(), "once");
    SeedChoices second(seed);
    const Report again = expect_passed(workload, second, FaultSet::all(), "again");
    RC_ASSERT(once.digest == again.digest);
    ReplayChoices replay(values_of(once));
    const Report replayed = expect_passed(workload, replay, FaultSet::all(), "replayed");
    RC_ASSERT(once.digest == replayed.digest);
}

// With harmless faults alone, the clients that stay are owed all of their echo.
RC_GTEST_PROP(Echo, LeavesTheOthersWholeWhenOneClientResetsOrVanishes, ()) {
    EchoWorkload workload;
    workload.server = *plain_servers();
    workload.clients = *rc::gen::nonEmpty(rc::gen::container<std::vector<ClientPlan>>(
        clients(rc::gen::element(Manner::polite, Manner::pipelined, Manner::slow_reader))));
    ClientPlan rude = *clients(rc::gen::element(Manner::resets, Manner::vanishes));
    rude.bytes = std::max(rude.bytes, 1U);
    const auto place = *rc::gen::inRange<std::size_t>(0, workload.clients.size() + 1);
    workload.clients.insert(workload.clients.begin() + static_cast<std::ptrdiff_t>(place), rude);
    const auto seed = *any_seed();
    for (int i = 0; i < scaled(20); ++i) {
        SeedChoices choices(seed + static_cast<std::uint64_t>(i));
        // No limits, no early stop, no harmful faults: nobody but the rude one may end early.
        expect_passed(workload, choices, harmless_faults(), "one_is_rude");
    }
}

RC_GTEST_PROP(Echo, HoldsOneBufferForAClientThatNeverReads, ()) {
    EchoWorkload workload;
    workload.server = *plain_servers();
    ClientPlan plan = *clients(rc::gen::just(Manner::never_reads));
    plan.bytes += 2000;  // more than all that lies between holds
    workload.clients.push_back(plan);
    const auto seed = *any_seed();
    for (int i = 0; i < scaled(20); ++i) {
        SeedChoices choices(seed + static_cast<std::uint64_t>(i));
        expect_passed(workload, choices, harmless_faults(), "never_reads");
    }
}

RC_GTEST_PROP(Echo, IsStoppedAtAnyMomentWithNothingLeft, ()) {
    EchoWorkload workload = *any_echo_workload();
    workload.stop_early = true;
    const auto seed = *any_seed();
    for (int i = 0; i < scaled(40); ++i) {
        SeedChoices choices(seed + static_cast<std::uint64_t>(i));
        expect_passed(workload, choices, FaultSet::all(), "stopped");
    }
}

// --- and the laws can be broken ------------------------------------------------------------------

/// Whether RapidCheck finds a case in which that server breaks a property. It reports on standard
/// error.
bool finds_a_case(const std::string& description, MakeEchoServer make) {
    return !rc::check(description, [make] {
        const EchoWorkload workload = *any_echo_workload();
        SeedChoices choices(*any_seed());
        EchoScenario scenario(workload, make);
        RunOptions options;
        options.calm_bound = enough_completions(workload);
        const Report report = run(scenario, choices, options);
        if (!report.passed) RC_LOG() << report.property << ": " << report.sentence << "\n";
        RC_ASSERT(report.passed);
    });
}

TEST(EchoLaws, AreBrokenByAServerThatReadsPastTheEnd) {
    EXPECT_TRUE(finds_a_case("a specimen: this failure is wanted", &zoo::make_reads_past_the_end))
        << "properties that a broken server keeps prove nothing about the real one";
}

TEST(EchoLaws, AreBrokenByAServerThatReceivesBeforeItHasSent) {
    EXPECT_TRUE(
        finds_a_case("a specimen: this failure is wanted", &zoo::make_receives_before_it_has_sent))
        << "properties that a broken server keeps prove nothing about the real one";
}

}  // namespace
}  // namespace drydock::sim

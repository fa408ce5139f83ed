// The tool and scenarios that crash, exit or hang in one seed of a thousand: named, written down,
// shrunk and replayed.
#include <csignal>
#include <fstream>
#include <thread>

#include "tests/e2e_sim/programs.hpp"

namespace drydock::e2e {
namespace {

/// The first seed of fragile-sim's scenarios that meets its fate.
constexpr int first_doomed = 1808;
const std::string seeds = "2000";

const Words fragile_sim = {DRYDOCK_FRAGILE_PROGRAM};

Outcome run_fragile(const Words& arguments) { return run(fragile_sim, arguments); }

Json fragile_json(Words arguments) {
    arguments.push_back("--json");
    const Outcome result = run_fragile(arguments);
    EXPECT_EQ(result.ending, Ending::exited(1)) << result.errors;
    Json object = Json::parse(result.output, nullptr, false);
    EXPECT_TRUE(object.is_object()) << result.output;
    return object;
}

TEST_F(SimTest, farm_goes_on_after_a_crash_and_writes_its_shrunk_schedule) {
    const Words words = {"farm",  "fragile/null-write", "--faults", "none", "--seeds", seeds,
                         "--out", path("out")};
    const Json farm = fragile_json(words);
    EXPECT_EQ(farm.value("seeds", 0), 2000);
    EXPECT_EQ(farm["probes"].value("fragile.survived", 0) + farm.value("failures", 0), 2000);
    ASSERT_EQ(farm["failed"].size(), 1U) << farm;
    const Json& group = farm["failed"][0];
    EXPECT_EQ(group.value("property", ""), "crash");
    EXPECT_EQ(group.value("seed", 0), first_doomed);
    EXPECT_THAT(group.value("sentence", ""), HasSubstr(" ended "));
    EXPECT_THAT(group.value("sentence", ""), HasSubstr("in step 4, at 0.0003"));
    EXPECT_THAT(group.value("see", ""), HasSubstr("docs/PROPERTIES.md#crash"));
    EXPECT_EQ(group.value("length", 0), 1) << "fate alone matters";
    ASSERT_EQ(schedules_in("out").size(), 1U);
    const std::string file = path("out/" + schedules_in("out").front());

    const Outcome replayed = run_fragile({"replay", file, "--trace", "5"});
    EXPECT_EQ(replayed.ending, Ending::exited(1));
    EXPECT_THAT(replayed.output, HasSubstr(" FAILED: crash\n"));
    EXPECT_THAT(replayed.output, HasSubstr("  <-- crash\n"));
    EXPECT_THAT(replayed.output, HasSubstr("choice fate = 7 (0 to 999)\n"));
    EXPECT_THAT(replayed.output, HasSubstr("ended after 4 completions and 4 choices\n"));
    EXPECT_THAT(replayed.output, HasSubstr("  in a debugger: gdb --args "));
    EXPECT_THAT(replayed.output, Not(HasSubstr("left its schedule")));

    const Outcome shrunk = run_fragile({"shrink", file, "--out", path("shrunk")});
    EXPECT_EQ(shrunk.ending, Ending::exited(1));
    EXPECT_THAT(shrunk.output, HasSubstr("\n1 of 1 choices are left"));
}

TEST(SimCrash, farm_has_one_summary_whatever_the_jobs) {
    const auto with_jobs = [](const char* jobs) {
        return without_seconds(fragile_json({"farm", "fragile/exception", "--seeds", seeds,
                                             "--no-shrink", "--digests", "--jobs", jobs}));
    };
    const Json one = with_jobs("1");
    EXPECT_EQ(one["digests"].size(), 2000U);
    EXPECT_EQ(with_jobs("3"), one);
}

TEST_F(SimTest, run_that_exits_is_reported_and_recorded) {
    const Words words = {"run",      "fragile/exit", "--seed",   std::to_string(first_doomed),
                         "--faults", "none",         "--record", path("exit.schedule")};
    const Outcome result = run_fragile(words);
    EXPECT_EQ(result.ending, Ending::exited(1));
    EXPECT_THAT(result.output, HasSubstr("the process ended with exit status 3 in step 4"));
    EXPECT_THAT(read("exit.schedule"), HasSubstr("\nproperty crash\n"));
    EXPECT_EQ(fragile_json({"replay", path("exit.schedule")}).value("property", ""), "crash");
}

TEST(SimCrash, run_that_hangs_is_ended_and_named) {
    const Outcome result = run_fragile({"run", "fragile/endless-loop", "--faults", "none", "--seed",
                                        std::to_string(first_doomed), "--seed-timeout", "3"});
    EXPECT_EQ(result.ending, Ending::exited(1));
    EXPECT_THAT(result.output, HasSubstr("FAILED: hang\n  the run did not end within 3 s; it "
                                         "was ended in step 4, at 0.0003"));
}

TEST(SimCrash, step_without_an_end_is_named) {
    const Outcome result = run_fragile({"run", "fragile/endless-choices", "--faults", "none",
                                        "--seed", std::to_string(first_doomed)});
    EXPECT_EQ(result.ending, Ending::exited(1));
    EXPECT_THAT(result.output, HasSubstr("FAILED: endless-step\n  one step made more than "));
}

TEST(SimCrash, in_process_ends_the_program_with_last_words) {
    const std::string seed = std::to_string(first_doomed);
    const Outcome run = run_fragile(
        {"run", "fragile/exception", "--faults", "none", "--seed", seed, "--in-process"});
    EXPECT_EQ(run.ending, (Ending{Ending::Kind::killed, SIGABRT}));
    EXPECT_THAT(run.errors,
                HasSubstr("abort in scenario fragile/exception, seed " + seed + ", in step 4\n"));
    const Outcome farm = run_fragile({"farm", "fragile/exception", "--faults", "none", "--first",
                                      seed, "--seeds", "2", "--in-process"});
    EXPECT_EQ(farm.ending, (Ending{Ending::Kind::killed, SIGABRT}));
    EXPECT_THAT(farm.errors, HasSubstr(" run fragile/exception --faults 'none' --in-process "
                                       "--seed " +
                                       seed + "\n"));
}

TEST(SimCrash, leaves_no_process_behind_when_it_is_killed) {
    Process farm(command(fragile_sim, {"farm", "fragile/endless-loop", "--faults", "none",
                                       "--first", std::to_string(first_doomed), "--seeds", "1"}));
    const std::string children =
        "/proc/" + std::to_string(farm.pid()) + "/task/" + std::to_string(farm.pid()) + "/children";
    int child = 0;
    const auto limit = test::Clock::now() + test::patience;
    while (child == 0 && test::Clock::now() < limit) {
        EXPECT_TRUE(farm.runs_for(10ms));
        std::ifstream(children) >> child;
    }
    ASSERT_NE(child, 0) << "the seed runs in a child";
    EXPECT_TRUE(farm.runs_for(500ms));
    farm.signal(SIGKILL);
    farm.wait();
    const auto deadline = test::Clock::now() + test::patience;
    while (::kill(child, 0) == 0 && test::Clock::now() < deadline) {
        std::this_thread::sleep_for(10ms);
    }
    EXPECT_NE(::kill(child, 0), 0) << "the child has ended with its parent";
}

}  // namespace
}  // namespace drydock::e2e

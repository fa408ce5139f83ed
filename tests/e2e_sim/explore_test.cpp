// drydock-sim explore: every schedule of a small world, by each reduction; and zoo.
#include <csignal>

#include "tests/e2e_sim/programs.hpp"

namespace drydock::e2e {
namespace {

const Words small_echo = {"explore", "echo", "--clients", "1", "--bytes", "2"};
const Words small_broken = {"explore", broken, "--clients", "1",
                            "--bytes", "2",    "--faults",  "short_send"};

Words with(Words words, const Words& more) {
    words.insert(words.end(), more.begin(), more.end());
    return words;
}

TEST(SimExplore, finds_the_same_outcomes_and_schedules_by_each_reduction) {
    const Json all = json_of(with(small_echo, {"--reduction", "none"}));
    EXPECT_EQ(all.value("complete", false), true) << all;
    EXPECT_EQ(all.value("failures", -1), 0);
    EXPECT_EQ(all.value("cut", -1), 0) << "nothing is left out";
    EXPECT_EQ(all["schedules_without_reduction"], all["schedules"]);
    EXPECT_GT(all.value("schedules", 0), 100);
    for (const char* reduction : {"states", "sleep-sets"}) {
        SCOPED_TRACE(reduction);
        const Json some = json_of(with(small_echo, {"--reduction", reduction}));
        EXPECT_EQ(some.value("complete", false), true) << some;
        EXPECT_EQ(some.value("failures", -1), 0);
        EXPECT_EQ(some["schedules_without_reduction"], all["schedules"]);
        EXPECT_LT(some.value("schedules", 0), all.value("schedules", 0));
        for (const auto& outcome : all["outcomes"].items()) {
            EXPECT_TRUE(some["outcomes"].contains(outcome.key())) << some;
        }
        EXPECT_EQ(some["outcomes"].size(), all["outcomes"].size());
    }
}

TEST(SimExplore, tells_people_what_it_has_explored) {
    const Outcome result = run_sim(small_echo);
    EXPECT_EQ(result.ending, Ending::exited(0)) << result.errors;
    EXPECT_TRUE(
        result.output.starts_with("echo: clients=1 bytes=2; every order of completions, "
                                  "and the fault partial_receive\n"))
        << result.output;
    EXPECT_THAT(result.output, HasSubstr("\n  1 outcome, in "));
    EXPECT_THAT(result.output,
                HasSubstr(" x client 1: sent 2, got 2, then the end of the stream\n"));
    EXPECT_THAT(result.output, HasSubstr("schedules without reduction: "));
    EXPECT_THAT(result.output, HasSubstr("\necho: explored completely after "));
}

TEST(SimExplore, says_that_no_faults_were_active) {
    const Outcome none = run_sim({"explore", broken, "--clients", "1", "--bytes", "1"});
    EXPECT_EQ(none.ending, Ending::exited(0)) << none.output << none.errors;
    EXPECT_THAT(none.output, HasSubstr("; every order of completions, no faults\n"));
    EXPECT_THAT(none.output, HasSubstr("\n  no faults were active: --faults KINDS activates"));
    EXPECT_THAT(run_sim(small_echo).output, Not(HasSubstr("no faults")));
}

TEST(SimExplore, takes_a_small_world_where_none_is_given) {
    const Json object = json_of({"explore", "chat", "--members", "1"});
    EXPECT_EQ(object["settings"], Json::parse(R"({"members": 1, "lines": 1})")) << object;
    EXPECT_EQ(object.value("complete", false), true) << object;
}

TEST_F(SimTest, explore_ends_with_the_first_failure_and_records_it) {
    const Json object = json_of(with(small_broken, {"--record", path("broken.schedule")}), 1);
    const std::string property = object.value("property", "");
    EXPECT_EQ(property, "echo-complete") << object;
    EXPECT_EQ(object.value("failures", 0), 1);
    EXPECT_EQ(object.value("complete", true), false);
    EXPECT_THAT(object.value("faults", ""), HasSubstr("short_send"));

    const Json replayed = json_of({"replay", path("broken.schedule")}, 1);
    EXPECT_EQ(replayed.value("property", ""), property);
    EXPECT_EQ(replayed.value("sentence", "-"), object.value("sentence", ""));
    EXPECT_FALSE(replayed.contains("diverged")) << replayed;

    const Outcome told = run_sim(small_broken);
    EXPECT_EQ(told.ending, Ending::exited(1));
    EXPECT_THAT(told.output, HasSubstr(broken + " FAILED: " + property + "\n"));
    EXPECT_THAT(told.output, HasSubstr("\n    send: short: 1 of 1\n"));
}

TEST(SimExplore, goes_on_after_a_failure_when_asked_to) {
    const Json object = json_of(with(small_broken, {"--all-failures", "--reduction", "none"}), 1);
    EXPECT_EQ(object.value("complete", false), true) << object;
    EXPECT_GT(object.value("failures", 0), 1) << object;
    EXPECT_EQ(object["outcomes"].value("echo-complete", 0), object.value("failures", -1));
}

TEST(SimExplore, gives_up_when_its_time_is_up) {
    const Words large = {"explore", "chat",        "--members", "3",      "--lines",
                         "3",       "--reduction", "none",      "--time", "0.2"};
    const Outcome result = run_sim(large);
    EXPECT_EQ(result.ending, Ending::exited(0)) << result.errors;
    EXPECT_THAT(result.output, HasSubstr("chat: NOT complete after "));
    EXPECT_THAT(result.output, HasSubstr(", as time was up; no schedule that was run failed"));
    EXPECT_THAT(result.output, Not(HasSubstr("without reduction"))) << "it cannot know";
}

TEST(SimExplore, ends_at_ctrl_c_with_what_it_has) {
    Process process(command(
        drydock_sim, {"explore", "chat", "--members", "3", "--lines", "3", "--reduction", "none"}));
    EXPECT_TRUE(process.wait_for_handler(SIGINT));
    EXPECT_TRUE(process.runs_for(300ms));
    process.signal(SIGINT);
    EXPECT_EQ(process.wait(), Ending::exited(0)) << process.errors();
    EXPECT_THAT(process.output(), HasSubstr("chat: NOT complete after "));
    EXPECT_THAT(process.output(), HasSubstr(", as it was interrupted; "));
}

TEST(SimExplore, says_that_its_record_cannot_be_written) {
    expect_refusal_of_sim(with(small_broken, {"--record", "/no/such/folder/x"}),
                          "'/no/such/folder/x'");
}

// --- zoo -----------------------------------------------------------------------------------------

TEST(SimZoo, tells_how_soon_each_specimen_is_caught_and_how_short_its_schedule_is) {
    const std::string other = "zoo/relays-chunks";
    const Json object = json_of({"zoo", broken, other});
    ASSERT_EQ(object["specimens"].size(), 2U) << object;
    for (const Json& caught : object["specimens"]) {
        EXPECT_EQ(caught.value("caught", false), true) << caught;
        EXPECT_GT(caught.value("seeds", 0), 0) << caught;
        EXPECT_GE(caught.value("seconds", -1.0), 0.0) << caught;
        EXPECT_GE(caught.value("shrink_seconds", -1.0), 0.0) << caught;
        EXPECT_NE(caught.value("defect", ""), "") << caught;
        EXPECT_NE(caught.value("origin", ""), "") << caught;
        EXPECT_GT(caught.value("length", 0), 0) << caught;
        EXPECT_LE(caught.value("length", 99), caught.value("length_found", 0)) << caught;
    }
    EXPECT_EQ(object["specimens"][0].value("name", ""), broken);
    EXPECT_EQ(object["specimens"][0].value("property", ""), broken_property);
    EXPECT_EQ(object["specimens"][0].value("seeds", 0), 1);
    EXPECT_EQ(object["specimens"][1].value("name", ""), other);
    EXPECT_TRUE(object["sound"].empty()) << "these were not asked for: " << object["sound"];
    ASSERT_FALSE(object["impossible"].empty());
    EXPECT_TRUE(object["impossible"][0].contains("reason"));
    EXPECT_TRUE(object["seconds"].is_number());
}

TEST(SimZoo, takes_names_without_their_beginning_and_sound_servers) {
    const Json object = json_of({"zoo", broken.substr(4), "sound-echo"});
    ASSERT_EQ(object["specimens"].size(), 1U) << object;
    EXPECT_EQ(object["specimens"][0].value("name", ""), broken);
    ASSERT_EQ(object["sound"].size(), 1U) << object;
    EXPECT_EQ(object["sound"][0].value("name", ""), "zoo/sound-echo");
}

TEST(SimZoo, prints_a_table_for_people) {
    const Outcome result = run_sim({"zoo", broken});
    EXPECT_EQ(result.ending, Ending::exited(0)) << result.errors;
    EXPECT_EQ(count_lines(result.output, "specimen "), 1) << result.output;
    EXPECT_EQ(count_lines(result.output, broken + " "), 1) << result.output;
    EXPECT_THAT(result.output, HasSubstr(" " + broken_property + "\n"));
}

}  // namespace
}  // namespace drydock::e2e

// drydock-sim farm and merge: one summary however it is come by, and what is made of failures.
#include <csignal>

#include "tests/e2e_sim/programs.hpp"
#include "tests/support/scale.hpp"
#include "tests/support/screen.hpp"
#include "tests/support/terminal_process.hpp"

namespace drydock::e2e {
namespace {

/// More seeds than anybody waits for.
const std::string endless = "1000000000000";

TEST(SimFarm, prints_one_json_object_with_the_promised_keys) {
    const Json object = json_of({"farm", "echo", "--seeds", "20"});
    for (const char* key : {"first", "seeds", "failures", "completions", "seconds"}) {
        ASSERT_TRUE(object.contains(key)) << key << " is promised: " << object;
        EXPECT_TRUE(object[key].is_number()) << key << " should be a number: " << object;
    }
    EXPECT_EQ(object.value("scenario", ""), "echo");
    EXPECT_EQ(object.value("run", ""), "echo");
    EXPECT_EQ(object.value("seeds", 0), 20);
    EXPECT_EQ(object.value("failures", -1), 0);
    EXPECT_EQ(object.value("digest", "").size(), 16U) << object;
    EXPECT_TRUE(object["probes"].is_object() && !object["probes"].empty()) << object;
    EXPECT_TRUE(object["probes_not_reached"].is_array()) << object;
    EXPECT_TRUE(object["failed"].is_array() && object["failed"].empty()) << object;
}

TEST(SimFarm, passes_and_its_summary_does_not_depend_on_the_jobs) {
    const Words words = {"farm", "echo", "--seeds", std::to_string(test::scaled(2000)), "--jobs"};
    const auto with_jobs = [&](const char* jobs) {
        Words all = words;
        all.push_back(jobs);
        return without_seconds(json_of(all));
    };
    const Json one = with_jobs("1");
    EXPECT_EQ(one.value("failures", -1), 0) << one;
    EXPECT_EQ(with_jobs("4"), one);
}

TEST(SimFarm, counts_from_the_seed_that_it_is_given) {
    const Json farm =
        json_of({"farm", "echo", "--first", "7", "--seeds", "2", "--digests", "--twice"});
    EXPECT_EQ(farm.value("first", 0), 7);
    ASSERT_EQ(farm["digests"].size(), 2U) << farm;
    EXPECT_EQ(farm["digests"][0], digest_of({"run", "echo", "--seed", "7"}));
    EXPECT_EQ(farm["digests"][1], digest_of({"run", "echo", "--seed", "8"}));
}

TEST(SimFarm, says_that_both_runs_of_each_seed_were_the_same) {
    const std::string sentence = "each seed ran twice, and both runs were the same\n";
    EXPECT_THAT(run_sim({"farm", "echo", "--seeds", "5", "--twice"}).output, HasSubstr(sentence));
    EXPECT_THAT(run_sim({"farm", "echo", "--seeds", "5"}).output, Not(HasSubstr(sentence)));
}

TEST(SimFarm, of_a_small_world_need_not_reach_the_probes_of_large_ones) {
    const Outcome result = run_sim(
        {"farm", "echo", "--clients", "1", "--bytes", "0", "--faults", "none", "--seeds", "20000"});
    EXPECT_EQ(result.ending, Ending::exited(0)) << result.errors;
    EXPECT_EQ(result.errors, "");
}

TEST(SimFarm, of_many_seeds_of_a_plain_scenario_says_that_probes_must_be_reached) {
    const Json small = json_of({"farm", "echo", "--seeds", "20"});
    EXPECT_EQ(small.value("probes_must_be_reached", true), false) << small;
    const Json large = json_of({"farm", "zoo/sound-echo", "--clients", "1", "--bytes", "0",
                                "--faults", "none", "--seeds", "20000"});
    EXPECT_EQ(large.value("probes_must_be_reached", true), false) << "it is not plain: " << large;
    const Json plain = json_of({"farm", "zoo/sound-echo", "--seeds", "20000"});
    EXPECT_EQ(plain.value("probes_must_be_reached", false), true) << plain;
}

/// The places of these texts, in their order.
std::vector<std::size_t> places_in(const std::string& output, const Words& texts) {
    std::vector<std::size_t> places;
    for (const std::string& text : texts) places.push_back(output.find(text));
    return places;
}

TEST(SimFarm, tells_the_verdict_first_and_programs_and_faults_apart) {
    const Outcome told = run_sim({"farm", "echo", "--seeds", "5", "--digests"});
    const Words order = {"echo: 5 seeds, 0 failed; ",
                         "\nprobes:\n",
                         "  echo.end_of_stream ",
                         "\nfaults:\n",
                         "  fault.",
                         "\nnot reached: ",
                         "\ndigest 1 "};
    const std::vector<std::size_t> places = places_in(told.output, order);
    EXPECT_EQ(places.front(), 0U) << told.output;
    EXPECT_TRUE(std::is_sorted(places.begin(), places.end())) << told.output;
    EXPECT_NE(places.back(), std::string::npos) << told.output;
    const std::string probes = told.output.substr(places[1], places[3] - places[1]);
    EXPECT_THAT(probes, Not(HasSubstr("fault."))) << "they have a place of their own";
    EXPECT_THAT(told.output, HasSubstr("not reached: this matters only in a farm of 20,000 seeds"));
}

TEST(SimFarm, that_fails_tells_the_failures_before_the_sum) {
    const Outcome told = run_sim({"farm", broken, "--seeds", "5", "--no-shrink"});
    const std::vector<std::size_t> places =
        places_in(told.output,
                  {broken_property + " FAILED in ", "\n" + broken + ": 5 seeds, ", "\nprobes:\n"});
    EXPECT_EQ(places.front(), 0U) << told.output;
    EXPECT_TRUE(std::is_sorted(places.begin(), places.end())) << told.output;
    EXPECT_THAT(told.output, HasSubstr("\n  expected: after a short send, the next send begins"));
    EXPECT_THAT(told.output, HasSubstr("(see docs/PROPERTIES.md#" + broken_property + ")\n"));
}

// --- what has been shown ------------------------------------------------------------------------

TEST(SimFarm, that_passes_a_thousand_seeds_says_how_rare_failures_must_be) {
    const Outcome enough = run_sim({"farm", "echo", "--seeds", "1000"});
    EXPECT_THAT(enough.output,
                testing::ContainsRegex("\nshown: a seed fails with a probability of at most 1 in "
                                       "334 \\(95 % confidence\\); the next seed reaches a new set "
                                       "of probes with about 1 in [1-9][0-9,]*\nprobes:"));
    EXPECT_THAT(run_sim({"farm", "echo", "--seeds", "999"}).output, Not(HasSubstr("shown:")));
    EXPECT_THAT(run_sim({"farm", broken, "--seeds", "1000", "--no-shrink"}).output,
                Not(HasSubstr("shown:")))
        << "a farm with failures tells how often they came";
}

TEST(SimFarm, that_never_sees_anything_once_says_so) {
    const Outcome told = run_sim(
        {"farm", "echo", "--clients", "1", "--bytes", "0", "--faults", "none", "--seeds", "1000"});
    EXPECT_THAT(told.output, HasSubstr("(95 % confidence); each set of probes that a seed reached "
                                       "was reached again\n"));
}

TEST(SimFarm, of_a_program_without_probes_says_nothing_of_new_ones) {
    const Outcome told = run_sim({"farm", "zoo/sound-echo", "--seeds", "1000"});
    EXPECT_THAT(told.output, HasSubstr(" (95 % confidence)\nprobes:\n  none\n"));
}

TEST(SimFarm, has_what_it_has_shown_in_its_json) {
    const Json passed = json_of({"farm", "echo", "--seeds", "1000"})["shown"];
    EXPECT_NEAR(passed.value("most_likely_failing", 0.0), 3.0 / 1000, 1e-5) << passed;
    EXPECT_GT(passed.value("different_behaviors", 0), 20) << passed;
    EXPECT_GT(passed.value("behaviors_seen_once", 0), 5) << passed;
    EXPECT_NEAR(passed.value("chance_of_new_behavior", 0.0),
                passed.value("behaviors_seen_once", 0) / 1000.0, 1e-9);
    const Json failed = json_of({"farm", broken, "--seeds", "20", "--no-shrink"}, 1)["shown"];
    EXPECT_FALSE(failed.contains("most_likely_failing")) << failed;
    EXPECT_TRUE(failed.contains("chance_of_new_behavior")) << failed;
}

// --- failures ------------------------------------------------------------------------------------

/// The seeds of the broken server that fail, found out one by one.
std::vector<int> failing_seeds(int first, int count) {
    std::vector<int> failing;
    for (int seed = first; seed < first + count; ++seed) {
        const Outcome result = run_sim({"run", broken, "--seed", std::to_string(seed)});
        if (result.ending == Ending::exited(1)) failing.push_back(seed);
    }
    return failing;
}

TEST_F(SimTest, farm_groups_failures_by_property_and_writes_one_down_shrunk) {
    const std::vector<int> failing = failing_seeds(2, 20);
    ASSERT_FALSE(failing.empty());
    const Words words = {"farm", broken, "--first", "2", "--seeds", "20", "--out", path("out/in")};
    const Json farm = json_of(words, 1);
    EXPECT_EQ(farm.value("first", 0), 2);
    EXPECT_EQ(farm.value("failures", 0), static_cast<int>(failing.size()));
    ASSERT_EQ(farm["failed"].size(), 1U) << farm;
    const Json& group = farm["failed"][0];
    EXPECT_EQ(group.value("property", ""), broken_property);
    EXPECT_EQ(group.value("count", 0), static_cast<int>(failing.size()));
    EXPECT_EQ(group.value("seed", 0), failing.front());
    EXPECT_THAT(group.value("sentence", ""), HasSubstr("a send was short"));
    EXPECT_EQ(group.value("finished", false), true);

    ASSERT_EQ(schedules_in("out/in").size(), 1U);
    const std::string name = schedules_in("out/in").front();
    EXPECT_EQ(group.value("schedule", ""), path("out/in/" + name));
    EXPECT_THAT(name, HasSubstr(broken_property + "-" + std::to_string(failing.front())));
    EXPECT_EQ(group.value("length", -1), choices_not_benign(read("out/in/" + name)));
    EXPECT_LE(group.value("length", 99), 3);
    EXPECT_EQ(json_of({"replay", path("out/in/" + name)}, 1).value("property", ""),
              broken_property);

    const Outcome told = run_sim(words);
    EXPECT_EQ(told.ending, Ending::exited(1));
    EXPECT_EQ(told.errors, "");
    EXPECT_THAT(told.output, HasSubstr(broken_property + " FAILED in " +
                                       std::to_string(failing.size()) + " of 20 seeds, first in " +
                                       "seed " + std::to_string(failing.front()) + "\n"));
    EXPECT_THAT(told.output,
                HasSubstr("drydock-sim replay " + path("out/in/" + name) + " --trace 40\n"));
}

TEST_F(SimTest, farm_without_shrinking_writes_nothing) {
    const Json farm =
        json_of({"farm", broken, "--seeds", "20", "--out", path("out"), "--no-shrink"}, 1);
    EXPECT_GT(farm.value("failures", 0), 0);
    EXPECT_FALSE(farm["failed"][0].contains("schedule")) << farm;
    EXPECT_THAT(files_in(""), testing::IsEmpty());
}

TEST_F(SimTest, farm_that_passes_writes_nothing) {
    const Json farm = json_of({"farm", "echo", "--seeds", "5", "--out", path("out")});
    EXPECT_THAT(files_in(""), testing::IsEmpty());
}

TEST(SimFarm, says_that_its_schedules_cannot_be_written) {
    const Outcome result = run_sim({"farm", broken, "--seeds", "5", "--out", "/proc/none"});
    EXPECT_EQ(result.ending, Ending::exited(2));
    EXPECT_TRUE(is_one_sentence(result.errors, "drydock-sim"));
    EXPECT_THAT(result.errors, HasSubstr("/proc/none/"));
    EXPECT_THAT(result.output, HasSubstr(broken_property + " FAILED")) << "but the summary comes";
}

TEST(SimFarm, until_failure_ends_with_the_first_seed_that_fails_whatever_the_jobs) {
    const int first = failing_seeds(2, 20).front();
    const Words words = {"farm",   broken, "--first",         "2",          "--seeds", "1000",
                         "--jobs", "1",    "--until-failure", "--no-shrink"};
    const Json one = without_seconds(json_of(words, 1));
    EXPECT_EQ(one.value("failures", 0), 1);
    EXPECT_EQ(one["failed"][0].value("seed", 0), first);
    EXPECT_EQ(one.value("first", 0), 2);
    EXPECT_EQ(one.value("seeds", 0), first - 2 + 1);
    Words with_four = words;
    with_four[7] = "4";
    EXPECT_EQ(without_seconds(json_of(with_four, 1)), one);
    const Outcome told = run_sim(words);
    EXPECT_THAT(told.output,
                HasSubstr("ended after " + std::to_string(first - 1) +
                          " of 1000 seeds; to go on: --first " + std::to_string(first + 1) + "\n"));
}

TEST(SimFarm, until_failure_counts_nothing_of_what_others_have_done_meanwhile) {
    const Words words = {"farm",  "zoo/stops-at-once", "--seeds",
                         "20000", "--until-failure",   "--no-shrink",
                         "--jobs"};
    const auto with_jobs = [&](const char* jobs) {
        Words all = words;
        all.push_back(jobs);
        return without_seconds(json_of(all, 1));
    };
    const Json one = with_jobs("1");
    EXPECT_EQ(one["failed"][0]["seed"], one["seeds"]) << "it ends with the seed that fails";
    for (int i = 0; i < 5; ++i) EXPECT_EQ(with_jobs("4"), one);
}

TEST_F(SimTest, farm_by_priorities_finds_what_replays) {
    const Json farm =
        json_of({"farm", broken, "--seeds", "50", "--pct", "3", "--out", path("out")}, 1);
    EXPECT_EQ(farm.value("run", ""), broken + " --pct 3");
    EXPECT_GT(farm["probes"].value("fault.reorder", 0), 0) << "it is always active";
    ASSERT_EQ(schedules_in("out").size(), 1U) << farm;
    const Json replayed = json_of({"replay", path("out/" + schedules_in("out").front())}, 1);
    EXPECT_EQ(replayed.value("property", ""), farm["failed"][0].value("property", "-"));
    EXPECT_FALSE(replayed.contains("diverged")) << replayed;
}

// --- ended early ---------------------------------------------------------------------------------

/// A summary that is not of all seeds, and says how to go on.
void expect_partial_summary(const std::string& output) {
    EXPECT_THAT(output, testing::ContainsRegex("ended after [1-9][0-9]* of " + endless +
                                               " seeds; to go on: --first [1-9][0-9]*\n"));
    EXPECT_THAT(output, testing::ContainsRegex("\necho: [1-9][0-9]* seeds, 0 failed; "));
}

TEST(SimFarm, ends_when_its_time_is_up_and_says_how_to_go_on) {
    const Outcome result = run_sim({"farm", "echo", "--seeds", endless, "--time", "0.5"});
    EXPECT_EQ(result.ending, Ending::exited(0)) << result.errors;
    EXPECT_EQ(result.errors, "") << "there is no progress line without a terminal";
    expect_partial_summary(result.output);
}

TEST(SimFarm, that_has_ended_early_is_what_a_farm_of_so_many_seeds_is) {
    const Json early = json_of({"farm", "echo", "--seeds", endless, "--time", "0.2"});
    const Json whole = json_of({"farm", "echo", "--seeds", early["seeds"].dump()});
    EXPECT_EQ(without_seconds(early), without_seconds(whole));
}

TEST(SimFarm, ends_at_ctrl_c_with_the_summary_so_far) {
    for (const int signal : {SIGINT, SIGTERM}) {
        Process process(command(drydock_sim, {"farm", "echo", "--seeds", endless}));
        EXPECT_TRUE(process.wait_for_handler(signal));
        EXPECT_TRUE(process.runs_for(400ms));
        EXPECT_EQ(process.output() + process.errors(), "");
        process.signal(signal);
        EXPECT_EQ(process.wait(), Ending::exited(0)) << process.errors();
        EXPECT_EQ(process.errors(), "");
        expect_partial_summary(process.output());
    }
}

TEST_F(SimTest, farm_ends_at_ctrl_c_with_the_failures_so_far) {
    Process process(
        command(drydock_sim, {"farm", broken, "--seeds", endless, "--out", path("out")}));
    EXPECT_TRUE(process.wait_for_handler(SIGINT));
    EXPECT_TRUE(process.runs_for(1s));
    process.signal(SIGINT);
    EXPECT_EQ(process.wait(), Ending::exited(1)) << process.errors();
    EXPECT_THAT(process.output(), HasSubstr(broken_property + " FAILED in "));
    ASSERT_FALSE(schedules_in("out").empty());
    const std::string file = path("out/" + schedules_in("out").front());
    EXPECT_THAT(process.output(), HasSubstr(file));
    EXPECT_EQ(run_sim({"replay", file}).ending, Ending::exited(1));
}

// --- the progress line ---------------------------------------------------------------------------

TEST(SimFarm, shows_on_a_terminal_how_far_it_is_and_clears_that_away) {
    constexpr unsigned short columns = 80;
    test::TerminalProcess farm(command(drydock_sim, {"farm", "zoo/keeps-everything-for-everybody",
                                                     "--no-shrink", "--seeds", endless}),
                               columns);
    ASSERT_TRUE(farm.wait_for("\rzoo/keeps-everything-for-everybody: ")) << farm.output();
    ASSERT_TRUE(farm.wait_for(" of " + endless + " seeds (0 %), ")) << farm.output();
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(farm.wait_for("\x1b[K"));
    test::Screen screen(columns);
    screen.show(farm.output().substr(0, farm.output().rfind('\r')));
    EXPECT_EQ(screen.rows(), 1U) << "each line is written over the last one";
    ASSERT_TRUE(farm.type("\x03"));
    ASSERT_TRUE(farm.wait_for("\r\x1b[K")) << "the row is given back";
    ASSERT_TRUE(farm.wait_for("probes:\r\n")) << farm.output();
    EXPECT_EQ(farm.wait().kind, Ending::Kind::exited);
    EXPECT_TRUE(farm.output().ends_with("\r\n")) << farm.output();
}

// --- shards --------------------------------------------------------------------------------------

class SimMerge : public SimTest {
protected:
    /// A farm's part as a file of its name.
    std::string part(const Words& farm, const std::string& name, const std::string& shard) {
        Words words = farm;
        words.insert(words.end(), {"--no-shrink", "--json"});
        if (!shard.empty()) words.insert(words.end(), {"--shard", shard});
        const Outcome result = run_sim(words);
        EXPECT_EQ(result.errors, "");
        return folder_.write(name, result.output);
    }

    void expect_refusal(const Words& files, const std::string& says) {
        Words words = {"merge"};
        words.insert(words.end(), files.begin(), files.end());
        for (const bool json : {false, true}) {
            const Outcome result = run_sim(words);
            EXPECT_EQ(result.ending, Ending::exited(2));
            EXPECT_TRUE(is_one_sentence(result.errors, "drydock-sim"));
            EXPECT_THAT(result.errors, HasSubstr(says));
            EXPECT_EQ(result.output, "");
            if (!json) words.push_back("--json");
        }
    }

    const Words farm_ = {"farm", "echo", "--first", "5", "--seeds", "100"};
};

TEST_F(SimMerge, of_all_shards_gives_the_whole_farm) {
    for (const std::string& scenario : {std::string("echo"), broken}) {
        const Words farm = {"farm", scenario, "--first", "5", "--seeds", "100", "--digests"};
        const int status = scenario == broken ? 1 : 0;
        const std::string a = part(farm, "a", "1/3");
        const std::string b = part(farm, "b", "2/3");
        const std::string c = part(farm, "c", "3/3");
        EXPECT_EQ(Json::parse(read("a")).value("seeds", 0), 34);
        EXPECT_EQ(Json::parse(read("b")).value("first", 0), 39);
        EXPECT_EQ(Json::parse(read("b")).value("seeds", 0), 33);
        Words whole = farm;
        whole.push_back("--no-shrink");
        const Json expected = without_seconds(json_of(whole, status));
        EXPECT_EQ(without_seconds(json_of({"merge", a, b, c}, status)), expected);
        EXPECT_EQ(without_seconds(json_of({"merge", c, a, b}, status)), expected)
            << "the order of the files is of no account";
    }
}

TEST_F(SimMerge, keeps_the_schedule_of_the_first_failure) {
    const auto shard = [&](const std::string& which, const std::string& name) {
        const Json json = json_of(
            {"farm", broken, "--seeds", "40", "--shard", which, "--out", path("out-" + name)}, 1);
        return folder_.write(name, json.dump());
    };
    const Json merged = json_of({"merge", shard("2/2", "b"), shard("1/2", "a")}, 1);
    ASSERT_EQ(merged["failed"].size(), 1U) << merged;
    EXPECT_EQ(merged["failed"][0].value("seed", 0), 1);
    EXPECT_EQ(merged["failed"][0].value("schedule", ""),
              path("out-a/" + schedules_in("out-a").front()));
}

TEST_F(SimMerge, tells_people_the_sum) {
    const Outcome result = run_sim({"merge", part(farm_, "a", "1/2"), part(farm_, "b", "2/2")});
    EXPECT_EQ(result.ending, Ending::exited(0)) << result.errors;
    EXPECT_THAT(result.output, testing::StartsWith("echo: 100 seeds, 0 failed; "));
    EXPECT_THAT(result.output, HasSubstr("digest " + digest_of(farm_)));
}

TEST_F(SimMerge, says_what_the_parts_have_shown_together) {
    const Words farm = {"farm", "echo", "--seeds", "3000"};
    const Outcome sum = run_sim({"merge", part(farm, "a", "1/2"), part(farm, "b", "2/2")});
    const auto shown = [](const std::string& output) {
        const std::size_t from = output.find("\nshown: ");
        return from == std::string::npos ? ""
                                         : output.substr(from, output.find('\n', from + 1) - from);
    };
    EXPECT_THAT(shown(sum.output), HasSubstr("at most 1 in 1,002 "));
    EXPECT_EQ(shown(sum.output), shown(run_sim(farm).output));
}

TEST_F(SimMerge, refuses_what_overlaps) {
    const std::string whole = part(farm_, "whole", "");
    expect_refusal({whole, whole}, "seed 5 ");
    expect_refusal({whole, part(farm_, "end", "3/3")}, "seed 72 ");
    // With seeds left out between the first two, too.
    const std::string later = part({"farm", "echo", "--first", "300", "--seeds", "9"}, "later", "");
    const std::string last = part({"farm", "echo", "--first", "308", "--seeds", "9"}, "last", "");
    expect_refusal({last, whole, later}, "seed 308 ");
}

TEST_F(SimMerge, refuses_counts_whose_sum_is_too_large) {
    const std::string first = part(farm_, "first", "1/2");
    part(farm_, "second", "2/2");
    const Json second = Json::parse(read("second"));
    const auto refuse = [&](Json enormous, const std::string& name) {
        expect_refusal(
            {first, folder_.write("enormous", enormous.dump())},
            "'" + name + "' in these summaries add up to more than 18446744073709551615");
    };
    Json changed = second;
    changed["completions"] = ~std::uint64_t{0};
    refuse(changed, "completions");
    changed = second;
    const std::string probe = second["probes"].items().begin().key();
    changed["probes"][probe] = ~std::uint64_t{0};
    refuse(changed, probe);
    // The largest sum that fits.
    changed = second;
    changed["completions"] = ~Json::parse(read("first"))["completions"].get<std::uint64_t>();
    EXPECT_EQ(json_of({"merge", first, folder_.write("enormous", changed.dump())})["completions"],
              Json(~std::uint64_t{0}));
}

TEST_F(SimMerge, refuses_parts_of_other_farms) {
    const std::string echo = part(farm_, "echo", "1/2");
    const auto other = [&](const Words& farm) { return part(farm, "other", "2/2"); };
    const std::string says = "are not of one farm";
    expect_refusal({echo, other({"farm", "chat", "--first", "5", "--seeds", "100"})}, says);
    Words small = farm_;
    small.insert(small.end(), {"--clients", "1"});
    expect_refusal({echo, other(small)}, says);
    Words calm = farm_;
    calm.insert(calm.end(), {"--faults", "none"});
    expect_refusal({echo, other(calm)}, says);
    Words priorities = farm_;
    priorities.insert(priorities.end(), {"--pct", "2"});
    expect_refusal({echo, other(priorities)}, says);
}

TEST_F(SimMerge, refuses_damaged_files_and_names_them) {
    const std::string good = part(farm_, "good", "1/2");
    const Json object = Json::parse(read("good"));
    const std::string says = "bad' is not a summary of a farm: ";
    const auto refuse = [&](const std::string& text, const std::string& why) {
        expect_refusal({good, folder_.write("bad", text)}, says + why);
    };
    refuse("", "it is not a JSON object");
    refuse("[]", "it is not a JSON object");
    refuse(read("good").substr(0, 200), "it is not a JSON object");
    refuse("\"" + std::string(100'000, 'x'), "it is not a JSON object");
    for (const char* key : {"scenario", "run", "first", "seeds", "failures", "completions",
                            "seconds", "digest", "probes", "behaviors", "failed"}) {
        Json damaged = object;
        damaged.erase(key);
        refuse(damaged.dump(), std::string("it has no '") + key + "'");
    }
    const std::vector<std::pair<const char*, const char*>> wrong = {
        {"first", "-1"},
        {"first", "1.5"},
        {"first", "\"1\""},
        {"seeds", "1e30"},
        {"seeds", "null"},
        {"digest", "7"},
        {"digest", "\"0x7\""},
        {"seconds", "\"1\""},
        {"failed", "[1]"},
        {"probes", "[1]"},
        {"behaviors", "[1]"},
        {"behaviors", R"({"kept_one_in": 1, "once": "", "again": 1})"},
        {"behaviors", R"({"kept_one_in": 3, "once": "", "again": ""})"},
        {"behaviors", R"({"kept_one_in": 2, "once": "0123456789abcdef", "again": ""})"},
        {"behaviors", R"({"kept_one_in": 1, "once": "0123456789abcde", "again": ""})"},
        {"failures", "{}"},
        {"digests", "[1]"},
        {"seeds", "18446744073709551615"},
        {"scenario", "1"}};
    for (const auto& [key, value] : wrong) {
        SCOPED_TRACE(std::string(key) + " " + value);
        Json damaged = object;
        damaged[key] = Json::parse(value);
        refuse(damaged.dump(), "");
    }
    Json unknown = object;
    unknown["scenario"] = "ecko";
    expect_refusal({folder_.write("bad", unknown.dump())}, "'ecko'");
    expect_refusal({good, path("none")}, "cannot read the file");
}

}  // namespace
}  // namespace drydock::e2e

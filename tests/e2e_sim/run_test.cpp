// drydock-sim run and list: one digest per seed however it is asked for, and what is said of a
// seed that fails.
#include <regex>
#include <sstream>

#include "tests/e2e_sim/programs.hpp"

namespace drydock::e2e {
namespace {

TEST(SimRun, gives_the_same_digest_each_time_and_another_for_another_seed) {
    const std::string digest = digest_of({"run", "echo", "--seed", "7"});
    EXPECT_EQ(digest_of({"run", "echo", "--seed", "7"}), digest);
    EXPECT_NE(digest_of({"run", "echo", "--seed", "8"}), digest);
}

TEST(SimRun, tells_people_the_seed_the_digest_and_the_options) {
    const Outcome result = run_sim({"run", "echo", "--seed", "7"});
    EXPECT_EQ(result.ending, Ending::exited(0));
    EXPECT_THAT(result.output, HasSubstr("seed 7 passed"));
    EXPECT_THAT(result.output, HasSubstr(digest_of({"run", "echo", "--seed", "7"})));
    EXPECT_THAT(result.output, HasSubstr("options: "));
}

/// The lines of a trace that have a time: the completions.
Words completions_in(const std::string& output) {
    Words completions;
    std::istringstream lines(output);
    const std::regex completion("^[> ] +[0-9]+[.][0-9]{3} ms  .*");
    for (std::string line; std::getline(lines, line);) {
        if (std::regex_match(line, completion)) completions.push_back(line);
    }
    return completions;
}

TEST(SimRun, traces_as_many_completions_as_asked_for) {
    const Outcome plain = run_sim({"run", "echo", "--seed", "7"});
    const Outcome traced = run_sim({"run", "echo", "--seed", "7", "--trace", "15"});
    EXPECT_EQ(completions_in(plain.output).size(), 0U) << plain.output;
    EXPECT_EQ(completions_in(traced.output).size(), 15U) << traced.output;
    EXPECT_TRUE(traced.output.ends_with(plain.output)) << "the rest is the same";
}

TEST(SimRun, traces_choices_faults_and_clients_and_marks_the_step_that_broke_a_rule) {
    const std::string output = run_sim({"run", broken, "--seed", "1", "--trace", "9999"}).output;
    EXPECT_THAT(output, HasSubstr("\n                  choice client: manner = "));
    EXPECT_THAT(output, HasSubstr(" (0 to 5)\n"));
    EXPECT_THAT(output, HasSubstr("\n                  choice completion: late = 1 (0 to 1)\n"
                                  "                  fault.delay\n"));
    EXPECT_THAT(output, HasSubstr(": ok, 7 of 16 bytes\n")) << "the short send";
    EXPECT_THAT(output, HasSubstr("\n                  connection 1 is of client "));
    EXPECT_THAT(output, HasSubstr("connection 1 (accepted side) of client "));
    EXPECT_EQ(count_lines(output, "> "), 1) << "one step broke it: " << output;
    const Words completions = completions_in(output);
    ASSERT_FALSE(completions.empty());
    EXPECT_TRUE(completions.back().starts_with("> ")) << completions.back();
    EXPECT_TRUE(completions.back().ends_with("  <-- breaks " + broken_property))
        << completions.back();
}

TEST(SimRun, that_is_stuck_has_no_step_that_broke_a_rule) {
    const std::string scenario = "zoo/stops-accepting-after-a-failure";
    const Json found = json_of({"farm", scenario, "--seeds", "200", "--no-shrink"}, 1);
    ASSERT_EQ(found["failed"][0].value("property", ""), "stuck") << found;
    const std::string seed = found["failed"][0]["seed"].dump();
    const Outcome run = run_sim({"run", scenario, "--seed", seed, "--trace", "5"});
    EXPECT_THAT(run.output, HasSubstr("\n>               after the last step: stuck\n"));
    EXPECT_THAT(run.output, Not(HasSubstr("<-- breaks")));
}

TEST(SimRun, is_the_same_run_with_a_trace) {
    EXPECT_EQ(digest_of({"run", "chat", "--seed", "7", "--trace", "10"}),
              digest_of({"run", "chat", "--seed", "7"}));
}

TEST(SimRun, tells_the_outcome_in_the_words_of_json) {
    for (const std::string scenario : {"echo", "chat"}) {
        const std::string outcome = json_of({"run", scenario, "--seed", "7"}).value("outcome", "");
        EXPECT_NE(outcome, "");
        EXPECT_THAT(run_sim({"run", scenario, "--seed", "7"}).output,
                    HasSubstr("\n  outcome: " + outcome + "\n"));
    }
}

TEST(SimRun, of_a_client_that_is_refused_says_that_it_had_no_connection) {
    const Json farm = json_of({"explore", "echo", "--clients", "1", "--bytes", "0", "--faults",
                               "connect_refused,network_reset"});
    EXPECT_TRUE(farm["outcomes"].contains("client 1: no connection")) << farm["outcomes"];
    EXPECT_TRUE(
        farm["outcomes"].contains("client 1: sent 0, got 0, then an error (the connection "
                                  "was reset by the peer)"))
        << farm["outcomes"];
}

TEST(SimRun, prints_one_json_object_with_the_promised_keys) {
    const Json object = json_of({"run", "echo", "--seed", "7"});
    for (const char* key : {"seeds", "failures", "completions", "seconds", "choices_not_benign"}) {
        ASSERT_TRUE(object.contains(key)) << key << " is promised: " << object;
        EXPECT_TRUE(object[key].is_number()) << key << " should be a number: " << object;
    }
    EXPECT_EQ(object.value("scenario", ""), "echo");
    EXPECT_EQ(object.value("seeds", 0), 1);
    EXPECT_EQ(object.value("failures", -1), 0);
    EXPECT_EQ(object.value("digest", "").size(), 16U) << object;
    EXPECT_TRUE(object["probes_not_reached"].is_array()) << object;
    EXPECT_THAT(object.value("outcome", ""), HasSubstr("client 1: sent "));
    EXPECT_FALSE(object.contains("property")) << "it has passed: " << object;
}

TEST(SimRun, of_a_seed_that_fails_says_what_was_broken_and_how_to_repeat_it) {
    const Outcome result = run_sim({"run", broken, "--seed", "1"});
    EXPECT_EQ(result.ending, Ending::exited(1));
    EXPECT_EQ(result.errors, "") << "that a property failed is the result, not a complaint";
    EXPECT_THAT(result.output, HasSubstr("seed 1 FAILED: " + broken_property + "\n  a send was"));
    EXPECT_THAT(result.output, HasSubstr("\n  options: buffer="));
    EXPECT_THAT(result.output, HasSubstr("\n  expected: after a short send, the next send begins "
                                         "with the bytes that were left (see "
                                         "docs/PROPERTIES.md#short-send-ignored)\n"));
    EXPECT_THAT(result.output,
                HasSubstr("\n  again: drydock-sim run " + broken + " --seed 1 --trace 40\n"));
    const Json object = json_of({"run", broken, "--seed", "1"}, 1);
    EXPECT_EQ(object.value("failures", 0), 1);
    EXPECT_EQ(object.value("property", ""), broken_property);
    EXPECT_THAT(object.value("sentence", ""), HasSubstr("a send was short"));
    EXPECT_THAT(object.value("expected", ""), HasSubstr("after a short send"));
    EXPECT_EQ(object.value("see", ""), "docs/PROPERTIES.md#" + broken_property);
    EXPECT_THAT(result.output, HasSubstr(object.value("digest", "-")));
}

/// The words behind "again: drydock-sim ".
Words words_of_again(const std::string& output) {
    const std::string mark = "again: drydock-sim ";
    const std::size_t begin = output.find(mark);
    if (begin == std::string::npos) return {};
    Words words;
    std::string word;
    bool quoted = false;
    for (std::size_t at = begin + mark.size(); at < output.size() && output[at] != '\n'; ++at) {
        if (output[at] == '\'') {
            quoted = !quoted;
        } else if (output[at] == ' ' && !quoted) {
            words.push_back(std::exchange(word, {}));
        } else {
            word += output[at];
        }
    }
    words.push_back(word);
    return words;
}

TEST(SimRun, is_repeated_by_the_words_that_it_prints_however_it_was_set_up) {
    const Words setup = {broken,     "--clients",        "2",     "--bytes", "9",
                         "--faults", "short_send,delay", "--pct", "3",       "--calm-after",
                         "700"};
    Words farm = {"farm"};
    farm.insert(farm.end(), setup.begin(), setup.end());
    farm.insert(farm.end(), {"--seeds", "1000", "--until-failure", "--no-shrink"});
    const Outcome found = run_sim(farm);
    ASSERT_EQ(found.ending, Ending::exited(1)) << found.output << found.errors;

    const Words again = words_of_again(found.output);
    const Outcome first = run_sim(again);
    EXPECT_EQ(first.ending, Ending::exited(1)) << found.output << first.errors;
    const std::string options = first.output.substr(first.output.find("  options: "));
    EXPECT_THAT(found.output, HasSubstr(options.substr(0, options.find('\n'))));
    EXPECT_EQ(words_of_again(first.output), again);

    Words run = {"run"};
    run.insert(run.end(), setup.begin(), setup.end());
    const auto seed = std::find(again.begin(), again.end(), "--seed");
    run.insert(run.end(), seed, again.end());
    EXPECT_EQ(digest_of(run, 1), digest_of(again, 1));
}

TEST(SimRun, of_a_small_world_has_the_clients_and_bytes_that_are_asked_for) {
    const Json object =
        json_of({"run", "echo", "--clients", "2", "--bytes", "4", "--faults", "none"});
    EXPECT_EQ(object.value("outcome", ""),
              "client 1: sent 4, got 4, then the end of the stream; "
              "client 2: sent 4, got 4, then the end of the stream");
    EXPECT_THAT(object.value("options", ""), HasSubstr("no faults"));
}

TEST(SimRun, lets_only_the_faults_strike_that_are_asked_for) {
    const std::string faults = "partial_receive,delay";
    const Json farm = json_of({"farm", "echo", "--seeds", "50", "--faults", faults});
    std::vector<std::string> struck;
    for (const auto& probe : farm["probes"].items()) {
        if (probe.key().starts_with("fault.")) struck.push_back(probe.key());
    }
    EXPECT_THAT(struck, testing::ElementsAre("fault.delay", "fault.partial_receive"));
}

TEST(SimList, names_the_scenarios_their_parameters_and_the_zoo) {
    const Outcome list = run_sim({"list"});
    EXPECT_EQ(list.ending, Ending::exited(0));
    EXPECT_TRUE(list.output.starts_with("echo ")) << list.output;
    EXPECT_THAT(list.output, HasSubstr("--clients 1..4: "));
    EXPECT_EQ(count_lines(list.output, "chat "), 1);
    EXPECT_EQ(count_lines(list.output, broken + " "), 1);
    for (const char* sound : {"zoo/sound-echo", "zoo/sound-chat"}) {
        EXPECT_EQ(count_lines(list.output, sound + std::string(" ")), 1) << list.output;
        EXPECT_EQ(run_sim({"run", sound}).ending, Ending::exited(0)) << sound;
    }
}

TEST(SimList, is_an_array_in_json) {
    const Outcome json = run_sim({"list", "--json"});
    EXPECT_EQ(json.ending, Ending::exited(0));
    const Json list = Json::parse(json.output, nullptr, false);
    ASSERT_TRUE(list.is_array()) << json.output;
    EXPECT_EQ(list[0].value("name", ""), "echo");
    EXPECT_EQ(list[1].value("name", ""), "chat");
    for (const Json& scenario : list) {
        EXPECT_NE(scenario.value("name", ""), "") << scenario;
        EXPECT_NE(scenario.value("summary", ""), "") << scenario;
        EXPECT_THAT(scenario.value("kind", ""), testing::AnyOf("scenario", "sound", "specimen"));
        EXPECT_GE(scenario["parameters"].size(), 2U) << scenario;
        for (const Json& parameter : scenario["parameters"]) {
            EXPECT_LT(parameter.value("least", 9), parameter.value("most", 0)) << scenario;
            EXPECT_NE(parameter.value("summary", ""), "") << scenario;
        }
    }
    EXPECT_GT(list.size(), 30U);
}

}  // namespace
}  // namespace drydock::e2e

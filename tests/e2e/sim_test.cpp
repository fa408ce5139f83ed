// drydock-sim: one digest per seed however it is asked for, JSON as promised, schedules that
// replay.
#include <nlohmann/json.hpp>

#include "tests/e2e/programs.hpp"
#include "tests/support/scale.hpp"

namespace drydock::e2e {
namespace {

using Json = nlohmann::json;

Json run_json(Words arguments) {
    arguments.push_back("--json");
    const Outcome result = run(drydock_sim, arguments);
    EXPECT_EQ(result.ending, Ending::exited(0)) << result.errors << result.output;
    EXPECT_EQ(std::count(result.output.begin(), result.output.end(), '\n'), 1)
        << "one object in one line: " << result.output;
    Json object = Json::parse(result.output, nullptr, false);
    EXPECT_TRUE(object.is_object()) << "this should be one JSON object: " << result.output;
    return object;
}

std::string digest_of(const Words& arguments) { return run_json(arguments).value("digest", ""); }

void expect_promised_keys(const Json& object) {
    for (const char* key : {"seeds", "failures", "completions", "seconds"}) {
        ASSERT_TRUE(object.contains(key)) << key << " is promised: " << object;
        EXPECT_TRUE(object[key].is_number()) << key << " should be a number: " << object;
    }
    ASSERT_TRUE(object.contains("digest") && object["digest"].is_string()) << object;
    EXPECT_EQ(object["digest"].get<std::string>().size(), 16U) << object;
    ASSERT_TRUE(object.contains("probes_not_reached")) << object;
    EXPECT_TRUE(object["probes_not_reached"].is_array()) << object;
}

TEST(SimRun, gives_the_same_digest_each_time_and_another_for_another_seed) {
    const std::string digest = digest_of({"run", "echo", "--seed", "7"});
    EXPECT_EQ(digest_of({"run", "echo", "--seed", "7"}), digest);
    EXPECT_NE(digest_of({"run", "echo", "--seed", "8"}), digest);
}

TEST(SimRun, tells_people_the_seed_the_digest_and_the_options) {
    const Outcome result = run(drydock_sim, {"run", "echo", "--seed", "7"});
    EXPECT_EQ(result.ending, Ending::exited(0));
    EXPECT_NE(result.output.find("seed 7 passed"), std::string::npos) << result.output;
    EXPECT_NE(result.output.find(digest_of({"run", "echo", "--seed", "7"})), std::string::npos)
        << "the digest should be the one of --json: " << result.output;
    EXPECT_NE(result.output.find("options: "), std::string::npos) << result.output;
}

TEST(SimRun, traces_as_many_completions_as_asked_for) {
    const Outcome plain = run(drydock_sim, {"run", "echo", "--seed", "7"});
    const Outcome traced = run(drydock_sim, {"run", "echo", "--seed", "7", "--trace", "15"});
    const auto lines = [](const Outcome& result) {
        return std::count(result.output.begin(), result.output.end(), '\n');
    };
    EXPECT_EQ(lines(plain), 2) << plain.output;
    EXPECT_EQ(lines(traced), 2 + 15) << traced.output;
}

TEST(SimRun, prints_one_json_object_with_the_promised_keys) {
    const Json object = run_json({"run", "echo", "--seed", "7"});
    expect_promised_keys(object);
    EXPECT_EQ(object.value("seeds", 0), 1);
    EXPECT_EQ(object.value("failures", -1), 0);
}

TEST(SimFarm, prints_one_json_object_with_the_promised_keys) {
    const Json object = run_json({"farm", "echo", "--seeds", "20"});
    expect_promised_keys(object);
    EXPECT_EQ(object.value("seeds", 0), 20);
    EXPECT_EQ(object.value("failures", -1), 0);
}

TEST(SimFarm, passes_and_its_digest_does_not_depend_on_the_jobs) {
    const std::string seeds = std::to_string(test::scaled(2000));
    const Json one = run_json({"farm", "echo", "--seeds", seeds, "--jobs", "1"});
    const Json four = run_json({"farm", "echo", "--seeds", seeds, "--jobs", "4"});
    EXPECT_EQ(one.value("failures", -1), 0) << one;
    EXPECT_EQ(four["digest"], one["digest"]);
    EXPECT_EQ(four["completions"], one["completions"]);
    EXPECT_EQ(four["probes"], one["probes"]);
}

TEST(SimFarm, counts_from_the_seed_that_it_is_given) {
    const Json farm =
        run_json({"farm", "echo", "--first", "7", "--seeds", "2", "--digests", "--twice"});
    ASSERT_EQ(farm["digests"].size(), 2U) << farm;
    EXPECT_EQ(farm["digests"][0], digest_of({"run", "echo", "--seed", "7"}));
    EXPECT_EQ(farm["digests"][1], digest_of({"run", "echo", "--seed", "8"}));
}

TEST(SimList, names_the_scenarios) {
    const Outcome list = run(drydock_sim, {"list"});
    EXPECT_EQ(list.ending, Ending::exited(0));
    EXPECT_TRUE(list.output.starts_with("echo ")) << list.output;
    const Outcome json = run(drydock_sim, {"list", "--json"});
    const Json names = Json::parse(json.output, nullptr, false);
    ASSERT_TRUE(names.is_array()) << json.output;
    EXPECT_EQ(names[0].value("name", ""), "echo");
}

// --- schedules -----------------------------------------------------------------------------------

class SimReplay : public testing::Test {
protected:
    void SetUp() override {
        const Outcome recorded =
            run(drydock_sim, {"run", "echo", "--seed", "7", "--record", path("run.txt")});
        ASSERT_EQ(recorded.ending, Ending::exited(0)) << recorded.errors;
        schedule_ = folder_.read("run.txt");
        ASSERT_TRUE(schedule_.starts_with("drydock-schedule ")) << schedule_.substr(0, 100);
    }

    std::string path(const std::string& name) const { return folder_.path() + "/" + name; }

    void expect_refusal(const std::string& text, std::string_view says) {
        const std::string file = folder_.write("other.txt", text);
        const Outcome result = run(drydock_sim, {"replay", file});
        EXPECT_EQ(result.ending, Ending::exited(2));
        EXPECT_TRUE(is_one_sentence(result.errors, "drydock-sim"));
        EXPECT_NE(result.errors.find("other.txt"), std::string::npos)
            << "the sentence should name the file: " << result.errors;
        EXPECT_NE(result.errors.find(says), std::string::npos)
            << "the sentence should say \"" << says << "\": " << result.errors;
        EXPECT_EQ(result.output, "");
    }

    test::TemporaryFolder folder_;
    std::string schedule_;
};

TEST_F(SimReplay, of_a_recorded_run_gives_its_digest) {
    EXPECT_EQ(digest_of({"replay", path("run.txt")}), digest_of({"run", "echo", "--seed", "7"}));
}

TEST_F(SimReplay, survives_the_line_ends_of_windows) {
    std::string text;
    for (const char c : schedule_) text += c == '\n' ? std::string("\r\n") : std::string(1, c);
    const std::string file = folder_.write("windows.txt", text);
    EXPECT_EQ(digest_of({"replay", file}), digest_of({"run", "echo", "--seed", "7"}));
}

TEST_F(SimReplay, refuses_a_damaged_schedule) {
    std::string damaged = schedule_;
    damaged.replace(damaged.find("\nchoice ") + 1, 8, "choice x");
    expect_refusal(damaged, "line");
}

TEST_F(SimReplay, refuses_a_schedule_that_is_cut_short) {
    expect_refusal(schedule_.substr(0, schedule_.rfind("end")), "cut short");
    const std::size_t middle = schedule_.find('\n', schedule_.size() / 2) + 1;
    expect_refusal(schedule_.substr(0, middle), "cut short");
}

TEST_F(SimReplay, refuses_a_schedule_of_a_newer_version) {
    expect_refusal("drydock-schedule 999" + schedule_.substr(schedule_.find('\n')), "version 999");
}

TEST_F(SimReplay, refuses_what_is_no_schedule_at_all) {
    expect_refusal("", "drydock-schedule");
    expect_refusal("hello\n", "drydock-schedule");
    expect_refusal(std::string("\0\1\2\xff", 4), "drydock-schedule");
}

TEST_F(SimReplay, refuses_a_schedule_of_a_scenario_that_it_does_not_know) {
    std::string text = schedule_;
    text.replace(text.find("scenario echo"), 13, "scenario ecko");
    const Outcome result = run(drydock_sim, {"replay", folder_.write("ecko.txt", text)});
    EXPECT_EQ(result.ending, Ending::exited(2));
    EXPECT_TRUE(is_one_sentence(result.errors, "drydock-sim"));
}

TEST(SimRun, says_that_its_record_cannot_be_written) {
    const Outcome result = run(drydock_sim, {"run", "echo", "--record", "/no/such/folder/run.txt"});
    EXPECT_EQ(result.ending, Ending::exited(2));
    EXPECT_TRUE(is_one_sentence(result.errors, "drydock-sim"));
}

}  // namespace
}  // namespace drydock::e2e

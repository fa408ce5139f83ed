// drydock-sim as the tasks of a cluster: each finds its shard in its environment and writes a
// summary, which appears whole or not at all; merge adds them up, and refuses what is not one whole
// farm.
#include <chrono>
#include <csignal>

#include "tests/e2e_sim/programs.hpp"
#include "tests/support/scale.hpp"

namespace drydock::e2e {
namespace {

namespace fs = std::filesystem;
using Environment = std::vector<std::pair<std::string, std::string>>;

/// What a scheduler puts into the environment of task `i` of `n`, counted from 1 on.
struct Scheduler {
    const char* name;
    const char* variable;  ///< that the report names
    Environment (*environment)(const std::string& i, const std::string& n);
};

void PrintTo(const Scheduler& scheduler, std::ostream* out) { *out << scheduler.name; }

const Scheduler schedulers[] = {
    {"plain", "DRYDOCK_SHARD",
     [](const std::string& i, const std::string& n) {
         return Environment{{"DRYDOCK_SHARD", i + "/" + n}};
     }},
    {"slurm_array", "SLURM_ARRAY_TASK_ID",
     [](const std::string& i, const std::string& n) {
         return Environment{{"SLURM_ARRAY_TASK_ID", i},     {"SLURM_ARRAY_TASK_MIN", "1"},
                            {"SLURM_ARRAY_TASK_MAX", n},    {"SLURM_ARRAY_TASK_COUNT", n},
                            {"SLURM_ARRAY_TASK_STEP", "1"}, {"SLURM_PROCID", "0"}};
     }},
    {"slurm_step", "SLURM_PROCID",
     [](const std::string& i, const std::string& n) {
         return Environment{{"SLURM_PROCID", std::to_string(std::stoi(i) - 1)},
                            {"SLURM_STEP_NUM_TASKS", n}};
     }},
    {"kubernetes", "JOB_COMPLETION_INDEX",
     [](const std::string& i, const std::string& n) {
         return Environment{{"JOB_COMPLETION_INDEX", std::to_string(std::stoi(i) - 1)},
                            {"DRYDOCK_SHARDS", n}};
     }},
    {"gnu_parallel", "PARALLEL_SEQ",
     [](const std::string& i, const std::string& n) {
         return Environment{{"PARALLEL_SEQ", i}, {"DRYDOCK_SHARDS", n}};
     }},
};

class SimCluster : public SimTest {
protected:
    static constexpr int tasks = 4;

    /// A task that writes its summary into the folder "results".
    Command task(int i, const Scheduler& scheduler, const Words& more = {}) const {
        Words words = farm_;
        words.insert(words.end(),
                     {"--no-shrink", "--shard", "auto", "--summary", path("results/")});
        words.insert(words.end(), more.begin(), more.end());
        Command started = command(drydock_sim, words);
        started.environment = scheduler.environment(std::to_string(i), std::to_string(tasks));
        return started;
    }

    void run_task(int i, const Words& more = {}) const {
        const Outcome result = test::run_program(task(i, schedulers[0], more), {});
        EXPECT_EQ(result.ending, Ending::exited(0)) << result.errors;
    }

    void run_all_tasks() const {
        for (int i = 1; i <= tasks; ++i) run_task(i);
    }

    std::string summary(int i) const {
        return "results/echo-shard-" + std::to_string(i) + "-of-4.json";
    }

    Json merged() const { return without_seconds(json_of({"merge", path("results")})); }
    Json whole() const { return without_seconds(json_of(farm_)); }

    /// The task as a program that may write no file of more than 4 KiB: SIGXFSZ ends it within the
    /// write that crosses the limit, of which the first 4 KiB are done.
    Command task_killed_in_its_write(int i) const {
        Command whole = task(i, schedulers[0]);
        Words words = {"/bin/sh", "-c", "ulimit -c 0; ulimit -f 8; exec \"$@\"", "sh"};
        words.insert(words.end(), whole.words.begin(), whole.words.end());
        whole.words = words;
        return whole;
    }

    const Words farm_ = {"farm", "echo", "--seeds", "2001", "--first", "7", "--digests"};
};

class SimScheduler : public SimCluster, public testing::WithParamInterface<Scheduler> {};

TEST_P(SimScheduler, gives_each_task_its_shard_and_the_merge_is_one_farm) {
    for (int i = tasks; i >= 1; --i) {
        const Outcome result = test::run_program(task(i, GetParam()), {});
        EXPECT_EQ(result.ending, Ending::exited(0)) << result.errors;
        EXPECT_THAT(result.output, testing::StartsWith("echo: shard " + std::to_string(i) +
                                                       " of 4 (" + GetParam().variable + "="));
        const Json shard = Json::parse(read(summary(i)))["shard"];
        EXPECT_EQ(shard.value("part", 0), i);
        EXPECT_EQ(shard.value("parts", 0), tasks);
        EXPECT_THAT(shard.value("from", ""), testing::StartsWith(GetParam().variable));
    }
    EXPECT_EQ(files_in("results").size(), std::size_t{tasks});
    EXPECT_EQ(merged(), whole());
}

INSTANTIATE_TEST_SUITE_P(Each, SimScheduler, testing::ValuesIn(schedulers),
                         [](const auto& each) { return std::string(each.param.name); });

TEST_F(SimCluster, a_task_without_a_shard_or_with_two_is_refused) {
    const auto refused = [&](const Environment& environment, const std::string& says) {
        Command started = task(1, schedulers[0]);
        started.environment = environment;
        const Outcome result = test::run_program(started, {});
        EXPECT_EQ(result.ending, Ending::exited(2)) << result.output;
        EXPECT_TRUE(is_one_sentence(result.errors, "drydock-sim"));
        EXPECT_THAT(result.errors, HasSubstr(says));
    };
    refused({}, "finds no shard in the environment");
    refused({{"JOB_COMPLETION_INDEX", "1"}}, "no DRYDOCK_SHARDS");
    refused({{"DRYDOCK_SHARD", "1/2"}, {"PARALLEL_SEQ", "2"}, {"DRYDOCK_SHARDS", "2"}},
            "contradicts itself");
    refused({{"DRYDOCK_SHARD", "1/9999"}}, "at least one seed");
    EXPECT_TRUE(files_in("results").empty());
}

TEST_F(SimCluster, a_task_that_is_killed_while_it_writes_leaves_no_summary) {
    run_task(1);
    const Outcome killed = test::run_program(task_killed_in_its_write(2), {});
    EXPECT_EQ(killed.ending, Ending::killed(SIGXFSZ)) << killed.errors;
    const std::vector<std::string> left = files_in("results");
    ASSERT_EQ(left.size(), 2U) << "one whole summary, and a part of another";
    const fs::path part = path("results/" + left[0]);
    EXPECT_TRUE(left[0].starts_with(".echo-shard-2-of-4.json.")) << left[0];
    EXPECT_EQ(fs::file_size(part), 4096U) << "the task should have died within its write";
    expect_refusal_of_sim({"merge", path("results")}, "3 shards of 4 are missing: 2 to 4");
    for (const int again : {2, 3, 4}) run_task(again);
    EXPECT_EQ(merged(), whole());
}

TEST_F(SimCluster, a_task_that_is_killed_while_it_writes_again_leaves_the_old_summary) {
    run_all_tasks();
    const std::string old = read(summary(2));
    EXPECT_EQ(test::run_program(task_killed_in_its_write(2), {}).ending, Ending::killed(SIGXFSZ));
    EXPECT_EQ(read(summary(2)), old);
    EXPECT_EQ(merged(), whole());
}

TEST_F(SimCluster, a_task_that_is_interrupted_writes_no_summary) {
    Command started = task(1, schedulers[0], {"--seeds", "1000000000000"});
    std::erase(started.words, "--digests");
    started.words.erase(std::find(started.words.begin(), started.words.end(), "2001") - 1,
                        std::find(started.words.begin(), started.words.end(), "2001") + 1);
    Process farm(started);
    ASSERT_TRUE(farm.wait_for_handler(SIGTERM));
    farm.signal(SIGTERM);
    EXPECT_EQ(farm.wait(), Ending::exited(2)) << "Slurm and Kubernetes stop a task by SIGTERM";
    EXPECT_THAT(farm.errors(), HasSubstr("interrupted after "));
    EXPECT_TRUE(is_one_sentence(farm.errors(), "drydock-sim"));
    EXPECT_TRUE(files_in("results").empty());
}

TEST_F(SimCluster, a_task_may_run_twice_and_its_summaries_must_be_the_same) {
    run_all_tasks();
    const Json second = Json::parse(read(summary(2)));
    folder_.write("results/second-again.json", second.dump());
    EXPECT_EQ(merged(), whole());
    Json other = second;
    other["digest"] = "0123456789abcdef";
    folder_.write("results/second-other.json", other.dump());
    expect_refusal_of_sim({"merge", path("results")}, "shard 2 of 4 has two summaries that differ");
    other = second;
    other["seconds"] = 1e6;
    folder_.write("results/second-other.json", other.dump());
    EXPECT_EQ(merged(), whole());
}

TEST_F(SimCluster, merge_names_the_shards_that_are_missing) {
    run_all_tasks();
    fs::remove(path(summary(3)));
    expect_refusal_of_sim({"merge", path("results")}, "shard 3 of 4 is missing");
    fs::remove(path(summary(1)));
    expect_refusal_of_sim({"merge", path("results")}, "2 shards of 4 are missing: 1, 3");
    const Outcome partial = run_sim({"merge", path("results"), "--partial"});
    EXPECT_EQ(partial.ending, Ending::exited(0)) << partial.errors;
    EXPECT_THAT(partial.output,
                testing::StartsWith("echo: 2 of 4 shards, 1000 of 2001 seeds; missing: 1, 3\n"));
}

TEST_F(SimCluster, merge_names_a_shard_that_has_ended_early) {
    run_all_tasks();
    // Not until-failure: a farm of echo has none. What --time would leave behind.
    Json second = Json::parse(read(summary(2)));
    second["seeds"] = 77;
    second["digests"] = Json::array();
    folder_.write(summary(2), second.dump());
    expect_refusal_of_sim({"merge", path("results")}, "shard 2 of 4 in '");
    expect_refusal_of_sim({"merge", path("results")}, "has only 77 of its 500 seeds");
    const Outcome partial = run_sim({"merge", path("results"), "--partial"});
    EXPECT_THAT(partial.output, testing::StartsWith("echo: 4 of 4 shards, 1578 of 2001 seeds\n"));
    // A second run of the task has gone to the end.
    run_task(2);
    folder_.write("results/early.json", second.dump());
    EXPECT_EQ(merged(), whole());
}

TEST_F(SimCluster, merge_refuses_shards_of_farms_that_were_cut_up_otherwise) {
    run_all_tasks();
    const auto refuse = [&](const Words& other, const std::string& says) {
        Words words = {"farm", "echo", "--summary", path("results/other.json")};
        words.insert(words.end(), other.begin(), other.end());
        ASSERT_EQ(run_sim(words).ending, Ending::exited(0));
        expect_refusal_of_sim({"merge", path("results")}, says);
    };
    refuse({"--seeds", "2001", "--first", "7", "--shard", "1/5"}, "the shards are not of one farm");
    refuse({"--seeds", "2000", "--first", "7", "--shard", "1/4"}, "the shards are not of one farm");
    refuse({"--seeds", "2001", "--first", "8", "--shard", "1/4"}, "the shards are not of one farm");
    refuse({"--seeds", "10", "--first", "90000"}, "is a shard, and");
}

TEST_F(SimCluster, merge_takes_thousands_of_files) {
    constexpr int parts = 3000;
    const Json whole_farm =
        Json::parse(run_sim({"farm", "echo", "--seeds", "3000", "--digests", "--json"}).output);
    // A farm of one seed each would cost its process 3000 times: cut the summary up instead.
    Json part = Json::parse(
        run_sim({"farm", "echo", "--seeds", "3000", "--shard", "1/3000", "--digests", "--json"})
            .output);
    std::string list;
    fs::create_directories(path("many"));
    for (int i = 1; i <= parts; ++i) {
        part["shard"]["part"] = i;
        part["first"] = i;
        part["digests"] = {whole_farm["digests"][static_cast<std::size_t>(i) - 1]};
        list += folder_.write("many/" + std::to_string(i) + ".json", part.dump()) + "\n";
    }
    const Json sum = json_of({"merge", path("many")});
    EXPECT_EQ(sum.value("seeds", 0), parts);
    EXPECT_EQ(sum["digests"], whole_farm["digests"]);
    EXPECT_EQ(json_of({"merge", "@" + folder_.write("list", list)}), sum);
    fs::remove(path("many/1234.json"));
    expect_refusal_of_sim({"merge", path("many")}, "shard 1234 of 3000 is missing");
    expect_refusal_of_sim({"merge", "@" + path("list")}, "1234.json'");
    expect_refusal_of_sim({"merge", "@" + folder_.write("empty", "\n")}, "names no file");
}

TEST_F(SimCluster, a_summary_that_cannot_be_written_is_refused_before_the_farm) {
    expect_refusal_of_sim(
        {"farm", "echo", "--seeds", "1000000000000", "--summary", path("none/summary.json")},
        "there is no such folder");
}

TEST_F(SimCluster, a_summary_goes_where_it_is_asked_for) {
    const Json expected = whole();
    const auto run = [&](const std::string& where) {
        Words words = farm_;
        words.insert(words.end(), {"--summary", where});
        EXPECT_EQ(run_sim(words).ending, Ending::exited(0));
    };
    run(path("file.json"));
    EXPECT_EQ(without_seconds(Json::parse(read("file.json"))), expected);
    run(path("new/folder/"));
    EXPECT_EQ(without_seconds(Json::parse(read("new/folder/echo.json"))), expected);
    folder_.write("target", "old");
    fs::create_symlink("target", path("link"));
    run(path("link"));
    EXPECT_TRUE(fs::is_symlink(path("link"))) << "a link means what it leads to";
    EXPECT_EQ(without_seconds(Json::parse(read("target"))), expected);
}

}  // namespace
}  // namespace drydock::e2e

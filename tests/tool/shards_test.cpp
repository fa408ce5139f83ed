// Which shard `--shard auto` finds in the environments of schedulers, and what it refuses.
#include <map>
#include <string>

#include <gmock/gmock.h>

#include "sim/tool/shards.hpp"

namespace drydock::test {
namespace {

using app::NamedShard;
using testing::HasSubstr;
using Variables = std::map<std::string, std::string>;

NamedShard shard_in(const Variables& variables) {
    return app::shard_of_environment([&](const char* name) {
        const auto found = variables.find(name);
        return found == variables.end() ? std::string() : found->second;
    });
}

/// "2/8 SLURM_ARRAY_TASK_ID=2", or the error message.
std::string text_of(const Variables& variables) {
    const NamedShard named = shard_in(variables);
    if (!named.shard) return named.complaint;
    return std::to_string(named.shard->part) + "/" + std::to_string(named.shard->parts) + " " +
           named.shard->from;
}

/// A task of a Slurm array as Slurm describes it.
Variables array(const char* id, const char* least, const char* most, const char* count,
                const char* step = "1") {
    return {{"SLURM_ARRAY_TASK_ID", id},
            {"SLURM_ARRAY_TASK_MIN", least},
            {"SLURM_ARRAY_TASK_MAX", most},
            {"SLURM_ARRAY_TASK_COUNT", count},
            {"SLURM_ARRAY_TASK_STEP", step}};
}

Variables with(Variables variables, const Variables& others) {
    for (const auto& [name, value] : others) variables[name] = value;
    return variables;
}

Variables step(const char* rank, const char* tasks) {
    return {{"SLURM_PROCID", rank}, {"SLURM_STEP_NUM_TASKS", tasks}};
}

TEST(ShardAuto, is_the_place_of_a_task_in_its_slurm_array) {
    EXPECT_EQ(text_of(array("1", "1", "8", "8")), "1/8 SLURM_ARRAY_TASK_ID=1");
    EXPECT_EQ(text_of(array("8", "1", "8", "8")), "8/8 SLURM_ARRAY_TASK_ID=8");
    EXPECT_EQ(text_of(array("0", "0", "7", "8")), "1/8 SLURM_ARRAY_TASK_ID=0");
    EXPECT_EQ(text_of(array("7", "0", "7", "8")), "8/8 SLURM_ARRAY_TASK_ID=7");
    EXPECT_EQ(text_of(array("8", "4", "8", "3", "2")), "3/3 SLURM_ARRAY_TASK_ID=8");
    Variables without_step = array("2", "1", "3", "3");
    without_step.erase("SLURM_ARRAY_TASK_STEP");
    EXPECT_EQ(text_of(without_step), "2/3 SLURM_ARRAY_TASK_ID=2");
}

TEST(ShardAuto, refuses_an_array_with_gaps_unless_the_number_of_shards_is_given) {
    const Variables gaps = array("9", "3", "15", "4");  // 3, 9, 12 and 15
    EXPECT_THAT(text_of(gaps), HasSubstr("are not the numbers from 3 to 15 in steps of 1"));
    EXPECT_EQ(text_of(with(gaps, {{"DRYDOCK_SHARDS", "20"}})), "9/20 SLURM_ARRAY_TASK_ID=9");
    EXPECT_THAT(text_of(with(gaps, {{"DRYDOCK_SHARDS", "8"}})), HasSubstr("from 1 to 8"));
    EXPECT_THAT(text_of(with(gaps, {{"DRYDOCK_SHARDS", "3"}})), HasSubstr("DRYDOCK_SHARDS is 3"));
    EXPECT_THAT(text_of(with(gaps, {{"DRYDOCK_SHARDS", "0"}})), HasSubstr("DRYDOCK_SHARDS is 0"));
    // One task that is repeated alone: it must not take itself for the whole farm.
    EXPECT_EQ(text_of(with(array("3", "3", "3", "1"), {{"DRYDOCK_SHARDS", "8"}})),
              "3/8 SLURM_ARRAY_TASK_ID=3");
    EXPECT_THAT(text_of(array("5", "4", "8", "3", "2")), HasSubstr("in steps of 2"));
    EXPECT_THAT(text_of(array("9", "1", "8", "8")), HasSubstr("from 1 to 8"));
}

TEST(ShardAuto, is_the_rank_of_a_task_in_a_slurm_step) {
    EXPECT_EQ(text_of(step("0", "4")), "1/4 SLURM_PROCID=0");
    EXPECT_EQ(text_of(step("3", "4")), "4/4 SLURM_PROCID=3");
    EXPECT_EQ(text_of(step("0", "1")), "1/1 SLURM_PROCID=0");
    EXPECT_THAT(text_of(step("4", "4")), HasSubstr("SLURM_STEP_NUM_TASKS is 4"));
    // A batch script has a rank, and is no step.
    EXPECT_THAT(text_of({{"SLURM_PROCID", "0"}, {"SLURM_NTASKS", "4"}}), HasSubstr("no shard"));
}

TEST(ShardAuto, divides_the_shard_of_an_array_among_the_tasks_of_its_step) {
    const Variables third = array("3", "1", "5", "5");
    EXPECT_EQ(text_of(with(third, step("0", "1"))), "3/5 SLURM_ARRAY_TASK_ID=3");
    EXPECT_EQ(text_of(with(third, step("1", "4"))), "10/20 SLURM_ARRAY_TASK_ID=3 SLURM_PROCID=1");
    const std::string large = "9223372036854775807";
    EXPECT_THAT(text_of(with(array("1", "1", large.c_str(), large.c_str()), step("1", "4"))),
                HasSubstr("more tasks than there are numbers"));
}

TEST(ShardAuto, is_the_index_of_a_pod_of_kubernetes) {
    EXPECT_EQ(text_of({{"JOB_COMPLETION_INDEX", "0"}, {"DRYDOCK_SHARDS", "4"}}),
              "1/4 JOB_COMPLETION_INDEX=0");
    EXPECT_EQ(text_of({{"JOB_COMPLETION_INDEX", "3"}, {"DRYDOCK_SHARDS", "4"}}),
              "4/4 JOB_COMPLETION_INDEX=3");
    EXPECT_THAT(text_of({{"JOB_COMPLETION_INDEX", "4"}, {"DRYDOCK_SHARDS", "4"}}),
                HasSubstr("from 0 to 3"));
    EXPECT_THAT(text_of({{"JOB_COMPLETION_INDEX", "4"}}), HasSubstr("no DRYDOCK_SHARDS"));
}

TEST(ShardAuto, is_the_number_of_a_job_of_gnu_parallel) {
    EXPECT_EQ(text_of({{"PARALLEL_SEQ", "1"}, {"DRYDOCK_SHARDS", "4"}}), "1/4 PARALLEL_SEQ=1");
    EXPECT_EQ(text_of({{"PARALLEL_SEQ", "4"}, {"DRYDOCK_SHARDS", "4"}}), "4/4 PARALLEL_SEQ=4");
    EXPECT_THAT(text_of({{"PARALLEL_SEQ", "5"}, {"DRYDOCK_SHARDS", "4"}}), HasSubstr("from 1 to"));
    EXPECT_THAT(text_of({{"PARALLEL_SEQ", "0"}, {"DRYDOCK_SHARDS", "4"}}), HasSubstr("from 1 to"));
    EXPECT_THAT(text_of({{"PARALLEL_SEQ", "5"}}), HasSubstr("no DRYDOCK_SHARDS"));
}

TEST(ShardAuto, is_what_drydock_shard_says) {
    EXPECT_EQ(text_of({{"DRYDOCK_SHARD", "2/8"}}), "2/8 DRYDOCK_SHARD=2/8");
    EXPECT_EQ(text_of({{"DRYDOCK_SHARD", "2/8"}, {"DRYDOCK_SHARDS", "8"}}),
              "2/8 DRYDOCK_SHARD=2/8");
    EXPECT_THAT(text_of({{"DRYDOCK_SHARD", "2/8"}, {"DRYDOCK_SHARDS", "9"}}),
                HasSubstr("DRYDOCK_SHARDS is 9"));
    for (const char* wrong : {"2", "0/8", "9/8", "a/8", "2/8 ", "/", "-1/8", "auto"}) {
        EXPECT_THAT(text_of({{"DRYDOCK_SHARD", wrong}}), HasSubstr("is not a shard")) << wrong;
    }
}

TEST(ShardAuto, refuses_an_environment_that_names_no_shard_or_two) {
    EXPECT_THAT(text_of({}), HasSubstr("finds no shard in the environment"));
    EXPECT_THAT(text_of({{"DRYDOCK_SHARDS", "8"}}), HasSubstr("finds no shard"));
    EXPECT_THAT(text_of({{"PARALLEL_SEQ", ""}, {"DRYDOCK_SHARDS", "8"}}), HasSubstr("no shard"));
    const Variables task = array("3", "1", "8", "8");
    EXPECT_THAT(text_of(with(task, {{"DRYDOCK_SHARD", "1/8"}})), HasSubstr("contradicts itself"));
    EXPECT_THAT(text_of(with(task, {{"DRYDOCK_SHARD", "3/9"}})), HasSubstr("contradicts itself"));
    EXPECT_THAT(text_of(with(task, {{"PARALLEL_SEQ", "2"}, {"DRYDOCK_SHARDS", "8"}})),
                HasSubstr("contradicts itself"));
    EXPECT_THAT(text_of(with(step("1", "8"), {{"DRYDOCK_SHARD", "1/8"}})),
                HasSubstr("contradicts itself"));
    EXPECT_EQ(text_of(with(task, {{"DRYDOCK_SHARD", "3/8"}})), "3/8 DRYDOCK_SHARD=3/8");
    EXPECT_EQ(text_of(with(step("0", "1"), {{"DRYDOCK_SHARD", "3/8"}})), "3/8 DRYDOCK_SHARD=3/8");
    EXPECT_EQ(text_of(with(step("0", "1"), {{"PARALLEL_SEQ", "2"}, {"DRYDOCK_SHARDS", "8"}})),
              "2/8 PARALLEL_SEQ=2");
}

TEST(ShardAuto, refuses_what_is_no_number_and_names_the_variable) {
    for (const char* name : {"SLURM_ARRAY_TASK_ID", "SLURM_ARRAY_TASK_MIN", "SLURM_ARRAY_TASK_MAX",
                             "SLURM_ARRAY_TASK_COUNT", "SLURM_ARRAY_TASK_STEP", "DRYDOCK_SHARDS"}) {
        EXPECT_THAT(text_of(with(array("3", "1", "8", "8"), {{name, "x"}})), HasSubstr(name));
    }
    for (const char* name :
         {"SLURM_ARRAY_TASK_MIN", "SLURM_ARRAY_TASK_MAX", "SLURM_ARRAY_TASK_COUNT"}) {
        EXPECT_THAT(text_of(with(array("3", "1", "8", "8"), {{name, ""}})), HasSubstr(name));
    }
    EXPECT_THAT(text_of(array("3", "1", "8", "8", "0")), HasSubstr("in steps of 0"));
    EXPECT_THAT(text_of({{"JOB_COMPLETION_INDEX", "99999999999999999999"}}),
                HasSubstr("JOB_COMPLETION_INDEX is '99999999999999999999'"));
}

TEST(Shards, make_up_the_whole_farm) {
    for (const std::uint64_t seeds : {8U, 9U, 100U, 1001U}) {
        std::uint64_t next = 5;
        for (std::uint64_t part = 1; part <= 8; ++part) {
            const app::Shard shard{part, 8, "", {5, seeds}};
            EXPECT_EQ(shard.seeds().first, next);
            EXPECT_LE(seeds / 8, shard.seeds().count);
            next += shard.seeds().count;
        }
        EXPECT_EQ(next, 5 + seeds);
    }
}

}  // namespace
}  // namespace drydock::test

// Addresses, and what runs leave behind: each seed has one digest, wherever it is run.
#include "tests/e2e_sim/programs.hpp"

namespace drydock::e2e {
namespace {

const Words keeper_sim = {DRYDOCK_KEEPER_PROGRAM};

Json keeper(Words arguments, int status = 0) {
    arguments.push_back("--json");
    const Outcome result = run(keeper_sim, arguments);
    EXPECT_EQ(result.ending, Ending::exited(status)) << result.errors << result.output;
    Json object = Json::parse(result.output, nullptr, false);
    EXPECT_TRUE(object.is_object()) << result.output;
    return object;
}

class ProgramMemory : public testing::TestWithParam<std::string> {
protected:
    void SetUp() override {}
};

TEST_P(ProgramMemory, gives_a_seed_one_digest_in_each_process) {
    const Words farm = {"farm", GetParam(), "--seeds", "100", "--digests", "--no-shrink"};
    const auto with = [&](Words more) {
        Words all = farm;
        all.insert(all.end(), more.begin(), more.end());
        return keeper(all);
    };
    const Json once = with({"--jobs", "1"});
    EXPECT_EQ(once.value("failures", 1), 0) << once;
    EXPECT_EQ(with({"--jobs", "2"}).value("digest", ""), once.value("digest", "-"));
    EXPECT_EQ(with({"--jobs", "1", "--twice"}).value("failures", 1), 0);
    for (const int seed : {1, 2, 70, 100}) {
        const Json alone = keeper({"run", GetParam(), "--seed", std::to_string(seed)});
        const Json again = keeper({"run", GetParam(), "--seed", std::to_string(seed)});
        EXPECT_EQ(alone.value("digest", ""), again.value("digest", "-"));
        EXPECT_EQ(alone.value("outcome", ""), again.value("outcome", "-"));
        EXPECT_EQ(once["digests"][static_cast<std::size_t>(seed - 1)],
                  Json(alone.value("digest", "")))
            << seed;
    }
}

INSTANTIATE_TEST_SUITE_P(Kinds, ProgramMemory, testing::Values("addresses", "cache", "flag"),
                         [](const auto& each) { return each.param; });

TEST(ProgramAddresses, are_the_same_in_a_farm_without_processes) {
    const Words farm = {"farm", "addresses", "--seeds", "100"};
    Words here = farm;
    here.insert(here.end(), {"--in-process", "--twice"});
    const Json shared = keeper(here);
    EXPECT_EQ(shared.value("failures", 1), 0);
    EXPECT_EQ(shared.value("digest", ""), keeper(farm).value("digest", "-"));
}

TEST(ProgramAddresses, a_use_after_free_is_seen_in_each_run) {
    const Json farm = keeper({"farm", "use-after-free", "--seeds", "20", "--no-shrink"}, 1);
    EXPECT_EQ(farm.value("failures", 0), 20);
    ASSERT_EQ(farm["failed"].size(), 1U) << farm;
    EXPECT_EQ(farm["failed"][0].value("property", ""), "program-ended");
}

TEST(ProgramAddresses, a_block_that_is_freed_twice_ends_the_program) {
    const Json report = keeper({"run", "free-twice", "--seed", "1"}, 1);
    EXPECT_EQ(report.value("property", ""), "program-aborted");
    EXPECT_THAT(report.value("sentence", ""), HasSubstr("it was freed before"));
}

TEST(ProgramRuns, a_failure_that_only_later_runs_of_a_process_have_is_named_so) {
    const Json farm = keeper({"farm", "hidden", "--seeds", "10", "--jobs", "1"}, 1);
    ASSERT_EQ(farm["failed"].size(), 1U) << farm;
    EXPECT_EQ(farm["failed"][0].value("property", ""), "first");
    EXPECT_THAT(farm["failed"][0].value("sentence", ""),
                HasSubstr("in a process of its own, this seed passes: the run depends on what "
                          "earlier runs have left"));
    EXPECT_FALSE(farm["failed"][0].contains("schedule")) << "there is nothing to replay";
}

}  // namespace
}  // namespace drydock::e2e

// Shrinking: a shorter schedule that fails in the same way, always one that was seen to fail.
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <drydock/task_group.hpp>

#include <drydock/sim/farm.hpp>
#include <drydock/sim/shrink.hpp>
#include "sim/shrink_passes.hpp"
#include "sim/shrink_trials.hpp"
#include "tests/scenarios/scenarios.hpp"
#include "tests/support/simulated.hpp"

namespace drydock::sim {
namespace {

/// Runs a body with the choices given; no faults, so all choices are the body's own.
class Bodies {
public:
    explicit Bodies(test::FunctionScenario::Body body) : body_(std::move(body)) {
        options_.faults = FaultSet();
        options_.record = true;
    }
    Report operator()(ChoiceSource& choices) {
        ++runs;
        test::FunctionScenario scenario(body_);
        return run(scenario, choices, options_);
    }
    /// The first seed that fails.
    Report failing() {
        for (std::uint64_t seed = 1; seed < 10'000; ++seed) {
            SeedChoices choices(seed);
            Report report = (*this)(choices);
            if (!report.passed) return report;
        }
        ADD_FAILURE() << "this test wants a failure";
        return {};
    }

    int runs = 0;

private:
    test::FunctionScenario::Body body_;
    RunOptions options_;
};

Shrunk shrink_body(Bodies& bodies, const ShrinkOptions& options = {}) {
    return shrink([&](ChoiceSource& choices) { return bodies(choices); }, bodies.failing(),
                  options);
}

std::vector<std::uint32_t> values_of(const Shrunk& shrunk) {
    std::vector<std::uint32_t> values;
    for (const Choice& choice : shrunk.report.schedule) values.push_back(choice.value);
    return values;
}

using testing::ElementsAre;
using testing::IsEmpty;

TEST(Shrink, ZeroesWhatDoesNotMatterAndLowersWhatDoes) {
    Bodies bodies([](World& world) -> Task<void> {
        std::uint32_t sum = 0;
        for (int i = 0; i < 10; ++i) {
            const std::uint32_t drawn = world.choose(100, "draw");
            if (i == 3) sum = drawn;
        }
        if (sum >= 37) world.fail("large", "it is " + std::to_string(sum));
        co_return;
    });
    const Shrunk shrunk = shrink_body(bodies);
    EXPECT_TRUE(shrunk.finished);
    EXPECT_EQ(shrunk.report.property, "large");
    EXPECT_EQ(shrunk.report.sentence, "it is 37");
    EXPECT_THAT(values_of(shrunk), ElementsAre(0, 0, 0, 37));
}

/// Choices of one label each, so that leaving a client out moves the others up.
Task<void> clients_with_a_bad_one(World& world) {
    for (std::uint32_t i = 0; i < 8; ++i) {
        const Spanned client(world, "client");
        if (i > 0 && world.choose(8 - i, "another") == 0) break;
        const std::uint32_t manner = world.choose(6, "manner");
        const std::uint32_t size = world.choose(50, "size");
        if (manner == 4 && size > 9) world.fail("bad", "client " + std::to_string(i));
    }
    co_return;
}

TEST(Shrink, LeavesWholeSpansOut) {
    Bodies bodies(&clients_with_a_bad_one);
    const Shrunk shrunk = shrink_body(bodies);
    EXPECT_TRUE(shrunk.finished);
    EXPECT_EQ(shrunk.report.sentence, "client 0") << "all others are left out";
    EXPECT_THAT(values_of(shrunk), ElementsAre(4, 10));
}

TEST(Shrink, KeepsThePropertyThatFailed) {
    Bodies bodies([](World& world) -> Task<void> {
        const std::uint32_t one = world.choose(100, "one");
        const std::uint32_t two = world.choose(100, "two");
        if (one > 90) world.fail("rare", "one");
        if (two > 5) world.fail("common", "two");
        co_return;
    });
    Report rare;
    for (std::uint64_t seed = 1; rare.property != "rare"; ++seed) {
        SeedChoices choices(seed);
        rare = bodies(choices);
    }
    const Shrunk shrunk = shrink([&](ChoiceSource& choices) { return bodies(choices); }, rare);
    EXPECT_EQ(shrunk.report.property, "rare");
    EXPECT_THAT(values_of(shrunk), ElementsAre(91));
}

TEST(Shrink, LetsOneChoiceDoTheWorkOfTwo) {
    Bodies bodies([](World& world) -> Task<void> {
        std::uint32_t sum = 0;
        for (int i = 0; i < 4; ++i) sum += world.choose(11, "part");
        if (sum >= 10) world.fail("sum", std::to_string(sum));
        co_return;
    });
    const Shrunk shrunk = shrink_body(bodies);
    EXPECT_EQ(not_benign(shrunk.report.schedule), 1U) << "one 10 instead of 5 and 5";
    EXPECT_THAT(values_of(shrunk), ElementsAre(10));
}

TEST(Shrink, LeavesThreeOutThatNeedEachOther) {
    Bodies bodies([](World& world) -> Task<void> {
        const std::uint32_t reason = world.choose(2, "reason");
        std::uint32_t client = 0;
        for (const Label part : {Label("manner"), Label("messages"), Label("pause")}) {
            client += world.choose(2, part);
        }
        // One or two of the three make a client of another kind, which hides the failure.
        if (reason == 1 && (client == 0 || client == 3)) world.fail("both", "with and without it");
        co_return;
    });
    std::uint64_t seed = 1;
    const auto whole = [&] {
        for (;; ++seed) {
            SeedChoices choices(seed);
            Report report = bodies(choices);
            if (!report.passed && not_benign(report.schedule) == 4) return report;
        }
    };
    const Shrunk shrunk = shrink([&](ChoiceSource& choices) { return bodies(choices); }, whole());
    EXPECT_THAT(values_of(shrunk), ElementsAre(1));
}

TEST(Shrink, PutsThePlainerNeighbourFirst) {
    Bodies bodies([](World& world) -> Task<void> {
        std::vector<std::uint32_t> values;
        for (int i = 0; i < 2; ++i) {
            const Spanned span(world, "item");
            values.push_back(world.choose(10, "value"));
            values.push_back(world.choose(10, "value"));
        }
        const bool both = values[0] + values[2] == 3 && values[0] * values[2] == 2 &&
                          values[1] > 0 && values[3] > 0;
        if (both) world.fail("both", "");
        co_return;
    });
    const Shrunk shrunk = shrink_body(bodies);
    EXPECT_THAT(values_of(shrunk), ElementsAre(1, 1, 2, 1));
}

/// Each client takes its steps after all plans are made, and a strike at the third step of a marked
/// client is a failure. Without the client before it, the same strike comes too late.
Task<void> clients_that_take_steps(World& world) {
    std::vector<std::uint32_t> kinds;
    for (std::uint32_t i = 0; i < 3; ++i) {
        const Spanned client(world, "client");
        if (i > 0 && world.choose(4 - i, "another") == 0) break;
        kinds.push_back(world.choose(3, "kind"));
        world.choose(5, "size");
    }
    for (std::size_t i = 0; i < kinds.size(); ++i) {
        for (int step = 0; step < 6; ++step) {
            const bool struck = world.flip(2, "strike");
            if (kinds[i] == 2 && step == 2 && struck) world.fail("struck", std::to_string(i));
        }
    }
    co_return;
}

TEST(ShrinkPasses, LeaveAClientOutAndMoveTheLaterStrikesInOneAttempt) {
    Bodies bodies(&clients_that_take_steps);
    for (std::uint64_t seed = 1; seed <= 200; ++seed) {
        SeedChoices choices(seed);
        const Report failing = bodies(choices);
        if (failing.passed) continue;
        const Experiment experiment = [&](ChoiceSource& source) { return bodies(source); };
        const ShrinkOptions options;
        Trials trials(experiment, options, failing.property);
        Passes passes(trials, failing);
        passes.shrink();
        EXPECT_EQ(not_benign(passes.best().schedule), 2U) << "seed " << seed;
        EXPECT_EQ(passes.best().sentence, "0") << "all others are left out";
    }
}

TEST(Shrink, OfAFailureWithoutAnyChoiceIsEmpty) {
    Bodies bodies([](World& world) -> Task<void> {
        world.choose(10, "draw");
        world.fail("always", "");
        co_return;
    });
    EXPECT_THAT(values_of(shrink_body(bodies)), IsEmpty());
}

TEST(Shrink, GivesBackWhatDoesNotFailAgain) {
    Bodies bodies([](World& world) -> Task<void> {
        world.choose(10, "draw");
        co_return;
    });
    SeedChoices choices(1);
    Report claimed = bodies(choices);
    claimed.passed = false;
    claimed.property = "once";
    const Shrunk shrunk = shrink([&](ChoiceSource& source) { return bodies(source); }, claimed);
    EXPECT_FALSE(shrunk.finished);
    EXPECT_EQ(shrunk.report.property, "once");
    EXPECT_EQ(shrunk.runs, 1U);
}

TEST(Shrink, IsBounded) {
    Bodies bodies(&clients_with_a_bad_one);
    const Report failing = bodies.failing();
    ShrinkOptions options;
    int asked = 0;
    options.stop = [&asked] { return ++asked > 5; };
    const Shrunk stopped =
        shrink([&](ChoiceSource& source) { return bodies(source); }, failing, options);
    EXPECT_FALSE(stopped.finished);
    EXPECT_LE(stopped.runs, 6U);
    EXPECT_EQ(stopped.report.property, "bad");
    options = {};
    options.most_completions = 20;
    const Shrunk spent =
        shrink([&](ChoiceSource& source) { return bodies(source); }, failing, options);
    EXPECT_FALSE(spent.finished);
    EXPECT_EQ(spent.report.property, "bad");
}

TEST(Shrink, GivesTheSameEachTime) {
    Bodies bodies(&clients_with_a_bad_one);
    const Shrunk one = shrink_body(bodies);
    const Shrunk two = shrink_body(bodies);
    EXPECT_EQ(one.runs, two.runs);
    EXPECT_EQ(values_of(one), values_of(two));
}

TEST(Shrink, CountsWhatIsNotBenign) {
    EXPECT_EQ(not_benign({}), 0U);
    const std::vector<Choice> schedule = {{0, 2, "a"}, {1, 2, "a"}, {0, 5, "b"}, {4, 5, "b"}};
    EXPECT_EQ(not_benign(schedule), 2U);
}

// --- PCT ----------------------------------------------------------------------------------------

TEST(Pct, FindsAnOrderThatNeedsSeveralStepsInARow) {
    // Two chains of ten steps; it fails when one has ended before the other has begun.
    const auto body = [](World& world) -> Task<void> {
        TaskGroup group(world);
        int ended = 0;
        bool overtaken = false;
        const auto chain = [](World& its, int& done, bool& late, bool last) -> Task<void> {
            for (int i = 0; i < 10; ++i) {
                test::Pair pair = co_await test::make_pair(its);
                late = late || (i == 0 && last && done == 1);
            }
            ++done;
        };
        group.spawn(chain(world, ended, overtaken, false));
        group.spawn(chain(world, ended, overtaken, true));
        co_await group.join();
        if (overtaken) world.fail("overtaken", "");
    };
    RunOptions options;
    options.faults = FaultSet();
    options.always = FaultSet().with(Fault::reorder);
    int by_seed = 0;
    int by_priority = 0;
    for (std::uint64_t seed = 1; seed <= 300; ++seed) {
        test::FunctionScenario scenario(body);
        SeedChoices seeded(seed);
        by_seed += run(scenario, seeded, options).passed ? 0 : 1;
        test::FunctionScenario same(body);
        PctChoices pct(seed, 2, 60);
        by_priority += run(same, pct, options).passed ? 0 : 1;
    }
    EXPECT_GT(by_priority, 3 * by_seed);
    EXPECT_GT(by_priority, 0);
}

TEST(Pct, PrefersOneLaneUntilItsPriorityChanges) {
    PctChoices pct(7, 1, 100);  // no change points
    StepWatcher& watcher = *pct.watcher();
    const std::vector<Step> ready = {{1, 10}, {2, 20}, {3, 30}};
    const StateView nothing{nullptr, [](const void*) { return std::uint64_t{0}; }};
    const std::uint32_t first = watcher.choose_step(ready, nothing);
    for (int i = 0; i < 50; ++i) EXPECT_EQ(watcher.choose_step(ready, nothing), first);
    PctChoices changing(7, 2, 1);  // one, at the first step
    const std::uint32_t second = changing.watcher()->choose_step(ready, nothing);
    EXPECT_NE(second, first);
    for (int i = 0; i < 50; ++i) EXPECT_EQ(changing.watcher()->choose_step(ready, nothing), second);
}

}  // namespace
}  // namespace drydock::sim

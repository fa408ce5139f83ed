// A step that never ends cannot be interrupted: it ends the process. (GoogleTest's death tests do
// not work under Wine.)
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/simulated.hpp"

namespace drydock::sim {
namespace {

using test::simulate;

Task<void> flip_for_ever(World& world) {
    while (!world.flip(2, "never")) {}
    co_return;
}

TEST(EndlessStepDeathTest, EndsTheProcessWithASentence) {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    RunOptions options;
    options.most_choices_in_step = 1000;
    EXPECT_DEATH(simulate(&flip_for_ever, options),
                 "drydock: one step made more than 1000 choices after completion 1, the last of "
                 "them for 'never': it does not end");
}

Task<void> try_for_ever(World& world) {
    test::Pair pair = co_await test::make_pair(world);
    while (pair.server->try_receive({}).error == Error::would_block) {}
}

TEST(EndlessStepDeathTest, EndsAProcessThatTriesToReceiveForEver) {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    RunOptions options;
    options.most_choices_in_step = 1000;
    EXPECT_DEATH(simulate(&try_for_ever, options), "the last of them for 'try_receive'");
}

}  // namespace
}  // namespace drydock::sim

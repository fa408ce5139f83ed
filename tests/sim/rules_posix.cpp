// Each rule, broken on a simulator's queue that belongs to no run: the process ends with its
// sentence, as on real queues. (GoogleTest's death tests do not work under Wine.)
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <drydock/sim/run.hpp>
#include <drydock/task_group.hpp>

#include "tests/sim/breaches.hpp"

namespace drydock::sim {
namespace {

using testing::HasSubstr;

/// Ends with the queue, which looks for what was leaked.
void drive(const Breach& breach) {
    const std::unique_ptr<CompletionQueue> queue = make_queue(1, {});
    TaskGroup group(*queue);
    group.spawn(breach.program(*queue));
    const Time deadline = later(queue->now(), std::chrono::hours(1));
    Completion completion;
    while (group.size() > 0 && queue->wait({&completion, 1}, deadline) == 1) {
        completion.operation->complete(completion.result);
    }
}

class RulesDeathTest : public testing::TestWithParam<Breach> {};

TEST_P(RulesDeathTest, EndTheProcessWithTheirSentence) {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    const Breach& breach = GetParam();
    std::string expected = "drydock: " + std::string(sentence(breach.rule)) + " (";
    if (breach.kind != OperationKind::none) {
        expected += std::string(name(breach.kind)) + " started at ";
    }
    EXPECT_DEATH(drive(breach), HasSubstr(expected + breach.file + ":"));
}

INSTANTIATE_TEST_SUITE_P(Broken, RulesDeathTest, testing::ValuesIn(breaches()),
                         [](const auto& test) { return test.param.test_name; });

}  // namespace
}  // namespace drydock::sim

// What a real queue does about a broken rule. (GoogleTest's death tests do not work under Wine.)
#include <source_location>

#include <gtest/gtest.h>

#include <drydock/violation.hpp>

namespace drydock {
namespace {

// On real queues a broken rule ends the process, with the sentence.
TEST(ViolationDeathTest, PrintsTheRulesSentenceAndThePlaceOfTheStart) {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    const Violation violation{Rule::second_receive, OperationKind::receive,
                              std::source_location::current()};
    EXPECT_DEATH(abort_with(violation),
                 "drydock: a second receive was started on a socket: at most one may be in flight "
                 ".receive started at .*violation_posix.cpp:[0-9]+.");
}

// Some rules are about an object: then no operation is named.
TEST(ViolationDeathTest, NamesThePlaceAloneWhereNoOperationWasStarted) {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    const Violation violation{Rule::queue_unbounded};
    EXPECT_DEATH(abort_with(violation), "what is underway .[^ ]*violation_posix.cpp:[0-9]+.\n");
}

}  // namespace
}  // namespace drydock

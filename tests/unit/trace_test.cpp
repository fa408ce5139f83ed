// The lines of a trace: which are kept, and which is marked.
#include "sim/trace.hpp"

#include <cstdint>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace drydock::sim {
namespace {

using testing::ElementsAre;

Time at(std::int64_t microseconds) { return Time(std::chrono::microseconds(microseconds)); }

TEST(Trace, keeps_the_last_steps_and_what_led_to_them) {
    Trace trace(2);
    trace.note("choice of the world");
    for (int i = 1; i <= 5; ++i) {
        trace.step(at(i * 1000), "step " + std::to_string(i));
        trace.note("after " + std::to_string(i));
    }
    EXPECT_THAT(trace.take(), ElementsAre("                  after 3", "      4.000 ms  step 4",
                                          "                  after 4", "      5.000 ms  step 5",
                                          "                  after 5"));
}

TEST(Trace, of_fewer_steps_begins_before_the_first) {
    Trace trace(9);
    trace.note("choice of the world");
    trace.step(at(7), "the only step");
    EXPECT_THAT(trace.take(), ElementsAre("                  choice of the world",
                                          "      0.007 ms  the only step"));
}

TEST(Trace, marks_the_step_that_broke_a_property_whatever_it_did_before) {
    Trace trace(9);
    trace.step(at(12), "good");
    trace.step(at(3'600'000'001), "bad");
    trace.note("choice of the bad step");
    trace.fail("echo-prefix", true);
    EXPECT_THAT(trace.take(),
                ElementsAre("      0.012 ms  good", "> 3600000.001 ms  bad  <-- breaks echo-prefix",
                            "                  choice of the bad step"));
}

TEST(Trace, marks_no_step_where_none_has_broken_it) {
    Trace trace(9);
    trace.step(at(12), "the last step");
    trace.fail("stuck", false);
    EXPECT_THAT(trace.take(), ElementsAre("      0.012 ms  the last step",
                                          ">               after the last step: stuck"));
}

}  // namespace
}  // namespace drydock::sim

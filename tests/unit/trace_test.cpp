// The lines of a trace: which are kept, and which is marked.
#include "sim/trace.hpp"

#include <cstdint>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace drydock::sim {
namespace {

using testing::ElementsAre;

/// A timer started in the given line of server.cpp has completed.
RunEvent timer(std::int64_t microseconds) {
    RunEvent event;
    event.kind = RunEventKind::completed;
    event.at = Time(std::chrono::microseconds(microseconds));
    event.operation = OperationKind::timer;
    return event;
}

RunEvent choice(const char* label, std::uint32_t value) {
    RunEvent event;
    event.kind = RunEventKind::choice;
    event.choice = {value, 4, label};
    return event;
}

RunEvent verdict(const char* property, bool in_step) {
    RunEvent event;
    event.kind = RunEventKind::verdict;
    event.name = property;
    event.in_step = in_step;
    return event;
}

/// The place of an event that has none.
constexpr const char* nowhere = "timer started at :0: ok";

TEST(Trace, keeps_the_last_steps_and_what_led_to_them) {
    Trace trace(2);
    trace.happened(choice("of the world", 1));
    for (std::uint32_t i = 1; i <= 5; ++i) {
        trace.happened(timer(i * 1000));
        trace.happened(choice("after", i % 4));
    }
    const std::string step = nowhere;
    EXPECT_THAT(trace.take(), ElementsAre("                  choice after = 3 (0 to 3)",
                                          "      4.000 ms  " + step, "      5.000 ms  " + step,
                                          "                  choice after = 1 (0 to 3)"));
}

TEST(Trace, of_fewer_steps_begins_before_the_first) {
    Trace trace(9);
    trace.happened(choice("of the world", 2));
    trace.happened(timer(7));
    EXPECT_THAT(trace.take(), ElementsAre("                  choice of the world = 2 (0 to 3)",
                                          "      0.007 ms  " + std::string(nowhere)));
}

TEST(Trace, names_connections_by_their_clients_once_these_are_known) {
    Trace trace(9);
    RunEvent sent;
    sent.kind = RunEventKind::completed;
    sent.operation = OperationKind::send;
    sent.connection = 3;
    sent.accepted = true;
    sent.size = 16;
    sent.result = Result::success(5);
    trace.happened(sent);
    RunEvent identified;
    identified.kind = RunEventKind::identified;
    identified.connection = 3;
    identified.name = "client";
    identified.number = 2;
    trace.happened(identified);
    trace.happened(sent);
    EXPECT_THAT(
        trace.take(),
        ElementsAre(
            "      0.000 ms  send on connection 3 (accepted side) started at :0: ok, 5 of 16 "
            "bytes",
            "                  connection 3 is of client 2",
            "      0.000 ms  send on connection 3 (accepted side) of client 2 started at "
            ":0: ok, 5 of 16 bytes"));
}

TEST(Trace, notes_what_a_try_to_receive_gave) {
    Trace trace(9);
    RunEvent tried;
    tried.kind = RunEventKind::tried_receive;
    tried.connection = 3;
    tried.accepted = true;
    tried.result = Result::failure(Error::would_block);
    trace.happened(timer(12));
    trace.happened(tried);
    EXPECT_THAT(trace.take(),
                ElementsAre("      0.012 ms  " + std::string(nowhere),
                            "                  try_receive on connection 3 (accepted side): "
                            "would_block, 0 bytes"));
}

TEST(Trace, marks_the_step_that_broke_a_property_whatever_it_did_before) {
    Trace trace(9);
    trace.happened(timer(12));
    trace.happened(timer(3'600'000'001));
    trace.happened(choice("of the bad step", 1));
    trace.happened(verdict("echo-prefix", true));
    const std::string step = nowhere;
    EXPECT_THAT(trace.take(), ElementsAre("      0.012 ms  " + step,
                                          "> 3600000.001 ms  " + step + "  <-- breaks echo-prefix",
                                          "                  choice of the bad step = 1 (0 to 3)"));
}

TEST(Trace, marks_no_step_where_none_has_broken_it) {
    Trace trace(9);
    trace.happened(timer(12));
    trace.happened(verdict("stuck", false));
    EXPECT_THAT(trace.take(), ElementsAre("      0.012 ms  " + std::string(nowhere),
                                          ">               after the last step: stuck"));
}

}  // namespace
}  // namespace drydock::sim

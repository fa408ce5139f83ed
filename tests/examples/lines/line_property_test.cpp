// The line server with clients and schedules that RapidCheck generates.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>  // after GoogleTest

#include <drydock/sim/rapidcheck.hpp>

#include "line_scenario.hpp"

namespace {

namespace sim = drydock::sim;

RC_GTEST_PROP(LineServer, AnswersAnyNumberOfClients, ()) {
    const sim::Settings settings = {{"clients", *rc::gen::inRange<std::uint64_t>(1, 5)},
                                    {"lines", *rc::gen::inRange<std::uint64_t>(0, 9)}};
    sim::ReplayChoices choices(*sim::rapidcheck::schedules());
    sim::rapidcheck::expect_holds(lines, choices, "any_number_of_clients", settings);
}

}  // namespace

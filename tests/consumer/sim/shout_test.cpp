// The project's own test: many seeds of its server, in a GoogleTest.
#include <gtest/gtest.h>

#include <drydock/sim/gtest.hpp>

#include "sim/scenario.hpp"

TEST(Shout, sends_back_all_in_capitals) {
    DRYDOCK_EXPECT_HOLDS(shout::sound, drydock::sim::seeds(1, 500));
}

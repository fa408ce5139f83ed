// The ledger in simulated worlds, as ordinary tests.
#include <drydock/sim/gtest.hpp>

#include "ledger.hpp"

namespace {

namespace sim = drydock::sim;

TEST(Ledger, KeepsWhatItHasAnswered) {
    DRYDOCK_EXPECT_HOLDS(ledger_scenario, sim::seeds(1, 2'000));
}

// Each point at which the ledger can crash, in each way, once.
TEST(Ledger, KeepsADepositWhereverItCrashes) {
    DRYDOCK_EXPECT_EXPLORED(ledger_scenario, {{"deposits", 1}});
}

}  // namespace

// The proxy in simulated worlds, as ordinary tests.
#include <drydock/sim/gtest.hpp>

#include "proxy_scenario.hpp"

namespace {

namespace sim = drydock::sim;

TEST(Proxy, PassesBytesAndEndsOn) { DRYDOCK_EXPECT_HOLDS(proxied, sim::seeds(1, 20'000)); }

}  // namespace

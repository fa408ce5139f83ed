// The proxy in simulated worlds, as ordinary tests.
#include <string>

#include <drydock/sim/gtest.hpp>

#include "proxy_scenario.hpp"

namespace {

namespace sim = drydock::sim;

TEST(Proxy, PassesOnBytesEndsAndResets) { DRYDOCK_EXPECT_HOLDS(proxied, sim::seeds(1, 50'000)); }

// Every order of completions, with each kind of target: 0 echoes, 1 ends first, 2 ends last,
// 3 refuses.
class ProxyExplored : public testing::TestWithParam<std::uint64_t> {};

TEST_P(ProxyExplored, PassesOneByteOnEachWay) {
    DRYDOCK_EXPECT_EXPLORED(proxied, {{"clients", 1}, {"bytes", 1}, {"target", GetParam()}},
                            {.faults = sim::FaultSet().with(sim::Fault::interleave)});
}

TEST_P(ProxyExplored, PassesAResetOnAtAnyMoment) {
    DRYDOCK_EXPECT_EXPLORED(proxied, {{"clients", 1}, {"bytes", 1}, {"target", GetParam()}},
                            {.faults = sim::FaultSet().with(sim::Fault::network_reset)});
}

INSTANTIATE_TEST_SUITE_P(Targets, ProxyExplored, testing::Values(0, 1, 2, 3));

// The idle timeout had closed the target's socket in an orderly way: to the target, a client that
// was cut off looked like one that had sent everything.
TEST(Proxy, DoesNotEndAConnectionThatItCutsOff) {
    DRYDOCK_EXPECT_REPLAY_HOLDS(proxied, "cut_off_as_end.schedule");
}

}  // namespace

// The trace of a world with hosts: where each completion came out, and when hosts start and end.
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <drydock/sim/host.hpp>
#include <drydock/timer.hpp>

#include "tests/support/simulated.hpp"

namespace drydock::sim {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;

TEST(TraceOfHosts, SaysWhereCompletionsCameOutAndWhenHostsStartAndEnd) {
    RunOptions options;
    options.trace = 100;
    const auto body = [](World& world) -> Task<void> {
        Host& host = world.host("clock tower");
        host.run([](Host& queue) -> Task<void> {
            Timer timer(queue);
            co_await timer.after(3s);
        });
        Timer timer(world);
        co_await timer.after(1s);
        host.crash(true, 1s);
        co_await host.ended();
    };
    const Report report = test::simulate(body, options);
    ASSERT_TRUE(report.passed) << report.sentence;
    std::vector<std::string> about;
    for (const std::string& line : report.trace) {
        const bool is_of_host = line.find("clock tower") != std::string::npos;
        const std::size_t text = line.find_first_not_of(' ');
        if (is_of_host) about.push_back(line.substr(text));
    }
    EXPECT_THAT(about, ElementsAre("host 'clock tower' starts",
                                   HasSubstr("post at clock tower started at sim/hosts.cpp:"),
                                   "host 'clock tower' is down: its power was cut",
                                   "host 'clock tower' starts again (start 2)",
                                   HasSubstr("post at clock tower started at sim/hosts.cpp:"),
                                   HasSubstr("5000.000 ms  timer at clock tower started at ")));
}

}  // namespace
}  // namespace drydock::sim

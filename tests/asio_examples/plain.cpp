// Scenarios for the examples that have nothing to do with a network: timers, threads, executors.
#include <drydock/timer.hpp>

#include "tests/asio_examples/scenarios.hpp"

namespace drydock::examples {
namespace {

/// A program that gets some lines to read, and ends by itself.
template <Text line>
class Plain final : public sim::ProgramScenario {
public:
    static constexpr sim::Expectation properties[] = {
        {"ends", "the program ends within an hour of virtual time"}};

    std::vector<std::string> arguments() const override { return words(line.text); }
    bool ends_by_itself() const override { return true; }
    std::string input() const override {
        return "the first line is long\nshort\nanother long line\n\n";
    }
    Task<void> clients(sim::World& world) override {
        Timer timer(world);
        const Time end = later(world.now(), std::chrono::hours(1));
        while (!status() && world.now() < end) co_await timer.after(std::chrono::seconds(1));
        if (!status()) world.fail("ends", "the program has not ended within an hour");
    }
    std::string outcome() const override { return output(); }
};

constexpr Text grep_arguments =
    "line /usr/share/doc/libasio-dev/examples/cpp11/spawn/parallel_grep.cpp "
    "/usr/include/asio.hpp";

constexpr auto plain = sim::scenario_info<Plain<"">>("plain", "a program without a network");
constexpr auto fork_join =
    sim::scenario_info<Plain<"20000">>("fork-join", "a program that sorts 20,000 numbers");
constexpr auto grep =
    sim::scenario_info<Plain<grep_arguments>>("grep", "a program that searches two files");

}  // namespace

const sim::ScenarioInfo* const plain_scenarios[] = {&plain, &fork_join, &grep};
const std::size_t plain_scenario_count = std::size(plain_scenarios);

}  // namespace drydock::examples

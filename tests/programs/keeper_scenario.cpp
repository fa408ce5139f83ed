// Scenarios for a program that looks at addresses and keeps things.
#include <string>
#include <vector>

#include <drydock/sim/program.hpp>
#include <drydock/sim/tool.hpp>
#include <drydock/timer.hpp>

namespace {

using namespace drydock;

class Keeper : public sim::ProgramScenario {
public:
    explicit Keeper(std::string what) : what_(std::move(what)) {}

    std::vector<std::string> arguments() const override { return {what_}; }
    Task<void> clients(sim::World& world) override {
        Timer timer(world);
        co_await timer.after(std::chrono::seconds(1));
    }
    std::string outcome() const override {
        std::string line = output();
        for (char& c : line) c = c == '\n' ? ' ' : c;
        return line;
    }

private:
    std::string what_;
};

struct Addresses final : Keeper {
    Addresses() : Keeper("addresses") {}
};
struct Cache final : Keeper {
    Cache() : Keeper("cache") {}
};
struct Flag final : Keeper {
    Flag() : Keeper("flag") {}
};
struct UseAfterFree final : Keeper {
    UseAfterFree() : Keeper("use-after-free") {}
};
struct FreeTwice final : Keeper {
    FreeTwice() : Keeper("free-twice") {}
};
/// Fails from the second run of a process on, and hides that from the simulator.
struct Hidden final : Keeper {
    Hidden() : Keeper("addresses") {}
    static constexpr sim::Expectation properties[] = {{"first", "it is the first run"}};
    Task<void> clients(sim::World& world) override {
        if (runs_++ > 0) world.fail("first", "it is run " + std::to_string(runs_));
        co_await Keeper::clients(world);
    }

private:
    static inline thread_local int runs_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
    static constexpr sim::ScenarioInfo infos[] = {
        sim::scenario_info<Addresses>("addresses", "orders its objects by their addresses"),
        sim::scenario_info<Cache>("cache", "has a cache that grows from run to run"),
        sim::scenario_info<Flag>("flag", "has a flag that stays set"),
        sim::scenario_info<UseAfterFree>("use-after-free", "reads what it has freed"),
        sim::scenario_info<FreeTwice>("free-twice", "frees a block twice"),
        sim::scenario_info<Hidden>("hidden", "depends on how often it was run")};
    static constexpr const sim::ScenarioInfo* scenarios[] = {&infos[0], &infos[1], &infos[2],
                                                             &infos[3], &infos[4], &infos[5]};
    return sim::tool_main(argc, argv, scenarios);
}

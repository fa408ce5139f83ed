// The program ends by itself; what it must have written then.
#include <drydock/sim/program.hpp>
#include <drydock/sim/tool.hpp>
#include <drydock/timer.hpp>

using namespace drydock;

struct Greeter final : sim::ProgramScenario {
    static constexpr sim::Expectation properties[] = {{"greeting", "it greets, or says nothing"}};

    bool ends_by_itself() const override { return true; }
    Task<void> clients(sim::World& world) override {
        Timer timer(world);
        co_await timer.after(std::chrono::seconds(1));
        const bool good = output() == "hello\nagain\n" || output().empty();
        if (!good || status() != 0) world.fail("greeting", "it wrote '" + output() + "'");
    }
    std::string outcome() const override { return std::to_string(output().size()) + " bytes"; }
};

int main(int argc, char** argv) {
    static constexpr auto greeter = sim::scenario_info<Greeter>("greeter", "a program that greets");
    static constexpr const sim::ScenarioInfo* scenarios[] = {&greeter};
    return sim::tool_main(argc, argv, scenarios);
}

// A scenario for each defect of the program.
#include <string>
#include <vector>

#include <drydock/sim/program.hpp>
#include <drydock/sim/tool.hpp>
#include <drydock/timer.hpp>

namespace {

using namespace drydock;

struct Name {
    char text[24];
    constexpr Name(const char* literal) : text() {
        for (int i = 0; literal[i] != '\0'; ++i) text[i] = literal[i];
    }
};

template <Name defect>
class Defects final : public sim::ProgramScenario {
public:
    static constexpr sim::Expectation properties[] = {
        {"greets", "the program greets each name that it reads"}};

    std::vector<std::string> arguments() const override { return {defect.text}; }
    std::string input() const override { return "Ada\nGrace\n"; }

    Task<void> clients(sim::World& world) override {
        Timer timer(world);
        co_await timer.after(std::chrono::milliseconds(100 * (1 + world.choose(10, "visit"))));
        if (output() != "up\nhello Ada\nhello Grace\n") world.fail("greets", "wrote " + output());
    }
    std::string outcome() const override { return std::to_string(output().size()) + " bytes"; }
};

template <Name defect>
constexpr sim::ScenarioInfo info =
    sim::scenario_info<Defects<defect>>(defect.text, "a program with this defect");

}  // namespace

int main(int argc, char** argv) {
    static constexpr const sim::ScenarioInfo* scenarios[] = {
        &info<"none">,     &info<"segfault">, &info<"abort">,
        &info<"assert">,   &info<"throw">,    &info<"throw-in-thread">,
        &info<"leak">,     &info<"spin">,     &info<"deadlock">,
        &info<"exit">,     &info<"status">,   &info<"deaf">,
        &info<"recursion">};
    return sim::tool_main(argc, argv, scenarios);
}

// What a program reads and writes by posix::stream_descriptor, and what is left after its exit().
#include <array>
#include <string>
#include <vector>

#include <drydock/io.hpp>
#include <drydock/sim/program.hpp>
#include <drydock/sim/tool.hpp>
#include <drydock/timer.hpp>

namespace {

using namespace drydock;

/// The program handles the signal that tells it to end by doing nothing: the end of its input ends
/// it.
class Descriptors final : public sim::ProgramScenario {
public:
    std::string input() const override { return ">\none\ntwo\n"; }
    bool input_stays_open() const override { return true; }
    Task<void> clients(sim::World& world) override {
        Timer timer(world);
        co_await timer.after(std::chrono::milliseconds(200 + world.choose(10, "visit")));
    }
    bool may_end_with(int status) const override {
        return status == 0 && output() == "one\ntwo\ncanceled\nend\n" && errors() == "an error\n";
    }
    std::string outcome() const override {
        return status() ? output() : "it has not ended: " + output();
    }
};

/// The input has ended before the program reads it.
class Ended final : public sim::ProgramScenario {
public:
    std::string input() const override { return ">\none\ntwo\n"; }
    bool ends_by_itself() const override { return true; }
    Task<void> clients(sim::World& world) override {
        Timer timer(world);
        co_await timer.after(std::chrono::milliseconds(1));
    }
    bool may_end_with(int status) const override {
        // The world may let the program's timer go first.
        const bool canceled = output() == "one\ntwo\ncanceled\nend\n";
        return status == 0 && (canceled || output() == "one\ntwo\nend\n");
    }
};

/// The program exits with a connection open: the system closes it.
class Exits final : public sim::ProgramScenario {
public:
    std::vector<std::string> arguments() const override { return {"exits"}; }
    bool ends_by_itself() const override { return true; }
    bool may_end_with(int) const override { return true; }  // its connect may fail
    Task<void> clients(sim::World& world) override {
        ListenResult listening = world.listen(Endpoint::loopback(7000), {});
        const SocketResult accepted = co_await accept(*listening.listener);
        if (!accepted.ok()) co_return;
        std::array<std::byte, 16> bytes;
        for (;;) {
            const Result result = co_await receive(*accepted.socket, bytes);
            if (!result.ok() || result.bytes == 0) break;
        }
        ended_ = output().empty();
    }
    std::string outcome() const override {
        return ended_ ? "the connection has ended" : "the connection has not ended: " + output();
    }

private:
    bool ended_ = false;
};

}  // namespace

int main(int argc, char** argv) {
    static constexpr auto open = sim::scenario_info<Descriptors>("open", "its input stays open");
    static constexpr auto ended = sim::scenario_info<Ended>("ended", "its input ends");
    static constexpr auto exits = sim::scenario_info<Exits>("exits", "it ends by exit()");
    static constexpr const sim::ScenarioInfo* scenarios[] = {&open, &ended, &exits};
    return sim::tool_main(argc, argv, scenarios);
}

// What the program must write in each of its ways.
#include <array>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include <drydock/sim/program.hpp>
#include <drydock/sim/tool.hpp>
#include <drydock/timer.hpp>

namespace {

using namespace drydock;

/// The program must have written `expected` when it has ended, and may not end before the client.
class Conduct : public sim::ProgramScenario {
public:
    static constexpr sim::Expectation properties[] = {{"conduct", "it writes what it should"}};

    explicit Conduct(std::vector<std::string> words) : words_(std::move(words)) {}

    std::vector<std::string> arguments() const override { return words_; }
    Task<void> clients(sim::World& world) override {
        Timer timer(world);
        co_await timer.after(std::chrono::milliseconds(100 * (1 + world.choose(10, "visit"))));
    }
    std::string outcome() const override {
        std::string line = output() + "/" + errors() + "/" +
                           (status() ? std::to_string(*status()) : std::string("none"));
        for (char& c : line) c = c == '\n' ? '|' : c;
        return line;
    }

private:
    std::vector<std::string> words_;
};

struct Streams final : Conduct {
    Streams() : Conduct({"streams"}) {}
    std::string input() const override { return "one\ntwo three"; }
};
struct Input final : Conduct {
    Input() : Conduct({"input", "no handler"}) {}
    std::string input() const override { return "\n\n"; }
    bool input_stays_open() const override { return true; }
};
struct Waiter final : Conduct {
    Waiter() : Conduct({"waiter"}) {}
};
struct Handler final : Conduct {
    Handler() : Conduct({"handler", "no handler"}) {}
};
struct Leaver final : Conduct {
    Leaver() : Conduct({"leaver"}) {}
};
struct Raiser final : Conduct {
    Raiser() : Conduct({"raiser"}) {}
    bool ends_by_itself() const override { return true; }
    bool may_end_with(int status) const override { return status == 7; }
};
struct Forker final : Conduct {
    Forker() : Conduct({"forker"}) {}
    bool ends_by_itself() const override { return true; }
};
struct Alarms final : Conduct {
    Alarms() : Conduct({"alarms"}) {}
    bool ends_by_itself() const override { return true; }
};
struct LastThread final : Conduct {
    LastThread() : Conduct({"last-thread"}) {}
    bool ends_by_itself() const override { return true; }
};
struct LastThreadEarly final : Conduct {
    LastThreadEarly() : Conduct({"last-thread"}) {}
    Task<void> clients(sim::World& world) override {
        Timer timer(world);
        co_await timer.after(std::chrono::seconds(2));
    }
};
template <const char* const& signal>
struct Victim final : Conduct {
    Victim() : Conduct({"victim", signal}) {}
    bool ends_by_itself() const override { return true; }
    bool may_end_with(int) const override { return true; }
};
constexpr const char* term = "TERM";
constexpr const char* interrupt = "INT";
constexpr const char* pipe_signal = "PIPE";
constexpr const char* user = "USR1";
constexpr const char* kill_signal = "KILL";
struct Polite final : Conduct {
    Polite() : Conduct({"polite"}) {}
};
struct Deep final : Conduct {
    Deep() : Conduct({"deep"}) {}
    bool ends_by_itself() const override { return true; }
};
struct Quitter final : Conduct {
    Quitter() : Conduct({"quitter"}) {}
    bool ends_by_itself() const override { return true; }
};
struct Sleeper final : Conduct {
    Sleeper() : Conduct({"sleeper", "no handler"}) {}
};
struct Words final : Conduct {
    Words() : Conduct({"a word"}) {}
    std::string program_name() const override { return "./conduct"; }
    bool ends_by_itself() const override { return true; }
};
/// An end that the scenario does not expect.
struct TooEarly final : Conduct {
    TooEarly() : Conduct({"a word"}) {}
};

}  // namespace

int main(int argc, char** argv) {
    static constexpr sim::ScenarioInfo infos[] = {
        sim::scenario_info<Streams>("streams", "writes and reads in many ways"),
        sim::scenario_info<Input>("input", "reads its input to the end"),
        sim::scenario_info<Waiter>("waiter", "waits for a signal"),
        sim::scenario_info<Handler>("handler", "handles SIGINT alone"),
        sim::scenario_info<Leaver>("leaver", "calls exit()"),
        sim::scenario_info<Raiser>("raiser", "raises a signal, and ends by itself"),
        sim::scenario_info<Sleeper>("sleeper", "knows no end"),
        sim::scenario_info<Quitter>("quitter", "calls exit() before anything else"),
        sim::scenario_info<Words>("words", "writes its command line"),
        sim::scenario_info<Forker>("forker", "tries to make other processes"),
        sim::scenario_info<Alarms>("alarms", "sets timers that send signals"),
        sim::scenario_info<LastThread>("last-thread", "ends with its last thread"),
        sim::scenario_info<LastThreadEarly>("last-thread-early", "the same, and is not to end"),
        sim::scenario_info<Victim<term>>("sigterm", "is ended by SIGTERM"),
        sim::scenario_info<Victim<interrupt>>("sigint", "is ended by SIGINT"),
        sim::scenario_info<Victim<pipe_signal>>("sigpipe", "is ended by SIGPIPE"),
        sim::scenario_info<Victim<user>>("sigusr1", "is ended by SIGUSR1"),
        sim::scenario_info<Victim<kill_signal>>("sigkill", "is ended by SIGKILL"),
        sim::scenario_info<Polite>("polite", "ends by the signal that tells it to"),
        sim::scenario_info<Deep>("deep", "needs much of its stacks"),
        sim::scenario_info<TooEarly>("too-early", "ends before it is told to")};
    static constexpr auto scenarios = [] {
        std::array<const sim::ScenarioInfo*, std::size(infos)> all{};
        for (std::size_t i = 0; i < all.size(); ++i) all[i] = &infos[i];
        return all;
    }();
    return sim::tool_main(argc, argv, scenarios);
}

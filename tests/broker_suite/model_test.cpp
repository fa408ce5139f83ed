// What only the model can show, or what the test must be able to time: crashes of the machine, the
// bounds of its memory, refusals that are switched on, slow replies.
#include <algorithm>
#include <chrono>
#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "tests/broker/publish_script.hpp"
#include "tests/broker_suite/link.hpp"
#include "tests/broker_suite/subject.hpp"
#include "tests/support/simulated.hpp"

namespace drydock::broker {
namespace {

using namespace std::chrono_literals;

/// A broker whose machine can crash. It has what is in its store.
class Machine {
public:
    Machine(CompletionQueue& queue, Store& store, const Settings& settings, Pace pace = {})
        : queue_(queue), group_(queue) {
        ListenResult listening = queue.listen(Endpoint::loopback(0), {});
        endpoint_ = listening.listener->local_endpoint();
        broker_ = std::make_unique<Broker>(queue, std::move(listening.listener), settings,
                                           known_scripts(), &store, pace);
        group_.spawn([this]() -> Task<void> { is_sound_ = co_await broker_->run(); });
    }
    Task<void> stop() {
        broker_->request_stop();
        co_await group_.join();
    }
    Broker& broker() { return *broker_; }
    Endpoint endpoint() const { return endpoint_; }
    bool is_sound() const { return is_sound_; }

private:
    CompletionQueue& queue_;
    TaskGroup group_;
    Endpoint endpoint_;
    std::unique_ptr<Broker> broker_;
    bool is_sound_ = false;
};

Task<std::string> ask_once(CompletionQueue& queue, const Machine& machine, std::string request) {
    Link link(queue);
    const bool is_open = co_await link.open(machine.endpoint());
    EXPECT_TRUE(is_open);
    co_await link.send(request);
    std::string reply = co_await link.reply();
    co_return reply;
}

/// Adds entries first, first + 1, ..., with a pause after each.
Task<void> add_entries(CompletionQueue& queue, const Machine& machine, int first, int last,
                       Duration pause) {
    Timer timer(queue);
    Link link(queue);
    const bool is_open = co_await link.open(machine.endpoint());
    EXPECT_TRUE(is_open);
    for (int number = first; number <= last; ++number) {
        const std::string added =
            co_await link.ask("XADD", "s", std::to_string(number) + "-0", "f", "v");
        EXPECT_TRUE(added.starts_with("$")) << added;
        if (pause > Duration::zero()) co_await timer.after(pause);
    }
}

/// The number of an integer reply; -1 if it is none.
int number_in(const std::string& reply) {
    return reply.starts_with(':') ? std::stoi(reply.substr(1)) : -1;
}

void in_a_world(test::FunctionScenario::Body body) {
    const sim::Report report = test::simulate(std::move(body));
    EXPECT_TRUE(report.passed) << report.property << ": " << report.sentence;
}

class BrokerModel : public testing::TestWithParam<Kind> {};

// --- what a crash leaves -------------------------------------------------------------------------

TEST_P(BrokerModel, LosesTheLastSecondWithAppendfsyncEverysecWhenTheMachineCrashes) {
    in_a_world([](sim::World& world) -> Task<void> {
        const Settings settings{.append_only = true};
        MemoryStore store;
        Machine first(world, store, settings);
        co_await add_entries(world, first, 1, 25, 100ms);
        co_await first.stop();
        store.lose_unsynced();
        Machine second(world, store, settings);
        const std::string length = co_await ask_once(world, second, command("XLEN", "s"));
        EXPECT_GE(number_in(length), 5) << "what is older than a second or two is kept";
        EXPECT_LT(number_in(length), 25) << "the last entries were answered, and are lost";
        co_await second.stop();
    });
}

TEST_P(BrokerModel, KeepsAllWithAppendfsyncAlwaysWhenTheMachineCrashes) {
    in_a_world([](sim::World& world) -> Task<void> {
        const Settings settings{.append_only = true, .fsync = Fsync::always};
        MemoryStore store;
        Machine first(world, store, settings);
        co_await add_entries(world, first, 1, 25, Duration::zero());
        co_await first.stop();
        store.lose_unsynced();
        Machine second(world, store, settings);
        const std::string length = co_await ask_once(world, second, command("XLEN", "s"));
        EXPECT_EQ(length, ":25\r\n");
        co_await second.stop();
    });
}

TEST_P(BrokerModel, LeavesOutAHalfOfAScriptAtTheEndOfItsFile) {
    const Settings settings{.append_only = true, .fsync = Fsync::always};
    const auto publish = [](int number) {
        return command("EVAL", publish_script(), "3", "s", "p", "h", "me", std::to_string(number),
                       "line\n", "100");
    };
    MemoryStore whole;
    std::size_t one = 0;  // bytes after the first line
    in_a_world([&](sim::World& world) -> Task<void> {
        Machine machine(world, whole, settings);
        co_await ask_once(world, machine, command("HSET", "p", "#", "0"));
        co_await ask_once(world, machine, publish(1));
        one = whole.size();
        co_await ask_once(world, machine, publish(2));
        co_await machine.stop();
    });
    for (std::size_t size = one; size < whole.size(); ++size) {
        MemoryStore cut;
        cut.append(std::string_view(whole.read()).substr(0, size));
        in_a_world([&](sim::World& world) -> Task<void> {
            Machine machine(world, cut, settings);
            const std::string again = co_await ask_once(world, machine, publish(2));
            EXPECT_EQ(again, "*2\r\n:2\r\n:2\r\n") << "cut at " << size;
            const std::string length = co_await ask_once(world, machine, command("XLEN", "s"));
            EXPECT_EQ(length, ":2\r\n") << "cut at " << size;
            co_await machine.stop();
        });
    }
}

TEST_P(BrokerModel, DoesNotStartWithAFileThatIsDamaged) {
    in_a_world([](sim::World& world) -> Task<void> {
        MemoryStore store;
        store.append("*1\r\n$3\r\nFOO\r\n");
        Machine machine(world, store, {.append_only = true});
        co_await machine.stop();
        EXPECT_FALSE(machine.is_sound());
    });
}

// --- bounds --------------------------------------------------------------------------------------

TEST_P(BrokerModel, KeepsItsFileAndItsStreamShort) {
    in_a_world([](sim::World& world) -> Task<void> {
        const Settings settings{
            .append_only = true, .fsync = Fsync::always, .rewrite_above = 20'000};
        MemoryStore store;
        Machine machine(world, store, settings);
        Link link(world);
        const bool is_open = co_await link.open(machine.endpoint());
        EXPECT_TRUE(is_open);
        std::size_t largest = 0;
        const std::string text(100, 'x');
        for (int number = 1; number <= 1000; ++number) {
            const std::string id = std::to_string(number) + "-0";
            co_await link.ask("XADD", "s", "MAXLEN", "~", "50", id, "f", text);
            largest = std::max(largest, store.size());
        }
        const std::string last = co_await link.ask("XLEN", "s");
        EXPECT_LE(number_in(last), 99);
        EXPECT_LT(largest, 60'000U) << "a thousand commands have 150,000 bytes";
        co_await machine.stop();
        Machine again(world, store, settings);
        const std::string kept = co_await ask_once(world, again, command("XLEN", "s"));
        EXPECT_EQ(kept, last) << "the file that was written anew has the same";
        co_await again.stop();
    });
}

// --- refusals and pace ---------------------------------------------------------------------------

TEST_P(BrokerModel, AnswersWhileItLoadsWhatNeedsNoKeys) {
    in_a_world([](sim::World& world) -> Task<void> {
        MemoryStore store;
        Machine machine(world, store, {.loading = true});
        constexpr std::string_view loading = "-LOADING Redis is loading the dataset in memory\r\n";
        for (const char* name : {"PING", "XLEN", "XADD"}) {
            const std::string request = name == std::string_view("PING") ? command("PING")
                                        : name == std::string_view("XLEN")
                                            ? command("XLEN", "s")
                                            : command("XADD", "s", "1-0", "f", "v");
            const std::string reply = co_await ask_once(world, machine, request);
            EXPECT_EQ(reply, loading) << name;
        }
        const std::string name =
            co_await ask_once(world, machine, command("CLIENT", "SETNAME", "x"));
        EXPECT_EQ(name, "+OK\r\n");
        co_await machine.broker().change([](Settings& settings) { settings.loading = false; });
        const std::string pong = co_await ask_once(world, machine, command("PING"));
        EXPECT_EQ(pong, "+PONG\r\n");
        co_await machine.stop();
    });
}

TEST_P(BrokerModel, SaysWhichFileItCannotWrite) {
    in_a_world([](sim::World& world) -> Task<void> {
        MemoryStore store;
        Machine machine(world, store, {.disk = DiskError::append_only_file});
        const std::string reply =
            co_await ask_once(world, machine, command("XADD", "s", "1-0", "f", "v"));
        EXPECT_EQ(reply, "-MISCONF Errors writing to the AOF file: No space left on device\r\n");
        co_await machine.stop();
    });
}

TEST_P(BrokerModel, RepliesLaterIfItIsSlow) {
    in_a_world([](sim::World& world) -> Task<void> {
        MemoryStore store;
        Machine machine(world, store, {}, {.reply_delay = 3s});
        const Time begin = world.now();
        const std::string pong = co_await ask_once(world, machine, command("PING"));
        EXPECT_EQ(pong, "+PONG\r\n");
        EXPECT_GE(world.now() - begin, 3s);
        co_await machine.stop();
    });
}

TEST_P(BrokerModel, SaysThatItHasNoLua) {
    in_a_world([](sim::World& world) -> Task<void> {
        MemoryStore store;
        Machine machine(world, store, {});
        const std::string reply =
            co_await ask_once(world, machine, command("EVAL", "return 1", "0"));
        EXPECT_EQ(reply, "-ERR this model of Redis does not know the script, and has no Lua\r\n");
        co_await machine.stop();
    });
}

INSTANTIATE_TEST_SUITE_P(Suite, BrokerModel, testing::Values("sim"),
                         [](const auto& param) { return std::string(param.param); });

}  // namespace
}  // namespace drydock::broker

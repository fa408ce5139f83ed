// Worlds of several machines: addresses, crashes, restarts, partitions, clocks and stores.
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <drydock/sim/explore.hpp>
#include <drydock/sim/gtest.hpp>
#include <drydock/task_group.hpp>
#include <drydock/timer.hpp>

#include "tests/support/simulated.hpp"

namespace drydock::sim {
namespace {

using namespace std::chrono_literals;
using test::LabelChoices;
using test::simulate;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Key;

constexpr std::uint16_t port = 7000;

void expect_held(const Report& report) {
    EXPECT_TRUE(report.passed) << report.property << ": " << report.sentence;
}

/// What a receive has given: "abc", "end", or the error's name.
Task<std::string> heard(AsyncSocket& socket) {
    std::vector<std::byte> buffer(64);
    const Result result = co_await receive(socket, buffer);
    if (!result.ok()) co_return std::string(name(result.error));
    if (result.bytes == 0) co_return "end";
    co_return std::string(as_text(std::span(buffer).first(result.bytes)));
}

Task<void> echo_one(std::unique_ptr<AsyncSocket> socket) {
    for (;;) {
        std::string text = co_await heard(*socket);
        if (text == "end" || text == "reset" || text == "timed_out" || text == "no_buffers" ||
            text == "canceled")
            co_return;
        co_await send_all(*socket, std::string_view(text));
    }
}

/// Echoes for ever on a host.
Task<void> echo_server(Host& host) {
    const ListenResult listening = host.listen(Endpoint().with_port(port), {});
    TaskGroup connections(host);
    for (;;) {
        SocketResult accepted = co_await accept(*listening.listener);
        if (!accepted.ok()) continue;
        connections.spawn(echo_one(std::move(accepted.socket)));
    }
}

/// Asks an echo server once: what came back, or what went wrong.
Task<std::string> ask(CompletionQueue& queue, Endpoint to, std::string text) {
    SocketResult connected = co_await connect(queue, to);
    if (!connected.ok()) co_return std::string(name(connected.error));
    co_await send_all(*connected.socket, std::string_view(text));
    co_return co_await heard(*connected.socket);
}

/// Without the nanoseconds of settled().
std::chrono::milliseconds whole(Duration span) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(span);
}

/// All that can happen without a fault has happened.
Task<void> settled(World& world) {
    Timer timer(world);
    co_await timer.after(1ns);
}

// --- addresses ----------------------------------------------------------------------------------

TEST(Hosts, ListenAtTheirOwnAddressesAndAreReachedFromOthers) {
    std::vector<std::string> told;
    expect_held(simulate([&](World& world) -> Task<void> {
        Host& server = world.host("server");
        Host& client = world.host("client");
        server.run(echo_server);
        co_await settled(world);
        client.run([&](Host& host) -> Task<void> {
            told.push_back(co_await ask(host, server.endpoint(port), "from a host"));
            told.push_back(co_await ask(host, server.endpoint_v6(port).with_port(port), "v6"));
        });
        co_await client.ended();
        told.push_back(co_await ask(world, server.endpoint(port), "from the world"));
        told.push_back(co_await ask(world, client.endpoint(port), "nobody listens"));
        told.push_back(co_await ask(world, Endpoint::loopback(port), "another machine's"));
        server.shut_down();
    }));
    EXPECT_THAT(told, ElementsAre("from a host", "refused", "from the world", "refused", "refused"))
        << "0.0.0.0 takes no IPv6";
}

TEST(Hosts, HaveTheSamePortEachAndTheirOwnLoopback) {
    std::string told;
    std::string peer;
    expect_held(simulate([&](World& world) -> Task<void> {
        Host& a = world.host("a");
        Host& b = world.host("b");
        EXPECT_EQ(&world.host("a"), &a);
        EXPECT_NE(a.endpoint(port), b.endpoint(port));
        a.run(echo_server);
        co_await settled(world);
        b.run([&](Host& host) -> Task<void> {
            const ListenResult mine = host.listen(host.endpoint(port), {});
            EXPECT_EQ(mine.error, Error::ok);
            EXPECT_EQ(host.listen(Endpoint().with_port(port), {}).error, Error::address_in_use);
            EXPECT_EQ(host.listen(a.endpoint(port + 1), {}).error, Error::address_not_available);
            told = co_await ask(host, Endpoint::loopback(port), "its own");
            SocketResult connected = co_await connect(host, a.endpoint(port));
            peer = connected.socket->local_endpoint().with_port(0).to_string();
        });
        co_await b.ended();
        a.shut_down();
    }));
    EXPECT_EQ(told, "refused") << "bound to its address alone";
    EXPECT_EQ(peer, "10.0.0.2:0");
}

// --- crashes ------------------------------------------------------------------------------------

/// Counts how often its destructor has run: what a program keeps ends with its host.
struct Counted {
    explicit Counted(int& its_count) : count(its_count) {}
    Counted(const Counted&) = delete;
    Counted& operator=(const Counted&) = delete;
    ~Counted() { ++count; }
    int& count;
};

TEST(Hosts, EndAsTheyStandAndBeginAnew) {
    int ended = 0;
    std::vector<std::string> told;
    expect_held(simulate([&](World& world) -> Task<void> {
        Host& server = world.host("server");
        server.run([&](Host& host) -> Task<void> {
            const Counted counted(ended);
            co_await echo_server(host);
        });
        co_await settled(world);
        SocketResult connected = co_await connect(world, server.endpoint(port));
        co_await send_all(*connected.socket, std::string_view("one"));
        told.push_back(co_await heard(*connected.socket));
        EXPECT_TRUE(server.running());
        server.crash(false, 5s);
        EXPECT_FALSE(server.running());
        EXPECT_EQ(ended, 1);
        told.push_back(co_await heard(*connected.socket));
        told.push_back(co_await ask(world, server.endpoint(port), "down"));
        Timer timer(world);
        co_await timer.after(6s);
        EXPECT_EQ(server.starts(), 2U);
        told.push_back(co_await ask(world, server.endpoint(port), "again"));
        server.shut_down();
        co_await server.ended();
    }));
    EXPECT_EQ(ended, 2);
    EXPECT_THAT(told, ElementsAre("one", "end", "refused", "again"));
}

TEST(Hosts, WithoutPowerSayNothingUntilTheyAreAskedAgain) {
    std::vector<std::string> told;
    std::vector<std::int64_t> seconds;
    expect_held(simulate([&](World& world) -> Task<void> {
        Host& server = world.host("server");
        server.run(echo_server);
        co_await settled(world);
        SocketResult first = co_await connect(world, server.endpoint(port));
        SocketResult second = co_await connect(world, server.endpoint(port));
        co_await send_all(*first.socket, std::string_view("x"));
        told.push_back(co_await heard(*first.socket));
        server.crash(true, 10s);
        const auto mark = [&] {
            seconds.push_back(
                std::chrono::duration_cast<std::chrono::seconds>(world.now().time_since_epoch())
                    .count());
        };
        // A connect is not answered while it is down; what was sent is answered when it is back.
        co_await send_all(*first.socket, std::string_view("lost"));
        told.push_back(co_await heard(*first.socket));
        mark();
        // Who sends nothing learns nothing, until it does.
        Timer timer(world);
        co_await timer.after(5s);
        co_await send_all(*second.socket, std::string_view("late"));
        told.push_back(co_await heard(*second.socket));
        mark();
        server.crash(true, 60s);
        told.push_back(co_await ask(world, server.endpoint(port), "never answered"));
        mark();
        server.shut_down();
    }));
    EXPECT_THAT(told, ElementsAre("x", "reset", "reset", "timed_out"));
    EXPECT_THAT(seconds, ElementsAre(10, 15, 36));
}

TEST(Hosts, WithoutPowerForLongAreGivenUpByWhoSends) {
    std::vector<std::string> told;
    expect_held(simulate([&](World& world) -> Task<void> {
        Host& server = world.host("server");
        server.run(echo_server);
        co_await settled(world);
        SocketResult connected = co_await connect(world, server.endpoint(port));
        co_await send_all(*connected.socket, std::string_view("x"));
        told.push_back(co_await heard(*connected.socket));
        server.crash(true, 600s);
        co_await send_all(*connected.socket, std::string_view("lost"));
        told.push_back(co_await heard(*connected.socket));
        EXPECT_EQ(whole(world.now().time_since_epoch()), 30s);
        server.shut_down();
    }));
    EXPECT_THAT(told, ElementsAre("x", "timed_out"));
}

TEST(Hosts, ThatAreDownUntilTheCalmComeBackWhenNothingElseCanHappen) {
    std::string told;
    LabelChoices choices;
    choices.next("host: crash", {0, 1}).next("host: how it ends", {1});
    const Report report = simulate(
        [&](World& world) -> Task<void> {
            Host& server = world.host("server");
            server.run(echo_server);
            co_await settled(world);
            SocketResult connected = co_await connect(world, server.endpoint(port));
            told = co_await heard(*connected.socket);  // it crashes before it has accepted
            while (server.starts() < 2) {
                Timer timer(world);
                co_await timer.after(10s);
            }
            EXPECT_TRUE(world.calm());
            server.shut_down();
        },
        FaultSet().with(Fault::crash), choices);
    expect_held(report);
    EXPECT_EQ(told, "reset");
}

TEST(Hosts, ThatAreSparedDoNotCrash) {
    LabelChoices choices;
    choices.always("host: crash", 1);
    std::string told;
    expect_held(simulate(
        [&](World& world) -> Task<void> {
            Host& server = world.host("server");
            server.spare();
            server.run(echo_server);
            co_await settled(world);
            told = co_await ask(world, server.endpoint(port), "x");
            server.shut_down();
        },
        FaultSet().with(Fault::crash), choices));
    EXPECT_EQ(told, "x");
}

// --- the store ----------------------------------------------------------------------------------

TEST(Hosts, KeepTheirStoreAndLoseWhatWasNotSyncedWithTheirPower) {
    std::vector<std::string> read;
    LabelChoices choices;
    choices.next("host: writes that are lost", {3});
    expect_held(simulate(
        [&](World& world) -> Task<void> {
            Host& server = world.host("server");
            server.run([&](Host& host) -> Task<void> {
                DurableStore& store = host.store();
                read.push_back(store.read("log") + "|" + store.read("state"));
                if (host.starts() == 1) {
                    store.append("log", "synced,");
                    store.replace("state", "first");
                    store.sync();
                    store.append("log", "unsynced,");
                } else if (host.starts() == 2) {
                    store.append("log", "12345678");
                    store.replace("state", "second");
                }
                Timer timer(host);
                co_await timer.after(1000s);
            });
            Timer timer(world);
            co_await timer.after(1s);
            server.crash(false, 1s);  // the program alone: the system has the writes
            co_await timer.after(2s);
            server.crash(true, 1s);
            co_await timer.after(2s);
            server.shut_down();
        },
        FaultSet(), choices));
    EXPECT_THAT(read, ElementsAre("|", "synced,unsynced,|first", "synced,unsynced,1234|first"));
}

// --- partitions ---------------------------------------------------------------------------------

/// Asks from one host to another while a partition of this kind strikes at the first bytes.
std::string ask_in_a_partition(std::uint32_t which, Duration& took) {
    std::string told;
    LabelChoices choices;
    choices.next("network: partition", {0, 1}).next("network: which partition", {which});
    expect_held(simulate(
        [&](World& world) -> Task<void> {
            Host& server = world.host("server");
            Host& client = world.host("client");
            server.run(echo_server);
            co_await settled(world);
            client.run([&](Host& host) -> Task<void> {
                told = co_await ask(host, server.endpoint(port), "x");
            });
            co_await client.ended();
            took = whole(world.now().time_since_epoch());
            server.shut_down();
        },
        FaultSet().with(Fault::partition), choices));
    return told;
}

TEST(Hosts, ReachEachOtherAgainWhenAPartitionIsHealed) {
    Duration took{0};
    EXPECT_EQ(ask_in_a_partition(1, took), "x") << "both ways, 5 s";
    EXPECT_EQ(took, 5s);
    EXPECT_EQ(ask_in_a_partition(3, took), "x") << "from the server to the client, 300 ms";
    EXPECT_EQ(took, 300ms);
}

TEST(Hosts, GiveAConnectionUpWhenAPartitionLastsTooLong) {
    Duration took{0};
    EXPECT_EQ(ask_in_a_partition(2, took), "timed_out") << "both ways, 40 s";
    EXPECT_EQ(took, 30s);
}

// --- clocks -------------------------------------------------------------------------------------

TEST(Hosts, HaveClocksOfTheirOwn) {
    std::vector<Duration> waited;
    LabelChoices choices;
    choices.always("host: clock", 1).next("host: how its clock runs", {4, 1});
    expect_held(simulate(
        [&](World& world) -> Task<void> {
            const auto wait_a_minute = [&](Host& host) -> Task<void> {
                waited.push_back(host.now() - world.now());
                Timer timer(host);
                const Time before = host.now();
                const Time begun = world.now();
                co_await timer.after(60s);
                EXPECT_GE(host.now() - before, 60s);
                waited.push_back(world.now() - begun);
            };
            for (const char* const name : {"fast", "ahead"}) {
                Host& host = world.host(name);
                host.run(wait_a_minute);
                co_await host.ended();
            }
        },
        FaultSet().with(Fault::clock_skew), choices));
    EXPECT_THAT(waited, ElementsAre(40s, 30s, 30h, 60s));
}

// --- misuse -------------------------------------------------------------------------------------

TEST(Hosts, ShareNoMemory) {
    const Report report = simulate([&](World& world) -> Task<void> {
        Host& a = world.host("a");
        Host& b = world.host("b");
        a.run([&](Host& host) -> Task<void> {
            Timer own(host);
            co_await own.after(1ms);
            Timer foreign(b);
            co_await foreign.after(1ms);
        });
        co_await a.ended();
    });
    EXPECT_EQ(report.property, "host-boundary");
    EXPECT_THAT(report.sentence, HasSubstr("a program on the host 'a' has started a timer on the "
                                           "host 'b', at tests/sim/hosts_test.cpp:"));
}

TEST(Hosts, DoNotUseTheQueueOfTheWorld) {
    const Report report = simulate([&](World& world) -> Task<void> {
        Host& a = world.host("a");
        a.run([&](Host& host) -> Task<void> {
            Timer own(host);
            co_await own.after(1ms);
            Timer foreign(world);
            co_await foreign.after(1ms);
        });
        co_await a.ended();
    });
    EXPECT_EQ(report.property, "host-boundary");
    EXPECT_THAT(report.sentence, HasSubstr("on the world's own machine"));
}

TEST(Hosts, AreNamedWhereARunIsStuck) {
    const Report report = simulate([&](World& world) -> Task<void> {
        Host& server = world.host("server");
        server.run(echo_server);
        co_await settled(world);
        SocketResult connected = co_await connect(world, server.endpoint(port));
        co_await server.ended();
    });
    EXPECT_EQ(report.property, "stuck");
    EXPECT_THAT(report.sentence, HasSubstr("(accepted side) at server"));
}

// --- faults by chance ---------------------------------------------------------------------------

/// A client on one host asks a server on another until it has had ten answers, whatever happens.
class PatientClient final : public Scenario {
public:
    Task<void> main(World& world) override {
        Host& server = world.host("server");
        Host& client = world.host("client");
        server.run(echo_server);
        client.run([&](Host& host) -> Task<void> {
            for (std::string done = host.store().read("done"); done.size() < 10;) {
                const std::string answer = co_await ask_in_time(host, server.endpoint(port));
                if (answer == "ask") {
                    host.store().append("done", ".");
                    host.store().sync();
                    done = host.store().read("done");
                    continue;
                }
                Timer pause(host);
                co_await pause.after(200ms);
            }
        });
        co_await client.ended();
        server.shut_down();
    }

private:
    static Task<void> cancel_late(Timer& timer, AsyncSocket& socket) {
        const bool elapsed = co_await timer.after(2s);
        if (elapsed) socket.cancel();
    }

    static Task<std::string> ask_in_time(Host& host, Endpoint to) {
        SocketResult connected = co_await connect(host, to);
        if (!connected.ok()) co_return std::string(name(connected.error));
        Timer timer(host);
        TaskGroup watch(host);
        watch.spawn(cancel_late(timer, *connected.socket));
        const Result sent = co_await send_all(*connected.socket, std::string_view("ask"));
        std::string answer = "not sent";
        if (sent.ok()) answer = co_await heard(*connected.socket);
        while (answer.size() < 3 && std::string_view("ask").starts_with(answer)) {
            const std::string more = co_await heard(*connected.socket);
            if (more.size() > 3) break;
            answer += more;
        }
        timer.cancel();
        co_await watch.join();
        co_return answer;
    }
};

constexpr ScenarioInfo patient =
    scenario_info<PatientClient>("patient", "asks until it is answered");

TEST(Hosts, AreStruckByAllTheirFaultsAndRunsEnd) {
    const FarmSummary summary = DRYDOCK_EXPECT_HOLDS(patient, seeds(1, 3000));
    for (const Fault fault : {Fault::crash, Fault::restart, Fault::partition, Fault::clock_skew}) {
        EXPECT_TRUE(summary.probes.contains(std::string(name(fault)))) << name(fault);
    }
    for (std::uint64_t seed = 1; seed <= 50; ++seed) {
        EXPECT_EQ(run(patient, seed).digest, run(patient, seed).digest) << "seed " << seed;
    }
}

// --- every schedule -----------------------------------------------------------------------------

/// A host counts in its store the greetings that it has heard, and says the number; a client greets
/// it until it has got one.
class SmallWorldOfHosts : public Scenario {
public:
    explicit SmallWorldOfHosts(bool server_is_prompt = false) : prompt_(server_is_prompt) {}

    Task<void> main(World& world) override {
        Host& server = world.host("server");
        if (prompt_) server.be_prompt();
        Host& client = world.host("client");
        client.spare();
        server.run([](Host& host) -> Task<void> { return count_greetings(host); });
        client.run([&](Host& host) -> Task<void> {
            const Endpoint to = server.endpoint(port);
            for (std::string told; told.size() != 1;) {
                SocketResult connected = co_await connect(host, to);
                told += connected.ok() ? "c" : "r";
                if (!connected.ok()) {
                    Timer pause(host);
                    co_await pause.after(100ms);
                    told.clear();
                    continue;
                }
                const Result sent = co_await send_all(*connected.socket, std::string_view("x"));
                told = co_await heard(*connected.socket);
                outcome_ += (sent.ok() ? "sent, got " : "not sent, got ") + told + "; ";
            }
        });
        co_await client.ended();
        server.shut_down();
    }
    std::string outcome() const override { return outcome_; }

private:
    static Task<void> count_greetings(Host& host) {
        const ListenResult listening = host.listen(Endpoint().with_port(port), {});
        for (;;) {
            SocketResult accepted = co_await accept(*listening.listener);
            if (!accepted.ok()) continue;
            const std::string greeting = co_await heard(*accepted.socket);
            if (greeting != "x") continue;
            host.store().append("count", "x");
            host.store().sync();
            const std::string number = std::to_string(host.store().read("count").size());
            Timer pause(host);
            co_await pause.after(1ms);
            co_await send_all(*accepted.socket, std::string_view(number));
        }
    }

    const bool prompt_;
    std::string outcome_;
};

constexpr ScenarioInfo small_world = scenario_info<SmallWorldOfHosts>("small", "two hosts");

TEST(Hosts, AreExploredTheSameByAllSearches) {
    std::map<Reduction, Exploration> found;
    for (const Reduction reduction : {Reduction::none, Reduction::states, Reduction::sleep_sets}) {
        ExploreOptions options;
        options.run.always = FaultSet().with(Fault::restart);
        options.reduction = reduction;
        found[reduction] = explore(small_world, options);
        EXPECT_TRUE(found[reduction].complete);
        EXPECT_EQ(found[reduction].failures, 0U) << found[reduction].failure->sentence;
        ASSERT_TRUE(found[reduction].unreduced.has_value());
        EXPECT_EQ(*found[reduction].unreduced, *found[Reduction::none].unreduced)
            << static_cast<int>(reduction);
    }
    const auto& outcomes = found[Reduction::none].outcomes;
    EXPECT_THAT(outcomes, Contains(Key("sent, got 1; "))) << "no crash that it has noticed";
    EXPECT_THAT(outcomes, Contains(Key("sent, got end; sent, got 2; ")))
        << "killed when it had counted and before it said so: the greeting counts twice";
    for (const auto& [outcome, count] : outcomes) {
        EXPECT_THAT(found[Reduction::states].outcomes, Contains(Key(outcome)));
        EXPECT_THAT(found[Reduction::sleep_sets].outcomes, Contains(Key(outcome)));
    }
    EXPECT_LT(found[Reduction::states].completions, found[Reduction::none].completions);
}

struct WorldWithAPromptServer final : SmallWorldOfHosts {
    WorldWithAPromptServer() : SmallWorldOfHosts(true) {}
};

TEST(Hosts, ThatArePromptMultiplyNoSchedulesAndHideNoCrash) {
    constexpr ScenarioInfo prompt_world =
        scenario_info<WorldWithAPromptServer>("prompt", "a client and a model");
    ExploreOptions options;
    options.run.always = FaultSet().with(Fault::restart);
    const Exploration all = explore(small_world, options);
    const Exploration prompt = explore(prompt_world, options);
    ASSERT_TRUE(all.complete && prompt.complete);
    EXPECT_LT(*prompt.unreduced, *all.unreduced / 2);
    for (const auto& [outcome, count] : all.outcomes) {
        EXPECT_THAT(prompt.outcomes, Contains(Key(outcome)));
    }
    // Nothing is changed where nothing is explored.
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        EXPECT_EQ(run(prompt_world, seed).digest, run(small_world, seed).digest);
    }
}

struct BoundedWorld final : SmallWorldOfHosts {
    static constexpr FaultSet explored_faults = FaultSet().with(Fault::restart);
    static constexpr ExploreBounds explored_bounds = {.strikes = 0};
};

TEST(Hosts, AreExploredWithinTheBoundsOfTheScenarioOrOthers) {
    constexpr ScenarioInfo bounded = scenario_info<BoundedWorld>("bounded", "no crash");
    const Exploration within = DRYDOCK_EXPECT_EXPLORED(bounded, {});
    EXPECT_TRUE(within.complete && within.bounded);
    EXPECT_EQ(within.bounds.strikes, 0U);
    EXPECT_THAT(within.outcomes, ElementsAre(Key("sent, got 1; ")));
    ExploredOptions options;
    options.bounds = ExploreBounds();
    const Exploration once = DRYDOCK_EXPECT_EXPLORED(bounded, {}, options);
    EXPECT_TRUE(once.complete && !once.bounded);
    options.most_crashes = 2;
    const Exploration twice = DRYDOCK_EXPECT_EXPLORED(bounded, {}, options);
    EXPECT_GT(*twice.unreduced, *once.unreduced);
}

}  // namespace
}  // namespace drydock::sim

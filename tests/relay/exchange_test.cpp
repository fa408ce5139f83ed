// The exchange in simulated worlds, with the model of Redis as the broker.
#include "src/relay/probes.hpp"
#include "tests/relay/worlds.hpp"

namespace drydock::relay {
namespace {

constexpr int lines_each = 4;

std::string line_of(std::size_t speaker, int number) {
    return std::to_string(speaker) + "." + std::to_string(number) + "\n";
}

// --- any faults, any schedule, a broker that comes and goes --------------------------------------

/// Two servers with two speakers each, and a broker that keeps what it acknowledges.
class StormyWorld {
public:
    StormyWorld(sim::World& world)
        : world_(world),
          broker_(world, kept()),
          one_(world, options_for(broker_, "one")),
          two_(world, options_for(broker_, "second")) {}

    Task<void> run() {
        co_await locate(one_);
        co_await locate(two_);
        one_.start();
        two_.start();
        TaskGroup group(world_);
        for (std::size_t i = 0; i < 4; ++i) group.spawn(speak(i < 2 ? one_ : two_, i));
        group.spawn(disturb());
        co_await group.join();
        co_await one_.hear(size_);
        co_await two_.hear(size_);
        co_await one_.finish();
        co_await two_.finish();
        co_await broker_.stop();
        judge();
    }

private:
    /// Until the reading has a place to begin at.
    Task<void> locate(Station& station) {
        Timer timer(world_);
        for (;;) {
            const Failure failure = co_await station.exchange.check(0s);
            if (failure.ok()) co_return;
            co_await timer.after(10ms);
        }
    }

    Task<void> speak(Station& station, std::size_t speaker) {
        Timer timer(world_);
        for (int k = 0; k < lines_each; ++k) {
            const std::string line = line_of(speaker, k);
            size_ += line.size();
            const bool waits = world_.flip(2, "waits for its line");
            const bool good = co_await station.say(line, waits);
            if (!good) world_.fail("relay-lost", "a line is lost although the broker keeps all");
            if (waits && station.heard.find(line) == std::string::npos) {
                world_.fail("relay-early", "a wait ended before its line was delivered");
            }
            if (world_.flip(2, "pauses")) co_await timer.after(30ms);
        }
    }

    /// A calm world disturbs no more.
    Task<void> disturb() {
        Timer timer(world_);
        const std::uint32_t times = world_.choose(3, "restarts of the broker");
        for (std::uint32_t i = 0; i < times; ++i) {
            co_await timer.after(std::chrono::milliseconds(5 * world_.choose(20, "up for")));
            co_await broker_.stop();
            co_await timer.after(std::chrono::milliseconds(100 * world_.choose(10, "down for")));
            broker_.start();
        }
    }

    void judge() {
        if (!one_.losses.empty() || !two_.losses.empty()) {
            world_.fail("relay-losses", "a server resets its members: " +
                                            (one_.losses.empty() ? two_ : one_).losses.front());
        }
        if (one_.heard != two_.heard) {
            world_.fail("relay-order", one_.heard + "\nand\n" + two_.heard);
        }
        for (std::size_t i = 0; i < 4; ++i) {
            std::size_t from = 0;
            for (int k = 0; k < lines_each; ++k) {
                const std::string line = line_of(i, k);
                const std::size_t at = one_.heard.find(line, from);
                if (at == std::string::npos) {
                    world_.fail("relay-complete",
                                "the line " + line + " is missing or late in\n" + one_.heard);
                    return;
                }
                from = at + line.size();
            }
        }
        if (one_.heard.size() != size_) world_.fail("relay-once", "doubled: " + one_.heard);
    }

    sim::World& world_;
    TestBroker broker_;
    Station one_;
    Station two_;
    std::size_t size_ = 0;
};

Task<void> run_storm(sim::World& world) {
    StormyWorld storm(world);
    co_await storm.run();
}

TEST(Exchange, BringsEachLineOnceAndInOneOrderWhateverHappensToABrokerThatKeepsItsFile) {
    const auto seeds = static_cast<std::uint64_t>(test::scaled(600));
    ProbeCounts hits = expect_runs_pass(&run_storm, seeds);
    if (seeds < 600) return;
    for (const std::string_view probe :
         {probes::not_connected, probes::broker_gone, probes::back, probes::batched,
          probes::sent_again, probes::was_applied, probes::resumed, probes::finished}) {
        EXPECT_GT(hits[probe], 0U) << probe;
    }
}

// --- one thing at a time ---------------------------------------------------------------------

TEST(Exchange, DeliversNothingBeforeTheBrokerHasItAndEverythingWhenItIsBack) {
    in_calm_world([](sim::World& world) -> Task<void> {
        TestBroker broker(world, kept());
        Station station(world, options_for(broker, "one"));
        station.start();
        co_await station.say("first\n", true);
        co_await broker.stop();
        co_await station.see("relay away");
        co_await station.say("second\n", false);
        Timer timer(world);
        co_await timer.after(2s);
        EXPECT_EQ(station.heard, "first\n");
        broker.start();
        co_await station.hear(13);
        EXPECT_EQ(station.heard, "first\nsecond\n");
        EXPECT_EQ(station.log.count("lines wait for the relay"), 1);
        co_await station.see("relay back");
        co_await timer.after(20s);
        EXPECT_EQ(station.log.count("relay away"), 1) << "once, however often it is tried";
        EXPECT_EQ(station.log.count("relay back"), 1);
        co_await station.finish();
        co_await broker.stop();
    });
}

TEST(Exchange, SaysThatItIsFullAtTheBoundAndTakesLinesAgainLater) {
    in_calm_world([](sim::World& world) -> Task<void> {
        TestBroker broker(world, kept());
        ExchangeOptions options = options_for(broker, "one");
        options.waiting_limit = 20;
        options.batch_bytes = 16;
        Station station(world, options);
        station.start();
        co_await station.see("relay connected");
        co_await broker.stop();
        co_await station.see("relay away");
        const std::string line = "0123456789\n";
        const ConstBuffer part[] = {std::string_view(line)};
        const chat::Receipt first = co_await station.exchange.take(part);
        const chat::Receipt second = co_await station.exchange.take(part);
        EXPECT_FALSE(first.full);
        EXPECT_TRUE(second.full) << "22 bytes of 20";
        broker.start();
        co_await station.hear(22);
        EXPECT_EQ(station.heard, line + line) << "and nothing is dropped";
        co_await station.see("relay takes lines again");
        co_await station.finish();
        co_await broker.stop();
    });
}

TEST(Exchange, WaitsWhileTheBrokerSaysNoAndSaysSoOnce) {
    in_calm_world([](sim::World& world) -> Task<void> {
        TestBroker broker(world, kept());
        Station station(world, options_for(broker, "one"));
        station.start();
        co_await station.say("first\n", true);
        co_await broker.model().change(
            [](broker::Settings& settings) { settings.out_of_memory = true; });
        co_await station.say("second\n", false);
        Timer timer(world);
        co_await timer.after(30s);
        EXPECT_EQ(station.log.count("relay refused"), 1);
        EXPECT_EQ(station.log.texts("relay refused", "reply").front().substr(0, 4), "OOM ");
        co_await broker.model().change(
            [](broker::Settings& settings) { settings.out_of_memory = false; });
        co_await station.hear(13);
        co_await station.see("relay back");
        EXPECT_EQ(station.heard, "first\nsecond\n");
        co_await station.finish();
        co_await broker.stop();
    });
}

TEST(Exchange, BeginsAnewAndSaysSoWhenTheBrokerHasLostItsStream) {
    in_calm_world([](sim::World& world) -> Task<void> {
        TestBroker broker(world, {});
        Station one(world, options_for(broker, "one"));
        Station two(world, options_for(broker, "second"));
        one.start();
        two.start();
        co_await one.see("relay connected");
        co_await two.see("relay connected");
        EXPECT_EQ(one.log.count("relay durability"), 1);
        co_await one.say("first\n", true);
        co_await broker.stop();
        broker.start();
        Timer timer(world);
        while (one.losses.empty() || two.losses.empty()) co_await timer.after(20ms);
        const bool good = co_await one.say("second\n", true);
        EXPECT_TRUE(good);
        co_await two.hear(7);
        EXPECT_EQ(one.heard, "second\n");
        EXPECT_EQ(two.heard, "second\n");
        EXPECT_EQ(one.losses.size(), 1U);
        EXPECT_EQ(two.losses.size(), 1U);
        co_await one.finish();
        co_await two.finish();
        co_await broker.stop();
    });
}

/// An administrator's mistake.
Task<void> delete_all_keys(sim::World& world, const ExchangeOptions& options) {
    const Keys keys(options.room);
    Client client(world, options.broker);
    co_await client.open();
    client.add({"DEL", keys.stream, keys.publishers, keys.heard});
    const Reply* const deleted = co_await client.next_good();
    EXPECT_TRUE(deleted != nullptr && deleted->root().integer() == 3);
    co_await client.close();
}

/// Two servers, three lines that are lost, and four that come after that. The broker's clock is set
/// back at the same moment. The connections last.
void expect_a_loss_is_noticed(std::chrono::microseconds set_back, std::string_view reason) {
    in_calm_world([=](sim::World& world) -> Task<void> {
        TestBroker broker(world, kept());
        ExchangeOptions options = options_for(broker, "one");
        options.batch_bytes = 1;  // an entry for each line
        Station one(world, options);
        options.publisher = "second";
        Station two(world, options);
        one.start();
        two.start();
        co_await one.see("relay connected");
        co_await two.see("relay connected");
        for (int i = 0; i < 3; ++i) co_await one.say("lost\n", true);
        co_await two.hear(15);
        co_await delete_all_keys(world, options);
        co_await broker.model().change(
            [=](broker::Settings& settings) { settings.epoch -= set_back.count(); });
        const Time lost_at = world.now();
        for (int i = 0; i < 4; ++i) co_await two.say("unheard\n", false);
        Timer timer(world);
        while (one.losses.empty() || two.losses.empty()) co_await timer.after(20ms);
        EXPECT_EQ(one.losses.front(), reason);
        EXPECT_LT(world.now() - lost_at, 7s);
        while (!one.heard.ends_with("anew\n") || !two.heard.ends_with("anew\n")) {
            co_await two.say("anew\n", true);
            co_await timer.after(20ms);
        }
        EXPECT_EQ(one.heard.find("lost"), std::string::npos);
        EXPECT_EQ(one.losses.size(), 1U);
        EXPECT_EQ(two.losses.size(), 1U);
        co_await one.finish();
        co_await two.finish();
        co_await broker.stop();
    });
}

// Were the new entries numbered as the lost ones, the fourth would follow the third of before.
TEST(Exchange, BeginsAnewWhenAsManyLinesHaveComeAsTheBrokerHasLostMeanwhile) {
    expect_a_loss_is_noticed(
        0s, "the stream was trimmed before it was read, or the broker has lost all data");
}

// The new numbers are below the place that the readers have reached.
TEST(Exchange, BeginsAnewWhenTheBrokerHasLostItsDataAndItsClockWasSetBack) {
    expect_a_loss_is_noticed(1h, "the broker has lost entries of its stream");
}

// The reader of a room that has just been emptied has a place, from which on nothing is missing.
TEST(Exchange, BeginsTheCountingItselfWhereTheBrokerHasLostAllDataAndNobodyHasPublished) {
    in_calm_world([](sim::World& world) -> Task<void> {
        TestBroker broker(world, kept());
        const ExchangeOptions options = options_for(broker, "one");
        Station station(world, options);
        station.start();
        co_await station.see("relay connected");
        co_await station.say("lost\n", true);
        co_await delete_all_keys(world, options);
        Timer timer(world);
        while (station.losses.empty()) co_await timer.after(20ms);
        const bool good = co_await station.say("anew\n", true);
        EXPECT_TRUE(good);
        EXPECT_EQ(station.heard, "anew\n");
        EXPECT_EQ(station.losses.size(), 1U);
        co_await station.finish();
        co_await broker.stop();
    });
}

TEST(Exchange, EndsAtTheDeadlineWithLinesThatTheBrokerDoesNotHave) {
    in_calm_world([](sim::World& world) -> Task<void> {
        TestBroker broker(world, kept());
        Station station(world, options_for(broker, "one"));
        station.start();
        co_await station.see("relay connected");
        co_await broker.stop();
        co_await station.say("lost\n", false);
        const Time deadline = later(world.now(), 4s);
        co_await station.finish(deadline);
        EXPECT_GE(world.now(), deadline);
        EXPECT_LT(world.now(), later(deadline, 4s));
        EXPECT_EQ(station.log.count("lines not acknowledged"), 1);
    });
}

TEST(Exchange, EndsAtOnceWithoutABrokerIfNothingWaits) {
    in_calm_world([](sim::World& world) -> Task<void> {
        TestBroker broker(world, kept());
        Station station(world, options_for(broker, "one"));
        station.start();
        co_await station.see("relay connected");
        co_await broker.stop();
        const Time start = world.now();
        co_await station.finish();
        EXPECT_LT(world.now() - start, 4s);
        EXPECT_EQ(station.log.count("lines not acknowledged"), 0);
    });
}

TEST(Exchange, LosesItsPlaceOnlyIfItIsFurtherBehindThanTheStreamKeeps) {
    in_calm_world([](sim::World& world) -> Task<void> {
        TestBroker broker(world, kept());
        ExchangeOptions options = options_for(broker, "one");
        options.keep = 200;
        options.batch_bytes = 1;  // an entry for each line
        Station one(world, options);
        options.publisher = "second";
        Station two(world, options);
        two.stall = true;
        one.start();
        two.start();
        co_await one.see("relay connected");
        co_await two.see("relay connected");
        for (int i = 0; i < 150; ++i) co_await one.say("line\n", true);
        two.stall = false;
        co_await two.hear(one.heard.size());
        EXPECT_EQ(two.heard, one.heard) << "a hundred and fifty entries are kept";
        EXPECT_TRUE(two.was_behind) << "but two is told that it is late";
        two.stall = true;
        co_await one.say("stalls\n", true);
        for (int i = 0; i < 800; ++i) co_await one.say("line\n", true);
        two.stall = false;
        Timer timer(world);
        while (two.losses.empty()) co_await timer.after(20ms);
        EXPECT_EQ(two.losses.front(),
                  "the stream was trimmed before it was read, or the broker has lost all data");
        co_await one.say("anew\n", true);
        co_await two.hear(5);
        EXPECT_EQ(two.heard, "anew\n");
        EXPECT_TRUE(one.losses.empty());
        co_await one.finish();
        co_await two.finish();
        co_await broker.stop();
    });
}

TEST(Exchange, StaysKnownToTheBrokerThroughHoursOfSilence) {
    in_calm_world([](sim::World& world) -> Task<void> {
        TestBroker broker(world, kept());
        Station station(world, options_for(broker, "one"));
        Station other(world, options_for(broker, "second"));
        station.start();
        other.start();
        co_await station.see("relay connected");
        co_await other.see("relay connected");
        co_await station.say("first\n", true);
        Timer timer(world);
        co_await timer.after(std::chrono::hours(2));
        co_await other.say("second\n", true);  // makes the script forget what it may forget
        const bool good = co_await station.say("third\n", true);
        EXPECT_TRUE(good);
        EXPECT_EQ(station.heard, "first\nsecond\nthird\n");
        EXPECT_EQ(station.log.count("relay has another past"), 0);
        co_await station.finish();
        co_await other.finish();
        co_await broker.stop();
    });
}

}  // namespace
}  // namespace drydock::relay

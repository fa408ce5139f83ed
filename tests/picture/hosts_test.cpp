// Pictures of worlds with hosts: whose events, connections, tasks and operations are, what a crash
// cuts, and how long partitions last.
#include <chrono>

#include <drydock/sim/host.hpp>
#include <drydock/task_group.hpp>
#include <drydock/timer.hpp>

#include "sim/picture/comparison.hpp"
#include "sim/picture/mermaid.hpp"
#include "sim/picture/perfetto.hpp"
#include "tests/picture/pictures.hpp"
#include "tests/support/run_schema.hpp"

namespace drydock::test {
namespace {

using namespace std::chrono_literals;
using sim::RunEventKind;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr std::uint16_t store_port = 7000;

Task<void> serve_visitor(std::unique_ptr<AsyncSocket> socket) {
    std::vector<std::byte> buffer(64);
    for (;;) {
        const Result received = co_await receive(*socket, buffer);
        if (!received.ok() || received.bytes == 0) co_return;
        const Result sent = co_await send_all(*socket, std::span(buffer).first(received.bytes));
        if (!sent.ok()) co_return;
    }
}

Task<void> serve_visitors(sim::Host& host) {
    const ListenResult listening = host.listen(Endpoint().with_port(store_port), {});
    TaskGroup visitors(host);
    for (;;) {
        SocketResult accepted = co_await accept(*listening.listener);
        if (accepted.ok()) visitors.spawn(serve_visitor(std::move(accepted.socket)));
    }
}

Task<void> visit(sim::Host& host, Endpoint to) {
    SocketResult connected = co_await connect(host, to);
    if (!connected.ok()) co_return;
    host.probe("visitor.connected");
    std::vector<std::byte> buffer(64);
    co_await send_all(*connected.socket, std::string_view("hello"));
    co_await receive(*connected.socket, buffer);
    co_await receive(*connected.socket, buffer);  // until the store is killed
}

/// A visitor on one host, and the world, visit a store on another, which is killed and comes back.
Task<void> killed_store(sim::World& world) {
    sim::Host& store = world.host("store");
    sim::Host& visitor = world.host("visitor 1");
    store.run(serve_visitors);
    Timer timer(world);
    co_await timer.after(1ms);
    SocketResult own = co_await connect(world, store.endpoint(store_port));
    world.identify(*own.socket, "client", 1);
    visitor.run([&](sim::Host& host) { return visit(host, store.endpoint(store_port)); });
    co_await timer.after(1s);
    store.crash(false, 5s);
    co_await visitor.ended();
    co_await timer.after(6s);
    store.shut_down();
}

/// The same visit, while a partition strikes at the connect.
sim::Picture parted_visit(std::uint32_t which) {
    LabelChoices choices;
    choices.next("network: partition", {1}).next("network: which partition", {which});
    const auto body = [](sim::World& world) -> Task<void> {
        sim::Host& store = world.host("store");
        sim::Host& visitor = world.host("visitor 1");
        store.run(serve_visitors);
        Timer timer(world);
        co_await timer.after(1ms);
        visitor.run([&](sim::Host& host) { return visit(host, store.endpoint(store_port)); });
        co_await timer.after(60s);
        store.shut_down();
        visitor.shut_down();
    };
    return picture_of(body, sim::FaultSet().with(sim::Fault::partition), choices);
}

TEST(Hosts, own_the_events_of_their_programs_with_their_tasks_and_probes) {
    const sim::Picture picture = picture_of(killed_store);
    ASSERT_TRUE(picture.report.passed) << picture.report.sentence;
    std::map<RunEventKind, std::vector<std::string>> hosts;
    for (const sim::RecordedEvent& event : picture.run.events) {
        hosts[event.kind].push_back(event.host);
    }
    EXPECT_THAT(hosts[RunEventKind::host_started], ElementsAre("store", "visitor 1", "store"));
    EXPECT_THAT(hosts[RunEventKind::host_ended], ElementsAre("store", "store"));
    EXPECT_THAT(hosts[RunEventKind::probe], ElementsAre("visitor 1"));
    // The scenario, each program, the store's two visitors, and the store's program again.
    EXPECT_THAT(hosts[RunEventKind::task_joined],
                ElementsAre("", "store", "visitor 1", "store", "store", "store"));
    for (const sim::RecordedEvent& event : picture.run.events) {
        if (event.kind != RunEventKind::socket_opened) continue;
        const std::string visitor = event.connection == 1 ? "" : "visitor 1";
        EXPECT_EQ(event.host, event.accepted ? "store" : visitor);
    }
}

TEST(Hosts, own_ends_of_connections_and_cut_what_they_had_started) {
    const sim::Picture picture = picture_of(killed_store);
    const sim::Findings found = sim::find_in(picture.run);
    ASSERT_EQ(found.connections.size(), 2U);
    EXPECT_EQ(found.connections[0].connecting_host, "");
    EXPECT_EQ(found.connections[0].accepted_host, "store");
    EXPECT_EQ(found.connections[1].connecting_host, "visitor 1");
    ASSERT_EQ(found.hosts.size(), 2U);
    ASSERT_EQ(found.hosts[0].lives.size(), 2U);
    const std::size_t killed = found.hosts[0].lives[0].ended;
    EXPECT_EQ(picture.run.event(killed).text, "its program was killed");
    std::size_t cut = 0;
    for (const sim::Bar& bar : found.operations) {
        const sim::RecordedEvent& start = picture.run.event(bar.started);
        EXPECT_EQ(bar.cut > 0, bar.completed == 0) << "event " << bar.started;
        if (bar.cut != killed) continue;
        ++cut;
        EXPECT_EQ(start.host, "store");
        EXPECT_LT(bar.started, killed);
    }
    EXPECT_EQ(cut, 3U) << "an accept and two receives";
    std::size_t ended = 0;
    for (const sim::TaskLane& task : found.tasks) {
        EXPECT_GT(task.left, task.joined);
        if (task.left == killed) ++ended;
    }
    EXPECT_EQ(ended, 3U) << "the store's program and its two visitors";
}

TEST(Hosts, are_in_the_json_which_matches_the_schema) {
    const sim::Picture picture = picture_of(killed_store);
    const Json json = sim::json_of(picture);
    EXPECT_EQ(json["lanes"]["hosts"][0]["name"], "store");
    EXPECT_EQ(json["lanes"]["hosts"][0]["lives"].size(), 2U);
    EXPECT_EQ(json["lanes"]["connections"][1]["hosts"]["connecting"], "visitor 1");
    EXPECT_THAT(json["partitions"], IsEmpty());
    if (!can_check_schemas) GTEST_SKIP() << "valijson is not there";
    EXPECT_EQ(objection_of_schema(nlohmann::json(json)), "");
    EXPECT_EQ(objection_of_schema(nlohmann::json(sim::json_of(parted_visit(1)))), "");
    Json nameless = json;
    for (Json& event : nameless["events"]) {
        if (event["kind"] == "host_started") event.erase("host");
    }
    EXPECT_NE(objection_of_schema(nlohmann::json(nameless)), "");
}

TEST(Hosts, that_there_are_none_of_are_not_in_the_json) {
    const Json json = sim::json_of(picture_of_seed(*sim::find_scenario("echo"), 1));
    EXPECT_FALSE(json.contains("partitions"));
    EXPECT_FALSE(json["lanes"].contains("hosts"));
    EXPECT_EQ(json.dump().find("\"host\""), std::string::npos);
}

TEST(Partitions, are_known_by_their_sides_and_by_their_span) {
    const sim::Picture both = parted_visit(1);
    ASSERT_TRUE(both.report.passed) << both.report.sentence;
    const sim::Findings found = sim::find_in(both.run);
    ASSERT_EQ(found.partitions.size(), 1U);
    const sim::PartitionSpan& partition = found.partitions[0];
    EXPECT_THAT(partition.from, ElementsAre("store"));
    EXPECT_THAT(partition.to, ElementsAre("visitor 1"));
    EXPECT_TRUE(partition.both_ways);
    EXPECT_EQ(partition.until - both.run.event(partition.id).at, 5s);
    ASSERT_GT(partition.healed, 0U);
    EXPECT_GE(both.run.event(partition.healed).at, partition.until);
    EXPECT_LT(both.run.event(partition.healed - 1).at, partition.until);

    const sim::Findings one_way = sim::find_in(parted_visit(6).run);
    ASSERT_EQ(one_way.partitions.size(), 1U);
    EXPECT_FALSE(one_way.partitions[0].both_ways);
    EXPECT_THAT(one_way.partitions[0].from, ElementsAre("visitor 1"));
}

TEST(Partitions, have_texts_of_one_form) {
    sim::PartitionSpan read;
    EXPECT_TRUE(sim::read_partition("a, b-1 | c, both ways, for 300 ms", Time(1s), read));
    EXPECT_THAT(read.from, ElementsAre("a", "b-1"));
    EXPECT_THAT(read.to, ElementsAre("c"));
    EXPECT_EQ(read.until, Time(1300ms));
    for (const char* const text :
         {"", "a | b", "a | b, both ways", "a | b, both ways, for ms", "a | b, both ways, for 3 s",
          "a -> b, both ways, for 3 ms", "a | b, one way, for 3 ms", "a | b, for 3 ms"}) {
        EXPECT_FALSE(sim::read_partition(text, Time(), read)) << text;
    }
}

TEST(TraceEvents, of_hosts_are_in_processes_of_their_own) {
    const sim::Picture picture = picture_of(killed_store);
    const Json trace = sim::perfetto_of(picture);
    std::map<int, std::string> processes;
    std::set<std::pair<int, int>> threads;
    std::map<std::string, int> slices;
    for (const Json& event : trace["traceEvents"]) {
        if (event["name"] == "process_name") processes[event["pid"]] = event["args"]["name"];
        if (event["name"] == "thread_name") threads.emplace(event["pid"], event["tid"]);
        if (event["ph"] != "X" && event["ph"] != "b") continue;
        ++slices[processes[event["pid"]] + ": " + event["name"].get<std::string>()];
        EXPECT_TRUE(threads.contains({event["pid"], event["tid"]}));
    }
    EXPECT_EQ(slices["host store: start 1"], 1);
    EXPECT_EQ(slices["host store: start 2"], 1);
    EXPECT_GE(slices["host store: receive"], 3);
    EXPECT_EQ(slices["host visitor 1: send"], 1);
    EXPECT_GE(slices["host store: accept"], 3);
    EXPECT_EQ(slices["server: receive"], 0);
    EXPECT_THAT(trace.dump(), HasSubstr("ended with its host"));
    const Json parted = sim::perfetto_of(parted_visit(1));
    EXPECT_THAT(parted.dump(), HasSubstr("partition: store | visitor 1, both ways, for 5000 ms"));
}

TEST(SequenceDiagram, of_hosts_has_them_as_participants) {
    const std::optional<std::string> diagram = sim::mermaid_of(picture_of(killed_store));
    ASSERT_TRUE(diagram.has_value());
    EXPECT_THAT(*diagram, HasSubstr("participant h1 as store\n"));
    EXPECT_THAT(*diagram, HasSubstr("participant h2 as visitor 1\n"));
    EXPECT_THAT(*diagram, HasSubstr("participant c1 as client 1, connection 1\n"));
    EXPECT_THAT(*diagram, Not(HasSubstr("server")));
    EXPECT_THAT(*diagram, HasSubstr("h2->>h1: connection 2, connects"));
    EXPECT_THAT(*diagram, HasSubstr("h2->>h1: connection 2, 5 bytes: hello"));
    EXPECT_THAT(*diagram, HasSubstr("Note over h1: is down: its program was killed"));
    EXPECT_THAT(*diagram, HasSubstr("Note over h1: starts again (start 2)"));
    const std::optional<std::string> parted = sim::mermaid_of(parted_visit(1));
    ASSERT_TRUE(parted.has_value());
    EXPECT_THAT(*parted, HasSubstr("Note over h1,h2: partition: store #124; visitor 1"));
}

TEST(Comparison, takes_events_of_other_hosts_as_different) {
    const sim::Picture picture = picture_of(killed_store);
    sim::Picture other = picture_of(killed_store);
    EXPECT_FALSE(sim::compare(picture.run, other.run).difference.has_value());
    for (sim::RecordedEvent& event : other.run.events) {
        if (event.host == "visitor 1") event.host = "visitor 2";
    }
    EXPECT_TRUE(sim::compare(picture.run, other.run).difference.has_value());
}

}  // namespace
}  // namespace drydock::test

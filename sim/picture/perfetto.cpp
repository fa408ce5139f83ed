// Trace events: https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU
#include "sim/picture/perfetto.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

#include <drydock/version.hpp>

#include "sim/picture/encoding.hpp"
#include "sim/picture/findings.hpp"

namespace drydock::sim {
namespace {

using Json = nlohmann::ordered_json;

constexpr int clients_process = 1;
constexpr int server_process = 2;
constexpr int run_process = 3;
constexpr int first_host_process = 4;

/// Threads of the process of the run.
constexpr std::uint64_t verdict_thread = 1;
constexpr std::uint64_t faults_thread = 2;
constexpr std::uint64_t choices_thread = 3;
constexpr std::uint64_t probes_thread = 4;
constexpr std::uint64_t tasks_thread = 5;
constexpr std::uint64_t others_thread = 6;  // timers, posts, accepts, connects, steps
constexpr std::uint64_t partitions_thread = 7;

/// Threads of the process of a host: tasks_thread, others_thread, and those of its ends.
constexpr std::uint64_t lives_thread = 1;
constexpr std::uint64_t first_end_thread = 16;

struct Thread {
    int process;
    std::uint64_t thread;

    auto operator<=>(const Thread&) const = default;
};

double microseconds(std::int64_t nanoseconds) { return static_cast<double>(nanoseconds) / 1000.0; }

class Writer {
public:
    explicit Writer(const Picture& picture)
        : picture_(picture), run_(picture.run), found_(find_in(run_)) {
        std::int64_t shown = -1;
        for (const RecordedEvent& event : run_.events) {
            shown = std::max(shown + 1, std::int64_t{event.at.time_since_epoch().count()});
            shown_.push_back(shown);
        }
    }

    Json write() {
        name_lanes();
        for (const Bar& bar : found_.operations) add_bar(bar);
        for (const HostLane& host : found_.hosts) add_lives(host);
        for (const PartitionSpan& partition : found_.partitions) add_partition(partition);
        for (const Transfer& transfer : found_.transfers) add_flow(transfer);
        for (std::size_t id = 1; id <= run_.events.size(); ++id) add_instant(id);
        const Report& report = picture_.report;
        return {{"traceEvents", std::move(events_)},
                {"displayTimeUnit", "ns"},
                {"otherData",
                 {{"scenario", as_utf8(picture_.scenario->name)},
                  {"property", as_utf8(report.property)},
                  {"sentence", as_utf8(report.sentence)},
                  {"drydock", DRYDOCK_VERSION_STRING}}}};
    }

private:
    std::int64_t shown(std::size_t id) const { return shown_[id - 1]; }

    Json event_of(const char* phase, const std::string& name, std::int64_t at, Thread thread) {
        return {{"name", name},           {"cat", "drydock"},      {"ph", phase},
                {"ts", microseconds(at)}, {"pid", thread.process}, {"tid", thread.thread}};
    }

    void name_thread(Thread thread, const std::string& name) {
        events_.push_back({{"name", "thread_name"},
                           {"ph", "M"},
                           {"pid", thread.process},
                           {"tid", thread.thread},
                           {"args", {{"name", name}}}});
    }

    void name_process(int process, const std::string& name) {
        events_.push_back({{"name", "process_name"},
                           {"ph", "M"},
                           {"pid", process},
                           {"tid", 0},
                           {"args", {{"name", name}}}});
    }

    void name_lanes() {
        name_process(clients_process, "clients");
        name_process(server_process, "server");
        name_process(run_process, "run");
        for (const ConnectionLane& lane : found_.connections) {
            std::string owner;
            if (!lane.role.empty()) {
                owner = as_utf8(lane.role) + " " + std::to_string(lane.client) + ", ";
            }
            const std::string name = owner + "connection " + std::to_string(lane.number);
            for (const bool accepted : {false, true}) {
                name_thread(thread_of(lane.number, accepted, OperationKind::receive),
                            name + ": receives");
                name_thread(thread_of(lane.number, accepted, OperationKind::send),
                            name + ": sends");
            }
        }
        constexpr std::pair<std::uint64_t, const char*> others[] = {
            {verdict_thread, "verdict"}, {faults_thread, "faults"},
            {choices_thread, "choices"}, {probes_thread, "probes and output"},
            {tasks_thread, "tasks"},     {others_thread, "timers, accepts and others"}};
        for (const auto& [thread, name] : others) name_thread({run_process, thread}, name);
        if (!found_.partitions.empty()) {
            name_thread({run_process, partitions_thread}, "partitions");
        }
        for (const HostLane& host : found_.hosts) {
            const int process = process_of(host.name);
            name_process(process, "host " + as_utf8(host.name));
            name_thread({process, lives_thread}, "starts");
            name_thread({process, tasks_thread}, "tasks");
            name_thread({process, others_thread}, "timers, accepts and others");
        }
    }

    /// The process of a host; that of the run for the world's own machine.
    int process_of(const std::string& host) const {
        for (std::size_t i = 0; i < found_.hosts.size(); ++i) {
            if (found_.hosts[i].name == host) return first_host_process + static_cast<int>(i);
        }
        return run_process;
    }

    Thread thread_of(std::uint64_t connection, bool accepted, OperationKind kind) const {
        const std::uint64_t sends = kind == OperationKind::send ? 1 : 0;
        for (const ConnectionLane& lane : found_.connections) {
            if (lane.number != connection) continue;
            const std::string& host = accepted ? lane.accepted_host : lane.connecting_host;
            if (host.empty()) break;
            // Both ends may be on one host.
            return {process_of(host),
                    first_end_thread + 4 * connection + (accepted ? 2 : 0) + sends};
        }
        return {accepted ? server_process : clients_process, 2 * connection + sends};
    }

    /// From each start of the host to its end.
    void add_lives(const HostLane& host) {
        std::uint64_t number = 0;
        for (const HostLife& life : host.lives) {
            const std::int64_t from = shown(life.started);
            const std::int64_t to = shown(life.ended > 0 ? life.ended : run_.events.size());
            Json slice = event_of("X", "start " + std::to_string(++number), from,
                                  {process_of(host.name), lives_thread});
            slice["dur"] = microseconds(to - from);
            slice["args"] = {{"event", life.started},
                             {"time_ns", run_.event(life.started).at.time_since_epoch().count()}};
            if (life.ended > 0) slice["args"]["ended"] = as_utf8(run_.event(life.ended).text);
            events_.push_back(std::move(slice));
        }
    }

    /// Partitions overlap: they are asynchronous slices, with numbers behind those of the starts.
    void add_partition(const PartitionSpan& partition) {
        const RecordedEvent& event = run_.event(partition.id);
        const Thread thread = {run_process, partitions_thread};
        const std::string name = "partition: " + as_utf8(event.text);
        const std::uint64_t number = found_.operations.size() + ++partitions_;
        Json begin = event_of("b", name, shown(partition.id), thread);
        begin["id"] = number;
        begin["args"] = {{"event", partition.id}, {"time_ns", event.at.time_since_epoch().count()}};
        events_.push_back(std::move(begin));
        Json end = event_of(
            "e", name, shown(partition.healed > 0 ? partition.healed : run_.events.size()), thread);
        end["id"] = number;
        events_.push_back(std::move(end));
    }

    /// A receive or send is a slice of its thread, as only one of each is in flight on an end;
    /// others overlap, and are asynchronous slices.
    void add_bar(const Bar& bar) {
        const RecordedEvent& start = run_.event(bar.started);
        const std::int64_t from = shown(bar.started);
        const std::size_t last = bar.completed > 0 ? bar.completed : bar.cut;
        const std::int64_t to = shown(last > 0 ? last : run_.events.size());
        const std::string name(drydock::name(start.operation));
        const bool on_end =
            start.operation == OperationKind::receive || start.operation == OperationKind::send;
        if (on_end && start.connection > 0) {
            const Thread thread = thread_of(start.connection, start.accepted, start.operation);
            Json slice = event_of("X", name, from, thread);
            slice["dur"] = microseconds(to - from);
            slice["args"] = arguments_of(bar);
            events_.push_back(std::move(slice));
            return;
        }
        const Thread thread = {process_of(start.host), others_thread};
        Json begin = event_of("b", name, from, thread);
        begin["id"] = bar.start;
        begin["args"] = arguments_of(bar);
        events_.push_back(std::move(begin));
        Json end = event_of("e", name, to, thread);
        end["id"] = bar.start;
        events_.push_back(std::move(end));
    }

    Json arguments_of(const Bar& bar) const {
        const RecordedEvent& start = run_.event(bar.started);
        Json arguments = {{"event", bar.started},
                          {"time_ns", start.at.time_since_epoch().count()},
                          {"start", bar.start},
                          {"size", start.size}};
        if (start.place > 0) {
            const RecordedPlace& place = run_.places[start.place - 1];
            arguments["place"] = as_utf8(place.file) + ":" + std::to_string(place.line);
        }
        if (bar.completed == 0) {
            arguments["result"] = bar.cut > 0 ? "ended with its host" : "in flight";
            return arguments;
        }
        const RecordedEvent& end = run_.event(bar.completed);
        arguments["result"] = name(end.error);
        arguments["bytes"] = end.bytes;
        arguments["completed_ns"] = end.at.time_since_epoch().count();
        return arguments;
    }

    /// An arrow from the slice of the send to that of the receive.
    void add_flow(const Transfer& transfer) {
        if (transfer.received == 0) return;
        const RecordedEvent& receive = run_.event(transfer.received);
        if (receive.kind != RunEventKind::completed) return;  // a try has no slice
        const Thread from =
            thread_of(transfer.connection, transfer.from_accepted, OperationKind::send);
        const Thread to =
            thread_of(transfer.connection, !transfer.from_accepted, OperationKind::receive);
        const std::string name = std::to_string(transfer.last - transfer.first) + " bytes";
        Json begin = event_of("s", name, shown(transfer.sent), from);
        begin["id"] = ++flows_;
        events_.push_back(std::move(begin));
        Json end = event_of("f", name, shown(transfer.received) - 1, to);
        end["id"] = flows_;
        end["bp"] = "e";
        events_.push_back(std::move(end));
    }

    void instant(std::size_t id, Thread thread, const std::string& name, const char* scope = "t") {
        Json event = event_of("i", as_utf8(name), shown(id), thread);
        event["s"] = scope;
        event["args"] = {{"event", id}, {"time_ns", run_.event(id).at.time_since_epoch().count()}};
        if (run_.event(id).kind == RunEventKind::verdict) {
            event["args"]["sentence"] = as_utf8(run_.event(id).text);
        }
        events_.push_back(std::move(event));
    }

    void add_instant(std::size_t id) {
        const RecordedEvent& event = run_.event(id);
        const auto receives = thread_of(event.connection, event.accepted, OperationKind::receive);
        const auto sends = thread_of(event.connection, event.accepted, OperationKind::send);
        switch (event.kind) {
            case RunEventKind::choice:
                if (event.value == 0) return;
                return instant(id, {run_process, choices_thread},
                               event.label + " = " + std::to_string(event.value));
            case RunEventKind::fault:
                return instant(id, {run_process, faults_thread}, std::string(name(event.fault)));
            case RunEventKind::end_sent:
            case RunEventKind::reset_sent:
                return instant(id, sends, std::string(name(event.kind)));
            case RunEventKind::end_arrived:
            case RunEventKind::reset_arrived:
            case RunEventKind::tried_receive:
            case RunEventKind::socket_opened:
            case RunEventKind::socket_closed:
                return instant(id, receives, std::string(name(event.kind)));
            case RunEventKind::task_joined:
            case RunEventKind::task_left:
                return instant(id, {process_of(event.host), tasks_thread},
                               std::string(name(event.kind)) + " " + std::to_string(event.number));
            case RunEventKind::probe:
                return instant(id, {run_process, probes_thread}, event.name);
            case RunEventKind::printed:
                return instant(id, {run_process, probes_thread}, event.name + ": " + event.text);
            case RunEventKind::became_calm:
                return instant(id, {run_process, faults_thread}, "became_calm");
            case RunEventKind::verdict:
                return instant(id, {run_process, verdict_thread}, event.name, "g");
            default:
                return;
        }
    }

    const Picture& picture_;
    const RecordedRun& run_;
    const Findings found_;
    std::vector<std::int64_t> shown_;  // nanoseconds, by event
    std::uint64_t flows_ = 0;
    std::uint64_t partitions_ = 0;
    Json events_ = Json::array();
};

}  // namespace

nlohmann::ordered_json perfetto_of(const Picture& picture) { return Writer(picture).write(); }

}  // namespace drydock::sim

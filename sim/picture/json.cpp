// The keys of a run's JSON, in their order.
#include "sim/picture/json.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <drydock/sim/shrink.hpp>
#include <drydock/version.hpp>

#include "sim/picture/encoding.hpp"
#include "sim/picture/findings.hpp"
#include "sim/properties.hpp"

namespace drydock::sim {
namespace {

using Json = nlohmann::ordered_json;

std::int64_t nanoseconds(Time at) { return at.time_since_epoch().count(); }

std::string_view without_prefix(Fault fault) {
    return name(fault).substr(std::string_view("fault.").size());
}

/// A text as UTF-8 and, where that has lost something, its bytes beside it.
void put_text(Json& object, const char* key, std::string_view text, std::uint64_t size) {
    object[key] = as_utf8(text);
    if (!is_utf8(text)) object[std::string(key) + "_base64"] = base64(text);
    if (size > text.size()) object[std::string(key) + "_left_out"] = size - text.size();
}

// --- one event ----------------------------------------------------------------------------------

void put_end(Json& object, const RecordedEvent& event) {
    if (event.connection == 0) return;
    object["connection"] = event.connection;
    object["end"] = event.accepted ? "accepted" : "connecting";
}

void put_place(Json& object, const RecordedEvent& event) {
    if (event.place > 0) object["place"] = event.place - 1;
}

void put_data(Json& object, const RecordedEvent& event) {
    if (event.data_size == 0) return;
    object["position"] = event.position;
    object["payload"] = base64(event.data);
    const std::uint64_t left_out = event.data_size - event.data.size();
    if (left_out > 0) object["payload_left_out"] = left_out;
}

void put_result(Json& object, const RecordedEvent& event) {
    object["error"] = name(event.error);
    object["bytes"] = event.bytes;
}

void put_operation(Json& object, const RecordedEvent& event) {
    object["operation"] = name(event.operation);
    object["start"] = event.start;
    put_end(object, event);
    object["size"] = event.size;
    put_place(object, event);
    if (event.kind == RunEventKind::started) return;
    put_result(object, event);
    put_data(object, event);
    object["digest"] = hexadecimal(event.digest);
}

void put_choice(Json& object, const RecordedEvent& event) {
    object["choice"] = event.index;
    object["label"] = as_utf8(event.label);
    object["value"] = event.value;
    object["options"] = event.options;
}

void put_verdict(Json& object, const RecordedEvent& event) {
    object["property"] = as_utf8(event.name);
    object["sentence"] = as_utf8(event.text);
    object["in_step"] = event.in_step;
    if (event.operation != OperationKind::none) object["operation"] = name(event.operation);
    if (event.start > 0) object["start"] = event.start;
    put_end(object, event);
    put_place(object, event);
}

void put_fields(Json& object, const RecordedEvent& event) {
    switch (event.kind) {
        case RunEventKind::started:
        case RunEventKind::completed:
            return put_operation(object, event);
        case RunEventKind::tried_receive:
            put_end(object, event);
            object["size"] = event.size;
            put_result(object, event);
            return put_data(object, event);
        case RunEventKind::choice:
            return put_choice(object, event);
        case RunEventKind::span_begun:
        case RunEventKind::probe:
            object["name"] = as_utf8(event.name);
            return;
        case RunEventKind::fault:
            object["fault"] = without_prefix(event.fault);
            return;
        case RunEventKind::bytes_sent:
        case RunEventKind::bytes_arrived:
            put_end(object, event);
            object["size"] = event.size;
            return put_data(object, event);
        case RunEventKind::end_sent:
        case RunEventKind::end_arrived:
        case RunEventKind::reset_sent:
        case RunEventKind::reset_arrived:
            return put_end(object, event);
        case RunEventKind::socket_opened:
        case RunEventKind::socket_closed:
            put_end(object, event);
            return put_place(object, event);
        case RunEventKind::identified:
            put_end(object, event);
            object["role"] = as_utf8(event.name);
            object["number"] = event.number;
            return;
        case RunEventKind::task_joined:
        case RunEventKind::task_left:
            object["task"] = event.number;
            return put_place(object, event);
        case RunEventKind::printed:
            object["stream"] = as_utf8(event.name);
            return put_text(object, "text", event.text, event.text_size);
        case RunEventKind::verdict:
            return put_verdict(object, event);
        case RunEventKind::host_started:
            object["number"] = event.number;
            return;
        case RunEventKind::host_ended:
        case RunEventKind::partitioned:
            object["text"] = as_utf8(event.text);
            return;
        case RunEventKind::span_ended:
        case RunEventKind::became_calm:
            return;
    }
}

Json events_json(const RecordedRun& run) {
    Json events = Json::array();
    for (std::size_t id = 1; id <= run.events.size(); ++id) {
        const RecordedEvent& event = run.event(id);
        Json object;
        object["id"] = id;
        object["time_ns"] = nanoseconds(event.at);
        object["kind"] = name(event.kind);
        object["step"] = event.step;
        put_fields(object, event);
        if (!event.host.empty()) object["host"] = as_utf8(event.host);
        events.push_back(std::move(object));
    }
    return events;
}

// --- the run ------------------------------------------------------------------------------------

Json verdict_json(const Picture& picture, const Findings& found) {
    const Report& report = picture.report;
    Json verdict;
    verdict["passed"] = report.passed;
    verdict["property"] = as_utf8(report.property);
    verdict["sentence"] = as_utf8(report.sentence);
    if (!report.passed) {
        const Explanation known = explain(*picture.scenario, report.property);
        if (!known.expected.empty()) verdict["expected"] = as_utf8(known.expected);
        if (!known.page.empty()) verdict["see"] = as_utf8(known.page);
    }
    verdict["events"] = found.verdict_events;
    return verdict;
}

Json names_json(FaultSet faults) {
    Json names = Json::array();
    for (int i = 0; i < fault_count; ++i) {
        const auto fault = static_cast<Fault>(i);
        if (faults.has(fault)) names.push_back(without_prefix(fault));
    }
    return names;
}

Json faults_json(const Picture& picture) {
    Json struck = Json::object();
    for (const RecordedEvent& event : picture.run.events) {
        if (event.kind != RunEventKind::fault) continue;
        Json& count = struck[std::string(without_prefix(event.fault))];
        count = count.is_null() ? 1 : count.get<std::uint64_t>() + 1;
    }
    return {{"allowed", names_json(picture.setup.options.faults | picture.setup.options.always)},
            {"active", names_json(picture.report.active_faults)},
            {"struck", std::move(struck)}};
}

Json origin_json(const Picture& picture) {
    Json origin = Json::object();
    if (picture.seed) origin["seed"] = *picture.seed;
    if (!picture.file.empty()) origin["file"] = as_utf8(picture.file);
    if (!picture.again.empty()) origin["again"] = as_utf8(picture.again);
    return origin;
}

Json hosts_json(const Findings& found) {
    Json hosts = Json::array();
    for (const HostLane& host : found.hosts) {
        Json lives = Json::array();
        for (const HostLife& life : host.lives) {
            Json object = {{"started", life.started}};
            if (life.ended > 0) object["ended"] = life.ended;
            lives.push_back(std::move(object));
        }
        hosts.push_back({{"name", as_utf8(host.name)}, {"lives", std::move(lives)}});
    }
    return hosts;
}

Json partitions_json(const Findings& found) {
    Json partitions = Json::array();
    for (const PartitionSpan& partition : found.partitions) {
        Json object = {{"event", partition.id},
                       {"from", partition.from},
                       {"to", partition.to},
                       {"both_ways", partition.both_ways},
                       {"until_ns", nanoseconds(partition.until)}};
        if (partition.healed > 0) object["healed"] = partition.healed;
        partitions.push_back(std::move(object));
    }
    return partitions;
}

Json lanes_json(const Findings& found, const RecordedRun& run) {
    Json clients = Json::array();
    for (const ClientLane& client : found.clients) {
        clients.push_back({{"role", as_utf8(client.role)},
                           {"number", client.number},
                           {"connections", client.connections}});
    }
    Json connections = Json::array();
    for (const ConnectionLane& connection : found.connections) {
        Json object = {{"number", connection.number}};
        if (!connection.role.empty()) {
            object["client"] = {{"role", as_utf8(connection.role)}, {"number", connection.client}};
        }
        Json hosts = Json::object();
        if (!connection.connecting_host.empty()) {
            hosts["connecting"] = as_utf8(connection.connecting_host);
        }
        if (!connection.accepted_host.empty()) {
            hosts["accepted"] = as_utf8(connection.accepted_host);
        }
        if (!hosts.empty()) object["hosts"] = std::move(hosts);
        connections.push_back(std::move(object));
    }
    Json tasks = Json::array();
    for (const TaskLane& task : found.tasks) {
        Json object = {{"number", task.number}};
        put_place(object, run.event(task.joined));
        object["joined"] = task.joined;
        if (task.left > 0) object["left"] = task.left;
        if (!task.host.empty()) object["host"] = as_utf8(task.host);
        tasks.push_back(std::move(object));
    }
    Json lanes = {{"clients", std::move(clients)},
                  {"connections", std::move(connections)},
                  {"tasks", std::move(tasks)}};
    if (!found.hosts.empty()) lanes["hosts"] = hosts_json(found);
    return lanes;
}

Json operations_json(const Findings& found) {
    Json operations = Json::array();
    for (const Bar& bar : found.operations) {
        Json object = {{"start", bar.start}, {"started", bar.started}};
        if (bar.completed > 0) object["completed"] = bar.completed;
        if (bar.cut > 0) object["cut"] = bar.cut;
        operations.push_back(std::move(object));
    }
    return operations;
}

Json transfers_json(const Findings& found) {
    Json transfers = Json::array();
    for (const Transfer& transfer : found.transfers) {
        Json object = {{"connection", transfer.connection},
                       {"from", transfer.from_accepted ? "accepted" : "connecting"},
                       {"first", transfer.first},
                       {"last", transfer.last},
                       {"sent", transfer.sent}};
        if (transfer.arrived > 0) object["arrived"] = transfer.arrived;
        if (transfer.received > 0) object["received"] = transfer.received;
        transfers.push_back(std::move(object));
    }
    return transfers;
}

Json places_json(const RecordedRun& run) {
    Json places = Json::array();
    for (const RecordedPlace& place : run.places) {
        places.push_back({{"file", as_utf8(place.file)},
                          {"line", place.line},
                          {"column", place.column},
                          {"function", as_utf8(place.function)}});
    }
    return places;
}

Json sources_json(const std::vector<SourceLines>& sources) {
    Json list = Json::array();
    for (const SourceLines& source : sources) {
        Json lines = Json::array();
        for (const std::string& line : source.lines) lines.push_back(as_utf8(line));
        list.push_back(
            {{"file", as_utf8(source.file)}, {"first", source.first}, {"lines", std::move(lines)}});
    }
    return list;
}

Json left_out_json(const RecordedRun& run) {
    std::uint64_t payload = 0;
    for (const RecordedEvent& event : run.events) payload += event.data_size - event.data.size();
    return {{"events", run.left_out}, {"payload", payload}};
}

void put_inevitability(Json& object, const Picture& picture) {
    if (picture.inevitability_sentence.empty()) return;
    object["inevitability"] = inevitability_json(picture.inevitability);
    object["inevitability_sentence"] = as_utf8(picture.inevitability_sentence);
}

/// What people read about the run, and what repeats it.
void put_facts(Json& object, const Picture& picture) {
    const Report& report = picture.report;
    object["drydock"] = DRYDOCK_VERSION_STRING;
    object["origin"] = origin_json(picture);
    object["parameters"] = Json::object();
    for (const auto& [name, value] : picture.setup.settings) object["parameters"][name] = value;
    object["options"] = as_utf8(report.options);
    object["outcome"] = as_utf8(report.outcome);
    object["faults"] = faults_json(picture);
    object["steps"] = report.completions;
    object["choices"] = report.choices;
    object["choices_not_benign"] = not_benign(report.schedule);
    object["virtual_time_ns"] = report.virtual_time.count();
    object["digest"] = hexadecimal(report.digest);
    object["schedule"] = as_utf8(write_schedule(picture.setup, report));
}

}  // namespace

nlohmann::ordered_json inevitability_json(const std::vector<Inevitability>& curve) {
    Json points = Json::array();
    for (const Inevitability& point : curve) {
        const double runs = static_cast<double>(point.runs);
        const double share = point.runs == 0 ? 0.0 : static_cast<double>(point.failed) / runs;
        points.push_back({{"choice", point.choices}, {"share", share}, {"runs", point.runs}});
    }
    return points;
}

nlohmann::ordered_json json_of(const Picture& picture) {
    const Findings found = find_in(picture.run);
    Json object;
    object["format"] = "drydock-run";
    object["version"] = picture_version;
    object["scenario"] = as_utf8(picture.scenario->name);
    object["verdict"] = verdict_json(picture, found);
    object["events"] = events_json(picture.run);
    put_facts(object, picture);
    object["lanes"] = lanes_json(found, picture.run);
    object["operations"] = operations_json(found);
    object["transfers"] = transfers_json(found);
    if (!found.hosts.empty()) object["partitions"] = partitions_json(found);
    object["places"] = places_json(picture.run);
    object["sources"] = sources_json(picture.sources);
    object["left_out"] = left_out_json(picture.run);
    put_inevitability(object, picture);
    return object;
}

std::string text_of(const nlohmann::ordered_json& json) { return json.dump() + "\n"; }

}  // namespace drydock::sim

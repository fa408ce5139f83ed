// Lanes, bars and arrows.
#include "sim/picture/findings.hpp"

#include <algorithm>
#include <charconv>
#include <map>

#include "sim/picture/verdict.hpp"

namespace drydock::sim {
namespace {

using End = std::pair<std::uint64_t, bool>;  // connection, accepted

/// Bytes [first, last) of a stream, and the event that moved them.
struct Piece {
    std::uint64_t first;
    std::uint64_t last;
    std::size_t id;
};
using Pieces = std::vector<Piece>;

/// The event of `pieces` that moved the byte at `position`, and where its piece ends. The pieces
/// are in the order of the stream; `at` is the first that may have it.
std::size_t mover(const Pieces& pieces, std::size_t& at, std::uint64_t position,
                  std::uint64_t& last) {
    while (at < pieces.size() && pieces[at].last <= position) ++at;
    if (at == pieces.size()) return 0;
    if (pieces[at].first > position) {
        last = std::min(last, pieces[at].first);
        return 0;
    }
    last = std::min(last, pieces[at].last);
    return pieces[at].id;
}

/// "broker, server 1"
std::vector<std::string> names_in(std::string_view list) {
    std::vector<std::string> names;
    for (;;) {
        const std::size_t comma = list.find(", ");
        names.emplace_back(list.substr(0, comma));
        if (comma == std::string_view::npos) return names;
        list.remove_prefix(comma + 2);
    }
}

class Finder {
public:
    explicit Finder(const RecordedRun& run) : run_(run) {}

    Findings find() {
        for (std::size_t id = 1; id <= run_.events.size(); ++id) look_at(id);
        for (const auto& [end, sent] : sent_) join(end, sent);
        found_.verdict_events = events_of_verdict(run_, found_);
        return std::move(found_);
    }

private:
    void look_at(std::size_t id) {
        const RecordedEvent& event = run_.event(id);
        if (!event.host.empty()) know_host(event.host);
        if (event.connection > 0) know(event);
        heal(id);
        switch (event.kind) {
            case RunEventKind::started:
                open_[event.start] = found_.operations.size();
                found_.operations.push_back({event.start, id, 0, 0});
                return;
            case RunEventKind::completed:
                complete_bar(event, id);
                return move(received_, event, id);
            case RunEventKind::tried_receive:
                return move(received_, event, id);
            case RunEventKind::bytes_sent:
                return move(sent_, event, id);
            case RunEventKind::bytes_arrived:
                return move(arrived_, event, id);
            case RunEventKind::identified:
                return identify(event);
            case RunEventKind::task_joined:
                return found_.tasks.push_back({event.number, id, 0, event.host});
            case RunEventKind::task_left:
                return leave(event.number, id);
            case RunEventKind::host_started:
                return know_host(event.host).lives.push_back({id, 0});
            case RunEventKind::host_ended:
                return end_host(event.host, id);
            case RunEventKind::partitioned:
                return part(event, id);
            default:
                return;
        }
    }

    void know(const RecordedEvent& event) {
        const std::uint64_t number = event.connection;
        const auto known = connection_at_.emplace(number, found_.connections.size());
        if (known.second) found_.connections.push_back({number, {}, 0, {}, {}});
        if (event.host.empty()) return;
        ConnectionLane& lane = found_.connections[known.first->second];
        (event.accepted ? lane.accepted_host : lane.connecting_host) = event.host;
    }

    HostLane& know_host(const std::string& name) {
        const auto known = host_at_.emplace(name, found_.hosts.size());
        if (known.second) found_.hosts.push_back({name, {}});
        return found_.hosts[known.first->second];
    }

    /// What the host had started ends with it.
    void end_host(const std::string& name, std::size_t id) {
        HostLane& host = know_host(name);
        if (!host.lives.empty()) host.lives.back().ended = id;
        for (TaskLane& task : found_.tasks) {
            if (task.left == 0 && task.host == name) task.left = id;
        }
        std::erase_if(open_, [&](const auto& start_and_bar) {
            Bar& bar = found_.operations[start_and_bar.second];
            const bool ends = run_.event(bar.started).host == name;
            if (ends) bar.cut = id;
            return ends;
        });
    }

    void part(const RecordedEvent& event, std::size_t id) {
        PartitionSpan partition;
        partition.id = id;
        if (!read_partition(event.text, event.at, partition)) return;
        for (const std::string& name : partition.from) know_host(name);
        for (const std::string& name : partition.to) know_host(name);
        unhealed_.push_back(found_.partitions.size());
        found_.partitions.push_back(std::move(partition));
    }

    void heal(std::size_t id) {
        const RecordedEvent& event = run_.event(id);
        std::erase_if(unhealed_, [&](std::size_t at) {
            PartitionSpan& partition = found_.partitions[at];
            const bool over =
                event.at >= partition.until || event.kind == RunEventKind::became_calm;
            if (over) partition.healed = id;
            return over;
        });
    }

    void complete_bar(const RecordedEvent& event, std::size_t id) {
        const auto bar = open_.find(event.start);
        if (bar == open_.end()) return;
        found_.operations[bar->second].completed = id;
        open_.erase(bar);
    }

    void move(std::map<End, Pieces>& streams, const RecordedEvent& event, std::size_t id) {
        if (event.data_size == 0) return;
        streams[{event.connection, event.accepted}].push_back(
            {event.position - event.data_size, event.position, id});
    }

    void identify(const RecordedEvent& event) {
        ConnectionLane& connection = found_.connections[connection_at_[event.connection]];
        connection.role = event.name;
        connection.client = event.number;
        const auto [client, is_new] =
            client_at_.emplace(std::pair(event.name, event.number), found_.clients.size());
        if (is_new) found_.clients.push_back({event.name, event.number, {}});
        std::vector<std::uint64_t>& connections = found_.clients[client->second].connections;
        if (std::find(connections.begin(), connections.end(), event.connection) ==
            connections.end()) {
            connections.push_back(event.connection);
        }
    }

    void leave(std::uint64_t number, std::size_t id) {
        // Tasks are numbered as they join, and all of them are in the list.
        if (number >= 1 && number <= found_.tasks.size()) found_.tasks[number - 1].left = id;
    }

    /// Cuts what was sent where it arrived or was received in other pieces.
    void join(const End& from, const Pieces& sent) {
        const End to = {from.first, !from.second};
        const Pieces& arrived = arrived_[to];
        const Pieces& received = received_[to];
        std::size_t arrived_at = 0;
        std::size_t received_at = 0;
        for (const Piece& piece : sent) {
            for (std::uint64_t first = piece.first; first < piece.last;) {
                std::uint64_t last = piece.last;
                const std::size_t arrival = mover(arrived, arrived_at, first, last);
                const std::size_t receive = mover(received, received_at, first, last);
                found_.transfers.push_back(
                    {from.first, from.second, first, last, piece.id, arrival, receive});
                first = last;
            }
        }
    }

    const RecordedRun& run_;
    Findings found_;
    std::map<std::uint64_t, std::size_t> open_;  // bars, by their starts
    std::map<std::uint64_t, std::size_t> connection_at_;
    std::map<std::pair<std::string, std::uint64_t>, std::size_t> client_at_;
    std::map<std::string, std::size_t> host_at_;
    std::vector<std::size_t> unhealed_;  // partitions
    std::map<End, Pieces> sent_;         // by the end that has sent or received
    std::map<End, Pieces> arrived_;
    std::map<End, Pieces> received_;
};

}  // namespace

void complete(RecordedRun& run, const Report& report) {
    const bool has_verdict =
        std::any_of(run.events.begin(), run.events.end(),
                    [](const RecordedEvent& event) { return event.kind == RunEventKind::verdict; });
    if (report.passed || has_verdict) return;
    RecordedEvent verdict;
    verdict.kind = RunEventKind::verdict;
    verdict.at = Time(report.virtual_time);
    verdict.step = report.completions;
    verdict.name = report.property;
    verdict.text = report.sentence;
    verdict.text_size = report.sentence.size();
    verdict.in_step = true;
    run.events.push_back(std::move(verdict));
}

/// "broker, server 1 | server 2, both ways, for 300 ms", or " -> " and ", one way".
bool read_partition(std::string_view text, Time at, PartitionSpan& partition) {
    const std::size_t span = text.rfind(", for ");
    if (span == std::string_view::npos || !text.ends_with(" ms")) return false;
    std::string_view number = text.substr(span + 6);
    number.remove_suffix(3);
    std::int64_t milliseconds = 0;
    const auto read = std::from_chars(number.data(), number.data() + number.size(), milliseconds);
    if (read.ec != std::errc() || read.ptr != number.data() + number.size()) return false;
    text = text.substr(0, span);
    partition.both_ways = text.ends_with(", both ways");
    if (!partition.both_ways && !text.ends_with(", one way")) return false;
    text = text.substr(0, text.rfind(", "));
    const std::string_view sign = partition.both_ways ? " | " : " -> ";
    const std::size_t cut = text.find(sign);
    if (cut == std::string_view::npos) return false;
    partition.from = names_in(text.substr(0, cut));
    partition.to = names_in(text.substr(cut + sign.size()));
    partition.until = at + std::chrono::milliseconds(milliseconds);
    return true;
}

Findings find_in(const RecordedRun& run) { return Finder(run).find(); }

}  // namespace drydock::sim

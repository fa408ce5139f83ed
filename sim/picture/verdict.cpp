// The events of a verdict, from what it says and from what its sentence names.
#include "sim/picture/verdict.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <string_view>

#include <drydock/violation.hpp>

namespace drydock::sim {
namespace {

constexpr std::size_t most_in_flight = 50;

bool is_rule(std::string_view property) {
    for (int i = 0; i < rule_count; ++i) {
        if (name(static_cast<Rule>(i)) == property) return true;
    }
    return false;
}

/// Whether `text` has `word`, and no digit or letter follows it: "client 1", not in "client 12".
bool names(std::string_view text, std::string_view word) {
    const auto is_of_word = [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    };
    for (std::size_t at = text.find(word); at != std::string_view::npos;
         at = text.find(word, at + 1)) {
        const std::size_t behind = at + word.size();
        const bool ends = behind == text.size() || !is_of_word(text[behind]);
        const bool begins = at == 0 || !is_of_word(text[at - 1]);
        if (begins && ends) return true;
    }
    return false;
}

class Marker {
public:
    Marker(const RecordedRun& run, const Findings& found, std::size_t verdict)
        : run_(run), found_(found), verdict_(run.event(verdict)) {
        ids_.insert(verdict);
        step_ = verdict;
        while (step_ > 0 && run.event(step_).kind != RunEventKind::completed) --step_;
    }

    std::vector<std::size_t> mark() {
        if (verdict_.name == "stuck" || verdict_.name == "nothing-pending") {
            mark(step_);
            mark_in_flight();
        } else if (is_rule(verdict_.name)) {
            mark_rule();
        } else {
            mark_step();
            mark_named();
        }
        return {ids_.begin(), ids_.end()};
    }

private:
    void mark(std::size_t id) {
        if (id > 0) ids_.insert(id);
    }
    void mark(const Bar& bar) {
        mark(bar.started);
        mark(bar.completed);
    }

    void mark_in_flight() {
        std::size_t left = most_in_flight;
        for (auto bar = found_.operations.rbegin(); bar != found_.operations.rend() && left > 0;
             ++bar) {
            if (bar->completed > 0) continue;
            mark(*bar);
            --left;
        }
    }

    /// The completion that began the step, and the probes that the program passed in it.
    void mark_step() {
        if (step_ == 0) return;
        mark(step_);
        for (std::size_t id = step_; id <= run_.events.size(); ++id) {
            if (run_.event(id).kind == RunEventKind::probe) mark(id);
        }
    }

    /// The last delivery to each client and on each connection that the sentence names.
    void mark_named() {
        for (const ClientLane& client : found_.clients) {
            if (!names(verdict_.text, client.role + " " + std::to_string(client.number))) continue;
            for (const std::uint64_t connection : client.connections) {
                mark_last_delivery(connection, false);
            }
        }
        for (const ConnectionLane& connection : found_.connections) {
            const std::string name = "connection " + std::to_string(connection.number);
            if (!names(verdict_.text, name)) continue;
            mark_last_delivery(connection.number, true);
            mark_last_delivery(connection.number, false);
        }
    }

    void mark_last_delivery(std::uint64_t connection, bool accepted) {
        for (std::size_t id = run_.events.size(); id > 0; --id) {
            const RecordedEvent& event = run_.event(id);
            const bool delivery = (event.kind == RunEventKind::completed &&
                                   event.operation == OperationKind::receive) ||
                                  event.kind == RunEventKind::tried_receive;
            if (!delivery || event.connection != connection || event.accepted != accepted) continue;
            return mark(id);
        }
    }

    void mark_rule() {
        if (verdict_.in_step) mark(step_);
        if (verdict_.name == name(Rule::socket_leaked)) return mark_open_sockets();
        const Bar* const bar = verdict_.start > 0 ? bar_of_start(verdict_.start) : bar_at_place();
        if (bar != nullptr) {
            mark(*bar);
            mark_rival(*bar);
            if (verdict_.name == name(Rule::short_send_ignored)) mark_send_before(*bar);
        } else {
            mark_last_at_place();
        }
    }

    /// Sockets of the connections that the sentence names, which were opened and never closed.
    void mark_open_sockets() {
        std::map<std::pair<std::uint64_t, bool>, std::size_t> open;
        for (std::size_t id = 1; id <= run_.events.size(); ++id) {
            const RecordedEvent& event = run_.event(id);
            const std::pair end(event.connection, event.accepted);
            if (event.kind == RunEventKind::socket_opened) open[end] = id;
            if (event.kind == RunEventKind::socket_closed) open.erase(end);
        }
        for (const auto& [end, id] : open) {
            const bool same_place = run_.event(id).place == verdict_.place;
            if (same_place && names(verdict_.text, "connection " + std::to_string(end.first))) {
                mark(id);
            }
        }
    }

    const Bar* bar_of_start(std::uint64_t start) const {
        for (const Bar& bar : found_.operations) {
            if (bar.start == start) return &bar;
        }
        return nullptr;
    }

    /// An operation that was started there: one that is in flight, on the connection of the step if
    /// there is one; or else the last that was. Null: no operation was.
    const Bar* bar_at_place() const {
        const Bar* best = nullptr;
        int best_fit = -1;
        const std::uint64_t connection = step_ == 0 ? 0 : run_.event(step_).connection;
        for (const Bar& bar : found_.operations) {
            const RecordedEvent& start = run_.event(bar.started);
            if (start.operation != verdict_.operation || start.place != verdict_.place) continue;
            int fit = bar.completed == 0 ? 2 : 0;
            if (connection > 0 && start.connection == connection) ++fit;
            if (fit < best_fit) continue;
            best = &bar;
            best_fit = fit;
        }
        return best;
    }

    /// Another operation of the same kind that is in flight on the same end: the first one.
    void mark_rival(const Bar& bar) {
        const RecordedEvent& start = run_.event(bar.started);
        for (const Bar& other : found_.operations) {
            const RecordedEvent& rival = run_.event(other.started);
            const bool same_end = start.connection > 0 && rival.connection == start.connection &&
                                  rival.accepted == start.accepted;
            if (&other == &bar || other.completed > 0 || !same_end) continue;
            if (rival.operation == start.operation) mark(other);
        }
    }

    /// The short send whose bytes were not gone on with.
    void mark_send_before(const Bar& bar) {
        const RecordedEvent& start = run_.event(bar.started);
        for (std::size_t id = bar.started; id > 0; --id) {
            const RecordedEvent& event = run_.event(id);
            if (event.kind != RunEventKind::completed || event.operation != OperationKind::send ||
                event.connection != start.connection || event.accepted != start.accepted) {
                continue;
            }
            if (const Bar* const send = bar_of_start(event.start)) mark(*send);
            return;
        }
    }

    /// A socket that was opened, or a task that was spawned there. (A receive whose buffer is kept
    /// has no kind in the verdict of its rule.)
    void mark_last_at_place() {
        for (std::size_t id = run_.events.size(); id > 0 && verdict_.place > 0; --id) {
            const RecordedEvent& event = run_.event(id);
            if (event.place != verdict_.place || event.kind == RunEventKind::verdict) continue;
            mark(id);
            const Bar* const bar = event.start > 0 ? bar_of_start(event.start) : nullptr;
            if (bar != nullptr) mark(*bar);
            return;
        }
    }

    const RecordedRun& run_;
    const Findings& found_;
    const RecordedEvent& verdict_;
    std::size_t step_ = 0;  // the id of the completion that began the last step
    std::set<std::size_t> ids_;
};

}  // namespace

std::vector<std::size_t> events_of_verdict(const RecordedRun& run, const Findings& found) {
    if (run.events.empty()) return {};
    for (std::size_t id = run.events.size(); id > 0; --id) {
        if (run.event(id).kind != RunEventKind::verdict) continue;
        return Marker(run, found, id).mark();
    }
    return {};
}

}  // namespace drydock::sim

// Verdicts, and what the end of a run must look like.
#include "sim/judge.hpp"

#include <algorithm>
#include <cstring>

#include "sim/memory.hpp"
#include "sim/place.hpp"
#include "sim/world.hpp"

namespace drydock::sim {
namespace {

constexpr std::size_t longest_name = 80;

/// Whether schedules, file names and command lines can have it as the name of a property.
bool is_name(std::string_view property) noexcept {
    const auto fits = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '-' || c == '_' || c == '.';
    };
    return !property.empty() && property.size() <= longest_name && property.front() != '.' &&
           std::all_of(property.begin(), property.end(), fits);
}

std::string printable(std::string_view text) {
    std::string line(text.substr(0, longest_name));
    for (char& c : line) {
        if (c < ' ' || c > '~') c = '?';
    }
    return line;
}

}  // namespace

// --- the verdict --------------------------------------------------------------------------------

void Judge::fail(std::string_view property, std::string sentence) noexcept {
    if (frozen()) return;
    const SimulatorMemory memory;
    failed_ = true;
    property_ = property;
    sentence_.assign(sentence);  // a copy: a program's memory does not outlive its run
    if (!is_name(property)) {
        property_ = "scenario";
        sentence_ = "fail() was called with the property '" + printable(property) +
                    "', which is not a name of letters, digits, '-', '_' and '.'; its sentence: " +
                    sentence_;
    }
    if (!delivering_) announce();
}

void Judge::fail_after_the_step(std::string_view property, std::string sentence) noexcept {
    steps_ended_ = true;
    fail(property, std::move(sentence));
}

void Judge::announce() noexcept {
    world_.chronicle().verdict(property_, sentence_, !steps_ended_, about_);
}

void Judge::violated(const Violation& violation, const std::string& whose, const std::string& also,
                     Operation* operation) noexcept {
    if (frozen()) return;
    if (aborts_) abort_with(violation);
    std::string text(drydock::sentence(violation.rule));
    text += " (" + whose;
    if (!whose.empty()) text += "; ";
    if (violation.kind != OperationKind::none) {
        text += "the " + std::string(name(violation.kind)) + " was started at ";
    }
    text += place(violation.where);
    if (!also.empty()) text += "; " + also;
    about_ = {violation.kind, violation.where};
    if (operation != nullptr) {
        const Record& record = record_of(*operation);
        about_.start = record.start;
        if (record.connection != nullptr) {
            about_.connection = record.connection->serial();
            about_.accepted = record.connection->side(record.side).accepted;
        }
    }
    fail(name(violation.rule), text + ")");
}

// --- steps --------------------------------------------------------------------------------------

/// The bound is checked when a step has ended, not when its completion comes out: only then has the
/// program done what the completion is for.
bool Judge::step_ended() noexcept {
    if (failed_) return false;
    if (!held_.empty() && !frozen_) {
        violated({Rule::monitor_held_across_await, OperationKind::none, held_.back().where});
        return false;
    }
    const std::uint64_t bound = world_.options().calm_bound;
    if (calm_ && world_.chronicle().completions() - calm_since_ >= bound) {
        std::string last(name(last_.kind));
        if (last_.end.connection != 0) last += " on " + last_.end.text();
        last += " started at " + place(last_.where);
        fail_after_the_step("stuck", "the run did not end within " + std::to_string(bound) +
                                         " completions after the world had become calm; the last "
                                         "of them was: " +
                                         last + waiting_for());
    }
    return !failed_;
}

void Judge::completion_ends(Operation& operation) noexcept {
    delivering_ = false;
    if (failed_) return announce();
    become_calm_if_due();
    if (!calm_) return;
    const Record& record = record_of(operation);
    last_ = {operation.kind(), operation.where(), {}};
    if (record.connection != nullptr) last_.end = record.connection->end_name(record.side);
}

void Judge::become_calm_if_due() noexcept {
    if (calm_) return;
    const RunOptions& options = world_.options();
    const std::uint64_t completions = world_.chronicle().completions();
    if (completions < options.calm_after &&
        world_.now().time_since_epoch() < options.calm_after_time) {
        return;
    }
    become_calm();
}

void Judge::become_calm() noexcept {
    if (calm_) return;
    calm_ = true;
    calm_since_ = world_.chronicle().completions();
    world_.choices().silence();
    world_.chronicle().became_calm();
    world_.became_calm();
}

void Judge::monitor_left(const void* monitor) noexcept {
    const auto held = std::find_if(held_.rbegin(), held_.rend(),
                                   [&](const Held& known) { return known.monitor == monitor; });
    if (held != held_.rend()) held_.erase(std::next(held).base());
}

// --- the end ------------------------------------------------------------------------------------

/// What is in flight, and what its connections and listeners have met.
std::string Judge::waiting_for() const {
    std::string hint;
    world_.in_flight().for_each([&](Operation& operation) {
        const Record& record = record_of(operation);
        if (!hint.empty() || record.connection == nullptr) return;
        hint = record.connection->suspicion(record.side);
    });
    const std::string program = waits_ ? waits_() : std::string();
    std::string text = program.empty() ? "; " : "; " + program + "; ";
    text += world_.in_flight().text() + world_.network().suspicion();
    return hint.empty() ? text : text + "; " + hint;
}

void Judge::nothing_happens() noexcept {
    fail_after_the_step("stuck",
                        "nothing more can happen, and the run has not ended" + waiting_for());
}

void Judge::check_buffers_untouched() {
    const auto touched = world_.buffers().touched();
    if (touched) violated({Rule::provided_buffer_touched, OperationKind::receive, *touched});
}

void Judge::check_nothing_leaked() {
    const Operation* const waiting = world_.in_flight().first_waiting();
    const SimSocket* const socket = world_.network().first_open_socket();
    const SimListener* const listener = world_.network().first_listener();
    if (waiting != nullptr) {
        violated({Rule::task_leaked, OperationKind::none, waiting->where()});
    } else if (socket != nullptr) {
        const Side& side = socket->connection().side(socket->side());
        const auto kind = side.accepted ? OperationKind::accept : OperationKind::connect;
        violated({Rule::socket_leaked, kind, side.opened},
                 socket->connection().name(socket->side()));
    } else if (listener != nullptr) {
        violated({Rule::listener_leaked, OperationKind::none, listener->where()},
                 listener->local_endpoint().to_string());
    } else if (const auto kept = world_.buffers().kept()) {
        violated({Rule::provided_buffer_kept, OperationKind::receive, *kept});
    } else {
        check_buffers_untouched();
    }
}

void Judge::check_nothing_left() {
    steps_ended_ = true;
    if (!world_.in_flight().empty()) {
        fail("nothing-pending", "the run has ended and operations are in flight" + waiting_for());
        return;
    }
    check_nothing_leaked();
    if (failed_) return;
    if (const char* const span = world_.choices().open_span()) {
        fail("scenario", "the span '" + std::string(span) +
                             "' was begun and never ended: each begin_span() needs its end_span()");
        return;
    }
    world_.let_the_rest_happen();
    if (world_.network().any_connection()) {
        fail("simulator", "a connection outlived its sockets");
    }
}

}  // namespace drydock::sim

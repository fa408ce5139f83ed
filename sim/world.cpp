// The world's queue: starts, time, and completions that come out; and what scenarios ask of it.
#include "sim/world.hpp"

#include <algorithm>

#include "sim/place.hpp"

namespace drydock::sim {
namespace {

RunOptions without_calm() noexcept {
    RunOptions options;
    options.calm_after = ~std::uint64_t{0};
    options.calm_after_time = Duration::max();
    options.most_choices_in_step = ~std::uint64_t{0};
    return options;
}

}  // namespace

SimWorld::SimWorld(ChoiceSource& source, const RunOptions& options)
    : options_(options),
      watch_(source.watcher()),
      own_{this, 0, {}},
      chronicle_(timeline_, options_),
      choices_(source, chronicle_, options_),
      swarm_(choices_, chronicle_, watch_, options.always),
      in_flight_(watch_),
      order_(choices_, swarm_, timeline_, watch_, options.prompt_clients),
      network_(*this),
      hosts_(*this),
      judge_(*this, false),
      aborts_(false) {
    network_.create_shared_state();
    swarm_.choose(options.faults, options.always);
}

SimWorld::SimWorld(std::unique_ptr<ChoiceSource> source, FaultSet active)
    : owned_source_(std::move(source)),
      options_(without_calm()),
      watch_(nullptr),
      own_{this, 0, {}},
      chronicle_(timeline_, options_),
      choices_(*owned_source_, chronicle_, options_),
      swarm_(choices_, chronicle_, watch_, active),
      in_flight_(watch_),
      order_(choices_, swarm_, timeline_, watch_, false),
      network_(*this),
      hosts_(*this),
      judge_(*this, true),
      aborts_(true) {
    if (active.has(Fault::small_pipe)) swarm_.set_pipe_capacity(16);
}

SimWorld::~SimWorld() {
    if (aborts_) judge_.check_nothing_leaked();
    judge_.freeze();
    Buffers::abandon(std::move(buffers_));
}

// --- starts -------------------------------------------------------------------------------------

void SimWorld::connect(Machine& machine, SocketOperation& operation,
                       const Endpoint& endpoint) noexcept {
    if (!begin(machine, operation, OperationKind::connect)) return;
    chronicle_.started(operation);
    network_.connect(machine, operation, endpoint);
}

void SimWorld::post(Machine& machine, Operation& operation) noexcept {
    if (frozen(machine)) return;
    in_flight_.posted(operation);
    if (!begin(machine, operation, OperationKind::post)) return;
    chronicle_.started(operation);
    decide(operation, Result::success());
}

bool SimWorld::start_step(Machine& machine, Operation& operation) noexcept {
    if (!swarm_.fires(Fault::interleave, "step: others first")) {
        watch_.learned(0);  // the chain has come past this place: it can wait at the next one only
        return false;
    }
    if (!begin(machine, operation, OperationKind::step)) return true;
    chronicle_.started(operation);
    decide(operation, Result::success());
    return true;
}

void SimWorld::start_timer(Machine& machine, Operation& operation, Time deadline) noexcept {
    if (!begin(machine, operation, OperationKind::timer)) return;
    chronicle_.started(operation);
    watch_.touched(&operation, Owner::network);
    if (operation.take_remembered_cancel()) {
        tell_of_cancel(operation, false);
        return decide(operation, Result::failure(Error::canceled));
    }
    if (deadline <= now()) return decide(operation, Result::success());
    if (deadline == never) return;
    Event event;
    event.kind = EventKind::timer;
    event.operation = &operation;
    event.at = deadline;
    timeline_.add(event);
}

void SimWorld::cancel(Machine& machine, Operation& operation) noexcept {
    if (frozen(machine)) return;
    watch_.touched(&operation, Owner::network);
    const bool pending = operation.in_flight() && !record_of(operation).decided;
    if (!pending) {
        tell_of_cancel(operation, true);
        return operation.remember_cancel();
    }
    if (record_of(operation).in_timeline) timeline_.remove(operation);
    decide(operation, Result::failure(Error::canceled));
}

/// Whether the timer's next start is to be canceled: all that a timer is while it is not in flight.
void SimWorld::tell_of_cancel(const Operation& operation, bool remembered) const noexcept {
    const std::uint64_t state = remembered ? 1 : 0;
    watch_.left(&operation, detail::view_of(state));
}

// --- time and completions -----------------------------------------------------------------------

std::size_t SimWorld::wait(std::span<Completion> completions, Time deadline) noexcept {
    if (!judge_.step_ended()) return 0;
    for (;;) {
        if (judge_.failed()) return 0;
        while (!timeline_.empty() && timeline_.next_time() <= now()) happen(timeline_.take_first());
        if (order_.any_ready()) {
            choices_.step_begins();
            const bool taken = take_completion(completions.front());
            if (judge_.failed() || redundant()) return 0;
            if (taken) return 1;
            continue;  // the host that it was for has crashed
        }
        const Time next = timeline_.empty() ? never : timeline_.next_time();
        if (next == never && deadline == never) {
            // The calm brings hosts back, and ends connections that are gone at the other end.
            if (hosts_.any() && !judge_.calm()) {
                nothing_is_ready();
                judge_.become_calm();
                continue;
            }
            judge_.nothing_happens();
            return 0;
        }
        if (next > deadline) {
            timeline_.advance_to(deadline);
            return 0;
        }
        timeline_.advance_to(next);
        nothing_is_ready();
    }
}

void SimWorld::nothing_is_ready() noexcept {
    order_.time_passed();
    if (watch_.watcher() != nullptr) watch_.watcher()->time_passes();
}

void SimWorld::happen(const Event& event) noexcept {
    switch (event.kind) {
        case EventKind::timer:
            return decide(*event.operation, Result::success());
        case EventKind::deliver:
            return order_.deliver(*event.operation);
        case EventKind::connect:
            return network_.establish(static_cast<SocketOperation&>(*event.operation));
        case EventKind::give_up:
            return decide(*event.operation, Result::failure(Error::timed_out));
        case EventKind::bytes:
        case EventKind::end:
        case EventKind::reset:
        case EventKind::lost:
            event.connection->happen(event);
            network_.release_if_over(*event.connection);
            return;
    }
}

void SimWorld::let_the_rest_happen() noexcept {
    while (!timeline_.empty()) happen(timeline_.take_first());
}

void SimWorld::became_calm() noexcept {
    hosts_.became_calm();
    network_.end_half_open();
}

/// The last checks of the operation that comes out, and its bytes; a new step begins with it.
/// False: instead, the host that it was for has crashed.
bool SimWorld::take_completion(Completion& completion) noexcept {
    const Order::Ready taken = order_.take(network_state());
    Operation& operation = *taken.operation;
    Record& record = record_of(operation);
    running_on_ = 0;
    if (record.machine != 0 && !redundant() && hosts_.crashes(record.machine, record.number)) {
        return false;
    }
    running_on_ = record.machine;
    completion = {taken.operation, taken.result};
    judge_.completion_begins();
    if (watch_.watcher() != nullptr) touch_all_of(operation);
    const std::uint64_t data_hash =
        record.connection != nullptr ? record.connection->deliver(operation, taken.result) : 0;
    if (operation.kind() == OperationKind::accept) record.listener->accept_delivered();
    begin_step_of(taken, data_hash);
    chronicle_.completed(operation, taken.result, data_hash);
    in_flight_.end(operation);
    judge_.completion_ends(operation);
    return true;
}

/// For the step watcher: what the program learns by the completion.
void SimWorld::begin_step_of(const Order::Ready& taken, std::uint64_t data_hash) noexcept {
    StepWatcher* const watcher = watch_.watcher();
    if (watcher == nullptr) return;
    const Record& record = record_of(*taken.operation);
    Digest told;
    told.mix(static_cast<std::uint64_t>(taken.result.error));
    told.mix(taken.result.bytes ^ data_hash);
    told.mix(record.send_hash);
    told.mix(static_cast<std::uint64_t>(now().time_since_epoch().count()));
    watcher->begins(record.number, told.value());
}

void SimWorld::waits(Machine& machine, const Operation& operation) noexcept {
    if (frozen(machine)) return;
    if (running_on_ != 0 && machine.number != running_on_) {
        return refuse_start(machine, OperationKind::none, operation.where());
    }
    in_flight_.waits(machine, operation);
}

/// A program has reached into another machine: the two share memory.
void SimWorld::refuse_start(const Machine& machine, OperationKind kind,
                            std::source_location where) noexcept {
    const std::string what = kind == OperationKind::none
                                 ? "waits for an event"
                                 : "has started a " + std::string(drydock::name(kind));
    const std::string there = machine.is_host() ? "the host '" + std::string(machine.name) + "'"
                                                : "the world's own machine";
    judge_.fail("host-boundary", "a program on the host '" +
                                     std::string(hosts_.machine(running_on_).name) + "' " + what +
                                     " on " + there + ", at " + place(where));
}

/// What a delivery works on, whatever the program does then.
void SimWorld::touch_all_of(Operation& operation) noexcept {
    const Record& record = record_of(operation);
    if (record.connection != nullptr) record.connection->touch_delivery(operation);
    if (record.listener != nullptr) watch_.touched(record.listener, Owner::network);
    const bool cancelable =
        operation.kind() == OperationKind::timer || operation.kind() == OperationKind::connect;
    if (cancelable) watch_.touched(&operation, Owner::network);
    if (record.machine != 0) hosts_.touch(record.machine);
}

// --- the state, for those who look for states that come again -----------------------------------

StateView SimWorld::network_state() const noexcept {
    return {this,
            [](const void* world) { return static_cast<const SimWorld*>(world)->state_hash(); }};
}

/// Sums, where order does not matter: what is added is what all the parts are.
std::uint64_t SimWorld::state_hash() const noexcept {
    Digest whole;
    whole.mix(in_flight_.state_hash() + network_.state_hash() + timeline_.state_hash());
    whole.mix(std::min(options_.most_resets, swarm_.hits(Fault::network_reset)));
    whole.mix(swarm_.pipe_capacity());
    whole.mix(static_cast<std::uint64_t>(now().time_since_epoch().count()));
    if (hosts_.any()) whole.mix(hosts_.state_hash());
    return whole.value();
}

// --- what scenarios ask -------------------------------------------------------------------------

/// The program's own choices are something that it learns; the network's show in its state.
std::uint32_t SimWorld::choose(std::uint32_t options, Label label) noexcept {
    return static_cast<std::uint32_t>(watch_.learned(choices_.pick(options, label.text())));
}

bool SimWorld::flip(std::uint32_t one_in, Label label) noexcept {
    return watch_.learned(choices_.toss(one_in, label.text()) ? 1 : 0) == 1;
}

void SimWorld::settled(std::uint64_t value, std::source_location where) noexcept {
    if (watch_.watcher() == nullptr) return;
    watch_.settled(hash_of({value, hash_of(std::string_view(where.file_name())), where.line()}));
}

void SimWorld::begin_span(Label label) noexcept { choices_.begin_span(label.text()); }

void SimWorld::end_span() noexcept {
    if (choices_.end_span()) return;
    judge_.fail("scenario", "end_span() was called and no span is open");
}

bool SimWorld::monitor_contended(std::source_location where) noexcept {
    judge_.violated({Rule::monitor_held_across_await, OperationKind::none, where});
    return false;
}

void SimWorld::probe(std::string_view name) noexcept {
    chronicle_.probe(name);
    for (ProbeHits& known : probes_) {
        if (known.name.data() == name.data() || known.name == name) {
            ++known.hits;
            return;
        }
    }
    probes_.push_back({name, 1});
}

std::vector<ProbeHits> SimWorld::probe_hits() const {
    std::vector<ProbeHits> hits = probes_;
    swarm_.add_hits_to(hits);
    return hits;
}

bool SimWorld::damaged(const AsyncSocket& socket) const noexcept {
    Connection& connection = static_cast<const SimSocket&>(socket).connection();
    connection.touch_all();
    return watch_.learned(connection.damaged() ? 1 : 0) == 1;
}

std::string SimWorld::suspicion(const AsyncSocket& socket) const {
    const auto& ours = static_cast<const SimSocket&>(socket);
    return ours.connection().suspicion(ours.side());
}

OtherEnd SimWorld::other_end(const AsyncSocket& socket) const noexcept {
    const auto& ours = static_cast<const SimSocket&>(socket);
    const Side& other = ours.connection().side(1 - ours.side());
    OtherEnd told;
    if (other.canceling) told.canceled_after = other.canceled_at - other.opened_at;
    told.longest_quiet = other.longest_quiet;
    if (!other.closed) told.longest_quiet = std::max(told.longest_quiet, now() - other.moved_at);
    told.closed = other.closed;
    told.received = other.received;
    told.sent = other.sent;
    return told;
}

void SimWorld::identify(const AsyncSocket& socket, Label role, std::uint32_t number) noexcept {
    Connection& connection = static_cast<const SimSocket&>(socket).connection();
    connection.identify(role.text(), number);
    chronicle_.identified(connection, role.text(), number);
}

ProvidedBuffer SimWorld::provide(std::size_t size, std::source_location where) {
    ProvidedBuffer buffer = buffers_->take(size, where);
    judge_.check_buffers_untouched();
    return buffer;
}

}  // namespace drydock::sim

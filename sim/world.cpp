// The world's queue: starts, time, the order of completions, and the judgement over a run.
#include "sim/world.hpp"

#include <algorithm>

namespace drydock::sim {
namespace {

// A completion may overtake this many that happened before it.
constexpr std::size_t reorder_window = 16;

std::string place(std::source_location where) {
    return std::string(where.file_name()) + ":" + std::to_string(where.line());
}

/// How much rarer than its strength says a fault strikes: some end what they strike.
constexpr std::uint32_t rarity(Fault fault) noexcept {
    switch (fault) {
        case Fault::network_reset:
            return 16;
        case Fault::no_buffers:
            return 8;
        case Fault::delay:
            return 2;
        default:
            return 1;
    }
}

}  // namespace

SimWorld::SimWorld(ChoiceSource& source, const RunOptions& options)
    : source_(source), options_(options) {
    ready_.reserve(64);
    choose_swarm(options.faults);
}

SimWorld::SimWorld(std::unique_ptr<ChoiceSource> source, FaultSet active)
    : owned_source_(std::move(source)), source_(*owned_source_), aborts_(true), active_(active) {
    one_in_.fill(4);
    options_.calm_after = ~std::uint64_t{0};
    options_.calm_after_time = Duration::max();
    if (active.has(Fault::small_pipe)) pipe_capacity_ = 16;
}

SimWorld::~SimWorld() { frozen_ = true; }

/// Swarm testing (Groce and others, 2012): what is left out of a run lets the rest go deeper.
void SimWorld::choose_swarm(FaultSet allowed) {
    constexpr std::array<std::uint32_t, 8> densities = {0, 6, 6, 6, 6, 3, 3, 2};
    constexpr std::array<std::uint32_t, 3> strengths = {32, 8, 2};
    const std::uint32_t one_in = densities[choose(densities.size(), "swarm: density")];
    if (one_in == 0) return;
    for (int i = 0; i < fault_count; ++i) {
        const auto fault = static_cast<Fault>(i);
        if (!allowed.has(fault) || !flip(one_in, "swarm: fault kind")) continue;
        active_ = active_.with(fault);
        const std::uint32_t strength = strengths[choose(strengths.size(), "swarm: strength")];
        // Few cancels meet bytes underway; those that do should be decided both ways.
        one_in_[static_cast<std::size_t>(i)] =
            fault == Fault::cancel_loses ? 2 : strength * rarity(fault);
    }
    if (active_.has(Fault::small_pipe)) {
        constexpr std::array<std::size_t, 4> capacities = {48, 16, 3, 1};
        pipe_capacity_ = capacities[choose(capacities.size(), "swarm: pipe capacity")];
    }
}

std::string SimWorld::fault_options() const {
    std::string text;
    for (int i = 0; i < fault_count; ++i) {
        const auto fault = static_cast<Fault>(i);
        if (!active_.has(fault)) continue;
        if (!text.empty()) text += ' ';
        text += std::string(name(fault)).substr(sizeof "fault." - 1);
        text += "=1/" + std::to_string(one_in_[static_cast<std::size_t>(i)]);
    }
    if (active_.has(Fault::small_pipe)) text += " pipe=" + std::to_string(pipe_capacity_);
    return text.empty() ? "no faults" : text;
}

std::vector<ProbeHits> SimWorld::probe_hits() const {
    std::vector<ProbeHits> hits = probes_;
    for (int i = 0; i < fault_count; ++i) {
        const std::uint64_t count = fault_hits_[static_cast<std::size_t>(i)];
        if (count > 0) hits.push_back({name(static_cast<Fault>(i)), count});
    }
    return hits;
}

std::vector<std::string> SimWorld::take_trace() { return {trace_.begin(), trace_.end()}; }

// --- choices ------------------------------------------------------------------------------------

std::uint32_t SimWorld::choose(std::uint32_t options, const char* label) noexcept {
    if (options <= 1 || calm_) return 0;
    const std::uint32_t value = source_.choose(options, label);
    record(value, options, label);
    return value;
}

bool SimWorld::flip(std::uint32_t one_in, const char* label) noexcept {
    if (calm_) return false;
    const std::uint32_t value = source_.flip(one_in, label);
    record(value, 2, label);
    return value == 1;
}

void SimWorld::record(std::uint32_t value, std::uint32_t options, const char* label) noexcept {
    ++choices_;
    digest_.mix((std::uint64_t{options} << 32) | value);
    if (options_.record) schedule_.push_back({value, options, label});
}

bool SimWorld::fires(Fault fault, const char* label) noexcept {
    if (!active_.has(fault) || calm_) return false;
    if (!flip(one_in_[static_cast<std::size_t>(fault)], label)) return false;
    hit(fault);
    return true;
}

Duration SimWorld::flight_time() noexcept {
    if (!fires(Fault::latency, "network: latency")) return Duration::zero();
    constexpr std::array<std::int64_t, 3> microseconds = {50, 700, 40000};
    return std::chrono::microseconds(
        microseconds[choose(microseconds.size(), "network: how late")]);
}

// --- starts -------------------------------------------------------------------------------------

bool SimWorld::begin(Operation& operation, OperationKind kind) noexcept {
    if (frozen()) return false;
    if (!operation.begin(*this, kind)) return false;
    Record& record = operation.emplace_native<Record>();
    record.previous = in_flight_last_;
    (in_flight_last_ != nullptr ? record_of(*in_flight_last_).next : in_flight_first_) = &operation;
    in_flight_last_ = &operation;
    return true;
}

void SimWorld::unlink(Operation& operation) noexcept {
    const Record& record = record_of(operation);
    (record.previous != nullptr ? record_of(*record.previous).next : in_flight_first_) =
        record.next;
    (record.next != nullptr ? record_of(*record.next).previous : in_flight_last_) = record.previous;
}

void SimWorld::decide(Operation& operation, const Result& result) noexcept {
    Record& record = record_of(operation);
    record.decided = true;
    record.result = result;
    if (!fires(Fault::delay, "completion: late")) {
        ready_.push_back({&operation, result});
        return;
    }
    constexpr std::array<std::int64_t, 3> microseconds = {20, 900, 25000};
    Event event;
    event.kind = EventKind::deliver;
    event.operation = &operation;
    event.at = now_ + std::chrono::microseconds(
                          microseconds[choose(microseconds.size(), "completion: how late")]);
    timeline_.add(event);
}

void SimWorld::post(Operation& operation) noexcept {
    if (begin(operation, OperationKind::post)) decide(operation, Result::success());
}

bool SimWorld::start_step(Operation& operation) noexcept {
    if (!fires(Fault::interleave, "step: others first")) return false;
    if (begin(operation, OperationKind::step)) decide(operation, Result::success());
    return true;
}

void SimWorld::start_timer(Operation& operation, Time deadline) noexcept {
    if (!begin(operation, OperationKind::timer)) return;
    if (operation.take_remembered_cancel()) {
        return decide(operation, Result::failure(Error::canceled));
    }
    if (deadline <= now_) return decide(operation, Result::success());
    if (deadline == never) return;
    Event event;
    event.kind = EventKind::timer;
    event.operation = &operation;
    event.at = deadline;
    timeline_.add(event);
}

void SimWorld::cancel(Operation& operation) noexcept {
    if (frozen()) return;
    const bool pending = operation.in_flight() && !record_of(operation).decided;
    if (!pending) return operation.remember_cancel();
    if (record_of(operation).in_timeline) timeline_.remove(operation);
    decide(operation, Result::failure(Error::canceled));
}

ListenResult SimWorld::listen(const Endpoint& endpoint, const ListenOptions& options) {
    const Endpoint wanted = endpoint.port() == 0 ? endpoint.with_port(next_port_) : endpoint;
    if (endpoint.port() == 0) ++next_port_;
    for (const SimListener* other : listeners_) {
        if (other->local_endpoint() == wanted) return {nullptr, Error::address_in_use, 0};
    }
    const bool local = wanted.address()[0] == 127 || wanted.address()[0] == 0;
    if (!local) return {nullptr, Error::address_not_available, 0};
    const auto backlog = static_cast<std::size_t>(std::max(options.backlog, 1));
    auto listener = std::make_unique<SimListener>(*this, wanted, backlog);
    listeners_.push_back(listener.get());
    return {std::move(listener), Error::ok, 0};
}

void SimWorld::listener_closed(SimListener& listener) noexcept {
    std::erase(listeners_, &listener);
}

void SimWorld::connect(SocketOperation& operation, const Endpoint& endpoint) noexcept {
    if (!begin(operation, OperationKind::connect)) return;
    if (operation.take_remembered_cancel()) {
        return decide(operation, Result::failure(Error::canceled));
    }
    if (fires(Fault::connect_refused, "connect: refused")) {
        return decide(operation, Result::failure(Error::refused));
    }
    Record& record = record_of(operation);
    const auto found =
        std::find_if(listeners_.begin(), listeners_.end(), [&](const SimListener* listener) {
            const Endpoint bound = listener->local_endpoint();
            return bound == endpoint || bound == Endpoint().with_port(endpoint.port());
        });
    record.listener = found == listeners_.end() ? nullptr : *found;
    Event event;
    event.kind = EventKind::connect;
    event.operation = &operation;
    event.at = now_ + flight_time();
    if (fires(Fault::connect_timed_out, "connect: never answered")) {
        event.kind = EventKind::give_up;
        event.at = now_ + std::chrono::seconds(21);
    }
    // Even at once it goes through the timeline, so that a cancel can meet it there.
    timeline_.add(event);
}

void SimWorld::establish(SocketOperation& operation) noexcept {
    SimListener* listener = record_of(operation).listener;
    const bool listening = std::count(listeners_.begin(), listeners_.end(), listener) > 0;
    if (!listening || listener->canceling_ || listener->waiting_.size() >= listener->backlog_) {
        return decide(operation, Result::failure(Error::refused));
    }
    Connection& connection = make_connection();
    connection.side(0).local = Endpoint::loopback(next_client_port_++);
    connection.side(1).local = listener->local_endpoint();
    operation.deliver(make_socket(connection, 0));
    decide(operation, Result::success());
    listener->arrive(connection);
}

Connection& SimWorld::make_connection() {
    if (active(Fault::small_pipe)) hit(Fault::small_pipe);
    std::uint32_t slot = static_cast<std::uint32_t>(connections_.size());
    if (free_slots_.empty()) {
        connections_.emplace_back();
    } else {
        slot = free_slots_.back();
        free_slots_.pop_back();
    }
    connections_[slot] =
        std::make_unique<Connection>(*this, slot, ++connection_serial_, pipe_capacity_);
    return *connections_[slot];
}

void SimWorld::release_if_over(Connection& connection) noexcept {
    if (!connection.over()) return;
    const std::uint32_t slot = connection.slot();
    connections_[slot].reset();
    free_slots_.push_back(slot);
}

std::unique_ptr<AsyncSocket> SimWorld::make_socket(Connection& connection, int side) {
    return std::make_unique<SimSocket>(*this, connection, side);
}

void SimWorld::socket_opened(SimSocket& socket) {
    socket.place = open_sockets_.size();
    open_sockets_.push_back(&socket);
}

void SimWorld::socket_closed(SimSocket& socket) noexcept {
    open_sockets_[socket.place] = open_sockets_.back();
    open_sockets_[socket.place]->place = socket.place;
    open_sockets_.pop_back();
}

// --- time and completions -----------------------------------------------------------------------

std::size_t SimWorld::wait(std::span<Completion> completions, Time deadline) noexcept {
    for (;;) {
        if (failed_) return 0;
        while (!timeline_.empty() && timeline_.next_time() <= now_) happen(timeline_.take_first());
        if (ready_first_ < ready_.size()) {
            completions.front() = take_ready();
            become_calm_if_due();
            check_progress(*completions.front().operation);
            return failed_ ? 0 : 1;
        }
        const Time next = timeline_.empty() ? never : timeline_.next_time();
        if (next == never && deadline == never) {
            fail("stuck", "nothing can happen any more and the run has not ended" + waiting_for());
            return 0;
        }
        if (next > deadline) {
            now_ = std::max(now_, deadline);
            return 0;
        }
        now_ = next;
    }
}

void SimWorld::happen(const Event& event) noexcept {
    switch (event.kind) {
        case EventKind::timer:
            return decide(*event.operation, Result::success());
        case EventKind::deliver:
            ready_.push_back({event.operation, record_of(*event.operation).result});
            return;
        case EventKind::connect:
            return establish(static_cast<SocketOperation&>(*event.operation));
        case EventKind::give_up:
            return decide(*event.operation, Result::failure(Error::timed_out));
        case EventKind::bytes:
        case EventKind::end:
        case EventKind::reset:
            event.connection->happen(event);
            release_if_over(*event.connection);
            return;
    }
}

Completion SimWorld::take_ready() noexcept {
    std::size_t index = ready_first_;
    const std::size_t count = std::min(ready_.size() - ready_first_, reorder_window);
    if (count > 1 && active(Fault::reorder)) {
        const std::uint32_t overtaken =
            choose(static_cast<std::uint32_t>(count), "completion: overtakes");
        if (overtaken > 0) hit(Fault::reorder);
        index += overtaken;
    }
    const Ready taken = ready_[index];
    for (; index > ready_first_; --index) ready_[index] = ready_[index - 1];
    if (++ready_first_ == ready_.size()) {
        ready_.clear();
        ready_first_ = 0;
    }
    ++completions_;
    const Completion completion{taken.operation, taken.result};
    Operation& operation = *taken.operation;
    Record& record = record_of(operation);
    const std::uint64_t data_hash =
        record.connection != nullptr ? record.connection->deliver(operation, taken.result) : 0;
    if (operation.kind() == OperationKind::accept) --record.listener->undelivered_;
    note(completion, data_hash);
    unlink(operation);
    return completion;
}

void SimWorld::note(const Completion& completion, std::uint64_t data_hash) noexcept {
    Operation& operation = *completion.operation;
    const Record& record = record_of(operation);
    const std::uint64_t handle =
        record.connection == nullptr ? 0 : 1 + 2 * record.connection->slot() + record.side;
    digest_.mix((static_cast<std::uint64_t>(operation.kind()) << 48) | (handle << 8) |
                static_cast<std::uint64_t>(completion.result.error));
    digest_.mix(completion.result.bytes ^ data_hash);
    if (options_.trace == 0) return;
    std::string line = std::to_string(now_.time_since_epoch().count() / 1000) + " us  " +
                       describe(operation) + ": " + std::string(name(completion.result.error));
    if (record.connection != nullptr) {
        line += ", " + std::to_string(completion.result.bytes) + " bytes";
    }
    trace_.push_back(std::move(line));
    if (trace_.size() > options_.trace) trace_.pop_front();
}

void SimWorld::become_calm_if_due() noexcept {
    if (calm_) return;
    if (completions_ < options_.calm_after && now_.time_since_epoch() < options_.calm_after_time) {
        return;
    }
    calm_ = true;
    calm_since_ = completions_;
}

void SimWorld::check_progress(Operation& last) noexcept {
    if (!calm_ || completions_ - calm_since_ <= options_.calm_bound) return;
    fail("stuck", "the run did not end within " + std::to_string(options_.calm_bound) +
                      " completions after the world had become calm; the last of them was: " +
                      describe(last) + waiting_for());
}

// --- judgement ----------------------------------------------------------------------------------

std::string SimWorld::describe(Operation& operation) const {
    const Record& record = record_of(operation);
    std::string text(name(operation.kind()));
    if (record.connection != nullptr) text += " on " + record.connection->name(record.side);
    return text + " started at " + place(operation.where());
}

std::string SimWorld::waiting_for() const {
    std::string text = "; it waits for: ";
    std::string hint;
    int named = 0;
    for (Operation* operation = in_flight_first_; operation != nullptr;
         operation = record_of(*operation).next) {
        const Record& record = record_of(*operation);
        if (hint.empty() && record.connection != nullptr) {
            hint = record.connection->suspicion(record.side);
        }
        ++named;
        if (named > 8) continue;
        if (named > 1) text += ", ";
        text += describe(*operation);
    }
    if (named > 8) text += ", and more";
    if (named == 0) text = "; it waits for nothing that was started";
    for (const SimListener* listener : listeners_) text += listener->suspicion();
    return text + hint;
}

void SimWorld::fail(std::string_view property, std::string sentence) noexcept {
    if (frozen()) return;
    failed_ = true;
    property_ = property;
    sentence_ = std::move(sentence);
}

void SimWorld::violated(const Violation& violation) noexcept {
    if (frozen()) return;
    if (aborts_) abort_with(violation);
    std::string text(drydock::sentence(violation.rule));
    if (violation.kind != OperationKind::none) {
        text += " (the " + std::string(name(violation.kind)) + " was started at " +
                place(violation.where) + ")";
    } else {
        text += " (" + place(violation.where) + ")";
    }
    fail(name(violation.rule), std::move(text));
}

bool SimWorld::monitor_contended(std::source_location where) noexcept {
    violated({Rule::monitor_held_across_await, OperationKind::none, where});
    return false;
}

void SimWorld::probe(std::string_view name) noexcept {
    for (ProbeHits& known : probes_) {
        if (known.name.data() == name.data() || known.name == name) {
            ++known.hits;
            return;
        }
    }
    probes_.push_back({name, 1});
}

bool SimWorld::damaged(const AsyncSocket& socket) const noexcept {
    return static_cast<const SimSocket&>(socket).connection().damaged();
}

std::string SimWorld::suspicion(const AsyncSocket& socket) const {
    const auto& ours = static_cast<const SimSocket&>(socket);
    return ours.connection().suspicion(ours.side());
}

void SimWorld::check_nothing_left() {
    if (in_flight_first_ != nullptr) {
        fail("nothing-pending", "the run has ended and operations are in flight" + waiting_for());
        return;
    }
    if (!open_sockets_.empty()) {
        const SimSocket& socket = *open_sockets_.front();
        fail(name(Rule::socket_leaked), std::string(drydock::sentence(Rule::socket_leaked)) + " (" +
                                            socket.connection().name(socket.side()) + ")");
        return;
    }
    if (!listeners_.empty()) {
        fail(name(Rule::listener_leaked), std::string(drydock::sentence(Rule::listener_leaked)));
        return;
    }
    while (!timeline_.empty()) happen(timeline_.take_first());
    for (const auto& connection : connections_) {
        if (connection) fail("simulator", "a connection outlived its sockets");
    }
}

}  // namespace drydock::sim

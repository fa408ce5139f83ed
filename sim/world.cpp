// The world's queue: starts, time, the order of completions, and the judgement over a run.
#include "sim/world.hpp"

#include <algorithm>

#include <drydock/source_path.hpp>

namespace drydock::sim {
namespace {

// A completion may overtake this many that happened before it.
constexpr std::size_t reorder_window = 16;

/// The address of the machine that all of a world runs on.
Endpoint loopback(Endpoint::Family family, std::uint16_t port) noexcept {
    if (family == Endpoint::Family::ipv4) return Endpoint::loopback(port);
    return Endpoint::ipv6({0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, port);
}

bool is_this_machines(const Endpoint& endpoint) noexcept {
    if (endpoint.is_wildcard()) return true;
    if (endpoint.family() == Endpoint::Family::ipv4) return endpoint.address()[0] == 127;
    return endpoint == loopback(Endpoint::Family::ipv6, endpoint.port());
}

std::string place(std::source_location where) {
    return std::string(source_path(where.file_name()).text()) + ":" + std::to_string(where.line());
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
    : source_(source),
      options_(options),
      watcher_(source.watcher()),
      keeps_choices_(options.record || options.trace > 0),
      trace_(options.trace) {
    ready_.reserve(64);
    one_in_.fill(4);
    active_ = options.always;
    if (active(Fault::small_pipe)) choose_pipe_capacity();
    created(&listeners_, Owner::network);
    created(&fault_hits_[static_cast<std::size_t>(Fault::network_reset)], Owner::network);
    choose_swarm(options.faults.without(options.always));
}

SimWorld::SimWorld(std::unique_ptr<ChoiceSource> source, FaultSet active)
    : owned_source_(std::move(source)),
      source_(*owned_source_),
      aborts_(true),
      active_(active),
      trace_(0) {
    one_in_.fill(4);
    options_.calm_after = ~std::uint64_t{0};
    options_.calm_after_time = Duration::max();
    if (active.has(Fault::small_pipe)) pipe_capacity_ = 16;
}

SimWorld::~SimWorld() {
    if (aborts_) check_nothing_leaked();
    frozen_ = true;
    Buffers::abandon(std::move(buffers_));
}

/// Swarm testing (Groce and others, 2012): what is left out of a run lets the rest go deeper.
void SimWorld::choose_swarm(FaultSet allowed) {
    constexpr std::array<std::uint32_t, 8> densities = {0, 6, 6, 6, 6, 3, 3, 2};
    constexpr std::array<std::uint32_t, 3> strengths = {32, 8, 2};
    if (allowed == FaultSet()) return;
    const std::uint32_t one_in = densities[choose(densities.size(), "swarm: density")];
    if (one_in == 0) return;
    for (int i = 0; i < fault_count; ++i) {
        const auto fault = static_cast<Fault>(i);
        if (!allowed.has(fault)) continue;
        const Spanned kind(*this, "fault kind");
        if (!flip(one_in, name(fault).data())) continue;
        active_ = active_.with(fault);
        const std::uint32_t strength = strengths[choose(strengths.size(), "swarm: strength")];
        // Few cancels meet bytes underway; those that do should be decided both ways.
        one_in_[static_cast<std::size_t>(i)] =
            fault == Fault::cancel_loses ? 2 : strength * rarity(fault);
        if (fault == Fault::small_pipe) choose_pipe_capacity();
    }
}

void SimWorld::choose_pipe_capacity() {
    constexpr std::array<std::size_t, 4> capacities = {48, 16, 3, 1};
    pipe_capacity_ = capacities[choose(capacities.size(), "swarm: pipe capacity")];
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

/// No step comes after a failure, so the last one of the trace is where the run has failed.
std::vector<std::string> SimWorld::take_trace() {
    if (failed_ && trace_.kept()) trace_.fail(property_, !steps_ended_);
    return trace_.take();
}

// --- choices ------------------------------------------------------------------------------------

/// The program's own choices are something that it learns; the network's show in its state.
std::uint32_t SimWorld::choose(std::uint32_t options, const char* label) noexcept {
    return static_cast<std::uint32_t>(learn(pick(options, label)));
}

std::uint64_t SimWorld::learn(std::uint64_t value) const noexcept {
    if (watcher_ != nullptr) watcher_->learned(value);
    return value;
}

std::uint32_t SimWorld::pick(std::uint32_t options, const char* label) noexcept {
    if (options <= 1 || calm_) return 0;
    const std::uint32_t value = source_.choose(options, label);
    record(value, options, label);
    return value;
}

bool SimWorld::flip(std::uint32_t one_in, const char* label) noexcept {
    return learn(toss(one_in, label) ? 1 : 0) == 1;
}

bool SimWorld::toss(std::uint32_t one_in, const char* label) noexcept {
    if (calm_) return false;
    const std::uint32_t value = source_.flip(one_in, label);
    record(value, 2, label);
    return value == 1;
}

void SimWorld::record(std::uint32_t value, std::uint32_t options, const char* label) noexcept {
    ++choices_;
    digest_.mix((std::uint64_t{options} << 32) | value);
    if (keeps_choices_) keep({value, options, label});
}

void SimWorld::keep(const Choice& choice) noexcept {
    if (options_.record) schedule_.push_back(choice);
    if (!trace_.kept() || choice.value == 0) return;
    trace_.note("choice " + std::string(choice.label) + " = " + std::to_string(choice.value) +
                " (0 to " + std::to_string(choice.options - 1) + ")");
}

void SimWorld::begin_span(const char* label) noexcept {
    if (!options_.record) return;
    open_spans_.push_back(spans_.size());
    spans_.push_back({label, schedule_.size(), schedule_.size()});
}

void SimWorld::end_span() noexcept {
    if (!options_.record) return;
    spans_[open_spans_.back()].last = schedule_.size();
    open_spans_.pop_back();
}

bool SimWorld::fires(Fault fault, const char* label) noexcept {
    if (!active_.has(fault) || calm_) return false;
    if (!toss(one_in_[static_cast<std::size_t>(fault)], label)) return false;
    hit(fault);
    return true;
}

std::optional<std::uint32_t> SimWorld::strikes(Fault fault, const char* label, std::uint32_t shapes,
                                               const char* shape) noexcept {
    if (!active_.has(fault) || calm_) return std::nullopt;
    const Spanned strike(*this, "fault");
    if (!fires(fault, label)) return std::nullopt;
    return pick(shapes, shape);
}

bool SimWorld::may_reset() noexcept {
    const std::uint64_t& made = fault_hits_[static_cast<std::size_t>(Fault::network_reset)];
    if (options_.most_resets == ~std::uint64_t{0}) return true;
    touched(&made, Owner::network);  // all connections share what is allowed
    return made < options_.most_resets;
}

std::size_t SimWorld::part(Fault fault, std::size_t count, const char* label,
                           const char* size) noexcept {
    if (count < 2) return 0;
    const auto which = strikes(fault, label, static_cast<std::uint32_t>(count - 1), size);
    return which ? 1 + *which : 0;
}

Duration SimWorld::flight_time() noexcept {
    constexpr std::array<std::int64_t, 3> microseconds = {50, 700, 40000};
    const std::optional<std::uint32_t> which =
        strikes(Fault::latency, "network: latency", microseconds.size(), "network: how late");
    return which ? std::chrono::microseconds(microseconds[*which]) : Duration::zero();
}

// --- starts -------------------------------------------------------------------------------------

bool SimWorld::begin(Operation& operation, OperationKind kind) noexcept {
    if (frozen()) return false;
    if (!operation.begin(*this, kind)) return false;
    Record& record = operation.emplace_native<Record>();
    record.start = ++starts_;
    if (watcher_ != nullptr) record.number = watcher_->started();
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
    constexpr std::array<std::int64_t, 3> microseconds = {20, 900, 25000};
    const std::optional<std::uint32_t> which =
        strikes(Fault::delay, "completion: late", microseconds.size(), "completion: how late");
    if (!which) {
        ready_.push_back({&operation, result});
        return;
    }
    Event event;
    event.kind = EventKind::deliver;
    event.operation = &operation;
    event.at = now_ + std::chrono::microseconds(microseconds[*which]);
    timeline_.add(event);
}

void SimWorld::post(Operation& operation) noexcept {
    if (frozen()) return;
    std::erase(waiting_, &operation);
    if (begin(operation, OperationKind::post)) decide(operation, Result::success());
}

bool SimWorld::start_step(Operation& operation) noexcept {
    if (!fires(Fault::interleave, "step: others first")) return false;
    if (begin(operation, OperationKind::step)) decide(operation, Result::success());
    return true;
}

void SimWorld::start_timer(Operation& operation, Time deadline) noexcept {
    if (!begin(operation, OperationKind::timer)) return;
    touched(&operation, Owner::network);
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
    touched(&operation, Owner::network);
    const bool pending = operation.in_flight() && !record_of(operation).decided;
    if (!pending) return operation.remember_cancel();
    if (record_of(operation).in_timeline) timeline_.remove(operation);
    decide(operation, Result::failure(Error::canceled));
}

ListenResult SimWorld::listen(const Endpoint& endpoint, const ListenOptions& options) {
    touched(&listeners_, Owner::network);
    const std::uint16_t port = endpoint.port() == 0 ? next_port_++ : endpoint.port();
    const Endpoint wanted = endpoint.unmapped().with_port(port);
    if (!is_this_machines(wanted)) return {nullptr, Error::address_not_available, 0};
    for (const SimListener* other : listeners_) {
        const bool overlap = other->takes(wanted) ||
                             SimListener::takes(wanted, options.ipv6_only, other->local_endpoint());
        if (overlap) return {nullptr, Error::address_in_use, 0};
    }
    auto listener = std::make_unique<SimListener>(*this, wanted, options);
    created(listener.get(), Owner::network);
    listeners_.push_back(listener.get());
    return {std::move(listener), Error::ok, 0};
}

void SimWorld::listener_closed(SimListener& listener) noexcept {
    touched(&listeners_, Owner::network);
    touched(&listener, Owner::network);
    std::erase(listeners_, &listener);
}

void SimWorld::connect(SocketOperation& operation, const Endpoint& given) noexcept {
    const Endpoint endpoint = given.unmapped();
    if (!begin(operation, OperationKind::connect)) return;
    created(&operation, Owner::network);
    if (operation.take_remembered_cancel()) {
        return decide(operation, Result::failure(Error::canceled));
    }
    if (fires(Fault::connect_refused, "connect: refused")) {
        return decide(operation, Result::failure(Error::refused));
    }
    Record& record = record_of(operation);
    const auto found =
        std::find_if(listeners_.begin(), listeners_.end(),
                     [&](const SimListener* listener) { return listener->takes(endpoint); });
    record.by_ipv6 = endpoint.family() == Endpoint::Family::ipv6;
    record.listener = found == listeners_.end() ? nullptr : *found;
    touched(record.listener != nullptr ? static_cast<const void*>(record.listener) : &listeners_,
            Owner::network);
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
    if (!listening || listener->waiting_.size() >= listener->backlog_) {
        return decide(operation, Result::failure(Error::refused));
    }
    touched(listener, Owner::network);
    Connection& connection = make_connection();
    const auto family =
        record_of(operation).by_ipv6 ? Endpoint::Family::ipv6 : Endpoint::Family::ipv4;
    const Endpoint bound = listener->local_endpoint();
    connection.side(0).local = loopback(family, next_client_port_++);
    connection.side(1).local = bound.is_wildcard() ? loopback(family, bound.port()) : bound;
    connection.set_number(record_of(operation).number);
    connection.side(0).opened = operation.where();
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
    Side& side = socket.connection().side(socket.side());
    side.opened_at = side.moved_at = now_;
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
            return failed_ || redundant_ ? 0 : 1;
        }
        const Time next = timeline_.empty() ? never : timeline_.next_time();
        if (next == never && deadline == never) {
            steps_ended_ = true;
            fail("stuck", "nothing more can happen, and the run has not ended" + waiting_for());
            return 0;
        }
        if (next > deadline) {
            now_ = std::max(now_, deadline);
            return 0;
        }
        now_ = next;
        time_passed_ = true;
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

/// Which of the first `count` that are ready comes out.
std::size_t SimWorld::choose_ready(std::size_t count) noexcept {
    constexpr const char* label = "completion: overtakes";
    if (!active(Fault::reorder)) return 0;
    if (options_.prompt_clients) {
        for (std::size_t i = 0; i < count; ++i) {
            const Operation& operation = *ready_[ready_first_ + i].operation;
            const Record& record = record_of(*ready_[ready_first_ + i].operation);
            const bool prompt = operation.kind() == OperationKind::receive &&
                                !record.connection->side(record.side).accepted;
            if (prompt) return i;
        }
    }
    if (watcher_ == nullptr || calm_) return pick(static_cast<std::uint32_t>(count), label);
    steps_.clear();
    for (std::size_t i = 0; i < count; ++i) {
        const Operation& operation = *ready_[ready_first_ + i].operation;
        const Record& record = record_of(*ready_[ready_first_ + i].operation);
        const bool sends = operation.kind() == OperationKind::send;
        const std::uint64_t lane =
            record.connection == nullptr
                ? 0
                : record.connection->serial() * 4 + record.side * 2U + (sends ? 1U : 0U);
        steps_.push_back({record.start, lane, time_passed_});
    }
    time_passed_ = false;
    const StateView network{
        this, [](const void* world) { return static_cast<const SimWorld*>(world)->state_hash(); }};
    const std::uint32_t value = watcher_->choose_step(steps_, network);
    redundant_ = watcher_->redundant();
    if (count > 1) record(value, static_cast<std::uint32_t>(count), label);
    return value;
}

Completion SimWorld::take_ready() noexcept {
    std::size_t count = ready_.size() - ready_first_;
    if (watcher_ == nullptr) count = std::min(count, reorder_window);
    const std::size_t overtaken = choose_ready(count);
    if (overtaken > 0) hit(Fault::reorder);
    std::size_t index = ready_first_ + overtaken;
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
    if (watcher_ != nullptr) touch_all_of(operation);
    const std::uint64_t data_hash =
        record.connection != nullptr ? record.connection->deliver(operation, taken.result) : 0;
    if (operation.kind() == OperationKind::accept) --record.listener->undelivered_;
    if (watcher_ != nullptr) {
        Digest told;
        told.mix(static_cast<std::uint64_t>(taken.result.error));
        told.mix(taken.result.bytes ^ data_hash);
        told.mix(record.send_hash);
        told.mix(static_cast<std::uint64_t>(now_.time_since_epoch().count()));
        watcher_->begins(record.number, told.value());
    }
    note(completion, data_hash);
    unlink(operation);
    return completion;
}

/// What a delivery works on, whatever the program does then.
void SimWorld::touch_all_of(Operation& operation) noexcept {
    const Record& record = record_of(operation);
    if (record.connection != nullptr) record.connection->touch_delivery(operation);
    if (record.listener != nullptr) touched(record.listener, Owner::network);
    const bool cancelable =
        operation.kind() == OperationKind::timer || operation.kind() == OperationKind::connect;
    if (cancelable) touched(&operation);
}

void SimWorld::note(const Completion& completion, std::uint64_t data_hash) noexcept {
    Operation& operation = *completion.operation;
    const Record& record = record_of(operation);
    const std::uint64_t handle =
        record.connection == nullptr ? 0 : 1 + 2 * record.connection->slot() + record.side;
    digest_.mix((static_cast<std::uint64_t>(operation.kind()) << 48) | (handle << 8) |
                static_cast<std::uint64_t>(completion.result.error));
    digest_.mix(completion.result.bytes ^ data_hash);
    digest_.mix(static_cast<std::uint64_t>(now_.time_since_epoch().count()));
    if (options_.marks) {
        marks_.push_back({digest_.value(), now_.time_since_epoch(), completion.result.bytes,
                          handle == 0 ? 0 : record.connection->serial(), operation.kind(),
                          completion.result.error, record.side != 0});
    }
    if (!trace_.kept()) return;
    std::string text = describe(operation) + ": " + std::string(name(completion.result.error));
    if (record.connection != nullptr) {
        text += ", " + std::to_string(completion.result.bytes);
        const bool short_send =
            operation.kind() == OperationKind::send && completion.result.bytes < record.size;
        if (short_send) text += " of " + std::to_string(record.size);
        text += " bytes";
    }
    trace_.step(now_, text);
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

// --- the state, for those who look for states that come again -----------------------------------

/// Sums, where order does not matter: what is added is what all the parts are.
std::uint64_t SimWorld::state_hash() const noexcept {
    std::uint64_t sum = 0;
    for (Operation* operation = in_flight_first_; operation != nullptr;
         operation = record_of(*operation).next) {
        const Record& record = record_of(*operation);
        Digest part;
        part.mix(record.number);
        part.mix((static_cast<std::uint64_t>(operation->kind()) << 8) | record.side);
        part.mix(record.connection == nullptr ? 0 : record.connection->number());
        part.mix(record.progress);
        part.mix(record.send_hash);
        part.mix(record.decided ? 1 + static_cast<std::uint64_t>(record.result.error) : 0);
        part.mix(record.decided ? record.result.bytes : 0);
        sum += part.value();
    }
    for (const auto& connection : connections_) {
        if (connection) sum += connection->state_hash();
    }
    for (const SimListener* listener : listeners_) sum += listener->state_hash();
    sum += timeline_.state_hash();
    Digest whole;
    whole.mix(sum);
    whole.mix(std::min(options_.most_resets,
                       fault_hits_[static_cast<std::size_t>(Fault::network_reset)]));
    whole.mix(static_cast<std::uint64_t>(now_.time_since_epoch().count()));
    return whole.value();
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
    for (const Operation* operation : waiting_) {
        ++named;
        if (named > 8) continue;
        if (named > 1) text += ", ";
        text += "another coroutine at " + place(operation->where());
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

/// `whose`, or empty, tells of whose operation it is.
void SimWorld::violated(const Violation& violation, const std::string& whose) noexcept {
    if (frozen()) return;
    if (aborts_) abort_with(violation);
    std::string text(drydock::sentence(violation.rule));
    text += " (" + whose;
    if (!whose.empty()) text += "; ";
    if (violation.kind != OperationKind::none) {
        text += "the " + std::string(name(violation.kind)) + " was started at ";
    }
    fail(name(violation.rule), text + place(violation.where) + ")");
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
    Connection& connection = static_cast<const SimSocket&>(socket).connection();
    connection.touch_all();
    return learn(connection.damaged() ? 1 : 0) == 1;
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
    if (!other.closed) told.longest_quiet = std::max(told.longest_quiet, now_ - other.moved_at);
    return told;
}

void SimWorld::identify(const AsyncSocket& socket, const char* role,
                        std::uint32_t number) noexcept {
    Connection& connection = static_cast<const SimSocket&>(socket).connection();
    connection.identify(role, number);
    if (!trace_.kept()) return;
    trace_.note("connection " + std::to_string(connection.serial()) + " is of " + role + " " +
                std::to_string(number));
}

ProvidedBuffer SimWorld::provide(std::size_t size, std::source_location where) {
    ProvidedBuffer buffer = buffers_->take(size, where);
    check_buffers_untouched();
    return buffer;
}

void SimWorld::check_buffers_untouched() {
    const auto touched = buffers_->touched();
    if (touched) violated({Rule::provided_buffer_touched, OperationKind::receive, *touched});
}

void SimWorld::check_nothing_leaked() {
    if (!waiting_.empty()) {
        violated({Rule::task_leaked, OperationKind::none, waiting_.front()->where()});
    } else if (!open_sockets_.empty()) {
        const SimSocket& socket = *open_sockets_.front();
        const Side& side = socket.connection().side(socket.side());
        const auto kind = side.accepted ? OperationKind::accept : OperationKind::connect;
        violated({Rule::socket_leaked, kind, side.opened}, socket.connection().name(socket.side()));
    } else if (!listeners_.empty()) {
        const SimListener& listener = *listeners_.front();
        violated({Rule::listener_leaked, OperationKind::none, listener.where()},
                 listener.local_endpoint().to_string());
    } else if (const auto kept = buffers_->kept()) {
        violated({Rule::provided_buffer_kept, OperationKind::receive, *kept});
    } else {
        check_buffers_untouched();
    }
}

void SimWorld::check_nothing_left() {
    steps_ended_ = true;
    if (in_flight_first_ != nullptr) {
        fail("nothing-pending", "the run has ended and operations are in flight" + waiting_for());
        return;
    }
    check_nothing_leaked();
    if (failed_) return;
    while (!timeline_.empty()) happen(timeline_.take_first());
    for (const auto& connection : connections_) {
        if (connection) fail("simulator", "a connection outlived its sockets");
    }
}

}  // namespace drydock::sim

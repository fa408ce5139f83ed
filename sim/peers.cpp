// Peers: how a client of a scenario behaves, and the two tasks that do it.
//
// A peer is one task that reads, and beside it one that sends. The order of the operations is part
// of what seeds mean: the digests of the echo and chat scenarios depend on it.
#include <drydock/sim/peers.hpp>

#include <algorithm>
#include <array>
#include <optional>
#include <source_location>
#include <utility>

#include <drydock/hash.hpp>
#include <drydock/io.hpp>
#include <drydock/task_group.hpp>
#include <drydock/timer.hpp>

namespace drydock::sim {

// --- plans ---------------------------------------------------------------------------------------

std::string_view name(PeerManner manner) noexcept {
    constexpr std::array<std::string_view, peer_manner_count> names = {
        "polite", "pipelined", "half_closing", "closing",   "bytewise",
        "slow",   "stalling",  "staying",      "resetting", "vanishing"};
    return names[static_cast<std::size_t>(manner)];
}

PeerPlan plan_of(PeerManner manner) noexcept {
    PeerPlan plan;
    plan.manner = manner;
    plan.in_turns = manner == PeerManner::polite || manner == PeerManner::closing;
    switch (manner) {
        case PeerManner::polite:
        case PeerManner::pipelined:
            break;
        case PeerManner::half_closing:
            plan.ending = PeerEnding::half_close;
            break;
        case PeerManner::closing:
            plan.ending = PeerEnding::close;
            break;
        case PeerManner::bytewise:
            plan.chunk = 1;
            plan.receive = 1;
            break;
        case PeerManner::slow:
            plan.read_pause = std::chrono::milliseconds(5);
            break;
        case PeerManner::stalling:
            plan.stall_at = 0;
            break;
        case PeerManner::staying:
            plan.ending = PeerEnding::half_close_late;
            break;
        case PeerManner::resetting:
            plan.leave = PeerLeave::reset;
            plan.leave_received = 1;
            break;
        case PeerManner::vanishing:
            plan.leave = PeerLeave::close;
            plan.leave_received = 1;
            break;
    }
    return plan;
}

PeerPlan explored_peer_plan() noexcept {
    PeerPlan plan = plan_of(PeerManner::half_closing);
    plan.in_sequence = true;
    return plan;
}

namespace {

template <typename T, std::size_t count>
T pick_for_peer(World& world, const std::array<T, count>& options, Label label) {
    return options[world.choose(static_cast<std::uint32_t>(count), label)];
}

PeerManner choose_peer_manner(World& world, const std::vector<PeerManner>& manners) {
    if (manners.empty()) {
        return static_cast<PeerManner>(world.choose(peer_manner_count, "peer: manner"));
    }
    return manners[world.choose(static_cast<std::uint32_t>(manners.size()), "peer: manner")];
}

}  // namespace

PeerPlan choose_peer_plan(World& world, const PeerChoices& choices) {
    constexpr std::array<std::size_t, 4> chunks = {0, 200, 7, 1};
    constexpr std::array<std::size_t, 4> receives = {256, 64, 7, 1};
    constexpr std::array<std::int64_t, 4> delays_us = {0, 100, 30'000, 700'000};
    const Spanned span(world, "peer");
    PeerPlan plan = plan_of(choose_peer_manner(world, choices.manners));
    if (plan.manner != PeerManner::bytewise) {
        plan.chunk = pick_for_peer(world, chunks, "peer: bytes per send");
        plan.receive = pick_for_peer(world, receives, "peer: receive size");
    }
    if (!choices.together) {
        plan.start_after =
            std::chrono::microseconds(pick_for_peer(world, delays_us, "peer: start"));
        plan.pause = std::chrono::microseconds(pick_for_peer(world, delays_us, "peer: pause")) / 10;
    }
    if (plan.stall_at != PeerPlan::no_limit) {
        plan.stall_at = world.choose(choices.receives + 1, "peer: stalls at");
    }
    if (plan.leave == PeerLeave::never) {
        if (world.flip(8, "peer: stays open")) plan.stay_open = std::chrono::seconds(8);
        return plan;
    }
    plan.leave_received = PeerPlan::no_limit;
    if (world.choose(2, "peer: leaves while") == 0) {
        plan.leave_received = world.choose(choices.receives + 1, "peer: leaves after receiving");
    } else {
        plan.leave_sent =
            1 + world.choose(std::max(choices.sends, 1U), "peer: leaves after sending");
    }
    return plan;
}

namespace {

std::string span_text(Duration span) {
    return std::to_string(std::chrono::duration_cast<std::chrono::microseconds>(span).count()) +
           "us";
}

std::string limit_text(std::uint64_t limit) {
    return limit == PeerPlan::no_limit ? "never" : std::to_string(limit);
}

}  // namespace

std::string text(const PeerPlan& plan) {
    std::string more;
    const auto add = [&](bool differs, const char* name, const std::string& value) {
        if (differs) more += std::string(more.empty() ? "" : " ") + name + "=" + value;
    };
    const PeerPlan plain = plan_of(plan.manner);
    add(plan.chunk != plain.chunk, "chunk", std::to_string(plan.chunk));
    add(plan.receive != plain.receive, "receive", std::to_string(plan.receive));
    add(plan.start_after != plain.start_after, "start", span_text(plan.start_after));
    add(plan.pause != plain.pause, "pause", span_text(plan.pause));
    add(plan.read_pause != plain.read_pause, "read_pause", span_text(plan.read_pause));
    add(plan.stall_at != plain.stall_at, "stall_at", limit_text(plan.stall_at));
    add(plan.stall_for != plain.stall_for, "stall_for", span_text(plan.stall_for));
    add(plan.stay_open != plain.stay_open, "stay_open", span_text(plan.stay_open));
    if (plan.leave != PeerLeave::never) {
        add(plan.leave_received != PeerPlan::no_limit, "leave_received",
            limit_text(plan.leave_received));
        add(plan.leave_sent != PeerPlan::no_limit, "leave_sent", limit_text(plan.leave_sent));
    }
    return std::string(name(plan.manner)) + (more.empty() ? "" : "(" + more + ")");
}

// --- the record ----------------------------------------------------------------------------------

Peer::Peer(World& world, Label role, std::uint32_t number, const PeerPlan& plan)
    : world_(world), role_(role), number_(number), plan_(plan), buffer_(plan.receive) {
    world.created(this);
}

Peer::~Peer() { world_.gone(this); }

std::string Peer::name() const { return std::string(role_.text()) + " " + std::to_string(number_); }

bool Peer::complete() const {
    const bool over = end_seen_ || plan_.ending == PeerEnding::close;
    return over && all_sent_ && answered() && !wants_more();
}

bool Peer::excused() const noexcept {
    if (!connected_) {
        return connect_error_ != Error::ok &&
               (world_.active_faults().has(Fault::connect_refused) ||
                world_.active_faults().has(Fault::connect_timed_out));
    }
    return left_ || damaged_ || (socket_ != nullptr && world_.damaged(*socket_));
}

void Peer::fail(std::string_view property, std::string sentence) const noexcept {
    if (socket_ == nullptr) return world_.fail(property, std::move(sentence));
    world_.fail(property, std::move(sentence), *socket_);
}

std::string Peer::ending() const {
    if (!connected_) return "no connection";
    if (left_ || (receive_error_ == Error::ok && !end_seen_)) return "its own close";
    if (receive_error_ == Error::ok) return "the end of the stream";
    return "an error (" + std::string(sentence(receive_error_)) + ")";
}

std::string Peer::outcome() const {
    if (!connected_) return name() + ": " + ending();
    return name() + ": sent " + std::to_string(sent_) + ", got " + std::to_string(received_) +
           ", then " + ending();
}

// --- for exploration ----------------------------------------------------------------------------

std::uint64_t Peer::hash_of_all(std::uint64_t own) const noexcept {
    std::uint64_t flags = 0;
    for (const bool flag :
         {connected_, no_more_, all_sent_, concluding_, half_closed_, end_seen_, left_, over_,
          damaged_, stalled_, turn_underway_, reads_until_turn_is_sent_, interrupted_}) {
        flags = flags * 2 + (flag ? 1 : 0);
    }
    return hash_of({own, flags, sent_, received_, static_cast<std::uint64_t>(connect_error_),
                    static_cast<std::uint64_t>(send_error_),
                    static_cast<std::uint64_t>(receive_error_), hash_of(rest_)});
}

/// The tasks of the peer are about to work on it.
void Peer::used() noexcept {
    // One task alone uses a peer that does all in sequence, and its history is told by settle().
    if (plan_.in_sequence && state_hash()) return;
    world_.touched(this);
}

/// The task is at a place where only the peer's own members say what it does from here on.
void Peer::settle() {
    if (!plan_.in_sequence || !world_.explores()) return;
    if (const std::optional<std::uint64_t> own = state_hash()) {
        world_.settled(hash_of({number_, hash_of_all(*own)}));
    }
}

// --- the life ------------------------------------------------------------------------------------

Task<void> Peer::run(Endpoint server) {
    if (plan_.start_after > Duration::zero()) co_await sleep(plan_.start_after);
    connecting();
    SocketResult result = co_await connect(world_, server);
    if (!result.ok() && plan_.patience > Duration::zero()) {
        co_await connect_again(server, result);
    }
    connect_error_ = result.error;
    if (!result.ok()) {
        ended();
        co_return;
    }
    socket_ = std::move(result.socket);
    connected_ = true;
    world_.identify(*socket_, role_, number_);
    co_await talk();
    damaged_ = world_.damaged(*socket_);
    ended();
    settle();
    if (end_seen_ && plan_.stay_open > Duration::zero()) co_await sleep(plan_.stay_open);
    if (closes_abortively()) socket_->set_abortive_close();
    socket_.reset();
}

Task<void> Peer::connect_again(Endpoint server, SocketResult& result) {
    constexpr Duration longest_pause = std::chrono::seconds(1);
    const Time end = later(world_.now(), plan_.patience);
    Timer timer(world_);
    for (Duration pause = std::chrono::milliseconds(1);;
         pause = std::min(2 * pause, longest_pause)) {
        co_await timer.after(pause);
        result = co_await connect(world_, server);
        if (result.ok() || world_.now() >= end) co_return;
    }
}

Task<void> Peer::talk() {
    if (plan_.in_turns) return talk_in_turns();
    return talk_at_once();
}

Task<void> Peer::talk_at_once() {
    TaskGroup sending(world_);
    if (plan_.in_sequence) {
        co_await send_everything();
    } else {
        sending.spawn(send_everything());
    }
    co_await read_until(Until::end);
    over_ = true;
    // A peer that reads no more must not wait for room to send.
    if (!end_seen_) socket_->cancel();
    if (!plan_.in_sequence) co_await sending.join();
}

/// The sending goes on beside the reading: a message may be larger than all that lies between.
Task<void> Peer::talk_in_turns() {
    TaskGroup sending(world_);
    for (;;) {
        const std::string_view message = next_message();
        if (message.empty()) break;
        // Nothing may come in answer to it. Then the turn ends when the message is sent; until
        // then the peer reads, since the server might not take the message before.
        reads_until_turn_is_sent_ = answered();
        turn_underway_ = true;
        sending.spawn(send_turn(message));
        const bool good =
            co_await read_until(reads_until_turn_is_sent_ ? Until::turn_sent : Until::answered);
        over_ = !good;
        if (!good) socket_->cancel();
        co_await sending.join();
        const bool unsent = reads_until_turn_is_sent_ && send_error_ != Error::ok;
        if (!good || left_ || unsent) co_return;
    }
    const bool late = plan_.ending == PeerEnding::half_close_late;
    if (late) {
        sending.spawn(conclude_late());
    } else {
        conclude();
    }
    co_await read_until(Until::end);
    over_ = true;
    if (!end_seen_) socket_->cancel();
    if (late) co_await sending.join();
}

// --- sending -------------------------------------------------------------------------------------

Task<void> Peer::send_turn(std::string_view message) {
    const std::size_t most = plan_.chunk == 0 ? message.size() : plan_.chunk;
    for (std::size_t done = 0; done < message.size(); done += most) {
        if (pauses_before_send()) co_await sleep(plan_.pause);
        const std::string_view piece = begin_send(message.substr(done, most));
        const Result result = co_await send_all(*socket_, piece);
        if (!end_send(piece.size(), result)) break;
    }
    used();
    turn_underway_ = false;
    if (!reads_until_turn_is_sent_) co_return;
    interrupted_ = true;
    socket_->interrupt_receive();
}

Task<void> Peer::send_everything() {
    used();
    std::optional<Timer> timer;  // where there are pauses
    for (;;) {
        const std::string_view text = next_text();
        if (text.empty()) break;
        if (pauses_before_send()) {
            if (!timer) timer.emplace(world_, std::source_location::current());
            co_await timer->after(plan_.pause);
        }
        const std::string_view piece = begin_send(text);
        const Result result = co_await send_all(*socket_, piece);
        if (!end_send(piece.size(), result)) co_return;
    }
    if (plan_.ending == PeerEnding::half_close_late) {
        co_await conclude_late();
    } else {
        conclude();
    }
}

/// What the next send takes: the next message, or `chunk` bytes of the next messages. Messages are
/// copied only where a send crosses from one to the next.
std::string_view Peer::next_text() {
    if (plan_.chunk == 0) return next_message();
    if (rest_.empty() && !no_more_) {
        rest_ = next_message();
        no_more_ = rest_.empty();
    }
    if (rest_.size() < plan_.chunk && !no_more_) {
        joined_.assign(rest_);
        while (joined_.size() < plan_.chunk && !no_more_) {
            const std::string_view message = next_message();
            no_more_ = message.empty();
            joined_ += message;
        }
        rest_ = joined_;
    }
    const std::string_view text = rest_.substr(0, plan_.chunk);
    rest_.remove_prefix(text.size());
    return text;
}

bool Peer::pauses_before_send() const noexcept {
    return plan_.pause > Duration::zero() && sent_ > 0 && !world_.calm();
}

/// The part of the piece that the peer sends before it leaves: most often all of it.
std::string_view Peer::begin_send(std::string_view piece) {
    used();
    if (plan_.leave != PeerLeave::never && sent_ < plan_.leave_sent) {
        piece = piece.substr(0, plan_.leave_sent - sent_);
    }
    sending(piece.size());
    sent_ += piece.size();
    return piece;
}

/// False: the peer sends no more, since the send has failed or the peer has left.
bool Peer::end_send(std::size_t size, const Result& result) {
    used();
    sent_ -= size - result.bytes;
    send_error_ = result.error;
    if (!result.ok()) {
        socket_->cancel();  // or the reading might wait for ever
        return false;
    }
    if (plan_.leave == PeerLeave::never || sent_ < plan_.leave_sent) return true;
    leave();
    socket_->cancel();
    return false;
}

// --- the ending ----------------------------------------------------------------------------------

Task<void> Peer::conclude_late() {
    all_sent_ = true;
    sent_all();
    co_await stay();
    used();
    half_close();
}

/// All is sent. The ending may have to wait for an answer; then the reading sees to it.
void Peer::conclude() {
    all_sent_ = true;
    concluding_ = true;
    sent_all();
    switch (plan_.ending) {
        case PeerEnding::half_close:
        case PeerEnding::half_close_late:
            half_close();
            break;
        case PeerEnding::half_close_answered:
            if (satisfied()) half_close();
            break;
        case PeerEnding::close:
            if (satisfied()) socket_->cancel();  // the reading waits for nothing more
            break;
        case PeerEnding::by_server:
            break;
    }
}

bool Peer::satisfied() const { return concluding_ && !leaves_now() && answered() && !wants_more(); }

bool Peer::leaves_now() const noexcept {
    return plan_.leave != PeerLeave::never && received_ >= plan_.leave_received;
}

void Peer::half_close() {
    if (half_closed_ || !half_closing()) return;
    half_closed_ = true;
    socket_->shutdown_send();
}

void Peer::leave() {
    if (left_) return;
    left_ = true;
    leaving();
}

Task<void> Peer::sleep(Duration span) {
    Timer timer(world_);
    co_await timer.after(span);
}

/// Sleeps in growing steps, so that a long wait takes few of them.
Task<void> Peer::wait_until_calm(Duration most, bool until_over) {
    Timer timer(world_);
    const Time end = later(world_.now(), most);
    Duration step = std::chrono::milliseconds(10);
    while (!world_.calm() && world_.now() < end && !(until_over && over_)) {
        co_await timer.until(std::min(later(world_.now(), step), end));
        step = std::min<Duration>(2 * step, std::chrono::seconds(20));
        used();
    }
}

Task<void> Peer::stall() { return wait_until_calm(plan_.stall_for, false); }

Task<void> Peer::stay() { return wait_until_calm(Duration::max(), true); }

// --- reading -------------------------------------------------------------------------------------

bool Peer::reached(Until until) const {
    if (until == Until::end) return false;
    return until == Until::answered ? answered() : !turn_underway_;
}

/// Reads as the plan says. False: the peer reads no more.
Task<bool> Peer::read_until(Until until) {
    Timer timer(world_);
    while (!reached(until)) {
        if (leaves_now()) {
            leave();
            co_return false;
        }
        if (plan_.ending == PeerEnding::close && satisfied()) co_return false;
        if (!stalled_ && received_ >= plan_.stall_at) {
            stalled_ = true;
            co_await stall();
        }
        if (plan_.read_pause > Duration::zero() && !world_.calm()) {
            co_await timer.after(plan_.read_pause);
        }
        settle();
        const Result result = co_await receive(*socket_, buffer_);
        if (!take(result)) co_return false;
    }
    co_return true;
}

Task<bool> Peer::read_some() {
    const Result result = co_await receive(*socket_, buffer_);
    co_return take(result);
}

bool Peer::take(const Result& result) {
    used();
    if (result.error == Error::canceled && std::exchange(interrupted_, false)) return true;
    receive_error_ = result.error;
    end_seen_ = result.ok() && result.bytes == 0;
    if (!result.ok() || end_seen_) {
        stream_ended();
        return false;
    }
    const bool good = received(as_text(std::span(buffer_).first(result.bytes)));
    received_ += result.bytes;
    if (good && plan_.ending == PeerEnding::half_close_answered && satisfied()) half_close();
    return good;
}

}  // namespace drydock::sim

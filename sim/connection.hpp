// A simulated TCP connection, as programs can see one through the contract: two bounded pipes, ends
// of streams, resets, and on each side at most one receive and one send.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <source_location>
#include <span>
#include <string>

#include <drydock/buffer.hpp>
#include <drydock/endpoint.hpp>
#include <drydock/operation.hpp>
#include <drydock/time.hpp>
#include <drydock/violation.hpp>

#include "sim/pipe.hpp"

namespace drydock::sim {

class SimSocket;
class SimWorld;
struct Event;
struct Machine;
struct Record;

/// One end of a connection.
struct Side {
    explicit Side(std::size_t capacity) : incoming(capacity) {}

    Pipe incoming;
    Machine* machine = nullptr;
    SimSocket* socket = nullptr;
    Operation* receive = nullptr;
    Operation* send = nullptr;
    Endpoint local;
    std::source_location opened;  // where the connect or accept that gave the socket was started

    std::uint64_t received = 0;
    std::uint64_t sent = 0;
    Time opened_at{};
    Time canceled_at{};
    Time moved_at{};  // when a receive or a send last gave bytes
    Duration longest_quiet{0};
    std::uint32_t ends_told = 0;  // receives that gave the end of the stream
    bool accepted = false;        // this is the server's side
    bool closed = false;
    bool canceling = false;
    bool interrupted = false;       // the next receive is
    bool send_interrupted = false;  // the next send is
    bool told_of_bytes = false;     // a receive or a try that only looked has reported some
    bool shut_down = false;
    bool abortive = false;
    bool reset_arrived = false;
    bool discard = false;    // the reset has destroyed what had arrived, an end included
    bool cut = false;        // what was underway when the reset was sent never arrives
    bool timed_out = false;  // the reset is none: the system has given the connection up
    bool vanished = false;   // the machine is gone, and has told the other side nothing
    bool unheard = false;    // vanished, and the other side has sent something since

    void moved(Time now) noexcept {
        longest_quiet = std::max(longest_quiet, now - moved_at);
        moved_at = now;
    }

    /// What two steps can work on without meeting each other.
    std::array<const void*, 4> parts() const noexcept {
        return {&incoming, &receive, &send, &sent};
    }

    /// What the last send left, when it was short: the next one must begin with it.
    static constexpr std::size_t remembered_rest = 32;
    std::array<std::byte, remembered_rest> rest{};
    std::size_t rest_size = 0;

    // For the error messages of runs that have failed.
    std::size_t unsent = 0;        // of the last send
    Error send_error = Error::ok;  // the last send's
    Error failure = Error::ok;     // the first one that the program did not cause by a cancel
    OperationKind failed_kind = OperationKind::none;

    void failed(OperationKind kind, Error error) noexcept {
        if (failure != Error::ok || error == Error::canceled) return;
        failure = error;
        failed_kind = kind;
    }
};

/// What people call one end of a connection, once the connection is gone, too.
struct EndName {
    std::uint64_t connection = 0;  // 0: none
    bool accepted = false;
    const char* role = nullptr;
    std::uint32_t owner = 0;
    std::string_view host;  // empty: the world's own machine

    /// "connection 1 (accepted side) of client 2 at broker".
    std::string text() const;
};

class Connection {
public:
    Connection(SimWorld& world, std::uint32_t slot, std::uint64_t serial, std::size_t capacity);

    /// The step watcher's name for it: that of the connect.
    std::uint64_t number() const noexcept { return number_; }
    void set_number(std::uint64_t number) noexcept { number_ = number; }
    std::uint64_t state_hash() const noexcept;
    /// For digests: small, and used again at once after the connection's end.
    std::uint32_t slot() const noexcept { return slot_; }
    /// For people: the how-manieth connection of the run.
    std::uint64_t serial() const noexcept { return serial_; }
    EndName end_name(int which) const noexcept;
    std::string name(int which) const { return end_name(which).text(); }
    /// Whose it is, as "client 3". The role lives as long as the program.
    void identify(const char* role, std::uint32_t number) noexcept {
        role_ = role;
        owner_ = number;
    }

    Side& side(int which) noexcept { return sides_[static_cast<std::size_t>(which)]; }
    const Side& side(int which) const noexcept { return sides_[static_cast<std::size_t>(which)]; }
    bool damaged() const noexcept { return damaged_; }
    void damage() noexcept { damaged_ = true; }
    /// Both ends are closed and nothing is underway.
    bool over() const noexcept;

    // What the program does to one side.
    void start_receive(int which, Operation& operation, MutableBuffer buffer);
    void start_receive(int which, ReceiveOperation& operation, std::size_t most);
    void start_send(int which, Operation& operation, std::span<const ConstBuffer> buffers);
    /// A receive that does not wait.
    Result try_receive(int which, MutableBuffer buffer);
    void shutdown_send(int which);
    void cancel(int which);
    void interrupt_receive(int which);
    void interrupt_send(int which);
    void close(int which);

    // What machines do that go and come back.

    /// The machine of this side is gone without a word.
    void vanish(int which);
    /// It has power again: it answers with a reset what was sent to it meanwhile.
    void answer(int which);
    /// If this side has vanished, the other one gets a reset, if it still believes in it.
    void tell_of_the_end(int which);

    // What the network does.
    void happen(const Event& event);
    void reset_both();

    /// The worker takes a decided receive or send out: the last checks, and the bytes. Gives their
    /// hash.
    std::uint64_t deliver(Operation& operation, const Result& result);

    /// A likely cause, in what one end or the other has met, for the end of an error message that
    /// is about this side. Often empty.
    std::string suspicion(int which) const;

    /// Says what a delivery works on.
    void touch_delivery(Operation& operation);

    void touch_all();

private:
    void touch_pipe(int to);
    void touch_receiving(int which);
    void touch_sending(int which);
    bool check_receive(int which, Operation& operation);
    bool check_try(Side& side);
    Record* begin_receive(int which, Operation& operation);
    void go_on_receiving(int which);
    bool check_send(int which, Operation& operation, std::span<const ConstBuffer> buffers);
    void refuse(int which, Operation& operation, Rule rule, const std::string& first);
    void belongs_here(int which, Operation& operation) noexcept;
    void match_receive(int which);
    Result found_now(Side& side, std::size_t wanted);
    std::uint64_t take(int which, std::byte* to, std::size_t count);
    void try_send(int which);
    void push(int which, Operation& operation, std::size_t count);
    void fly_bytes(int which);
    void arrive(int which, std::uint64_t upto);
    Error send_error(const Side& side) const noexcept;
    static Error reset_error(const Side& side) noexcept;
    void finish_receive(int which, const Result& result);
    void finish_send(int which, const Result& result);
    void cancel_receive(int which);
    void send_end(int which);
    void send_reset(int which);
    void fly_reset(int to);
    void fly(int to, Event event);
    Time passage(int to, const Event& event);
    void give_up_later(int which, Time at);
    void lose(int which);
    void end_pending(int which);
    void maybe_network_reset();
    std::uint64_t deliver_receive(Operation& operation, const Result& result);
    void deliver_send(Operation& operation, const Result& result);

    SimWorld& world_;
    std::uint32_t slot_;
    std::uint64_t serial_;
    std::uint64_t number_ = 0;
    std::array<Side, 2> sides_;
    const char* role_ = nullptr;  // of its client, once that is known
    std::uint32_t owner_ = 0;     // the client's number
    std::uint32_t underway_ = 0;  // events in the timeline
    bool damaged_ = false;
    bool network_has_reset_ = false;
    std::array<bool, 2> giving_up_{};  // a side's system will give it up
};

}  // namespace drydock::sim

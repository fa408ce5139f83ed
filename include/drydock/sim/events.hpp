// What happens in a run: one stream of events, in order, for listeners.
//
// The trace, the marks and the digest of a run are made from this stream, and a caller can listen,
// too (RunOptions::listener): to draw a run, to export it, or to keep its choices where a crash
// cannot destroy them. A listener only observes. It must not call the world, and its calls must not
// change what the program does.
//
// The world that has no listener builds no events.
#pragma once

#include <cstddef>
#include <cstdint>
#include <source_location>
#include <span>
#include <string_view>

#include <drydock/operation.hpp>
#include <drydock/sim/choices.hpp>
#include <drydock/sim/faults.hpp>
#include <drydock/time.hpp>

namespace drydock::sim {

/// What has happened, and which fields of the event say more about it.
enum class RunEventKind : std::uint8_t {
    started,  ///< an operation was started: operation, start, connection, size, where
    /// its completion came out, and a new step begins: the same, result, and data of a receive
    completed,
    tried_receive,  ///< a try_receive() has returned: connection, size, result, data
    choice,         ///< a choice was made: choice
    span_begun,     ///< choices that belong together follow: name
    span_ended,     ///< the end of the latest span that is open
    fault,          ///< a fault struck: fault
    bytes_sent,     ///< bytes are on their way from this end of a connection: size, data
    bytes_arrived,  ///< bytes have arrived at this end, and can be received: size, data
    end_sent,       ///< this end has half-closed or closed its stream
    end_arrived,    ///< the end of the stream has arrived at this end
    reset_sent,  ///< this end, or the network, has reset the connection; it goes to the other end
    reset_arrived,  ///< a reset has arrived at this end
    socket_opened,  ///< this end of a connection has got its socket: where
    socket_closed,  ///< the program has destroyed the socket of this end
    identified,     ///< the connection belongs to the client `name` `number`
    task_joined,    ///< a task was spawned into a group: number, where
    task_left,      ///< the task with this number has ended
    probe,          ///< the program passed a probe: name
    printed,        ///< a simulated program wrote a line: name is the stream, text is the line
    became_calm,    ///< no fault strikes from here on
    host_started,   ///< the program of a host begins: host, number (of the start)
    host_ended,     ///< the host is down: host, text (how)
    partitioned,    ///< nothing gets from some hosts to others: text (which, and how long)
    /// the run failed: name is the property or rule, text is the error message. A rule names what
    /// it is about by operation and where, and by start and connection if it knows them
    verdict,
};

/// How many kinds there are: the values of RunEventKind are 0 to run_event_kind_count - 1.
inline constexpr int run_event_kind_count = static_cast<int>(RunEventKind::verdict) + 1;

/// The name of the enumerator, as exports have it: "bytes_sent". It lives as long as the program.
std::string_view name(RunEventKind kind) noexcept;

/// One event. The comments of RunEventKind say which fields an event of each kind has, beside
/// `kind`, `at`, `step` and `digest`; the others have their default values. Views are valid during
/// the call only, except labels and the names of probes, spans and roles, which live as long as the
/// program.
struct RunEvent {
    RunEventKind kind = RunEventKind::started;  ///< what happened
    Time at{};                                  ///< virtual time
    std::uint64_t step = 0;        ///< completions that came out before, this one included
    std::uint64_t connection = 0;  ///< its number in the run, from 1; 0: none
    bool accepted = false;         ///< the accepted end of the connection, the server's
    OperationKind operation = OperationKind::none;  ///< what was started, or has completed
    std::uint64_t start = 0;                        ///< which start of the run this is, from 1
    std::size_t size = 0;                           ///< bytes: of the buffer, or that moved
    Result result;                                  ///< what the operation completed with
    std::source_location where;                     ///< the place in the program
    Choice choice;                                  ///< the choice that was made
    Fault fault{};                                  ///< the fault that struck
    std::uint64_t number = 0;                       ///< of the client, or of the task in the run
    std::uint64_t position = 0;  ///< in the stream of one direction, behind the last of the bytes
    std::uint64_t digest = 0;    ///< of the run up to this event
    bool in_step = false;        ///< the current step broke it; else it was found after the step
    std::string_view host;       ///< on which it happened; empty: the world's own machine
    std::string_view name;       ///< of the span, role, probe, stream, property or rule
    std::string_view text;       ///< the error message of a verdict, or the line that was written
    std::span<const std::byte> data;  ///< the bytes that were sent, have arrived or were received
};

/// Gets each event of a run when it happens, on the thread of the run.
class RunListener {
public:
    RunListener() = default;
    RunListener(const RunListener&) = delete;
    RunListener& operator=(const RunListener&) = delete;

    /// Gets an event. Called on the thread of the run, in the middle of a step; it must neither
    /// throw nor call the world.
    virtual void happened(const RunEvent& event) noexcept = 0;

protected:
    ~RunListener() = default;
};

}  // namespace drydock::sim

// The rules of the contract that a program can break, and the error message for each.
//
// Errors of operations are values (<drydock/error.hpp>). A violation of a rule is a bug in the
// program: the backends print the error message and abort; the simulator ends the run with it, and
// the run can then be replayed and shrunk. docs/PROPERTIES.md explains each rule, and which of them
// only the simulator checks.
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <source_location>
#include <string_view>

#include <drydock/operation.hpp>
#include <drydock/source_path.hpp>

namespace drydock {

/// The rules that a program must keep. docs/PROPERTIES.md says for each how it is broken, and where
/// it is checked.
enum class Rule : std::uint8_t {
    /// an operation is started again only after its completion
    operation_reused_in_flight,
    operation_destroyed_in_flight,  ///< an operation lives until its completion
    second_receive,                 ///< at most one receive is in flight on a socket
    second_send,                    ///< at most one send is in flight on a socket
    send_after_shutdown,            ///< no send follows AsyncSocket::shutdown_send()
    /// after a short send, the next one begins with the bytes that were left
    short_send_ignored,
    receive_past_end,  ///< at most eight receives in a row report the end of the stream
    /// the program leaves the memory of a receive alone until the completion
    receive_buffer_touched,
    send_buffer_changed,         ///< the bytes of a send stay as they are until the completion
    socket_destroyed_in_flight,  ///< a socket is destroyed when nothing is in flight on it
    socket_leaked,               ///< each socket is destroyed before the run ends
    /// a listener is destroyed when no accept is in flight on it
    listener_destroyed_in_flight,
    listener_leaked,            ///< each listener is destroyed before the run ends
    task_group_not_joined,      ///< a TaskGroup is joined before it is destroyed
    task_leaked,                ///< each task ends before the run does
    monitor_held_across_await,  ///< a coroutine leaves a Monitor before it awaits anything
    queue_unbounded,            ///< an AsyncQueue never holds more values than its bound
    provided_buffer_kept,       ///< a ProvidedBuffer goes back before the queue is destroyed
    /// nothing is written to a ProvidedBuffer after it has gone back
    provided_buffer_touched,
    /// a socket, an acceptor or a timer of the Asio face is used only as long as it exists
    object_used_after_end,
};

/// How many rules there are: the values of Rule are 0 to rule_count - 1.
inline constexpr int rule_count = static_cast<int>(Rule::object_used_after_end) + 1;

/// The rule's name, as reports and schedule files have it: "second-receive". It lives as long as
/// the program.
constexpr std::string_view name(Rule rule) noexcept {
    constexpr std::string_view names[] = {"operation-reused-in-flight",
                                          "operation-destroyed-in-flight",
                                          "second-receive",
                                          "second-send",
                                          "send-after-shutdown",
                                          "short-send-ignored",
                                          "receive-past-end",
                                          "receive-buffer-touched",
                                          "send-buffer-changed",
                                          "socket-destroyed-in-flight",
                                          "socket-leaked",
                                          "listener-destroyed-in-flight",
                                          "listener-leaked",
                                          "task-group-not-joined",
                                          "task-leaked",
                                          "monitor-held-across-await",
                                          "queue-unbounded",
                                          "provided-buffer-kept",
                                          "provided-buffer-touched",
                                          "object-used-after-end"};
    static_assert(std::size(names) == rule_count);
    return names[static_cast<std::size_t>(rule)];
}

/// The error message of `rule`: what the program did, and what the rule demands. It lives as long
/// as the program.
constexpr std::string_view sentence(Rule rule) noexcept {
    constexpr std::string_view sentences[] = {
        "an operation was started again while it was still in flight: one use at a time",
        "an operation was destroyed while it was still in flight: "
        "its memory must live until its completion",
        "a second receive was started on a socket: at most one may be in flight",
        "a second send was started on a socket: at most one may be in flight",
        "a send was started after shutdown_send(): the half close ends sending",
        "a send was short, and the next one does not go on with the bytes that were left: "
        "they are lost",
        "receives go on after the end of the stream was delivered: 0 bytes mean that no more come",
        "a receive buffer was written to while the receive was in flight: "
        "it belongs to the backend until the completion",
        "a send buffer was changed while the send was in flight: "
        "it must stay as it is until the completion",
        "a socket was destroyed with an operation in flight on it: cancel, drain, then close",
        "a socket was never destroyed: its owner has gone without closing it",
        "a listener was destroyed with an accept in flight: cancel, drain, then close",
        "a listener was never destroyed: its owner has gone without closing it",
        "a task group ended before its children: join() it first",
        "a task never ended: it waits for another one, and nobody has joined its group",
        "a coroutine waited while it held a monitor: leave the monitor before any co_await",
        "more values wait in a queue than its bound: whoever pushes must bound what is underway",
        "a provided buffer was never given back: it belongs to the queue, which has ended",
        "a provided buffer was written to after it was given back: it belongs to the queue",
        "a socket, an acceptor or a timer was used after it was destroyed: "
        "a handler has outlived its owner"};
    static_assert(std::size(sentences) == rule_count);
    return sentences[static_cast<std::size_t>(rule)];
}

/// A violation of a rule, and its place in the source.
struct Violation {
    Rule rule;  ///< the one that was broken
    /// The kind of operation that broke the rule; `none` if it was not an operation.
    OperationKind kind = OperationKind::none;
    /// The place where the operation was started. Without an operation: where the object was made
    /// that the rule is about, or where the coroutine waits. Line 0 if the place is unknown.
    std::source_location where = std::source_location::current();
};

/// Prints "drydock: " and `text` on standard error and aborts the program. Allocates nothing. From
/// any thread.
[[noreturn]] inline void abort_with(std::string_view text) noexcept {
    std::fprintf(stderr, "drydock: %.*s\n", static_cast<int>(text.size()), text.data());
    std::abort();
}

/// Prints the error message of `violation`, with its place in the source, on standard error and
/// aborts the program. All backends do this. Allocates nothing. From any thread.
[[noreturn]] inline void abort_with(const Violation& violation) noexcept {
    const std::string_view text = sentence(violation.rule);
    const bool started = violation.kind != OperationKind::none;
    const std::string_view kind = started ? name(violation.kind) : std::string_view();
    std::fprintf(stderr, "drydock: %.*s", static_cast<int>(text.size()), text.data());
    if (violation.where.line() > 0) {
        const SourcePath file = source_path(violation.where.file_name());
        std::fprintf(stderr, " (%.*s%s%.*s:%u)", static_cast<int>(kind.size()), kind.data(),
                     started ? " started at " : "", static_cast<int>(file.text().size()),
                     file.text().data(), static_cast<unsigned>(violation.where.line()));
    }
    std::fputc('\n', stderr);
    std::abort();
}

}  // namespace drydock

// Connected sockets and listeners, as completion-based programs see them.
//
// Thread rule for both: starts, cancel() and interrupt_receive() may be called from any worker. One
// coroutine owns the object; it alone destroys it, with nothing in flight and no call under way,
// except the start whose completion led there: that one may still be on its way back. So a handle
// is never closed under a call, and never reused under a pending operation:
//
//     open -> canceling (cancel() was called) -> drained (all completions came) -> closed
//
// After a start has returned, and already before, its completion may be running on another worker:
// touch nothing that the completion may end.
#pragma once

#include <cstddef>
#include <span>

#include <drydock/buffer.hpp>
#include <drydock/endpoint.hpp>
#include <drydock/operation.hpp>

namespace drydock {

/// One end of a TCP connection. Small sends are not delayed (Nagle's algorithm is off).
class AsyncSocket {
public:
    AsyncSocket() = default;
    AsyncSocket(const AsyncSocket&) = delete;
    AsyncSocket& operator=(const AsyncSocket&) = delete;

    /// Closes. What was sent is still delivered, then the peer sees the end of the stream; but
    /// bytes that arrived and were not received turn the close into a reset, as TCP has it. Nothing
    /// may be in flight (Rule::socket_destroyed_in_flight).
    virtual ~AsyncSocket() = default;

    /// Receives what is there, at least one byte and at most `buffer.size()`; waits while nothing
    /// is. 0 bytes mean the end of the stream, and repeat. A receive into an empty buffer completes
    /// with 0 bytes as soon as there is something to receive, the end of the stream included. At
    /// most one receive is in flight per socket (Rule::second_receive).
    /// Errors: reset, canceled, no_buffers, timed_out (the system gave up on the peer). After a
    /// reset, data that had arrived may be delivered first, or be lost: systems differ; once told,
    /// the reset repeats.
    virtual void receive(Operation& operation, MutableBuffer buffer) noexcept = 0;

    /// The same without a buffer: the queue provides one when there is something to put into it, so
    /// a connection that waits pins no memory. Completes with at least one byte and a buffer that
    /// holds just these bytes, at most `most` (at least 1) and at most as many as the queue's
    /// buffers have room for (see QueueOptions::provided_buffer_size); or with 0 bytes and no
    /// buffer at the end of the stream. no_buffers means that the queue had none to provide; the
    /// bytes stay for the next receive.
    virtual void receive(ReceiveOperation& operation, std::size_t most) noexcept = 0;

    /// Sends the buffers in order, as one gather. May be short, though never with 0 bytes unless
    /// asked to send none: callers loop (see send_all in <drydock/io.hpp>), and whatever is sent
    /// next on this socket begins with the bytes that were left (Rule::short_send_ignored). The
    /// completion means that the system took the bytes, not that the peer did. The array and the
    /// bytes that it names must stay until the completion. At most one send is in flight per socket
    /// (Rule::second_send).
    /// Errors: reset, broken, canceled (perhaps with bytes sent), no_buffers, timed_out.
    virtual void send(Operation& operation, std::span<const ConstBuffer> buffers) noexcept = 0;

    /// The half close: after what was sent, the peer sees the end of the stream; receiving goes on.
    /// No send may be in flight or follow (Rule::send_after_shutdown). Returns at once; on a
    /// connection that is gone already it does nothing.
    virtual void shutdown_send() noexcept = 0;

    /// Aborts what is in flight and makes every later start complete as canceled. An operation may
    /// still win the race and succeed; a canceled send may have sent a part. Repeating it does
    /// nothing.
    virtual void cancel() noexcept = 0;

    /// Makes one receive complete as canceled: the one in flight or, where none is or it wins the
    /// race, the next that is started. Interrupts do not add up: one is owed at most. Sends, and
    /// receives after that one, go on. This is how a server that stops gets a connection's
    /// attention without losing what it still has to send.
    virtual void interrupt_receive() noexcept = 0;

    /// Makes the closing of this socket an abort: the peer sees a reset, and what is underway is
    /// lost.
    virtual void set_abortive_close() noexcept = 0;

    virtual Endpoint local_endpoint() const noexcept = 0;
    virtual Endpoint peer_endpoint() const noexcept = 0;
};

/// A listening socket.
class AsyncListener {
public:
    AsyncListener() = default;
    AsyncListener(const AsyncListener&) = delete;
    AsyncListener& operator=(const AsyncListener&) = delete;

    /// Closes. Connections that nobody accepted are refused or reset. Nothing may be in flight
    /// (Rule::listener_destroyed_in_flight).
    virtual ~AsyncListener() = default;

    /// Completes with the next connection's socket. Any number of accepts may be in flight. Errors:
    /// reset (that one connection went away; go on accepting), too_many_handles and no_buffers (a
    /// shortage of the system; the connection stays in the backlog: try again later), canceled.
    /// Whatever else the system says counts as no_buffers, with its code, so that the caller pauses
    /// and does not spin. No error but canceled ends the listener.
    virtual void accept(SocketOperation& operation) noexcept = 0;

    /// Completes all accepts in flight, and every later one, as canceled. Any worker may call it.
    virtual void cancel() noexcept = 0;

    /// Asks the system to keep at most about so many bytes of an accepted connection that it has
    /// taken and not yet sent: what the peer has no room for stays with the caller, whose sends are
    /// short or wait. So the caller sees sooner how fast the peer reads, and what it sends next is
    /// not behind megabytes. For connections that come after the call. Linux does so
    /// (TCP_NOTSENT_LOWAT); elsewhere this does nothing.
    virtual void limit_unsent(std::size_t) noexcept {}

    /// Where it listens; the port is the real one also when port 0 was asked for.
    virtual Endpoint local_endpoint() const noexcept = 0;
};

}  // namespace drydock

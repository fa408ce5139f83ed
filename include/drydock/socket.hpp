// Connected sockets and listeners of a completion queue.
//
// Threads: any worker may start operations, and call try_receive(), cancel() and the interrupts.
//
// Ownership: one coroutine owns the object, and only that coroutine destroys it, when no operation
// is in flight and no other call on it is running. So a handle is never closed during another call,
// and never reused while an operation on it is pending. There is one exception: a completion may
// destroy the socket although the start of its operation has not yet returned on another worker.
// The life of a socket:
//
//     open -> canceling (cancel() was called) -> drained (all completions came) -> closed
//
// A completion may run on another worker even before the start returns. So after a start, touch
// nothing that the completion may destroy.
#pragma once

#include <cstddef>
#include <span>

#include <drydock/buffer.hpp>
#include <drydock/endpoint.hpp>
#include <drydock/operation.hpp>

namespace drydock {

/// One end of a TCP connection (RFC 9293). An accept or a connect makes it, and the caller owns it.
/// Small sends are not delayed: Nagle's algorithm (RFC 896) is off.
class AsyncSocket {
public:
    AsyncSocket() = default;
    AsyncSocket(const AsyncSocket&) = delete;
    AsyncSocket& operator=(const AsyncSocket&) = delete;

    /// Closes the connection. The system still delivers what was sent, and then the peer sees the
    /// end of the stream. But if bytes have arrived that were not received, TCP resets the
    /// connection instead (RFC 9293, section 3.6.1). No operation may be in flight
    /// (Rule::socket_destroyed_in_flight).
    virtual ~AsyncSocket() = default;

    /// Starts `operation` as a receive. It completes when bytes have arrived, with at least one
    /// byte and at most `buffer.size()`. The memory belongs to the backend until the completion
    /// (Rule::receive_buffer_touched). At most one receive may be in flight per socket
    /// (Rule::second_receive).
    ///
    /// With a buffer that is not empty, 0 bytes mean the end of the stream, and every later receive
    /// completes with 0 bytes too. A receive into an empty buffer waits without receiving: it
    /// completes with 0 bytes as soon as there is something to receive, which may be bytes or the
    /// end of the stream.
    ///
    /// Errors: reset, canceled, no_buffers, timed_out (the system gave up on the peer). After a
    /// reset, bytes that had arrived may be delivered first or may be lost: systems differ. Once a
    /// receive has failed with reset, every later one does.
    virtual void receive(Operation& operation, MutableBuffer buffer) noexcept = 0;

    /// Starts `operation` as a receive without a buffer: the queue provides one when bytes have
    /// arrived, so a connection that waits pins no memory. It completes with a buffer that holds
    /// exactly the bytes received: at least one, at most `most` (which must be at least 1), and at
    /// most as many as one of the queue's buffers holds (QueueOptions::provided_buffer_size). At
    /// the end of the stream it completes with 0 bytes and no buffer. Errors are those of receive()
    /// above; no_buffers means that the queue had no buffer to provide, and the bytes stay for the
    /// next receive.
    virtual void receive(ReceiveOperation& operation, std::size_t most) noexcept = 0;

    /// Receives without waiting: copies at most `buffer.size()` bytes that have arrived into
    /// `buffer` and returns how many. Returns would_block when nothing has arrived, and then a
    /// receive() waits for more. It may return fewer bytes than have arrived, and may return
    /// would_block for bytes that arrive at this moment; but after a receive into an empty buffer
    /// has completed with ok, the bytes that it reported are there. The contents of the rest of
    /// `buffer` are unspecified. Not started, so nothing completes.
    ///
    /// No receive may be in flight (Rule::second_receive). As for receive(): 0 bytes mean the end
    /// of the stream, if the buffer is not empty; with an empty buffer the call only looks, and
    /// returns ok if there is something to receive, bytes or the end of the stream; once it has
    /// returned reset, every later call and receive does. After cancel() it returns canceled. A
    /// pending interrupt_receive() does not concern it, and stays for the next receive().
    ///
    /// Errors: would_block, and those of receive(). From any worker. The analogue of recv() on a
    /// socket that does not block (POSIX; MSG_DONTWAIT on Linux).
    virtual Result try_receive(MutableBuffer buffer) noexcept = 0;

    /// Starts `operation` as a send of the `buffers`, in order, as one gather. The array and the
    /// bytes that it names must stay unchanged until the completion (Rule::send_buffer_changed). At
    /// most one send may be in flight per socket (Rule::second_send).
    ///
    /// A send may be short: it completes with fewer bytes than asked for, but with at least one
    /// unless it was asked to send none. The next send on this socket must begin with the bytes
    /// that were left (Rule::short_send_ignored); send_all in <drydock/io.hpp> is this loop. The
    /// completion means that the system took the bytes, not that the peer received them.
    ///
    /// Errors: reset, broken, canceled (perhaps with bytes sent), no_buffers, timed_out.
    virtual void send(Operation& operation, std::span<const ConstBuffer> buffers) noexcept = 0;

    /// The half close: after the bytes that were sent, the peer sees the end of the stream.
    /// Receiving is still possible. No send may be in flight or follow
    /// (Rule::send_after_shutdown). Does not wait; does nothing if the connection is gone already.
    virtual void shutdown_send() noexcept = 0;

    /// Cancels the operations in flight, and every later one: they complete with canceled. An
    /// operation in flight may still succeed if it finishes first. A canceled send may have sent a
    /// part (Result::bytes). A second call does nothing.
    virtual void cancel() noexcept = 0;

    /// Makes one receive complete with canceled: the one in flight. If none is in flight, or it
    /// finishes first, the next receive completes with canceled instead. Interrupts do not
    /// accumulate: at most one is pending. Sends and later receives are not affected. A server that
    /// stops uses this to end a connection's waiting and can still send what the client is owed.
    virtual void interrupt_receive() noexcept = 0;

    /// Makes one send complete with canceled: the one in flight. It may have sent a part
    /// (Result::bytes), which the peer receives; a caller that goes on sends the bytes that were
    /// left. The send may also finish first and succeed. If none is in flight, or it finishes
    /// first, the next send completes with canceled instead, and sends nothing. Interrupts do not
    /// accumulate: at most one is pending. Receives and later sends are not affected. A program
    /// uses this to end its waiting for a peer that does not read, for example after a timeout.
    virtual void interrupt_send() noexcept = 0;

    /// Makes the destructor reset the connection: the peer sees a reset, and bytes that were sent
    /// and not yet delivered are lost. (On the backends: SO_LINGER with a time of 0.) From any
    /// worker, before the socket is destroyed.
    virtual void set_abortive_close() noexcept = 0;

    /// The endpoint of this end of the connection. From any worker. It stays the same as long as
    /// the socket is open.
    virtual Endpoint local_endpoint() const noexcept = 0;
    /// The endpoint of the other end, as this system sees it: an IPv4 peer's is IPv4 on every
    /// listener. From any worker.
    virtual Endpoint peer_endpoint() const noexcept = 0;
};

/// A listening socket. CompletionQueue::listen() makes one, and the caller owns it.
class AsyncListener {
public:
    AsyncListener() = default;
    AsyncListener(const AsyncListener&) = delete;
    AsyncListener& operator=(const AsyncListener&) = delete;

    /// Stops listening. Connections that were not accepted yet are refused or reset. No accept may
    /// be in flight (Rule::listener_destroyed_in_flight).
    virtual ~AsyncListener() = default;

    /// Starts `operation` as an accept. It completes with the socket of the next connection. Any
    /// number of accepts may be in flight.
    ///
    /// Errors: reset (this one connection is gone; accept again), too_many_handles and no_buffers
    /// (the system is short of something; the connection stays in the backlog; pause, then accept
    /// again), canceled. Every other error of the system is reported as no_buffers, with the
    /// system's code in Result::native, so that the caller pauses and does not spin. Only canceled
    /// means that the listener accepts no more.
    virtual void accept(SocketOperation& operation) noexcept = 0;

    /// Cancels all accepts in flight, and every later one. From any worker.
    virtual void cancel() noexcept = 0;

    /// Makes one accept complete with canceled: of those in flight, the one that was started first.
    /// If none is in flight, or all of them finish first, the next accept completes with canceled
    /// instead. Interrupts do not accumulate: at most one is pending. Other accepts are not
    /// affected, and no connection is lost: each goes to another accept, or waits for the next
    /// one. From any worker.
    virtual void interrupt_accept() noexcept = 0;

    /// The same for exactly one accept: that of `operation`. If it is not in flight at this
    /// listener, or finishes first, the operation's next start completes with canceled instead, as
    /// after CompletionQueue::cancel(). At most one interrupt is pending for each operation. The
    /// call is allowed whenever the operation exists. From any worker.
    virtual void interrupt_accept(SocketOperation& operation) noexcept = 0;

    /// Asks the system to hold at most about this many unsent bytes of each accepted connection:
    /// bytes that it took and cannot send yet, because the peer has no room for them. At the limit,
    /// sends are short or wait. So the caller learns sooner how fast the peer reads, and its next
    /// bytes are not queued behind megabytes. Applies to connections that are accepted after the
    /// call. Linux supports it (TCP_NOTSENT_LOWAT); on other systems it does nothing.
    virtual void limit_unsent(std::size_t) noexcept {}

    /// The endpoint that it listens at. The port is the real one even if port 0 was asked for.
    virtual Endpoint local_endpoint() const noexcept = 0;
};

}  // namespace drydock

// A TCP socket of the Asio face: what Asio promises of a socket, on sockets of the contract.
//
// The contract is stricter than Asio. It forbids to destroy a socket in flight, and its cancel() is
// for good; Asio closes at any time and goes on after cancel(). So each operation keeps the socket
// that it was started on; close() cancels, and the completion of the last operation destroys. A
// cancel() interrupts what is in flight. An interrupt that comes too late would end a later
// operation, so an operation that was interrupted without having been canceled is started again.
//
// The contract waits for something to receive by a receive without a buffer, and has one receive in
// flight. In Asio a wait is no receive. So a receive that is started beside a wait is put on the
// queue when that has completed, and a wait that is started beside a receive completes with it.
//
// Threads: every member from any thread. As in Asio, no two threads may use one socket object at
// the same time; but completions come on other threads than its own.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <source_location>
#include <span>
#include <vector>

#include <drydock/asio/operation.hpp>
#include <drydock/endpoint.hpp>

namespace drydock::asio_detail {

/// A socket option: its bytes, as the system has them.
struct SocketOption {
    int level = 0;
    int name = 0;
    std::vector<std::byte> value;
};

/// What a synchronous operation has done.
struct Done {
    Trouble trouble;
    std::size_t bytes = 0;
};

/// An open socket: listening, connected, or neither yet.
class Socket final : public Closable, public std::enable_shared_from_this<Socket> {
public:
    Socket(Loop& loop, bool ipv6)
        : Closable(loop), loop_(loop), mutex_(loop.locks()), ipv6_(ipv6), queue_loop_(&loop) {}
    ~Socket();

    Loop& loop() const noexcept { return loop_; }
    bool ipv6() const noexcept { return ipv6_; }
    /// From here on it is the connection that was handed over. Its operations complete on the queue
    /// of the loop that it comes from, and their handlers run on this one's.
    Trouble adopt(Handed handed);
    /// Gives the connection away as the number of hand_over(). If operations are in flight it
    /// cancels them, and fails.
    int release(Trouble& trouble);

    // ---- like the system's calls ----------------------------------------------------------------
    Trouble bind(const Endpoint& endpoint, std::source_location where);
    Trouble listen(int backlog, std::source_location where);
    Trouble shut_down(bool receive, bool send);
    /// Makes close() reset the connection (SO_LINGER with a time of 0).
    void set_abortive(bool abortive);
    /// Makes an accept of a connection that is gone already fail, instead of waiting for another.
    void set_reports_aborted(bool reports);
    Trouble set_option(int level, int name, const void* value, std::size_t size);
    /// Copies at most `size` bytes of the option's value, and sets `size`.
    Trouble get_option(int level, int name, void* value, std::size_t& size) const;
    Trouble local_endpoint(Endpoint& endpoint) const;
    Trouble peer_endpoint(Endpoint& endpoint) const;
    /// The bytes that can be received without waiting.
    std::size_t available(Trouble& trouble);

    // ---- operations, asynchronous ---------------------------------------------------------------
    void start_receive(AsyncOperation& operation, std::span<MutableBuffer> buffers, bool peek);
    void start_send(AsyncOperation& operation, std::span<const ConstBuffer> buffers);
    void start_connect(AsyncOperation& operation, const Endpoint& endpoint);
    void start_accept(AsyncOperation& operation);
    void start_wait_readable(AsyncOperation& operation);
    void start_wait_writable(AsyncOperation& operation);
    void start_wait_error(AsyncOperation& operation);
    /// Completes with `trouble`, without having done anything.
    static void start_failed(Loop& loop, AsyncOperation& operation, Trouble trouble);
    /// Cancels the operation with this key, if it has not completed.
    void cancel_one(std::uint64_t key) noexcept;
    /// Cancels all operations that have not completed.
    void cancel_all() noexcept;

    // ---- operations, synchronous ----------------------------------------------------------------
    // With `waits` false they give would_block instead of waiting.
    // What has not completed by `deadline`, on the queue's clock, fails with timed_out.
    Done receive(std::span<MutableBuffer> buffers, bool peek, bool waits,
                 std::source_location where, Time deadline = never);
    Done send(std::span<const ConstBuffer> buffers, bool waits, std::source_location where,
              Time deadline = never);
    Trouble connect(const Endpoint& endpoint, std::source_location where, Time deadline = never);
    Trouble accept(std::unique_ptr<AsyncSocket>& connection, bool waits,
                   std::source_location where);
    Trouble wait_readable(bool waits, std::source_location where);
    Trouble wait_writable(bool waits, std::source_location where);
    Trouble wait_error(std::source_location where);

    /// No operation can be started any more, and those in flight are canceled.
    void close() noexcept;
    void close_for_good() noexcept override { close(); }
    void drop_for_good() noexcept override;
    void help_elsewhere() noexcept override;
    std::shared_ptr<Closable> keep() noexcept override { return weak_from_this().lock(); }

private:
    friend class AsyncOperation;
    using Lock = std::unique_lock<LoopMutex>;

    /// Ties a socket to the loop that it comes from: at the end of that loop it is closed.
    class Lodging final : public Closable {
    public:
        Lodging(Loop& loop, Socket& socket) : Closable(loop), socket_(socket) {}
        ~Lodging() { leave(); }
        void close_for_good() noexcept override { socket_.close(); }
        void drop_for_good() noexcept override { socket_.drop_for_good(); }
        std::shared_ptr<Closable> keep() noexcept override {
            return {socket_.weak_from_this().lock(), this};
        }

    private:
        Socket& socket_;
    };

    void complete(AsyncOperation& operation, const Result& result) noexcept;
    bool received(AsyncOperation& operation, const Result& result,
                  OperationList& also_ended) noexcept;
    bool sent(AsyncOperation& operation, const Result& result) noexcept;
    bool connected(AsyncOperation& operation, const Result& result) noexcept;
    bool accepted(AsyncOperation& operation, const Result& result) noexcept;

    bool begin(AsyncOperation& operation, Waits waits);
    void take_off(AsyncOperation& operation) noexcept;
    void begin_receive(AsyncOperation& operation) noexcept;
    void begin_send(AsyncOperation& operation) noexcept;
    void interrupt(AsyncOperation& operation) noexcept;
    void next_receive() noexcept;
    void next_send() noexcept;
    void note_reset(const Result& result) noexcept;
    Trouble ready_to_receive() const noexcept;
    Trouble ready_to_send() const noexcept;
    std::size_t take_ahead(MutableBuffer buffer, bool peek) noexcept;
    std::size_t receive_more(std::span<MutableBuffer> buffers) noexcept;
    Trouble look_ahead() noexcept;
    bool in_progress(Waits waits) const noexcept;
    bool reads() const noexcept {
        return in_progress(Waits::receive) || in_progress(Waits::readable);
    }
    template <typename Start, typename Interrupt>
    Result run_blocking(BlockingOperation& operation, Start start, Interrupt interrupt,
                        Time deadline = never);
    void give_back() noexcept;
    bool too_late(Time deadline) const noexcept;
    Trouble open_listener(const Endpoint& endpoint, int backlog, std::source_location where);
    void begin_accept(AsyncOperation& operation) noexcept;

    Loop& loop_;
    mutable LoopMutex mutex_;  // guards what follows
    const bool ipv6_;
    Loop* queue_loop_;
    std::unique_ptr<Lodging> lodging_;  // null: it comes from its own loop
    std::unique_ptr<AsyncSocket> socket_;
    std::unique_ptr<AsyncListener> listener_;
    OperationList active_;            // started on the queue
    OperationList waiting_receives_;  // for the wait in flight, or the receive (queue_overlapping)
    OperationList waiting_readable_;  // waits, for the receive or the wait in flight
    OperationList waiting_sends_;     // for the send in flight (AsioOptions::queue_overlapping)
    std::vector<std::byte> ahead_;    // received to be looked at, and not taken yet
    std::vector<SocketOption> options_;
    std::vector<std::unique_ptr<AsyncSocket>> arrived_;  // connections that were waited for
    std::unique_ptr<Endpoint> bound_;
    int blocking_receives_ = 0;
    int blocking_ = 0;  // synchronous operations, started on the queue
    bool closed_ = false;
    bool dropped_ = false;  // what belongs to the queue is to be given back
    bool reports_aborted_ = false;
    bool listening_ = false;
    bool abortive_ = false;
    bool was_reset_ = false;        // which an operation has reported
    bool full_ = false;             // a send that must not block had no room
    bool stale_interrupt_ = false;  // of a send that had ended when the interrupt came
    bool receive_shut_ = false;
    bool send_shut_ = false;
    bool shut_send_later_ = false;  // when the send in flight has ended
};

}  // namespace drydock::asio_detail

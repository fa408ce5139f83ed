// The standard streams of a simulated program as I/O objects: what posix::stream_descriptor is
// here.
//
// The streams are the harness's (StandardStreams): what the program writes is captured, and what it
// reads is fed. No queue has other descriptors, so there is nothing for a real queue.
//
// An operation that can be done completes by way of the queue, so that the world chooses what comes
// first. Bytes are taken when it completes, so that a cancel until then loses none.
//
// Threads: one thread of the system, that of the run.
#pragma once

#include <memory>
#include <span>

#include <drydock/asio/operation.hpp>
#include <drydock/asio/socket.hpp>

namespace drydock::asio_detail {

/// One descriptor of the program that stands for a standard stream.
class StandardStream final : public Closable,
                             public InputSink,
                             public std::enable_shared_from_this<StandardStream> {
public:
    /// Null: `descriptor` stands for no stream of the loop's program, or there is no program.
    static std::shared_ptr<StandardStream> open(Loop& loop, int descriptor);
    StandardStream(Loop& loop, StandardStreams& streams, int descriptor);
    ~StandardStream();

    Loop& loop() const noexcept { return loop_; }

    // ---- operations, asynchronous ---------------------------------------------------------------
    void start_read(AsyncOperation& operation, std::span<MutableBuffer> buffers);
    void start_write(AsyncOperation& operation, std::span<const ConstBuffer> buffers);
    void start_wait_readable(AsyncOperation& operation);
    void start_wait_writable(AsyncOperation& operation);
    /// It ends by a cancel only.
    void start_wait_error(AsyncOperation& operation);
    /// Cancels the operation with this key, if it has not completed.
    void cancel_one(std::uint64_t key) noexcept;
    void cancel_all() noexcept;

    // ---- operations, synchronous ----------------------------------------------------------------
    // With `waits` false they give would_block instead of waiting.
    Done read(std::span<MutableBuffer> buffers, bool waits);
    Done write(std::span<const ConstBuffer> buffers);
    Trouble wait_readable(bool waits);

    /// Ends the object, and the descriptor. What waits is canceled.
    void close() noexcept;
    /// Ends the object, and leaves the descriptor to the program.
    void release() noexcept { close_for_good(); }
    void close_for_good() noexcept override;
    std::shared_ptr<Closable> keep() noexcept override { return weak_from_this().lock(); }
    void input_came() noexcept override;

private:
    class Turn;
    bool begin(AsyncOperation& operation, Waits waits) noexcept;
    void take_turn(bool reads) noexcept;
    void turn_came(bool reads) noexcept;
    Done take_input(std::span<MutableBuffer> buffers) noexcept;
    std::size_t write_all(std::span<const ConstBuffer> buffers) noexcept;

    Loop& loop_;
    StandardStreams& streams_;
    const int descriptor_;
    const int stream_;
    OperationList reads_;
    OperationList others_;  // that are done, and wait for their turn
    OperationList errors_;  // that wait for a cancel
    bool closed_ = false;
};

}  // namespace drydock::asio_detail

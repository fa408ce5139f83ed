// An asynchronous operation of the face: an operation of the contract that is also an item of a
// loop, which calls the handler.
//
// Threads: it is started by one thread, completes on any thread that waits on the queue, and its
// item runs on any thread in run().
#pragma once

#include <array>
#include <memory>
#include <span>

#include <drydock/asio/loop.hpp>
#include <drydock/asio/trouble.hpp>
#include <drydock/buffer.hpp>
#include <drydock/operation.hpp>

namespace drydock::asio_detail {

class Socket;
class StandardStream;
class TimerSet;

/// How an asynchronous operation is canceled by itself.
enum class Waits : std::uint8_t {
    none,      ///< it does not wait, or for something that cannot be canceled
    receive,   ///< for bytes
    send,      ///< for room
    connect,   ///< for a connection
    accept,    ///< for a connection that arrives
    readable,  ///< for something to receive
    closing    ///< for an error, which here is a cancel
};

/// An asynchronous operation, from its start until its handler is called.
class AsyncOperation : public SocketOperation, public Item {
public:
    /// `function` gets the item when the operation has completed.
    AsyncOperation(Item::Function function, std::source_location where) noexcept
        : SocketOperation(&AsyncOperation::completed, where), Item(function) {}

    const Trouble& trouble() const noexcept { return trouble_; }
    std::size_t bytes() const noexcept { return bytes_; }
    /// The connection of an accept; null if it failed.
    std::unique_ptr<AsyncSocket>& connection() noexcept { return connection_; }
    /// A number by which a cancel of this one operation finds it.
    std::uint64_t make_key() noexcept;

protected:
    ~AsyncOperation() = default;

private:
    friend class Socket;
    friend class StandardStream;
    friend class TimerSet;
    friend class OperationList;

    static void completed(Operation& operation, const Result& result) noexcept;
    /// Completes it without the queue: its item runs soon.
    void complete_now(Loop& loop, Trouble trouble, std::size_t bytes = 0) noexcept;

    std::shared_ptr<Socket> socket_;
    std::shared_ptr<TimerSet> timers_;
    std::unique_ptr<AsyncSocket> connection_;
    AsyncOperation* previous_ = nullptr;
    AsyncOperation* following_ = nullptr;
    Loop* loop_ = nullptr;         // which runs its item
    Loop* flight_loop_ = nullptr;  // on whose queue it is in flight
    std::uint64_t key_ = 0;
    MutableBuffer buffer_;              // of a receive
    std::span<MutableBuffer> more_;     // further buffers of a receive, or empty
    std::span<const ConstBuffer> out_;  // of a send
    std::size_t bytes_ = 0;
    Trouble trouble_;
    Waits waits_ = Waits::none;
    bool keeps_ = false;  // an accept whose connection the socket keeps for the next one
    bool peeks_ = false;  // a receive that leaves the bytes where they are
    bool cancel_requested_ = false;
    bool listed_ = false;
};

/// A list of operations. It does not own them.
class OperationList {
public:
    AsyncOperation* first() const noexcept { return first_; }
    static AsyncOperation* next(const AsyncOperation& operation) noexcept {
        return operation.following_;
    }
    bool empty() const noexcept { return first_ == nullptr; }
    void add(AsyncOperation& operation) noexcept {
        operation.listed_ = true;
        operation.following_ = nullptr;
        operation.previous_ = last_;
        (last_ == nullptr ? first_ : last_->following_) = &operation;
        last_ = &operation;
    }
    void remove(AsyncOperation& operation) noexcept {
        if (!operation.listed_) return;
        operation.listed_ = false;
        (operation.previous_ == nullptr ? first_ : operation.previous_->following_) =
            operation.following_;
        (operation.following_ == nullptr ? last_ : operation.following_->previous_) =
            operation.previous_;
    }

private:
    AsyncOperation* first_ = nullptr;
    AsyncOperation* last_ = nullptr;
};

}  // namespace drydock::asio_detail

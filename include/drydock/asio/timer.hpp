// The waits of one timer of the Asio face.
//
// Each wait is an operation of its own, so that a cancel concerns the waits that exist and no later
// one. Threads: as Socket.
#pragma once

#include <functional>
#include <memory>

#include <drydock/asio/operation.hpp>

namespace drydock::asio_detail {

/// The waits of one timer, first in, first out.
class TimerSet final : public Closable, public std::enable_shared_from_this<TimerSet> {
public:
    explicit TimerSet(Loop& loop) : Closable(loop), loop_(loop), mutex_(loop.locks()) {}
    ~TimerSet() { leave(); }

    Loop& loop() const noexcept { return loop_; }
    /// Starts a wait until `deadline`.
    void start_wait(AsyncOperation& operation, Time deadline);
    /// For timers of a clock that may be set. Called when a wait has come to its end: the time on
    /// the queue's clock until which it goes on, because this clock has been set back; in the past:
    /// it has expired. All waits of a timer have one expiry.
    void check_at_expiry(std::function<Time()> check) { check_ = std::move(check); }
    /// Cancels the `most` oldest waits that have not expired. Gives how many these were.
    std::size_t cancel(std::size_t most) noexcept;
    /// Cancels the wait with this key, if it has not expired.
    void cancel_one(std::uint64_t key) noexcept;
    /// Blocks until `deadline`.
    void wait(Time deadline, std::source_location where);
    void close_for_good() noexcept override;
    std::shared_ptr<Closable> keep() noexcept override { return weak_from_this().lock(); }

private:
    friend class AsyncOperation;
    void complete(AsyncOperation& operation, const Result& result) noexcept;

    Loop& loop_;
    LoopMutex mutex_;
    OperationList waits_;
    std::function<Time()> check_;
};

}  // namespace drydock::asio_detail

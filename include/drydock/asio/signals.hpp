// The signals that a signal_set of the Asio face waits for.
//
// In a simulated program the scenario raises signals (Surroundings::raise()). On a real queue they
// are the system's, caught by std::signal(): the handler only counts, and a thread of this library
// tells the sets.
//
// Threads: as Socket.
#pragma once

#include <memory>
#include <vector>

#include <drydock/asio/operation.hpp>

namespace drydock::asio_detail {

/// A wait for a signal.
class SignalWait : public Item {
public:
    using Item::Item;
    Trouble trouble;
    int number = 0;  ///< the signal that came

protected:
    ~SignalWait() = default;

private:
    friend class SignalSet;
    SignalWait* following_ = nullptr;
};

/// The signals of one signal_set, those that have come and wait for nobody, and its waits.
class SignalSet final : public Closable, public SignalSink {
public:
    explicit SignalSet(Loop& loop);
    ~SignalSet();

    /// Adds a signal. The reason `invalid`: there is no such signal.
    Trouble add(int number);
    Trouble remove(int number);
    void clear();
    /// Waits for a signal. The item runs with what came.
    void start_wait(SignalWait& wait);
    /// Cancels all waits, or one.
    void cancel() noexcept;
    void cancel(SignalWait& wait) noexcept;
    bool raised(int number) noexcept override;
    void close_for_good() noexcept override { cancel(); }
    /// No completion destroys it, so nothing needs to be kept.
    std::shared_ptr<Closable> keep() noexcept override {
        return {std::shared_ptr<Closable>(), this};
    }

private:
    struct Member {
        int number;
        std::size_t pending;
    };
    Member* find(int number) noexcept;

    Loop& loop_;
    LoopMutex mutex_;
    std::vector<Member> members_;
    SignalWait* first_ = nullptr;
};

}  // namespace drydock::asio_detail

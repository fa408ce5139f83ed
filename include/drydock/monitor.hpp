// Monitor: state that several coroutines share. A coroutine reaches it by co_await.
//
//     auto roster = co_await roster_.enter();   // a scheduling point for the simulator
//     roster->members.push_back(member);        // no other coroutine is inside
//
// On the backends, entering locks a mutex and does not suspend the coroutine. In the simulator,
// other coroutines may run between the co_await and the entry, as other workers could.
//
// Never co_await while an Entry is alive (Rule::monitor_held_across_await): the suspended coroutine
// would keep the mutex locked, and it may continue on another thread than the one that locked it.
//
// For exploration, a State may have a member `std::uint64_t state_hash() const noexcept` that
// hashes all of the state that matters. With it, the explorer compares states by value. Without it,
// the explorer compares them by which coroutines have entered and in which order, so far more
// states count as different. A coroutine that copies a value out of a State with state_hash(), and
// uses it in a later step, must report the value with Entry::takes().
#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <mutex>
#include <utility>

#include <drydock/hash.hpp>
#include <drydock/task.hpp>

namespace drydock {

template <typename State>
class Monitor {
public:
    template <typename... Arguments>
    explicit Monitor(Arguments&&... arguments) : state_{std::forward<Arguments>(arguments)...} {}

    /// Access to the state. The coroutine is inside the monitor as long as the Entry exists.
    class [[nodiscard]] Entry {
    public:
        static constexpr bool can_be_hashed = requires(const State& state) { state.state_hash(); };

        Entry(Monitor& monitor, CompletionQueue& queue, std::unique_lock<std::mutex> lock) noexcept
            : state_(monitor.state_), lock_(std::move(lock)), queue_(queue), monitor_(&monitor) {}
        Entry(const Entry&) = delete;
        Entry& operator=(const Entry&) = delete;
        ~Entry() {
            if constexpr (can_be_hashed) {
                queue_.left(monitor_, StateView{&state_, &hash_state});
            }
            queue_.monitor_left(monitor_);
        }
        /// Reports the values that the caller copies out of the state and uses later, as numbers.
        /// For exploration only; does nothing on the backends.
        void takes(std::initializer_list<std::uint64_t> numbers) const noexcept {
            if constexpr (can_be_hashed) queue_.learned(hash_of(numbers));
        }
        State* operator->() const noexcept { return &state_; }
        State& operator*() const noexcept { return state_; }

    private:
        static std::uint64_t hash_state(const void* state) {
            return static_cast<const State*>(state)->state_hash();
        }

        State& state_;
        std::unique_lock<std::mutex> lock_;
        CompletionQueue& queue_;
        const void* monitor_;
    };

    class Enter {
    public:
        Enter(Monitor& monitor, std::source_location where) noexcept
            : monitor_(monitor), where_(where) {}
        Enter(const Enter&) = delete;
        Enter& operator=(const Enter&) = delete;

        bool await_ready() const noexcept { return false; }
        template <typename Promise>
        bool await_suspend(std::coroutine_handle<Promise> handle) {
            queue_ = handle.promise().context->queue;
            if (!queue_->has_steps()) return false;
            step_ = std::make_unique<detail::Resumption>(where_);
            step_->suspend(handle);
            return queue_->start_step(*step_);
        }
        Entry await_resume() noexcept {
            if constexpr (Entry::can_be_hashed) {
                queue_->entered(&monitor_);
            } else {
                queue_->touched(&monitor_);
            }
            std::unique_lock<std::mutex> lock(monitor_.mutex_, std::try_to_lock);
            if (!lock && queue_->monitor_contended(where_)) lock.lock();
            queue_->monitor_entered(&monitor_, where_);
            return Entry(monitor_, *queue_, std::move(lock));
        }

    private:
        Monitor& monitor_;
        std::source_location where_;
        CompletionQueue* queue_ = nullptr;
        std::unique_ptr<detail::Resumption> step_;  // the simulator's alone
    };

    /// Awaits the entry: `auto entry = co_await monitor.enter();`. Any number of coroutines may
    /// wait.
    Enter enter(std::source_location where = std::source_location::current()) noexcept {
        return {*this, where};
    }

    /// The state without entering. Allowed only when no coroutine can be inside: before the first
    /// one starts, or after all were joined.
    State& unguarded() noexcept { return state_; }

private:
    std::mutex mutex_;
    State state_;
};

}  // namespace drydock

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
#include <utility>

#include <drydock/hash.hpp>
#include <drydock/mutex.hpp>
#include <drydock/task.hpp>

namespace drydock {

namespace detail {

/// What is told of the making and the end of monitors, which know no queue: the explorer. Another
/// monitor may come to lie at the same address.
class MonitorLives {
public:
    virtual void monitor_made(const void* monitor, bool can_be_hashed) noexcept = 0;
    virtual void monitor_gone(const void* monitor) noexcept = 0;

protected:
    ~MonitorLives() = default;
};

/// From here on `lives`, or nobody if null, is told of the monitors of the calling thread. Returns
/// what was before.
MonitorLives* tell_monitor_lives(MonitorLives* lives) noexcept;
void monitor_made(const void* monitor, bool can_be_hashed) noexcept;
void monitor_gone(const void* monitor) noexcept;

}  // namespace detail

/// State that several coroutines share, one of them at a time. The monitor owns the state. It must
/// outlive every coroutine that enters it. Workers of one queue may enter on any thread.
template <typename State>
class Monitor {
public:
    /// Makes the state from `arguments`, as `State{arguments...}` does. Throws what that throws.
    template <typename... Arguments>
    explicit Monitor(Arguments&&... arguments) : state_{std::forward<Arguments>(arguments)...} {
        detail::monitor_made(this, Entry::can_be_hashed);
    }
    Monitor(const Monitor&) = delete;
    Monitor& operator=(const Monitor&) = delete;
    ~Monitor() { detail::monitor_gone(this); }

    /// Access to the state. The coroutine is inside the monitor as long as the Entry exists, and
    /// must not co_await in that time (Rule::monitor_held_across_await).
    class [[nodiscard]] Entry {
    public:
        /// Whether State has a state_hash(): the explorer then compares states by value.
        static constexpr bool can_be_hashed = requires(const State& state) { state.state_hash(); };

        /// For enter(): `lock` is that of the monitor.
        Entry(Monitor& monitor, CompletionQueue& queue, MutexLock lock) noexcept
            : state_(monitor.state_), lock_(std::move(lock)), queue_(queue), monitor_(&monitor) {}
        Entry(const Entry&) = delete;
        Entry& operator=(const Entry&) = delete;
        ~Entry() {
            if constexpr (can_be_hashed) {
                queue_.left(monitor_, StateView{&state_, &hash_state});
            }
            queue_.monitor_left(monitor_);
        }
        /// Reports the `numbers` that the caller copies out of the state and uses in a later step.
        /// For exploration only; does nothing on the backends, or without a State::state_hash().
        void takes(std::initializer_list<std::uint64_t> numbers) const noexcept {
            if constexpr (can_be_hashed) queue_.learned(hash_of(numbers));
        }
        /// takes() for a value that is costly to hash. Its `std::uint64_t state_hash() const
        /// noexcept` is called by the explorer alone.
        template <typename Value>
        void takes_state(const Value& value) const noexcept {
            if constexpr (can_be_hashed) {
                if (queue_.explores()) queue_.learned(value.state_hash());
            }
        }
        /// The state. The pointer must not be used after the end of the Entry.
        State* operator->() const noexcept { return &state_; }
        /// The state. The reference must not be used after the end of the Entry.
        State& operator*() const noexcept { return state_; }

    private:
        static std::uint64_t hash_state(const void* state) {
            return static_cast<const State*>(state)->state_hash();
        }

        State& state_;
        MutexLock lock_;
        CompletionQueue& queue_;
        const void* monitor_;
    };

    /// What enter() returns, to be awaited at once. `co_await` gives an Entry.
    class Enter {
    public:
        /// For enter().
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
            MutexLock lock(monitor_.mutex_, std::try_to_lock);
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
    /// wait, in no promised order. On the backends the worker blocks on a mutex while another
    /// worker is inside, and nothing is allocated. `where` is the place that the error message of
    /// Rule::monitor_held_across_await names.
    Enter enter(std::source_location where = std::source_location::current()) noexcept {
        return {*this, where};
    }

    /// The state without entering. Allowed only when no coroutine can be inside: before the first
    /// one starts, or after all were joined.
    State& unguarded() noexcept { return state_; }

private:
    Mutex mutex_;
    State state_;
};

}  // namespace drydock

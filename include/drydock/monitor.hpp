// Monitor: state that several coroutines share, reached only by co_await.
//
//     auto roster = co_await roster_.enter();   // a scheduling point for the simulator
//     roster->members.push_back(member);        // nobody else is inside
//
// On real queues entering takes a mutex and completes inline. In the simulator other coroutines may
// run between the co_await and the entry, which covers what workers could do to each other. Never
// co_await while an Entry is alive (Rule::monitor_held_across_await): a worker would go away with
// the lock.
#pragma once

#include <mutex>
#include <utility>

#include <drydock/task.hpp>

namespace drydock {

template <typename State>
class Monitor {
public:
    template <typename... Arguments>
    explicit Monitor(Arguments&&... arguments) : state_{std::forward<Arguments>(arguments)...} {}

    /// Being inside. Leaving its scope leaves the monitor.
    class [[nodiscard]] Entry {
    public:
        Entry(State& state, std::unique_lock<std::mutex> lock) noexcept
            : state_(state), lock_(std::move(lock)) {}
        Entry(const Entry&) = delete;
        Entry& operator=(const Entry&) = delete;
        ~Entry() = default;
        State* operator->() const noexcept { return &state_; }
        State& operator*() const noexcept { return state_; }

    private:
        State& state_;
        std::unique_lock<std::mutex> lock_;
    };

    class Enter final : public detail::AwaitedOperation<> {
    public:
        Enter(Monitor& monitor, std::source_location where) noexcept
            : AwaitedOperation(where), monitor_(monitor) {}
        template <typename Promise>
        bool await_suspend(std::coroutine_handle<Promise> handle) noexcept {
            suspend(handle);
            return queue().start_step(*this);
        }
        Entry await_resume() noexcept {
            queue().touched(&monitor_);
            std::unique_lock<std::mutex> lock(monitor_.mutex_, std::try_to_lock);
            if (!lock && queue().monitor_contended(where())) lock.lock();
            return Entry(monitor_.state_, std::move(lock));
        }

    private:
        Monitor& monitor_;
    };

    Enter enter(std::source_location where = std::source_location::current()) noexcept {
        return {*this, where};
    }

    /// For when no coroutine can be inside any more (after a join), or none yet.
    State& unguarded() noexcept { return state_; }

private:
    std::mutex mutex_;
    State state_;
};

}  // namespace drydock

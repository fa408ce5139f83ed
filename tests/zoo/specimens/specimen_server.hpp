// What all specimens share and none of them has its defect in: accepting, and stopping.
//
// A server is broken on purpose in exactly one way, which its file's head comment describes. The
// harness must find each one within a stated budget and name the cause: that is what its power is
// measured by. zoo.hpp lists them all.
#pragma once

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include <drydock/event.hpp>
#include <drydock/hash.hpp>
#include <drydock/io.hpp>
#include <drydock/task_group.hpp>
#include <drydock/timer.hpp>

#include "tests/scenarios/server_under_test.hpp"

namespace drydock::zoo {

using Made = std::unique_ptr<sim::ServerUnderTest>;
using Listener = std::unique_ptr<AsyncListener>;

/// Accepts one connection after the other; a stop cancels the listener and all sockets, joins and
/// ends.
class SpecimenServer : public sim::ServerUnderTest {
public:
    SpecimenServer(sim::World& world, Listener listener);
    ~SpecimenServer() override { world_.gone(this); }
    Task<void> run() override;
    void request_stop() noexcept override { stop_.set(); }
    /// Of what its coroutines share, for explorations. Which sockets are open is known from the
    /// coroutines that hold them.
    std::uint64_t state_hash() const noexcept {
        const std::uint64_t flags = (stopping_ ? 1U : 0U) + (listener_ ? 2U : 0U);
        return hash_of({open_.size(), flags, more_state()});
    }

protected:
    /// Serves one connection: `socket` stays alive until the task has ended.
    virtual Task<void> serve(AsyncSocket& socket) = 0;
    /// The same for those whose defect it is to end the socket's life themselves, or not at all.
    virtual Task<void> serve_owned(std::unique_ptr<AsyncSocket>& socket);
    virtual Task<void> accept_connections(TaskGroup& connections);
    /// What to do about a failed accept that is no cancel. False: accept no more.
    virtual Task<bool> accept_failed(Error error);
    /// The server stops: the connection is to end.
    virtual void end(AsyncSocket& socket) { socket.cancel(); }
    /// All connections have ended: what else runs is to end.
    virtual Task<void> stopped();
    /// The same as state_hash() for what a specimen shares besides.
    virtual std::uint64_t more_state() const noexcept { return 0; }

    /// The use of what its coroutines share: until the end of the scope, in which nobody awaits.
    [[nodiscard]] sim::Inside<SpecimenServer> use_shared() const noexcept {
        return {world_, *this};
    }
    /// What is read in such a scope and used in a later step goes through here.
    template <typename Value>
    Value learn(Value value) const noexcept {
        world_.learned(static_cast<std::uint64_t>(value));
        return value;
    }

    /// Asks again and again, in growing steps. The condition reads what the coroutines share.
    template <typename Condition>
    Task<void> until(Condition condition) {
        Timer timer(world_);
        Duration step = std::chrono::milliseconds(1);
        while (!holds(condition)) {
            co_await timer.after(step);
            step = std::min<Duration>(2 * step, std::chrono::seconds(20));
        }
    }

    void close_listener() {
        const auto shared = use_shared();
        listener_.reset();
    }

    bool stopping() const noexcept {
        const auto shared = use_shared();
        return learn(stopping_);
    }

    /// The server stops: whoever accepts is to end.
    virtual void end_accepting() noexcept;
    /// Serves an accepted connection to its end.
    Task<void> hold(std::unique_ptr<AsyncSocket> socket);

    sim::World& world_;
    Listener listener_;

private:
    bool listening() const noexcept {
        const auto shared = use_shared();
        return learn(listener_ != nullptr);
    }
    template <typename Condition>
    bool holds(Condition& condition) const {
        const auto shared = use_shared();
        return learn(static_cast<bool>(condition()));
    }

    AsyncEvent stop_;
    Timer pause_;
    std::vector<AsyncSocket*> open_;
    bool stopping_ = false;
};

}  // namespace drydock::zoo

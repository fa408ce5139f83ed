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
    ~SpecimenServer() override { world_.gone(&shared_); }
    Task<void> run() override;
    void request_stop() noexcept override { stop_.set(); }

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

    /// Asks again and again, in growing steps.
    template <typename Condition>
    Task<void> until(Condition condition) {
        Timer timer(world_);
        Duration step = std::chrono::milliseconds(1);
        while (!condition()) {
            co_await timer.after(step);
            step = std::min<Duration>(2 * step, std::chrono::seconds(20));
        }
    }

    bool stopping() const noexcept {
        const sim::Inside inside(world_, shared_);
        world_.learned(shared_.stopping ? 1 : 0);
        return shared_.stopping;
    }

    /// The server stops: whoever accepts is to end.
    virtual void end_accepting() noexcept;
    /// Serves an accepted connection to its end.
    Task<void> hold(std::unique_ptr<AsyncSocket> socket);

    sim::World& world_;
    Listener listener_;

private:
    /// What its coroutines share.
    struct Shared {
        std::vector<AsyncSocket*> open;
        bool stopping = false;
        /// Which sockets are open is known from the coroutines that hold them.
        std::uint64_t state_hash() const noexcept { return open.size() * 2 + (stopping ? 1 : 0); }
    };

    AsyncEvent stop_;
    Timer pause_;
    Shared shared_;
};

}  // namespace drydock::zoo

// The target of the proxy in a simulated world: a server that does what the visits say.
#pragma once

#include <deque>
#include <memory>

#include <drydock/sim/world.hpp>
#include <drydock/task.hpp>

#include "proxy_judge.hpp"

class ProxyTarget {
public:
    /// All must outlive the target. The visits may grow meanwhile.
    ProxyTarget(drydock::sim::World& world, std::unique_ptr<drydock::AsyncListener> listener,
                Judge& judge, std::deque<Visit>& visits)
        : world_(world), listener_(std::move(listener)), judge_(judge), visits_(visits) {}

    /// Serves until stop(), and then until all connections have ended.
    drydock::Task<void> run();
    void stop() noexcept {
        if (listener_) listener_->cancel();
    }
    /// Before run(): the target refuses all connections.
    void close() noexcept { listener_.reset(); }

private:
    drydock::Task<void> serve(std::unique_ptr<drydock::AsyncSocket> socket);
    drydock::Task<void> converse(drydock::AsyncSocket& socket, Visit& visit);
    drydock::Task<bool> send_answers(drydock::AsyncSocket& socket, Visit& visit,
                                     std::uint64_t count);
    drydock::Task<void> wait_until_cut_off(drydock::AsyncSocket& socket);
    Visit* visit_of(char first_byte) noexcept;

    drydock::sim::World& world_;
    std::unique_ptr<drydock::AsyncListener> listener_;
    Judge& judge_;
    std::deque<Visit>& visits_;
};

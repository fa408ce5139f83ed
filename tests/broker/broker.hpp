// A server that answers as Redis does: the model for tests of the relay, on any completion queue.
//
//     MemoryStore store;
//     Broker broker(queue, std::move(listener), {.append_only = true, .fsync = Fsync::always},
//                   known_scripts(), &store);
//     group.spawn(broker.run());
//     ...
//     broker.request_stop();
//
// A host of the simulator that crashes destroys the tasks of the broker where they stand; a new
// Broker on the same store then finds what was kept.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>

#include <drydock/event.hpp>
#include <drydock/log.hpp>
#include <drydock/monitor.hpp>
#include <drydock/server.hpp>
#include <drydock/timer.hpp>

#include "tests/broker/engine.hpp"

namespace drydock::broker {

/// Times of a broker, beside its settings.
struct Pace {
    /// Before each batch of replies is sent.
    Duration reply_delay{0};
};

class Broker {
public:
    /// Takes over the listener. The queue, the scripts and the store must outlive it; the store may
    /// be null if nothing is append-only.
    Broker(CompletionQueue& queue, server::Listeners listeners, const Settings& settings,
           std::span<const KnownScript> scripts = {}, Store* store = nullptr, Pace pace = {});

    /// Reads the store and serves until request_stop(). False: the store is damaged.
    Task<bool> run();
    /// Ends all connections as they stand, as the end of the process would.
    void request_stop() noexcept;

    /// Changes what may change while it runs (settings.hpp says what).
    Task<void> change(std::function<void(Settings&)> how);

private:
    struct Session;

    /// The connections.
    class Connections final : public server::Service {
    public:
        explicit Connections(Broker& broker) noexcept : broker_(broker) {}
        Task<server::Ending> serve(server::Connection& connection) override {
            return broker_.serve(connection);
        }

    private:
        Broker& broker_;
    };

    Task<server::Ending> serve(server::Connection& connection);
    Task<void> receive_all(Session& session);
    Task<server::Ending> answer_all(Session& session);
    Task<bool> answer_chunk(Session& session, std::string_view chunk);
    Task<bool> answer_one(Session& session, const relay::Reply& request);
    Task<bool> wait_for_entries(Session& session, Duration timeout, bool has_timeout);
    Task<void> post_replies(Session& session);
    Task<void> send_replies(Session& session);
    Task<void> stop_receiving(Session& session);
    Task<void> sync_each_second();

    CompletionQueue& queue_;
    const Pace pace_;
    NullLog log_;
    Connections connections_;
    server::Server server_;
    Monitor<Engine> engine_;
    AutoResetEvent written_;  // something is not synced, or the broker stops
    Timer sync_timer_;
    AsyncEvent stopped_;
};

}  // namespace drydock::broker

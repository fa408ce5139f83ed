// A server for client programs that are Beast's examples: it accepts connections and has a service
// on each, over TLS or not. It answers promptly, slowly, or not to the end.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <drydock/endpoint.hpp>
#include <drydock/sim/world.hpp>
#include <drydock/socket.hpp>
#include <drydock/task.hpp>
#include <drydock/task_group.hpp>

#include "tests/beast_examples/conversation.hpp"
#include "tests/beast_examples/tls.hpp"

namespace drydock::beast_examples {

class Host {
public:
    using MakeService = std::function<std::unique_ptr<Service>(sim::World&)>;

    /// Without `tls`, over plain TCP. The manner of the host is a choice of the world.
    Host(sim::World& world, MakeService make, std::shared_ptr<SSL_CTX> tls);

    /// Serves connections to `endpoint` until `over()` is true, which it asks now and then.
    Task<void> run(Endpoint endpoint, std::function<bool()> over);

    /// Whether a client may have got less than a whole answer: by a fault, or since this host has
    /// left in the middle.
    bool excuses() const noexcept { return excuses_; }
    /// Whether this host lets its clients wait longer than any of their timeouts.
    bool silent() const noexcept { return manner_ == Manner::silent; }

private:
    enum class Manner : std::uint8_t { prompt, slow, leaving, resetting, silent };
    struct Connection {
        std::unique_ptr<AsyncSocket> socket;
        std::unique_ptr<Service> service;
        std::unique_ptr<TlsEnd> tls;
        std::size_t sent = 0;
    };

    Task<void> accept_all(AsyncListener& listener, TaskGroup& group);
    Task<void> serve(Connection& connection);
    Task<void> converse(Connection& connection);
    Task<void> read_to_end(Connection& connection);
    Task<bool> send(Connection& connection, std::string bytes);
    bool take(Connection& connection, std::string_view bytes, std::string& answer);

    sim::World& world_;
    MakeService make_;
    std::shared_ptr<SSL_CTX> tls_;
    Manner manner_;
    std::size_t leaves_after_ = 0;
    std::size_t chunk_ = 0;
    std::size_t receive_ = 256;
    bool excuses_ = false;
    bool over_ = false;
    std::vector<std::unique_ptr<Connection>> connections_;
};

}  // namespace drydock::beast_examples

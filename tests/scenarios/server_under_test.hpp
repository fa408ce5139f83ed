// What a scenario asks of the server that it tests: the real one, and broken ones in tests.
#pragma once

#include <memory>
#include <utility>

#include <drydock/log.hpp>
#include <drydock/sim/world.hpp>
#include <drydock/socket.hpp>
#include <drydock/task.hpp>

namespace drydock::sim {

class ServerUnderTest {
public:
    ServerUnderTest() = default;
    ServerUnderTest(const ServerUnderTest&) = delete;
    ServerUnderTest& operator=(const ServerUnderTest&) = delete;
    virtual ~ServerUnderTest() = default;
    virtual Task<void> run() = 0;
    virtual void request_stop() noexcept = 0;
};

template <typename Options>
using MakeServer = std::unique_ptr<ServerUnderTest> (*)(World& world,
                                                        std::unique_ptr<AsyncListener> listener,
                                                        const Options& options);

/// One of drydock's own servers.
template <typename Server, typename Options>
std::unique_ptr<ServerUnderTest> make_real_server(World& world,
                                                  std::unique_ptr<AsyncListener> listener,
                                                  const Options& options) {
    class Real final : public ServerUnderTest {
    public:
        Real(World& its_world, std::unique_ptr<AsyncListener> its_listener,
             const Options& its_options)
            : server_(its_world, std::move(its_listener), its_options, log_) {}
        Task<void> run() override { return server_.run(); }
        void request_stop() noexcept override { server_.request_stop(); }

    private:
        NullLog log_;
        Server server_;
    };
    return std::make_unique<Real>(world, std::move(listener), options);
}

}  // namespace drydock::sim

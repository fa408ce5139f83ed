// A TCP proxy: passes the bytes of each client on to a target, and the target's to the client.
//
// A connection of the proxy has two sockets and two directions. Each direction holds one buffer:
// it receives, sends all of it, and only then receives again. So a slow reader on one side stops
// the reading from the other side, and TCP stops the sender there (back-pressure).
//
// An end of the stream is passed on as an end (a half close), and the other direction goes on. A
// reset, or any other failure, is passed on as a reset of both sides: an orderly end would tell the
// reader that it has all bytes. A connect that fails resets the client for the same reason.
//
// The stop (server::Server::request_stop()). The proxy does not know where a message ends, so it
// interrupts none: each connection goes on until both sides have ended, or until the grace is over.
#pragma once

#include <chrono>
#include <cstddef>
#include <string_view>
#include <vector>

#include <drydock/connect.hpp>
#include <drydock/endpoint.hpp>
#include <drydock/queue.hpp>
#include <drydock/server.hpp>

struct ProxyOptions {
    std::vector<drydock::Endpoint> target;  ///< the addresses of one host
    std::size_t buffer_size = 16 * 1024;    ///< for each direction of a connection; at least 1
    /// All attempts to connect together. Neither the idle timeout nor the end of the grace cuts
    /// them short.
    drydock::Duration connect_timeout = std::chrono::seconds(10);
};

/// What happens on one connection. The queue must outlive the service.
class ProxyService final : public drydock::server::Service {
public:
    // The probes.
    static constexpr std::string_view no_target = "proxy.no_target";
    static constexpr std::string_view half_closed = "proxy.half_closed";
    static constexpr std::string_view stop_passed = "proxy.stop_passed";
    static constexpr std::string_view cut = "proxy.cut";

    ProxyService(drydock::CompletionQueue& queue, ProxyOptions options)
        : queue_(queue), options_(std::move(options)) {}

    drydock::Task<drydock::server::Ending> serve(drydock::server::Connection& connection) override;

private:
    drydock::Task<drydock::Error> pass_on(drydock::AsyncSocket& from, drydock::AsyncSocket& to,
                                          drydock::server::Connection& connection);

    drydock::CompletionQueue& queue_;
    const ProxyOptions options_;
};

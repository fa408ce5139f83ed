// The relay of a chat server: what the command line says of it, and its start.
#pragma once

#include <memory>
#include <optional>
#include <utility>

#include <drydock/backend.hpp>
#include <drydock/log.hpp>
#include <drydock/server.hpp>

#include "src/apps/drydock/programs.hpp"
#include "src/relay/exchange.hpp"

namespace drydock::app {

/// A companion for serve(): makes servers with a relay.
class Relaying {
public:
    Relaying(relay::ExchangeOptions options, std::string host, std::uint16_t port);

    /// Reaches the broker. False after an error message.
    bool start(const OpenedQueue& backend, Log& log);

    template <typename Server, typename Options>
    std::unique_ptr<Server> make(CompletionQueue& queue, server::Listeners listeners,
                                 const Options& options, Log& log) {
        return std::make_unique<Server>(queue, std::move(listeners), options, log, exchange_.get());
    }

private:
    std::unique_ptr<relay::ExchangeOptions> options_;
    std::string host_;
    std::uint16_t port_;
    std::unique_ptr<relay::Exchange> exchange_;
};

/// Nothing after an error message.
std::optional<Relaying> find_relay(const ChatServerArguments& arguments);

}  // namespace drydock::app

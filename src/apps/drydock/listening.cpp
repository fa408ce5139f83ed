// Names to endpoints, endpoints to listeners, and one port for all of them.
#include "src/apps/drydock/listening.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include <fmt/format.h>

#include <drydock/host.hpp>

#include "src/apps/drydock/common.hpp"

namespace drydock::app {
namespace {

using Listener = std::unique_ptr<AsyncListener>;

// A port that is free at one address may be taken at another: so often the system is asked for
// another one.
constexpr int most_tries = 16;

constexpr Endpoint any_ipv4 = Endpoint::ipv4({}, 0);
constexpr Endpoint any_ipv6 = Endpoint::ipv6({}, 0);

/// What one --bind means. The machine need not have all of it, but has to have some.
struct Place {
    std::vector<Endpoint> endpoints;
    bool first_alone = false;  // the others stand by, for a machine that lacks the first
};

struct Failure {
    Endpoint endpoint;
    Error error = Error::ok;
};

bool is_ipv4(const Endpoint& endpoint) { return endpoint.family() == Endpoint::Family::ipv4; }

/// Whether the machine has no such address, or no such family.
bool is_absent(Error error) noexcept {
    return error == Error::address_not_available || error == Error::not_supported;
}

std::optional<std::vector<Place>> find_places(const ServerArguments& arguments) {
    if (arguments.bind.empty()) return std::vector<Place>{{{any_ipv6, any_ipv4}, true}};
    std::vector<Place> places;
    for (const std::string& name : arguments.bind) {
        if (name.empty()) {  // a variable that is not set must not open the server to everybody
            complain("--bind: the address is empty; without --bind a server listens on all");
            return std::nullopt;
        }
        host::ResolveResult resolved = host::resolve(name, 0, true);
        if (!resolved.ok()) {
            complain(fmt::format("--bind: cannot find '{}': {}", name, resolved.error));
            return std::nullopt;
        }
        places.push_back({std::move(resolved.endpoints)});
    }
    return places;
}

class Opening {
public:
    Opening(CompletionQueue& queue, const std::vector<Place>& places, std::uint16_t port)
        : queue_(queue), places_(places), port_(port) {
        // Beside an IPv4 address that is named, :: must leave IPv4 alone, or that one is in use.
        for (const Place& place : places) {
            if (!place.first_alone && std::ranges::any_of(place.endpoints, &is_ipv4)) {
                options_.ipv6_only = true;
            }
        }
    }

    /// Nothing: all listen.
    std::optional<Failure> open() {
        for (const Place& place : places_) {
            const std::optional<Failure> failure = open(place);
            if (failure) return failure;
        }
        return std::nullopt;
    }

    std::vector<Listener> take() noexcept { return std::move(listeners_); }

private:
    std::optional<Failure> open(const Place& place) {
        std::optional<Failure> absent;
        bool any = false;
        for (const Endpoint& endpoint : place.endpoints) {
            const Endpoint wanted = endpoint.with_port(port_);
            const Error error = open(wanted);
            any = any || error == Error::ok;
            if (any && place.first_alone) break;
            if (error == Error::ok) continue;
            if (!is_absent(error)) return Failure{wanted, error};
            if (!absent) absent = Failure{wanted, error};
        }
        return any ? std::nullopt : absent;
    }

    Error open(const Endpoint& endpoint) {
        for (const Listener& other : listeners_) {  // two names may mean one address
            if (other->local_endpoint() == endpoint) return Error::ok;
        }
        ListenResult listening = queue_.listen(endpoint, options_);
        if (listening.listener) {
            port_ = listening.listener->local_endpoint().port();
            listeners_.push_back(std::move(listening.listener));
        }
        return listening.error;
    }

    CompletionQueue& queue_;
    const std::vector<Place>& places_;
    std::uint16_t port_;  // 0 until the first has got one
    ListenOptions options_;
    std::vector<Listener> listeners_;
};

}  // namespace

std::vector<Listener> open_listeners(CompletionQueue& queue, const ServerArguments& arguments) {
    const std::optional<std::uint16_t> port = parse_port(arguments.port);
    if (!port) return {};
    const std::optional<std::vector<Place>> places = find_places(arguments);
    if (!places) return {};
    std::optional<Failure> failure;
    for (int tries = 0; tries < most_tries; ++tries) {
        Opening opening(queue, *places, *port);
        failure = opening.open();
        if (!failure) return opening.take();
        if (*port != 0 || failure->error != Error::address_in_use) break;
    }
    complain(fmt::format("cannot listen on {}: {}", failure->endpoint.to_string(),
                         sentence(failure->error)));
    return {};
}

}  // namespace drydock::app

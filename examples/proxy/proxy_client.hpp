// A client of the proxy in a simulated world.
#pragma once

#include <string>
#include <string_view>

#include <drydock/sim/peers.hpp>

#include "proxy_judge.hpp"

class ProxyClient final : public drydock::sim::Peer {
public:
    /// All must outlive the client.
    ProxyClient(drydock::sim::World& world, Judge& judge, Visit& visit);

private:
    drydock::Task<void> talk() override;
    std::string_view next_message() override;
    bool received(std::string_view bytes) override;
    bool answered() const override;
    void stream_ended() override;
    bool half_closing() override;
    void ended() override;

    Judge& judge_;
    Visit& visit_;
    std::string questions_;
    std::size_t asked_ = 0;
};

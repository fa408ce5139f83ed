// A client of one of the examples that are servers: a peer with a conversation, over TLS or not.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <drydock/sim/peers.hpp>

#include "tests/beast_examples/conversation.hpp"
#include "tests/beast_examples/tls.hpp"

namespace drydock::beast_examples {

class Visitor final : public sim::Peer {
public:
    /// Without `tls`, over plain TCP.
    Visitor(sim::World& world, std::uint32_t number, const sim::PeerPlan& plan,
            std::unique_ptr<Conversation> conversation, std::optional<TlsEnd> tls);

    /// What is missing, and is the server's fault, as a sentence. Empty: nothing. After run().
    const std::string& verdict() const noexcept { return verdict_; }

protected:
    std::string_view next_message() override;
    bool received(std::string_view bytes) override;
    bool answered() const override;
    void connecting() override { began_ = world().now(); }
    void ended() override;

private:
    bool heard(const Wrong& wrong);
    bool timed_out() const;

    std::unique_ptr<Conversation> conversation_;
    std::optional<TlsEnd> tls_;
    std::string message_;
    std::string verdict_;
    bool closing_ = false;
    Time began_{};
};

}  // namespace drydock::beast_examples

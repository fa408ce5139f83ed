// Between a peer's messages and a conversation: TLS, if the server speaks it, and the verdict.
#include "tests/beast_examples/visitor.hpp"

#include <utility>

namespace drydock::beast_examples {

Visitor::Visitor(sim::World& world, std::uint32_t number, const sim::PeerPlan& plan,
                 std::unique_ptr<Conversation> conversation, std::optional<TlsEnd> tls)
    : Peer(world, "client", number, plan),
      conversation_(std::move(conversation)),
      tls_(std::move(tls)) {}

std::string_view Visitor::next_message() {
    if (!tls_) return message_ = conversation_->next();
    if (tls_->ready()) {
        const std::string text = conversation_->next();
        tls_->write(text);
        if (text.empty() && !std::exchange(closing_, true)) tls_->close();
    }
    return message_ = tls_->take_output();
}

/// In a handshake a message is answered when there is something to say to the answer.
bool Visitor::answered() const {
    if (tls_ && !tls_->ready()) return tls_->has_output();
    return conversation_->answered();
}

bool Visitor::received(std::string_view bytes) {
    if (!tls_) return heard(conversation_->received(bytes));
    if (!tls_->received(bytes)) return heard({"tls", "TLS has failed: " + tls_->error()});
    const std::string text = tls_->take_text();
    return text.empty() || heard(conversation_->received(text));
}

bool Visitor::heard(const Wrong& wrong) {
    if (wrong) fail(wrong.property, name() + ": " + wrong.sentence);
    return !wrong;
}

/// The servers close a connection on which a step takes more than 30 seconds.
bool Visitor::timed_out() const { return world().now() - began_ >= std::chrono::seconds(30); }

void Visitor::ended() {
    if (excused() || complete() || timed_out()) return;
    // The server may close while the client is about to say that nothing follows.
    if (closing_ && answered()) return;
    const std::string_view what = !connected()  ? "could not connect"
                                  : !all_sent() ? "could not send all that it had to say"
                                  : !answered() ? "got no complete answer"
                                                : "saw no end of the stream";
    verdict_ = name() + " " + std::string(what) + "; it sent " + std::to_string(sent()) +
               " bytes and got " + std::to_string(received_bytes()) + ", then " + ending();
    if (!connected()) return;
    const std::string cause = world().suspicion(socket());
    if (!cause.empty()) verdict_ += "; " + cause;
}

}  // namespace drydock::beast_examples

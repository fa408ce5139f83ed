#include "proxy_client.hpp"

using namespace drydock;

ProxyClient::ProxyClient(sim::World& world, Judge& judge, Visit& visit)
    : Peer(world, "client", visit.number, visit.plan), judge_(judge), visit_(visit) {
    for (std::uint32_t place = 0; place < visit.questions; ++place) {
        questions_ += question_byte(visit.number, place);
    }
}

Task<void> ProxyClient::talk() {
    visit_.client.socket = &socket();
    return Peer::talk();
}

std::string_view ProxyClient::next_message() {
    const std::string_view message = std::string_view(questions_).substr(asked_, visit_.message);
    asked_ += message.size();
    return message;
}

bool ProxyClient::received(std::string_view bytes) {
    const bool right = judge_.at_client(visit_, bytes);
    visit_.client.received += bytes.size();
    return right;
}

bool ProxyClient::answered() const {
    if (visit_.echoes()) return visit_.client.received == asked_;
    return visit_.answers_after_end() || visit_.client.received == visit_.answers;
}

void ProxyClient::stream_ended() {
    visit_.client.end_seen = end_seen();
    if (end_seen()) judge_.end_at_client(visit_);
}

bool ProxyClient::half_closing() {
    visit_.client.sent = sent();
    visit_.client.has_ended = true;
    return true;
}

void ProxyClient::ended() {
    if (connected()) {
        judge_.look_into_proxy(visit_);
        visit_.proxy_to_client = world().other_end(socket());
    }
    // One that closes after the last answer does not hear what comes after its end.
    const bool unheard = plan().ending == sim::PeerEnding::close && visit_.answers_after_end();
    visit_.client.socket = nullptr;
    visit_.client.sent = sent();
    visit_.client.complete = complete();
    visit_.client.was_reset = receive_error() == Error::reset || send_error() == Error::reset;
    visit_.client.disturbed = excused() || unheard;
    if (!closes_abortively()) visit_.client.has_ended = true;
}

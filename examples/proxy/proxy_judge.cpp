// The properties that are judged while a run goes on.
#include "proxy_judge.hpp"

using drydock::sim::OtherEnd;

std::string_view name(TargetManner manner) noexcept {
    constexpr std::string_view names[] = {"echo",      "eager",     "late",
                                          "resetting", "vanishing", "mute"};
    static_assert(std::size(names) == target_manner_count);
    return names[static_cast<std::size_t>(manner)];
}

std::string text(const Visit& visit) {
    std::string text = drydock::sim::text(visit.plan) + " -> " + std::string(name(visit.manner)) +
                       "(questions=" + std::to_string(visit.questions) +
                       " answers=" + std::to_string(visit.answers);
    if (visit.target_pause > drydock::Duration::zero()) text += " slow";
    if (visit.target_leaves()) text += " leaves_at=" + std::to_string(visit.target_leaves_at);
    return text + ")";
}

char question_byte(std::uint32_t client, std::uint64_t place) noexcept {
    if (place == 0) return static_cast<char>('0' + client);
    return static_cast<char>('A' + (5 * client + place) % 26);
}

char answer_byte(std::uint32_t client, std::uint64_t place) noexcept {
    return static_cast<char>('a' + (5 * client + place) % 26);
}

bool Judge::at_client(const Visit& visit, std::string_view bytes) const {
    look_into_proxy(visit);
    std::uint64_t place = visit.client.received;
    for (const char byte : bytes) {
        const bool right = place < visit.target.sent && byte == answer_byte(visit.number, place);
        if (!right) return fail_bytes(visit, "the client", bytes, place);
        ++place;
    }
    return true;
}

bool Judge::at_target(const Visit& visit, std::string_view bytes) const {
    look_into_proxy(visit);
    std::uint64_t place = visit.target.received;
    for (const char byte : bytes) {
        const bool right = place < visit.questions && byte == question_byte(visit.number, place);
        if (!right) return fail_bytes(visit, "the target", bytes, place);
        ++place;
    }
    return true;
}

bool Judge::fail_bytes(const Visit& visit, std::string_view reader, std::string_view bytes,
                       std::uint64_t place) const {
    world_.fail("proxy-bytes", "connection " + std::to_string(visit.number) + ": " +
                                   std::string(reader) + " got '" + std::string(bytes) +
                                   "', and byte " + std::to_string(place) +
                                   " of the stream is not the one that was sent");
    return false;
}

void Judge::end_at_client(const Visit& visit) {
    if (!visit.reached_target() && visit.client.received == 0 && limited_) {
        ++turned_away_;
        return;
    }
    if (visit.target.has_ended && visit.client.received == visit.target.sent) return;
    world_.fail("proxy-end",
                "client " + std::to_string(visit.number) + " got an end after " +
                    std::to_string(visit.client.received) + " bytes, and the target " +
                    (visit.target.has_ended ? "had sent " + std::to_string(visit.target.sent)
                                            : std::string("has not ended")));
}

void Judge::end_at_target(const Visit& visit) const {
    if (visit.client.has_ended && visit.target.received == visit.client.sent) return;
    world_.fail("proxy-end",
                "the target got an end of client " + std::to_string(visit.number) + " after " +
                    std::to_string(visit.target.received) + " bytes, and the client " +
                    (visit.client.has_ended ? "had sent " + std::to_string(visit.client.sent)
                                            : std::string("has not ended")));
}

void Judge::look_into_proxy(const Visit& visit) const {
    if (visit.client.socket == nullptr || visit.target.socket == nullptr) return;
    const OtherEnd to_client = world_.other_end(*visit.client.socket);
    const OtherEnd to_target = world_.other_end(*visit.target.socket);
    const std::uint64_t most = buffer_size_;
    if (to_client.received <= to_target.sent + most &&
        to_target.received <= to_client.sent + most) {
        return;
    }
    world_.fail("proxy-memory",
                "connection " + std::to_string(visit.number) + ": the proxy has received " +
                    std::to_string(to_client.received) + " bytes of the client and sent " +
                    std::to_string(to_target.sent) + " to the target, received " +
                    std::to_string(to_target.received) + " of the target and sent " +
                    std::to_string(to_client.sent) + " to the client, with a buffer of " +
                    std::to_string(buffer_size_));
}

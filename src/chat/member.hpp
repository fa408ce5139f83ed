// A member of the chat server, and a speaker while it is held.
#pragma once

#include "src/chat/server.hpp"

namespace drydock::chat {

/// It lives in its coroutine's frame.
struct Server::Member final : MemberSignals {
    Member(CompletionQueue& queue, server::Connection& its_connection) noexcept
        : connection(its_connection), outbox(*this), writable(queue, wakes_only) {}

    AsyncSocket& socket() const noexcept { return connection.socket(); }

    void wake() noexcept override { writable.set(); }
    void drop() noexcept override { socket().cancel(); }
    std::uint64_t identity() const noexcept override { return socket().peer_endpoint().port(); }
    /// What the one who listens has counted.
    std::uint64_t listened() const noexcept {
        return hash_of({lines, bytes_received, holds, on_their_way, receipt.number,
                        static_cast<std::uint64_t>(receipt.full), receipt.era,
                        static_cast<std::uint64_t>(error)});
    }
    /// What the writer has.
    std::uint64_t written() const noexcept {
        return hash_of({bytes_sent, static_cast<std::uint64_t>(send_error)});
    }

    server::Connection& connection;
    Outbox outbox;
    AutoResetEvent writable;
    std::uint64_t number = 0;
    // The listener's:
    std::uint64_t lines = 0;
    std::uint64_t bytes_received = 0;
    std::uint32_t holds = 0;
    std::uint32_t on_their_way = 0;  // bytes that a relay has, since the last wait for them
    Receipt receipt;                 // of the last of them
    Error error = Error::ok;
    // The writer's:
    Error send_error = Error::ok;
    std::uint64_t bytes_sent = 0;
};

/// It lives in the frame of hold().
struct Server::Held final : HeldSpeaker {
    Held(CompletionQueue& queue, Outbox& outbox) noexcept
        : HeldSpeaker(outbox), over(queue, wakes_only) {}

    void go_on() noexcept override { over.set(); }

    AutoResetEvent over;  // set exactly once
};

}  // namespace drydock::chat

// Many clients of an echo server at the same time, on one thread: each sends its own bytes, and
// checks each byte that comes back. Linux only.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <vector>

#include "tests/support/socket_loop.hpp"

namespace drydock::test {

/// How one client of a crowd behaves.
struct Manner {
    static constexpr std::uint64_t without_end = std::numeric_limits<std::uint64_t>::max();

    std::uint64_t bytes = without_end;       ///< how many it sends
    std::uint64_t unanswered = without_end;  ///< how many of them may be on their way at once
    bool reads = true;                       ///< or never looks at the echoes
    bool half_closes = true;                 ///< once all is sent; or stays
    std::uint64_t resets_at = without_end;   ///< resets when so many bytes have come back
};

/// What became of a client.
struct Member {
    enum class State : std::uint8_t {
        talking,
        ended,      ///< it saw the end of the stream
        was_reset,  ///< it saw an error
        has_reset,  ///< it sent the reset itself
        has_left,   ///< the test closed it
    };
    SocketFile socket;
    Manner manner;
    State state = State::talking;
    std::uint64_t sent = 0;
    std::uint64_t received = 0;
    bool wrong = false;  ///< a byte came back that is not the one that was sent
    // The crowd's own:
    std::size_t pattern = 0;
    std::uint32_t interest = 0;
    bool sending_over = false;
};

class Crowd {
public:
    /// Of clients of the server at this port.
    explicit Crowd(std::uint16_t port);

    /// One more connection. False: it could not be made.
    bool join(const Manner& manner);
    /// The same for many; true when all are connected.
    bool join(std::size_t count, const Manner& manner);

    /// Talks until the condition holds. False: time was up first.
    bool talk_until(const std::function<bool()>& condition, Milliseconds timeout = patience);
    /// Talks for a while.
    void talk_for(Milliseconds span);
    /// Talks until no byte has moved for so long. False: time was up first.
    bool talk_until_nothing_moves(Milliseconds quiet, Milliseconds timeout = patience);
    /// Talks until every client has come to its end.
    bool talk_to_the_end(Milliseconds timeout = patience);

    /// Closes a client's side.
    void leave(std::size_t index);

    const std::vector<Member>& members() const { return members_; }
    std::size_t count(Member::State state) const;
    /// How many have had at least so many bytes back.
    std::size_t answered(std::uint64_t bytes = 1) const;
    std::uint64_t sent() const;
    std::uint64_t received() const;
    /// How many got something else than a beginning of what they sent.
    std::size_t wrong() const;

private:
    void handle(std::size_t index, std::uint32_t events);
    void receive(Member& member);
    void send(Member& member);
    void watch(std::size_t index);
    void end(Member& member, Member::State state);

    std::uint16_t port_;
    SocketLoop loop_;
    std::vector<Member> members_;
    std::vector<char> buffer_;
    std::size_t talking_ = 0;
};

}  // namespace drydock::test

// A client of the echo server: sends its own noise, and compares each byte that comes back.
#pragma once

#include "tests/soak/client.hpp"
#include "tests/soak/dice.hpp"

namespace drydock::soak {

/// What the clients of a server have done, as far as the server's own counts must agree with it.
struct EchoTally {
    std::uint64_t clients = 0;
    std::uint64_t half_closed = 0;  ///< and read to the end
    std::uint64_t closed = 0;       ///< when all had come back
    std::uint64_t reset = 0;
    std::uint64_t vanished = 0;
    std::uint64_t unheard = 0;  ///< reset or vanished before anything had come back
    std::uint64_t stalled = 0;  ///< of all these
    std::uint64_t flooded = 0;  ///< of all these
    std::uint64_t sent = 0;
    std::uint64_t received = 0;
    std::uint64_t sent_whole = 0;  ///< by those that were not cut off
};

class EchoClient final : public Client {
public:
    /// `most` bytes are what one that floods sends.
    EchoClient(test::SocketFile socket, Verdict& verdict, EchoTally& tally, std::uint64_t number,
               Dice dice, std::uint64_t most);

    void hurry() override { hurried_ = true; }

private:
    enum class Manners : std::uint8_t { half_closes, closes, resets, vanishes };
    static constexpr std::uint64_t never = ~std::uint64_t{0};

    bool reads(Clock::time_point now) override { return now >= deaf_until_; }
    std::string_view to_send(Clock::time_point now) override;
    void has_sent(std::string_view bytes, Clock::time_point now) override;
    void hear(std::string_view bytes, Clock::time_point now) override;
    Act act(Clock::time_point now) override;
    void over() override;
    std::string name() const;

    EchoTally& tally_;
    const std::uint64_t number_;
    Dice dice_;
    Manners manners_ = Manners::half_closes;
    std::uint64_t bytes_ = 0;           // that it sends
    std::uint64_t burst_ = 1;           // at once, at most
    std::uint64_t pause_ = 0;           // between bursts, in milliseconds, at most
    std::uint64_t unanswered_ = never;  // on their way, at most
    std::uint64_t cut_at_ = never;      // its sending is cut off there
    std::uint64_t stalls_at_ = never;   // bytes that have come back
    std::uint64_t stalls_for_ = 0;      // milliseconds
    Clock::time_point silent_until_;
    Clock::time_point deaf_until_;
    std::uint64_t compared_ = 0;
    bool hurried_ = false;
};

}  // namespace drydock::soak

// A client of a server under soak: one connection, stepped whenever something is possible on it or
// time has passed. What it does when is the business of the kinds of clients.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "tests/soak/verdict.hpp"
#include "tests/support/socket_loop.hpp"

namespace drydock::soak {

using test::Clock;
using test::Milliseconds;

/// What has become of a client.
enum class Fate : std::uint8_t {
    here,
    ended,         ///< it has seen the end of the stream
    was_reset,     ///< by the server
    has_reset,     ///< itself, with a reset
    has_vanished,  ///< it has closed, whatever was still on its way
};

/// What a client is to do, beyond sending and receiving.
enum class Act : std::uint8_t { go_on, half_close, reset, vanish };

class Client {
public:
    Client(test::SocketFile socket, Verdict& verdict)
        : socket_(std::move(socket)), verdict_(verdict) {}
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;
    virtual ~Client() = default;

    /// Takes its place in the loop.
    void enter(test::SocketLoop& loop, std::uint64_t key);
    /// `events` are what the loop tells; 0: only the time may have come for something.
    void step(test::SocketLoop& loop, std::uint32_t events, Clock::time_point now);
    /// From now on it comes to its end as soon as its manners allow.
    virtual void hurry() = 0;

    Fate fate() const { return fate_; }
    bool is_over() const { return fate_ != Fate::here; }
    std::uint64_t sent() const { return sent_; }
    std::uint64_t received() const { return received_; }
    bool has_half_closed() const { return half_closed_; }

protected:
    virtual bool reads(Clock::time_point now) = 0;
    /// The next bytes, or none now. What of them has gone the next call of has_sent() says.
    virtual std::string_view to_send(Clock::time_point now) = 0;
    virtual void has_sent(std::string_view bytes, Clock::time_point now) = 0;
    virtual void hear(std::string_view bytes, Clock::time_point now) = 0;
    virtual Act act(Clock::time_point now) = 0;
    /// Its fate is known, and it has heard all that it will.
    virtual void over() = 0;

    Verdict& verdict() { return verdict_; }

private:
    void receive(Clock::time_point now);
    void send(Clock::time_point now);
    void end(Fate fate);

    test::SocketFile socket_;
    Verdict& verdict_;
    Fate fate_ = Fate::here;
    std::uint64_t key_ = 0;
    std::uint32_t interest_ = 0;
    bool blocked_ = false;
    bool half_closed_ = false;
    bool broken_ = false;  // seen when sending
    bool sending_over_ = false;
    std::uint64_t sent_ = 0;
    std::uint64_t received_ = 0;
};

}  // namespace drydock::soak

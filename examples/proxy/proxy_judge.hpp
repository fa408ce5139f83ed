// One connection through the proxy, as both of its ends see it, and what must hold of it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <drydock/sim/peers.hpp>
#include <drydock/sim/world.hpp>

/// What the target does on a connection. The first is the plainest.
enum class TargetManner : std::uint8_t {
    echo,       // answers each byte by a byte; ends when the client has ended
    eager,      // sends all answers at once and half-closes, and reads on to the client's end
    late,       // answers when the client has ended, and then ends
    resetting,  // echo, but resets the connection after some bytes
    vanishing,  // echo, but closes the connection after some bytes
    mute        // reads to the client's end, and then does nothing until the proxy cuts it off
};

inline constexpr std::uint32_t target_manner_count = 6;
std::string_view name(TargetManner manner) noexcept;

/// What happened at one end.
struct End {
    const drydock::AsyncSocket* socket = nullptr;  ///< while it is open
    std::uint64_t sent = 0;
    std::uint64_t received = 0;
    bool has_ended = false;  ///< its own side, orderly
    bool end_seen = false;   ///< of the other side
    bool complete = false;   ///< has sent and received all, and the end
    bool was_reset = false;
    bool disturbed = false;  ///< has left in the middle, or could not connect
};

/// A client, and what the target does on its connection.
struct Visit {
    std::uint32_t number = 0;     ///< of the client, from 1
    std::uint32_t questions = 1;  ///< bytes that the client sends; the first one is its number
    std::uint32_t answers = 1;    ///< bytes that the target sends
    std::uint32_t message = 16;   ///< bytes that the client sends at once, at most
    drydock::sim::PeerPlan plan;
    TargetManner manner = TargetManner::echo;
    std::size_t target_receive = 64;     ///< bytes that the target receives at once, at most
    drydock::Duration target_pause{0};   ///< before each of its receives, until the world is calm
    std::uint64_t target_leaves_at = 0;  ///< bytes received; for those that leave

    End client;
    End target;
    // What the proxy did with its two sockets, until the other end of each was closed.
    drydock::sim::OtherEnd proxy_to_client;
    drydock::sim::OtherEnd proxy_to_target;

    bool echoes() const noexcept { return manner == TargetManner::echo || target_leaves(); }
    bool answers_after_end() const noexcept {
        return manner == TargetManner::late || manner == TargetManner::mute;
    }
    bool target_leaves() const noexcept {
        return manner == TargetManner::resetting || manner == TargetManner::vanishing;
    }
    bool reached_target() const noexcept { return target.received > 0; }
};

/// "polite -> late(questions=3 answers=7)", for Scenario::options().
std::string text(const Visit& visit);

/// The bytes in each direction, so that a byte that is lost, doubled or misplaced is seen.
char question_byte(std::uint32_t client, std::uint64_t place) noexcept;
char answer_byte(std::uint32_t client, std::uint64_t place) noexcept;

/// Judges the bytes and ends when they arrive.
class Judge {
public:
    /// `limited`: the proxy may reject a client, by an end without a byte.
    Judge(drydock::sim::World& world, std::size_t buffer_size, bool limited)
        : world_(world), buffer_size_(buffer_size), limited_(limited) {}

    /// The bytes that come to the client, or to the target, behind those received so far. False:
    /// they are wrong.
    bool at_client(const Visit& visit, std::string_view bytes) const;
    bool at_target(const Visit& visit, std::string_view bytes) const;

    /// The end of the stream has come.
    void end_at_client(const Visit& visit);
    void end_at_target(const Visit& visit) const;

    /// The proxy holds at most a buffer for each direction. For any moment.
    void look_into_proxy(const Visit& visit) const;

    /// How many clients have got an end without being connected to the target.
    std::uint64_t turned_away() const noexcept { return turned_away_; }

private:
    bool fail_bytes(const Visit& visit, std::string_view reader, std::string_view bytes,
                    std::uint64_t place) const;

    drydock::sim::World& world_;
    const std::size_t buffer_size_;
    const bool limited_;
    std::uint64_t turned_away_ = 0;
};

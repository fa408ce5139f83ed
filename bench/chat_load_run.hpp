// One measurement of a chat server: members, some of whom talk, and its result.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "bench/load_common.hpp"

namespace drydock::bench {

struct ChatOptions : CommonOptions {
    std::size_t members = 100;
    std::size_t senders = 1;  // how many of the members talk
    std::size_t size = 64;    // bytes of a line, its newline included
    std::size_t depth = 1;    // lines of a sender that it has not got back yet
    /// Lines a second, of all senders together and in turn, whether they come back or not. 0: a
    /// sender says its next line when one of its own has come back.
    double rate = 0;
    /// The latency of a line is the time until the last member has received it, not until each.
    bool to_last = false;
    std::vector<std::uint16_t> more_ports;  // other servers with the same room
};

/// Joins all members, warms up, measures, waits until everybody has got everything, half closes and
/// waits for the server's ends of stream. One thread; every phase ends in bounded time. Throws
/// LoadError, also if a member does not get each line once, whole and in its sender's order.
///
/// The members are spread over the servers, in blocks of the same size.
///
/// The result's messages are deliveries: a line that n members get counts n times. With a rate, a
/// line's time is the moment at which it was due.
LoadResult run_chat(const ChatOptions& options);

}  // namespace drydock::bench

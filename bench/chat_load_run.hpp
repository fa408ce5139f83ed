// One measurement of a chat server: members, some of whom talk, and its result.
#pragma once

#include <cstddef>

#include "bench/load_common.hpp"

namespace drydock::bench {

struct ChatOptions : CommonOptions {
    std::size_t members = 100;
    std::size_t senders = 1;  // how many of the members talk
    std::size_t size = 64;    // bytes of a line, its newline included
    std::size_t depth = 1;    // lines of a sender that it has not got back yet
};

/// Joins all members, warms up, measures, waits until everybody has got everything, half closes and
/// waits for the server's ends of stream. One thread; every phase ends in bounded time. Throws
/// LoadError, also if a member does not get each line once, whole and in its sender's order.
///
/// The result's messages are deliveries: a line that n members get counts n times.
LoadResult run_chat(const ChatOptions& options);

}  // namespace drydock::bench

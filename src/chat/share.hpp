// A speaker's share of a room's backlog: how many of the bytes that it has published some member
// still has to take. Pure: no I/O, no locks.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <utility>

#include <drydock/hash.hpp>

#include "src/chat/transcript.hpp"

namespace drydock::chat {

/// Counts in two windows of the transcript, so that it needs no list of publishings: `newer_` is
/// what the speaker has published since position `mark_`, `older_` what it had published before.
/// When the slowest reader has passed the mark, the older bytes are all taken and the windows move
/// on. The count may therefore be too high, by what is taken of the older window, and is never too
/// low.
class Share {
public:
    using Position = Transcript::Position;

    /// The speaker joins, at `end`.
    void join(Position end) noexcept { mark_ = last_ = end; }

    /// Where the latest of its bytes end or, before it has published any, where it joined.
    Position latest() const noexcept { return last_; }

    /// The speaker has published `bytes`, which end at `end`. No reader is before `slowest`, which
    /// never goes back.
    void add(std::uint64_t bytes, Position end, Position slowest) noexcept {
        move_on(slowest);
        newer_ = saturated(newer_ + bytes);
        last_ = end;
    }

    /// The most of the speaker's bytes that the slowest reader still has to take.
    std::uint64_t bytes(Position slowest) noexcept {
        move_on(slowest);
        return bytes();
    }

    std::uint64_t state_hash() const noexcept { return hash_of({older_, newer_, mark_, last_}); }

private:
    using Count = std::uint32_t;  // every member has one of these: 4 GiB are as good as more

    static Count saturated(std::uint64_t bytes) noexcept {
        constexpr std::uint64_t most = std::numeric_limits<Count>::max();
        return static_cast<Count>(std::min(bytes, most));
    }
    void move_on(Position slowest) noexcept {
        while (slowest >= mark_ && bytes() > 0) {
            older_ = std::exchange(newer_, 0);
            mark_ = last_;
        }
    }
    std::uint64_t bytes() const noexcept { return std::uint64_t{older_} + newer_; }

    Position mark_ = 0;
    Position last_ = 0;
    Count older_ = 0;
    Count newer_ = 0;
};

}  // namespace drydock::chat

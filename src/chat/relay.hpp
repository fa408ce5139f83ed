// The seam between a chat server and what carries its members' lines to other servers of the room.
//
// With a relay, a server publishes nothing by itself. It hands each member's lines to the relay,
// and publishes what the relay brings back, which is what all servers say, in one order. So a
// member hears its own lines when the others do. src/relay has a relay over Redis.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include <drydock/buffer.hpp>
#include <drydock/event.hpp>
#include <drydock/task.hpp>
#include <drydock/time.hpp>

namespace drydock::chat {

/// What a relay brings its lines to: the room of one server.
class Audience {
public:
    Audience() = default;
    Audience(const Audience&) = delete;
    Audience& operator=(const Audience&) = delete;
    virtual ~Audience() = default;

    /// Publishes whole lines to all members of the server, after all lines of earlier calls. One
    /// call at a time. It may wait for slow members; not if the relay is `behind` with reading.
    virtual Task<void> deliver(std::span<const ConstBuffer> lines, bool behind) = 0;

    /// Lines are missing from the order: ends every connection that is a member by now with a
    /// reset, and says the reason in the log. Members that join later hear what is delivered later.
    virtual Task<void> lose(std::string_view reason) = 0;
};

/// What a relay gives for lines that it has taken.
struct Receipt {
    std::uint64_t number = 0;  ///< of the batch that the lines are in
    std::uint32_t era = 0;     ///< the relay's count of losses
    bool full = false;         ///< the relay has enough: wait before taking more from the member
};

/// One wait for lines to come back. It lives in the frame of the coroutine that waits.
class Return {
public:
    explicit Return(CompletionQueue& queue) noexcept : over_(queue, wakes_only) {}

    /// Ends the wait. From any worker, at any time.
    void cancel() noexcept { over_.set(); }

    /// For the relay: sets the end, and waits for it.
    void set() noexcept { over_.set(); }
    auto wait() noexcept { return over_.wait(); }

    Receipt receipt;  ///< the relay's
private:
    AsyncEvent over_;
};

class Relay {
public:
    Relay() = default;
    Relay(const Relay&) = delete;
    Relay& operator=(const Relay&) = delete;
    virtual ~Relay() = default;

    /// Carries lines until finish() has been called and what was taken is with the others, or the
    /// deadline of finish() has come.
    virtual Task<void> run(Audience& audience) = 0;

    /// Takes whole lines of one member, which come back by Audience::deliver(). What one member
    /// says stays in its order. Any number of coroutines.
    virtual Task<Receipt> take(std::span<const ConstBuffer> lines) = 0;

    /// The receipt of the lines that were taken last, from any member.
    virtual Task<Receipt> newest() = 0;

    /// Waits until the lines of `receipt`, and all that were taken from the same member before,
    /// have been delivered: true. False: they are lost, or the wait was canceled first.
    virtual Task<bool> returned(const Receipt& receipt, Return& wait) = 0;

    /// No more lines will be taken. run() ends at `deadline` at the latest.
    virtual Task<void> finish(Time deadline) = 0;
};

}  // namespace drydock::chat

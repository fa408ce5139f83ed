// The roster: who is in the room, and what each member is still owed.
//
// It lives inside a monitor. Each call is one step, so joins, leaves and lines have one order, and
// a member is owed exactly the lines between its own two. A member's outbox is its place in the
// transcript; its one writer asks next() for what to send. Nobody waits for a slow member: when a
// line comes and a member is behind by more than the limit, it is dropped.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "src/chat/transcript.hpp"

namespace drydock::chat {

/// What the roster tells a member.
class MemberSignals {
public:
    MemberSignals() = default;
    MemberSignals(const MemberSignals&) = delete;
    MemberSignals& operator=(const MemberSignals&) = delete;
    virtual ~MemberSignals() = default;

    /// Its writer, which next() told to wait, is to ask again. Called outside of the monitor; the
    /// member may have ended when it returns.
    virtual void wake() noexcept = 0;

    /// It is too slow: its connection is to be cut off. Called inside the monitor: it must neither
    /// wait nor come back to the roster.
    virtual void drop() noexcept = 0;
};

/// A member's part of the roster. It belongs to the member; only the roster looks inside.
class Outbox {
public:
    explicit Outbox(MemberSignals& signals) noexcept : signals_(signals) {}
    Outbox(const Outbox&) = delete;
    Outbox& operator=(const Outbox&) = delete;

private:
    friend class Roster;
    friend class WakeList;

    enum class State : std::uint8_t {
        outside,    // has not joined
        open,       // every line is added
        closing,    // has left: no line is added, and what is in it is still sent
        complete,   // all that it was owed is sent
        abandoned,  // its writer cannot send any more
        dropped     // was too slow
    };

    MemberSignals& signals_;
    State state_ = State::outside;
    bool waiting_ = false;  // its writer is in the roster's list
    std::size_t place_ = 0;
    Transcript::Position sent_ = 0;
    Transcript::Position end_ = 0;  // closing: where it ends
    Outbox* previous_waiting_ = nullptr;
    Outbox* next_waiting_ = nullptr;
};

/// Members whose writers wait, first come, first served. Once they are out of the roster, whoever
/// has the list has to wake them, outside of the monitor: nobody else will, so all of them are
/// still there.
class WakeList {
public:
    WakeList() noexcept = default;
    WakeList(const WakeList&) = delete;
    WakeList& operator=(const WakeList&) = delete;
    ~WakeList() = default;

    bool empty() const noexcept { return first_ == nullptr; }
    void wake_all() noexcept;

private:
    friend class Roster;

    void add(Outbox& outbox) noexcept;
    void remove(Outbox& outbox) noexcept;
    void take_all(WakeList& from) noexcept;

    Outbox* first_ = nullptr;
    Outbox* last_ = nullptr;
};

class Roster {
public:
    /// `outbox_limit` in bytes. Besides it, memory is what one call of publish() adds.
    explicit Roster(std::size_t outbox_limit);

    /// Members whose outbox is open or still being sent.
    std::size_t size() const noexcept { return members_.size(); }

    void join(Outbox& outbox);

    /// Whole lines, end to end, for all who are in the room. Drops who is too slow.
    void publish(std::span<const ConstBuffer> lines, WakeList& to_wake);

    /// The member gets no further lines. Its writer goes on until next() says that it is done.
    void leave(Outbox& outbox, WakeList& to_wake) noexcept;

    enum class Next : std::uint8_t {
        send,  ///< the passage
        wait,  ///< for wake()
        end    ///< all is sent, or there is nobody to send it to any more
    };

    /// For the member's writer: `sent` bytes of the last passage have gone out. A writer that was
    /// woken asks again, and is given all that has been published until it does.
    Next next(Outbox& outbox, std::size_t sent, Passage& passage);

    /// For the member's writer: it cannot send any more.
    void abandon(Outbox& outbox) noexcept;

    bool is_complete(const Outbox& outbox) const noexcept {
        return outbox.state_ == Outbox::State::complete;
    }
    bool is_dropped(const Outbox& outbox) const noexcept {
        return outbox.state_ == Outbox::State::dropped;
    }

    /// How far behind the room a member is, in bytes.
    std::uint64_t behind(const Outbox& outbox) const noexcept {
        return transcript_.end() - outbox.sent_;
    }

    /// Of all that is said and owed. Which member has which place is known to the members, by when
    /// they have joined.
    std::uint64_t state_hash() const noexcept;

    /// Bytes of memory that lines take.
    std::size_t held() const noexcept { return transcript_.held(); }

private:
    void drop_slow() noexcept;
    void remove(Outbox& outbox, Outbox::State state) noexcept;

    const std::size_t outbox_limit_;
    Transcript transcript_;
    std::vector<Outbox*> members_;
    WakeList waiting_;
};

}  // namespace drydock::chat

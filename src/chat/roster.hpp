// The roster: who is in the room, and what each member is still owed.
//
// It lives inside a monitor. Each call is one step, so joins, leaves and lines have one order, and
// a member is owed exactly the lines between its own two. A member's outbox is its place in the
// transcript; its one writer asks next() for what to send. A member that is behind by more than the
// limit when a line comes is dropped.
//
// A room is fair. The bytes that the slowest member has still to take are its backlog. A speaker
// that has put more than its share into it is held, so that the others' lines need not queue behind
// its own, and so that it cannot push readers over the limit who only read more slowly than it
// talks. When the backlog is a quarter of the limit, the room is busy: a speaker whose latest line
// lies in the backlog is held, too, and one that has joined within it waits before its first line.
// When the backlog is half of the limit, every speaker waits before its line. Otherwise many
// speakers together, or one that comes again and again, could do what a single one may not.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "src/chat/share.hpp"
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

    /// Tells the members of a room apart, for Roster::state_hash().
    virtual std::uint64_t identity() const noexcept { return 0; }
};

/// The signals of a speaker that is no member.
class NobodySignals final : public MemberSignals {
public:
    void wake() noexcept override {}
    void drop() noexcept override {}
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
        dropped,    // was too slow
        lost        // lines that it was owed are lost
    };

    MemberSignals& signals_;
    State state_ = State::outside;
    bool waiting_ = false;  // its writer is in the roster's list
    bool spoke_ = false;
    std::uint32_t place_ = 0;
    Share share_;
    Transcript::Position sent_ = 0;
    Transcript::Position end_ = 0;  // closing: where it ends
    Outbox* previous_waiting_ = nullptr;
    Outbox* next_waiting_ = nullptr;
};

/// A speaker while it is held: it publishes nothing until go_on() is called or let_go() has taken
/// it back.
class HeldSpeaker {
public:
    explicit HeldSpeaker(Outbox& outbox) noexcept : outbox_(outbox) {}
    HeldSpeaker(const HeldSpeaker&) = delete;
    HeldSpeaker& operator=(const HeldSpeaker&) = delete;
    virtual ~HeldSpeaker() = default;

    /// The room has taken enough of the speaker's lines. Called once, outside of the monitor; the
    /// speaker may have ended when it returns.
    virtual void go_on() noexcept = 0;

private:
    friend class Roster;
    friend class WakeList;

    Outbox& outbox_;
    HeldSpeaker* next_ = nullptr;
    bool listed_ = false;  // in the roster's list
};

/// Members whose writers wait, and held speakers that may go on; first come, first served. Once
/// they are out of the roster, the owner of the list has to wake them, outside of the monitor:
/// nothing else will, so all of them are still there.
class WakeList {
public:
    WakeList() noexcept = default;
    WakeList(const WakeList&) = delete;
    WakeList& operator=(const WakeList&) = delete;
    ~WakeList() = default;

    bool empty() const noexcept { return first_ == nullptr && speaker_ == nullptr; }
    void wake_all() noexcept;

private:
    friend class Roster;

    void add(Outbox& outbox) noexcept;
    void add(HeldSpeaker& speaker) noexcept;
    void remove(Outbox& outbox) noexcept;
    void take_all(WakeList& from) noexcept;

    Outbox* first_ = nullptr;
    Outbox* last_ = nullptr;
    HeldSpeaker* speaker_ = nullptr;
    HeldSpeaker** after_speakers_ = &speaker_;
};

class Roster {
public:
    /// `outbox_limit` and `speaker_share` in bytes. Besides the limit, memory is what one call of
    /// publish() adds. A share is at most a quarter of the limit, and at least a piece of the
    /// transcript (1/16 of the limit, 64 bytes to 16 KiB): all backlogs are measured in pieces.
    /// `in_order`: state_hash() covers the order in which writers wait, and so will be woken.
    explicit Roster(std::size_t outbox_limit, std::size_t speaker_share = ~std::size_t{0},
                    bool in_order = false);

    /// Members whose outbox is open or still being sent.
    std::size_t size() const noexcept { return members_.size(); }

    void join(Outbox& outbox);

    /// Whether the speaker is to be held before it publishes: the backlog is half of the limit, or
    /// it would say its first line into the backlog of a busy room, within which it has joined.
    bool comes_too_soon(const Outbox& speaker) noexcept;

    /// Whole lines, end to end, for all members in the room. Drops those that are too slow. True:
    /// the speaker has more than its share of the backlog; see hold().
    bool publish(Outbox& speaker, std::span<const ConstBuffer> lines, WakeList& to_wake);

    /// With a relay: the speaker's lines are on their way, and publish() gets them from the relay.
    /// True: the speaker has more than its share of the backlog; see hold().
    bool has_spoken(Outbox& speaker, std::uint64_t bytes) noexcept;

    /// With a relay: lines are missing, so every member gets no more and is cut off (drop()).
    void lose_all(WakeList& to_wake) noexcept;

    /// With a relay: the member leaves without its own last lines, and is never complete. The
    /// caller cancels its socket.
    void cut_off(Outbox& outbox, WakeList& to_wake) noexcept;

    /// Holds a speaker of which publish() said so. False: by now the room has taken enough, and the
    /// speaker goes on. True: its go_on() will be called, unless let_go() comes first.
    bool hold(HeldSpeaker& speaker) noexcept;

    /// Ends the holding, as a speaker is not held for ever (see Server::hold). False: go_on() was
    /// or will be called.
    bool let_go(HeldSpeaker& speaker) noexcept;

    /// Speakers that are held.
    std::size_t held_speakers() const noexcept { return held_count_; }

    /// The member gets no further lines. Its writer goes on until next() says that it is done.
    void leave(Outbox& outbox, WakeList& to_wake) noexcept;

    enum class Next : std::uint8_t {
        send,  ///< the passage
        wait,  ///< for wake()
        end    ///< all is sent, or there is nobody to send it to any more
    };

    /// For the member's writer: `sent` bytes of the last passage have gone out. A writer that was
    /// woken asks again, and is given all that has been published until it does.
    Next next(Outbox& outbox, std::size_t sent, Passage& passage, WakeList& to_wake);

    /// For the member's writer: it cannot send any more.
    void abandon(Outbox& outbox, WakeList& to_wake) noexcept;

    bool is_complete(const Outbox& outbox) const noexcept {
        return outbox.state_ == Outbox::State::complete;
    }
    bool is_open(const Outbox& outbox) const noexcept {
        return outbox.state_ == Outbox::State::open;
    }
    bool is_lost(const Outbox& outbox) const noexcept {
        return outbox.state_ == Outbox::State::lost;
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
    void cut(Outbox& outbox, Outbox::State state, WakeList& to_wake) noexcept;
    std::uint64_t backlog() const noexcept;
    bool has_backlog_over(std::size_t bytes) const noexcept {
        return backlog() + promised_ > bytes;
    }
    bool is_busy() const noexcept { return has_backlog_over(outbox_limit_ / 4); }
    bool has_too_much(Outbox& speaker) noexcept;
    void release_speakers(WakeList& to_wake) noexcept;

    const std::size_t outbox_limit_;
    const std::size_t piece_size_;
    const std::size_t share_;
    const bool in_order_;
    Transcript transcript_;
    std::vector<Outbox*> members_;
    WakeList waiting_;
    HeldSpeaker* held_ = nullptr;  // in the order of their coming
    std::size_t held_count_ = 0;
    /// What speakers may still publish that were let go on and have not done so.
    std::uint64_t promised_ = 0;
};

}  // namespace drydock::chat

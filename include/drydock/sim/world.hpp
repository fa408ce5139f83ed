// The simulated world as a scenario sees it: a completion queue that also chooses, judges and
// counts.
//
// Sockets, listeners and timers come from the CompletionQueue that it is; a server under test knows
// no more of it than that. One thread drives a world; virtual time passes only inside wait().
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <drydock/queue.hpp>
#include <drydock/sim/faults.hpp>

namespace drydock::sim {

/// What a world tells of the other end of a connection: the server's, to a scenario's client.
struct OtherEnd {
    /// How long its program had had the socket when it canceled it; `never_canceled` if it did not.
    static constexpr Duration never_canceled{-1};
    Duration canceled_after = never_canceled;
    bool canceled() const noexcept { return canceled_after != never_canceled; }

    /// The longest time in which its program saw no bytes move, by a receive or by a send.
    Duration longest_quiet{0};
};

class World : public CompletionQueue {
public:
    /// One of 0..options-1, 0 being the benign one. The label lives as long as the program. Once
    /// the world is calm, always 0.
    virtual std::uint32_t choose(std::uint32_t options, const char* label) noexcept = 0;

    /// True about once in `one_in` times, never once the world is calm.
    virtual bool flip(std::uint32_t one_in, const char* label) noexcept = 0;

    /// The choices from here to the matching end_span() belong together: what they make can be left
    /// out of a run by leaving them out. See Spanned.
    virtual void begin_span(const char* label) noexcept = 0;
    virtual void end_span() noexcept = 0;

    /// Whether the fault phase is over: from here on the network behaves, and everything that is
    /// owed must be delivered within a bound. Scenarios whose clients stall or hold back stop doing
    /// so.
    virtual bool calm() const noexcept = 0;

    /// Ends the run: `property` does not hold. The first failure counts. The sentence says what was
    /// expected and what came.
    virtual void fail(std::string_view property, std::string sentence) noexcept = 0;
    virtual bool failed() const noexcept = 0;

    /// Whether a fault of this run has damaged that connection, so that less than all may be
    /// delivered (a reset by the network, no_buffers). `socket` is one of this world's.
    virtual bool damaged(const AsyncSocket& socket) const noexcept = 0;

    /// What this world knows of the other end, as the end of a sentence: a short send that was not
    /// gone on with, a close with a send unfinished. Empty when there is nothing of note.
    virtual std::string suspicion(const AsyncSocket& socket) const = 0;

    /// `socket` is one of this world's, and the other end belongs to the program under test.
    virtual OtherEnd other_end(const AsyncSocket& socket) const noexcept = 0;

    /// Says whose connection it is: that of the scenario's client with this role and number, as
    /// "client 3". Traces and failures name it so from here on. `socket` is one of this world's;
    /// the role lives as long as the program.
    virtual void identify(const AsyncSocket& socket, const char* role,
                          std::uint32_t number) noexcept = 0;

    /// The most bytes that any accepted socket had received and not yet sent back, over the run.
    virtual std::uint64_t most_held() const noexcept = 0;

    /// How many bytes each direction of a connection holds on their way.
    virtual std::size_t pipe_capacity() const noexcept = 0;

    /// The fault kinds that are active in this run.
    virtual FaultSet active_faults() const noexcept = 0;
};

/// Being inside an object that several clients of a scenario share, and whose state_hash() tells
/// all of it that matters; what is learned from it goes nowhere but into verdicts.
template <typename Shared>
class Inside {
public:
    Inside(CompletionQueue& world, const Shared& shared) noexcept : world_(world), shared_(shared) {
        world.entered(&shared);
    }
    Inside(const Inside&) = delete;
    Inside& operator=(const Inside&) = delete;
    ~Inside() { world_.left(&shared_, StateView{&shared_, &hash}); }

private:
    static std::uint64_t hash(const void* shared) {
        return static_cast<const Shared*>(shared)->state_hash();
    }
    CompletionQueue& world_;
    const Shared& shared_;
};

/// A span for a scope. The label lives as long as the program.
class Spanned {
public:
    Spanned(World& world, const char* label) noexcept : world_(world) { world.begin_span(label); }
    Spanned(const Spanned&) = delete;
    Spanned& operator=(const Spanned&) = delete;
    ~Spanned() { world_.end_span(); }

private:
    World& world_;
};

}  // namespace drydock::sim

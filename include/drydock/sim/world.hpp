// The simulated world, as a scenario sees it: a completion queue that also makes choices, reports
// failures and counts probes.
//
// The world is a CompletionQueue: sockets, listeners and timers come from it, and the server under
// test uses it only as such. One thread drives a world. Virtual time passes only inside wait().
// Names of probes must live as long as the program.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include <drydock/queue.hpp>
#include <drydock/sim/choices.hpp>
#include <drydock/sim/faults.hpp>
#include <drydock/sim/host.hpp>

namespace drydock::sim {

/// What the world knows about the other end of a connection. A scenario's client asks it about the
/// server's end.
struct OtherEnd {
    /// The value of canceled_after for a socket that was not canceled.
    static constexpr Duration never_canceled{-1};
    /// The virtual time from the opening of the other end's socket to its cancel().
    Duration canceled_after = never_canceled;
    /// Whether its socket was canceled.
    bool canceled() const noexcept { return canceled_after != never_canceled; }

    /// The longest time in which no receive and no send of the other end moved a byte.
    Duration longest_quiet{0};

    /// Whether the program has destroyed its socket.
    bool closed = false;
    std::uint64_t received = 0;  ///< bytes that its receives have moved
    std::uint64_t sent = 0;      ///< bytes that its sends have moved
};

/// The simulated world. A run makes one for its scenario and destroys it afterwards.
class World : public CompletionQueue {
public:
    /// The host with this `name`, which the world makes at the first call and owns. A name has
    /// letters, digits, spaces, '-', '_' and '.'. At most 60 hosts. The world itself is a machine,
    /// too, on which the scenario and its clients run: no fault of hosts strikes it, and it reaches
    /// all of them.
    virtual Host& host(std::string_view name) = 0;

    /// Makes a choice: returns one of 0..`options`-1, where 0 is the benign value; `options` is at
    /// least 1. Returns 0 when the world is calm. `label` says what the choice is for.
    virtual std::uint32_t choose(std::uint32_t options, Label label) noexcept = 0;

    /// Makes a choice between two values: true about once in `one_in` calls. Returns false when the
    /// world is calm. `label` says what the choice is for.
    virtual bool flip(std::uint32_t one_in, Label label) noexcept = 0;

    /// The choices from here to the matching end_span() belong together, for example those for one
    /// client, which `label` names. Shrinking tries to remove a span as a whole. Use Spanned.
    virtual void begin_span(Label label) noexcept = 0;
    /// The end of the latest span that is open. Use Spanned.
    virtual void end_span() noexcept = 0;

    /// For exploration: the next `count` tasks that this step spawns are clients which differ only
    /// in their names and in the bytes that tell them apart, and the server treats all of them the
    /// same. So schedules that differ only in which of them is which need to be explored once.
    /// True: this run stands for all of them, and Scenario::outcomes() must give the outcome of
    /// each.
    virtual bool equal_clients(std::uint32_t count) noexcept = 0;

    /// Whether the world is calm: no fault strikes any more, and the run must end within
    /// RunOptions::calm_bound completions. A client that stalls or delays must then continue.
    virtual bool calm() const noexcept = 0;

    /// Ends the run with a failure: `property` does not hold. Only the first failure of a run
    /// counts. `property` is a name, as "echo-prefix": at most 80 letters, digits, '-', '_' and
    /// '.', with no '.' at its beginning; any other fails the property `scenario`. `sentence` is
    /// the error message: what was expected, and what happened.
    virtual void fail(std::string_view property, std::string sentence) noexcept = 0;
    /// Whether the run has failed. A scenario need not ask: a failed run ends after this step.
    virtual bool failed() const noexcept = 0;

    /// `text` gives a clause that says what the program itself waits for. It becomes part of the
    /// error message of the property `stuck`. Empty, or a null function: nothing. It must be valid
    /// until the run ends or the next call.
    virtual void explain_waits(std::function<std::string()> text) noexcept = 0;

    /// Whether a fault has damaged this connection, so that less than all may be delivered: it was
    /// reset by the network or before its accept, or an operation on it failed with no_buffers.
    /// `socket` belongs to this world.
    virtual bool damaged(const AsyncSocket& socket) const noexcept = 0;

    /// The same for a failure that concerns the connection of `socket`: the error message ends with
    /// the likely cause, if suspicion() has one.
    void fail(std::string_view property, std::string sentence, const AsyncSocket& socket) noexcept {
        const std::string cause = suspicion(socket);
        fail(property, cause.empty() ? std::move(sentence) : std::move(sentence) + "; " + cause);
    }

    /// A likely cause of a failure of the connection of `socket`, as a clause for the end of an
    /// error message: the other end's last send was short and it did not send the rest; it closed
    /// with a send unfinished; or an operation on either end had failed. It knows nothing of the
    /// protocol. Often empty.
    virtual std::string suspicion(const AsyncSocket& socket) const = 0;

    /// What is known of the other end of this connection. `socket` belongs to this world.
    virtual OtherEnd other_end(const AsyncSocket& socket) const noexcept = 0;

    /// Says whose connection it is: that of the scenario's client with this `role` and `number`, as
    /// "client 3". Traces and failures name it so from here on. `socket` belongs to this world.
    virtual void identify(const AsyncSocket& socket, Label role, std::uint32_t number) noexcept = 0;

    /// The largest number of bytes, over the run, that an accepted socket had received and not sent
    /// back.
    virtual std::uint64_t most_held() const noexcept = 0;

    /// The number of bytes that each direction of a connection holds. With the fault `small_pipe`
    /// it is 48, 16, 3 or 1, and each byte may then take a send and a receive of its own. A client
    /// that sends much counts on that: it sends less where the pipe is small, or its scenario has a
    /// larger ScenarioInfo::calm_bound. A run of 12 KB through a pipe of 1 byte takes about 50,000
    /// completions.
    virtual std::size_t pipe_capacity() const noexcept = 0;

    /// The faults that are active in this run.
    virtual FaultSet active_faults() const noexcept = 0;

    /// The program under test has written `line`, without its end, to `stream`: "stdout" or
    /// "stderr", a text that lives as long as the program. For listeners, and for the report of a
    /// failure. The digest does not depend on it.
    virtual void printed(std::string_view stream, std::string_view line) noexcept = 0;
    /// Ends the run after this step, as passed unless it has failed. What is in flight, open or
    /// running stays as it is and breaks no rule: the system clears up behind a program that ends
    /// its process by exit().
    virtual void abandon() noexcept = 0;
};

/// Use of an object that several clients of a scenario share, for exploration. The object has a
/// state_hash() of all of its state that matters. The scope of this object is the use. Values that
/// the caller reads from it may only influence the verdict; every other value must be passed to
/// CompletionQueue::learned().
template <typename Shared>
class Inside {
public:
    /// The use of `shared` in `world` begins. Both must outlive this object.
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

/// A span from its constructor to its destructor.
class Spanned {
public:
    /// Begins a span with this `label` in `world`.
    Spanned(World& world, Label label) noexcept : world_(world) { world.begin_span(label); }
    Spanned(const Spanned&) = delete;
    Spanned& operator=(const Spanned&) = delete;
    ~Spanned() { world_.end_span(); }

private:
    World& world_;
};

}  // namespace drydock::sim

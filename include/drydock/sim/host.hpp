// A host: one of several machines of a simulated world, with addresses, a clock and a store of its
// own. Programs run on hosts, listen there, and connect from one to another.
//
//     Host& broker = world.host("broker");
//     broker.run([](Host& host) -> Task<void> {
//         ListenResult listening = host.listen(Endpoint().with_port(6379), {});
//         ...                                     // serves until it is asked to end
//     });
//     Host& server = world.host("server 1");
//     server.run([&](Host& host) { return serve(host, broker.endpoint(6379)); });
//
// The faults of hosts are `crash`, `restart`, `partition` and `clock_skew`
// (<drydock/sim/faults.hpp>). A host that crashes loses everything but its store: each task of its
// program is destroyed where it stands, and nothing that it had started completes. When it comes
// back, its program begins anew.
//
// What a program keeps must be in its own task (variables of the coroutine, members of objects that
// these own): only that ends with the host. What all programs of a run share is not on any host; a
// program may write to it for the judge of the scenario, and must not learn from it.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include <drydock/queue.hpp>
#include <drydock/task.hpp>

namespace drydock::sim {

/// What a host has written to its disk: files, by name. It survives the host's crashes. Writes are
/// done when the call returns, but only sync() makes them last: a crash that takes the whole
/// machine (not only the program) may lose writes since the last sync(), from some write on, which
/// may itself be cut. For the program of the host, and for scenarios; on the thread of the run.
class DurableStore {
public:
    DurableStore() = default;
    DurableStore(const DurableStore&) = delete;
    DurableStore& operator=(const DurableStore&) = delete;

    /// Adds `bytes` at the end of `file`, which need not exist.
    virtual void append(std::string_view file, std::string_view bytes) = 0;
    /// Makes `bytes` the whole of `file`. After a crash the file has the old bytes or the new ones:
    /// the write of a new file that is then renamed.
    virtual void replace(std::string_view file, std::string_view bytes) = 0;
    /// Removes `file`. Without it, nothing happens.
    virtual void remove(std::string_view file) = 0;
    /// The bytes of `file`; empty if there is none.
    virtual std::string read(std::string_view file) const = 0;
    /// What was written until now lasts.
    virtual void sync() = 0;

protected:
    ~DurableStore() = default;
};

/// A machine of a world, and the queue of the programs on it. World::host() makes it, and the world
/// owns it. Its wait() must not be called: the world drives all hosts. On the thread of the run.
class Host : public CompletionQueue {
public:
    /// What runs on a host: called at each start of the host. It gets the host, and returns the
    /// task that is the program.
    using Program = std::function<Task<void>(Host&)>;

    /// The name that World::host() got.
    virtual std::string_view name() const noexcept = 0;
    /// The address of the host with `port`: what others connect to. IPv4, 10.0.0.N. A listener that
    /// is to be reached there is bound to it or to the wildcard.
    virtual Endpoint endpoint(std::uint16_t port) const noexcept = 0;
    /// The same in IPv6: fd00::N.
    virtual Endpoint endpoint_v6(std::uint16_t port) const noexcept = 0;

    /// Starts `program` on the host, now and again each time that the host has come back. Called
    /// once.
    virtual void run(Program program) = 0;
    /// Whether the program is running: the host is up, and the program has not returned.
    virtual bool running() const noexcept = 0;
    /// How often the program was started.
    virtual std::uint64_t starts() const noexcept = 0;
    /// Waits until the program has returned, in whichever of its starts. A host that is down keeps
    /// it waiting until it has come back; shut_down() ends the wait. For the scenario.
    virtual Task<void> ended() = 0;

    // A crash comes between two steps of the host's program, never within one. A step is what the
    // program does from one completion to its next wait.

    /// From here on, no fault of hosts strikes this one. It may still be on one side of a partition
    /// between others.
    virtual void spare() noexcept = 0;
    /// For exploration: what is ready on this host comes out before everything else, in the order
    /// in which it has become ready, so no choice is made of it. For a program that is not under
    /// test, such as a model of another system: what it does on its own, between two messages of
    /// the others, then multiplies no schedules. Faults strike as ever. Farms are not changed.
    virtual void be_prompt() noexcept = 0;
    /// Crashes the host in the way of a killed process, and does not bring it back: how a scenario
    /// ends a host whose program runs for ever. Not from a program on the same host.
    virtual void shut_down() = 0;
    /// Crashes the host as the fault `crash` does, without a choice: the machine loses its power if
    /// `power`, else the process is killed. It comes back after `pause`, or when the world becomes
    /// calm, whichever is earlier. For tests and scenarios; not from a program on the same host.
    virtual void crash(bool power, Duration pause) = 0;

    /// What the host has written to its disk.
    virtual DurableStore& store() noexcept = 0;
};

}  // namespace drydock::sim

// What the program knows, told by what it has seen: the program's part of a state, for an explorer
// that leaves out states which it has explored before.
//
// The explorer cannot look into a coroutine. But what a coroutine does follows from what it has
// learned: the results of its operations and the values that it has read from shared objects. A
// *chain* is what one coroutine does with the tasks that it awaits, from its spawn to its end. Each
// operation in flight, and each that waits for another chain to start it, has a number: a hash of
// all that its chain has learned. An object has a version: a hash of its state, where the object
// tells it, or of all that was done to it.
#pragma once

#include <cstdint>
#include <vector>

#include <drydock/sim/choices.hpp>

namespace drydock::sim {

class Histories {
public:
    void begin_run();
    /// Another step has been chosen.
    void begin_step() noexcept;
    /// The step has ended.
    void end_step() noexcept { remember(); }

    // What StepWatcher is told:
    void begins(std::uint64_t number, std::uint64_t told) noexcept;
    std::uint64_t started(const void* operation);
    void waits(const void* operation);
    void abandoned(const void* operation, std::uint64_t number) noexcept;
    void learned(std::uint64_t value) noexcept;
    void settled(std::uint64_t value) noexcept;
    void begins_anew(std::uint64_t identity) noexcept;
    void spawns() noexcept { spawns_ = true; }
    void touched(const void* object, Owner owner);
    void left(const void* object, const StateView& view);
    void gave(const void* object);
    void created(const void* object, Owner owner);
    void gone(const void* object) noexcept;

    /// A hash of all that it knows; between two steps.
    std::uint64_t state() const noexcept;

private:
    /// An operation, by its number, and its chain.
    struct Link {
        std::uint64_t number;
        std::uint64_t birth;  // the number of the first operation of the chain
        std::uint64_t since;  // steps of the chain since its beginning or its last settled()
    };
    struct Waiting {
        const void* operation;
        Link link;
    };
    struct Object {
        const void* address;
        std::uint64_t identity;  // what tells it from others that are in the same state
        std::uint64_t version;
        std::uint64_t (*hash)(const void*);  // of its state; null until it was left
        bool closed;                         // its version is that of its history
        bool touched;                        // by the current step
        bool found;                          // without created(), and it has not been left yet
    };

    Object* find(const void* address) noexcept;
    Object* find_left(const void* address, const StateView& view);
    void remember() noexcept;
    void name_found(Object& object) noexcept;

    std::vector<Object> objects_;
    std::vector<Waiting> waiting_;
    std::vector<Link> in_flight_;

    // Of what is being done:
    std::uint64_t history_ = 0;  // a hash of all that has made it what it is
    std::uint64_t made_ = 0;     // operations and objects
    std::uint64_t birth_ = 0;
    std::uint64_t since_ = 0;
    bool spawns_ = false;  // the next operation is the first of another chain
};

}  // namespace drydock::sim

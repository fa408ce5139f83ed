// Chains and objects, and how each of them changes the others.
#include "sim/histories.hpp"

#include <algorithm>
#include <utility>

#include <drydock/hash.hpp>

namespace drydock::sim {
namespace {

// What a hash is of: so that equal numbers for different things give different hashes.
enum Kind : std::uint64_t { object_kind = 1, gift_kind, waiting_kind, settled_kind, anew_kind };

}  // namespace

void Histories::begin_run() {
    objects_.clear();
    waiting_.clear();
    in_flight_.clear();
    begin_step();
    spawns_ = false;
}

void Histories::begin_step() noexcept {
    history_ = 0;
    made_ = 0;
    birth_ = 0;
    since_ = 0;
}

/// Several completions may come out in one step of the explorer: each goes on with its own chain.
void Histories::begins(std::uint64_t number, std::uint64_t told) noexcept {
    remember();
    begin_step();
    history_ = hash_of({number, told});
    const auto known = std::find_if(in_flight_.begin(), in_flight_.end(),
                                    [&](const Link& link) { return link.number == number; });
    if (known == in_flight_.end()) return;
    birth_ = known->birth;
    since_ = known->since + 1;
    *known = in_flight_.back();
    in_flight_.pop_back();
}

std::uint64_t Histories::started(const void* operation) {
    const auto waits = std::find_if(waiting_.begin(), waiting_.end(), [&](const Waiting& waiting) {
        return waiting.operation == operation;
    });
    if (waits == waiting_.end()) {
        const std::uint64_t number = hash_of({history_, ++made_});
        const bool first = std::exchange(spawns_, false);
        in_flight_.push_back({number, first ? number : birth_, first ? 0 : since_});
    } else {
        // It goes on with the chain that waits. What that learns from the one that wakes it, it
        // learns from the object where it has waited.
        in_flight_.push_back(waits->link);
        waiting_.erase(waits);
    }
    return in_flight_.back().number;
}

void Histories::waits(const void* operation) {
    waiting_.push_back({operation, {hash_of({history_, ++made_}), birth_, since_}});
}

/// A crash has ended the operation. Its chain does not go on.
void Histories::abandoned(const void* operation, std::uint64_t number) noexcept {
    std::erase_if(waiting_, [&](const Waiting& waiting) { return waiting.operation == operation; });
    const auto known = std::find_if(in_flight_.begin(), in_flight_.end(), [&](const Link& link) {
        return number != 0 && link.number == number;
    });
    if (known == in_flight_.end()) return;
    *known = in_flight_.back();
    in_flight_.pop_back();
}

void Histories::learned(std::uint64_t value) noexcept { history_ = hash_of({history_, value}); }

void Histories::settled(std::uint64_t value) noexcept {
    history_ = hash_of({settled_kind, birth_, value});
    since_ = 0;
}

void Histories::begins_anew(std::uint64_t identity) noexcept {
    remember();  // what was touched knows all that came before
    begin_step();
    history_ = hash_of({anew_kind, identity});
    spawns_ = true;
}

void Histories::created(const void* address, Owner owner) {
    if (owner == Owner::network) return;  // the network tells its state by itself
    gone(address);
    const std::uint64_t identity = hash_of({birth_, since_, ++made_});
    const bool closed = owner == Owner::program;
    objects_.push_back({address, identity, identity, nullptr, closed, closed, false});
}

void Histories::touched(const void* address, Owner owner) {
    if (owner == Owner::network) return;
    Object* known = find(address);
    if (known == nullptr) {
        created(address, owner);
        known = &objects_.back();
        known->touched = false;
        known->found = true;
    }
    if (owner != Owner::program || known->touched) return;
    known->closed = true;
    known->touched = true;
    history_ = hash_of({history_, known->version});
}

void Histories::left(const void* address, const StateView& view) {
    Object* const known = find_left(address, view);
    if (known == nullptr) return;
    known->hash = view.hash;
    if (known->found) name_found(*known);
    known->version = hash_of({known->identity, view.hash(view.state)});
}

/// The object at this address that has such a state: an object and its first member have the same
/// address.
Histories::Object* Histories::find_left(const void* address, const StateView& view) {
    std::uint64_t same_address = 0;
    Object another{};
    for (Object& object : objects_) {
        if (object.address != address) continue;
        if (object.hash == nullptr || object.hash == view.hash) return &object;
        if (++same_address == 1) another = object;
    }
    if (same_address == 0) return nullptr;
    another.identity = hash_of({another.identity, same_address});
    objects_.push_back(another);
    return &objects_.back();
}

/// An object of a program that has not called created() for it. Where it is the only one of its
/// type, that is its identity, whichever step was the first to use it.
void Histories::name_found(Object& object) noexcept {
    object.found = false;
    const auto same = [&](const Object& other) { return other.hash == object.hash; };
    const bool only = std::count_if(objects_.begin(), objects_.end(), same) == 1;
    object.identity =
        hash_of({reinterpret_cast<std::uintptr_t>(object.hash), only ? 0 : object.identity});
}

/// A sum, so that the order of those who give does not matter.
void Histories::gave(const void* address) {
    if (Object* const known = find(address)) known->version += hash_of({gift_kind, history_});
}

void Histories::gone(const void* address) noexcept {
    std::erase_if(objects_, [&](const Object& object) { return object.address == address; });
}

std::uint64_t Histories::state() const noexcept {
    std::uint64_t sum = 0;
    for (const Object& object : objects_) sum += hash_of({object_kind, object.version});
    for (const Waiting& waiting : waiting_) sum += hash_of({waiting_kind, waiting.link.number});
    return sum;
}

Histories::Object* Histories::find(const void* address) noexcept {
    for (Object& object : objects_) {
        if (object.address == address) return &object;
    }
    return nullptr;
}

/// What was touched has been touched by all that the chain has learned so far.
void Histories::remember() noexcept {
    for (Object& object : objects_) {
        if (!object.touched) continue;
        object.touched = false;
        if (object.closed) object.version = hash_of({object.version, history_});
    }
}

}  // namespace drydock::sim

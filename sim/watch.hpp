// What a run works on, reported to the step watcher that orders its steps (the explorer, PCT). Most
// runs have none: then a report costs one branch.
#pragma once

#include <cstdint>

#include <drydock/sim/choices.hpp>

namespace drydock::sim {

class Watch {
public:
    explicit Watch(StepWatcher* watcher) noexcept : watcher_(watcher) {}

    StepWatcher* watcher() const noexcept { return watcher_; }

    void touched(const void* object, Owner owner) const noexcept {
        if (watcher_ != nullptr) watcher_->touched(object, owner);
    }
    void created(const void* object, Owner owner) const noexcept {
        if (watcher_ != nullptr) watcher_->created(object, owner);
    }
    void left(const void* object, const StateView& view) const noexcept {
        if (watcher_ != nullptr) watcher_->left(object, view);
    }
    bool equal_clients(std::uint32_t count) const noexcept {
        return watcher_ != nullptr && watcher_->equal_clients(count);
    }
    bool counts_overtakings() const noexcept {
        return watcher_ != nullptr && watcher_->counts_overtakings();
    }
    void settled(std::uint64_t value) const noexcept {
        if (watcher_ != nullptr) watcher_->settled(value);
    }
    void begins_anew(std::uint64_t identity) const noexcept {
        if (watcher_ != nullptr) watcher_->begins_anew(identity);
    }
    void spawns() const noexcept {
        if (watcher_ != nullptr) watcher_->spawns();
    }
    void gave(const void* object) const noexcept {
        if (watcher_ != nullptr) watcher_->gave(object);
    }
    void waits(const void* operation) const noexcept {
        if (watcher_ != nullptr) watcher_->waits(operation);
    }
    /// A crash has ended an operation; with `number` 0, it has waited.
    void abandoned(const void* operation, std::uint64_t number) const noexcept {
        if (watcher_ != nullptr) watcher_->abandoned(operation, number);
    }
    void gone(const void* object, Owner owner) const noexcept {
        if (watcher_ != nullptr) watcher_->gone(object, owner);
    }
    /// The program learns a value. Returns it.
    std::uint64_t learned(std::uint64_t value) const noexcept {
        if (watcher_ != nullptr) watcher_->learned(value);
        return value;
    }

private:
    StepWatcher* watcher_;
};

}  // namespace drydock::sim

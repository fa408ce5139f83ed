// What the current step works on, for sleep sets. An object has a number for the step that has made
// it, or was the first to work on it: the same in all runs with the same prefix.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "sim/trace_order.hpp"

namespace drydock::sim {

class Footprints {
public:
    void begin_run() { objects_.clear(); }
    void begin_step(std::uint64_t start) noexcept {
        start_ = start;
        made_ = 0;
        between_steps_ = false;
        footprint_ = Footprint{};
    }
    /// Nothing was ready, and time passes: what is touched from here on belongs to no step.
    void end_step() noexcept { between_steps_ = true; }
    const Footprint& footprint() const noexcept { return footprint_; }

    void created(const void* address) {
        const auto known = find(address);
        if (known != objects_.end()) objects_.erase(known);
        objects_.push_back({address, (start_ << 16) + ++made_});
        add(objects_.back().number);
    }
    void touched(const void* address) {
        const auto known = find(address);
        if (known != objects_.end()) return add(known->number);
        footprint_.found = footprint_.found || !between_steps_;
        created(address);
    }
    /// The end of an object is a use of it: whoever uses it before might come too late.
    void gone(const void* address) {
        const auto known = find(address);
        if (known == objects_.end()) return;
        add(known->number);
        objects_.erase(known);
    }

private:
    void add(std::uint64_t number) {
        if (!between_steps_) footprint_.add(number);
    }
    struct Object {
        const void* address;
        std::uint64_t number;
    };
    std::vector<Object>::iterator find(const void* address) noexcept {
        return std::find_if(objects_.begin(), objects_.end(),
                            [&](const Object& object) { return object.address == address; });
    }

    std::vector<Object> objects_;
    std::uint64_t start_ = 0;
    std::uint64_t made_ = 0;
    bool between_steps_ = false;
    Footprint footprint_;
};

}  // namespace drydock::sim

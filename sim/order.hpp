// The order of completions: what is ready, and which of it comes out next.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include <drydock/operation.hpp>
#include <drydock/sim/run.hpp>

#include "sim/choice_log.hpp"
#include "sim/swarm.hpp"
#include "sim/timeline.hpp"
#include "sim/watch.hpp"

namespace drydock::sim {

class Order {
public:
    struct Ready {
        Operation* operation;
        Result result;
    };

    Order(ChoiceLog& choices, Swarm& swarm, Timeline& timeline, Watch watch, bool prompt_clients)
        : choices_(choices),
          swarm_(swarm),
          timeline_(timeline),
          watch_(watch),
          prompt_clients_(prompt_clients) {
        ready_.reserve(64);
    }

    /// The operation's result is fixed; it comes out in its turn, or late (Fault::delay).
    void decide(Operation& operation, const Result& result) noexcept;
    /// The delay of a decided operation is over.
    void deliver(Operation& operation) noexcept {
        ready_.push_back({&operation, record_of(operation).result});
    }

    /// It will not come out: what it was for is gone.
    void forget(const Operation& operation) noexcept {
        const auto first = ready_.begin() + static_cast<std::ptrdiff_t>(first_);
        const auto found = std::find_if(
            first, ready_.end(), [&](const Ready& ready) { return ready.operation == &operation; });
        if (found != ready_.end()) ready_.erase(found);
    }

    bool any_ready() const noexcept { return first_ < ready_.size(); }
    /// Takes out the one that comes next. `network` is the state for the step watcher.
    Ready take(const StateView& network) noexcept;

    /// Nothing was ready, and virtual time has passed.
    void time_passed() noexcept { time_passed_ = true; }
    /// The step watcher has given this run up.
    bool redundant() const noexcept { return redundant_; }

private:
    std::size_t choose(std::size_t count, const StateView& network) noexcept;
    std::size_t choose_watched(std::size_t count, const StateView& network) noexcept;

    ChoiceLog& choices_;
    Swarm& swarm_;
    Timeline& timeline_;
    const Watch watch_;
    const bool prompt_clients_;
    std::vector<Ready> ready_;
    std::size_t first_ = 0;
    std::vector<Step> steps_;   // reused
    bool time_passed_ = false;  // since the last completion came out
    bool redundant_ = false;
};

}  // namespace drydock::sim

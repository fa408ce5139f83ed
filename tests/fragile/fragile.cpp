// The disasters of the fragile scenario, each a line that a debugger or an error message can name.
#include "tests/fragile/fragile.hpp"

#include <atomic>
#include <cstdlib>
#include <stdexcept>

#include <drydock/timer.hpp>

namespace drydock::test {
namespace {

/// Optimizers know what follows from a null pointer, unless they cannot know the pointer.
std::atomic<int*> nowhere{nullptr};
std::atomic<bool> for_ever{true};

}  // namespace

Task<void> Fragile::main(sim::World& world) {
    Timer timer(world);
    for (int i = 0; i < 3; ++i) {
        const sim::Spanned task(world, "task");
        co_await timer.after(std::chrono::microseconds(100 + world.choose(8, "task: how long")));
    }
    if (world.choose(one_in, "fate") == doom) meet_fate(world);
    world.probe("fragile.survived");
}

void Fragile::meet_fate(sim::World& world) const {
    switch (disaster_) {
        case Disaster::null_write:
            *nowhere.load() = 1;
            break;
        case Disaster::exception:
            throw std::runtime_error("fate");
        case Disaster::exit:
            std::exit(3);
        case Disaster::endless_loop:
            while (for_ever.load(std::memory_order_relaxed)) {}
            break;
        case Disaster::endless_choices:
            while (for_ever.load(std::memory_order_relaxed)) world.choose(2, "again");
            break;
        case Disaster::none:
            break;
    }
}

}  // namespace drydock::test

// The list of backends. DRYDOCK_HAS_* say which real ones this system has.
#include "tests/conformance/backends.hpp"

#include <utility>

#include <drydock/sim/run.hpp>

#include "tests/support/scale.hpp"

#if DRYDOCK_HAS_EPOLL
#include "platform/epoll/queue.hpp"
#endif
#if DRYDOCK_HAS_APC
#include "platform/apc/queue.hpp"
#endif
#if DRYDOCK_HAS_URING
#include "platform/uring/queue.hpp"
#endif
#if DRYDOCK_HAS_IOCP
#include "platform/iocp/queue.hpp"
#endif

namespace drydock::conformance {
namespace {

/// Twice, since what is true of receives must be true of both kinds.
void add_both(std::vector<Backend>& list, Backend backend) {
    list.push_back(backend);
    backend.name += "_provided";
    backend.provides_buffers = true;
    list.push_back(std::move(backend));
}

void add_real(std::vector<Backend>& list, std::string name,
              std::unique_ptr<CompletionQueue> (*make_queue)(const QueueOptions&),
              unsigned most_workers = Backend().most_workers) {
    Backend real;
    real.name = std::move(name);
    real.most_workers = most_workers;
    real.make = [make_queue](std::uint64_t) { return make_queue(QueueOptions{}); };
    add_both(list, std::move(real));
}

void add_real(std::vector<Backend>& list) {
#if DRYDOCK_HAS_EPOLL
    add_real(list, "epoll", &epoll::make_queue);
#endif
#if DRYDOCK_HAS_URING
    // A container may refuse it; what the programs do then is tested in tests/e2e.
    if (uring::make_queue(QueueOptions{}) != nullptr) {
        add_real(list, "uring", &uring::make_queue);
    }
#endif
#if DRYDOCK_HAS_IOCP
    add_real(list, "iocp", &iocp::make_queue);
#endif
#if DRYDOCK_HAS_APC
    add_real(list, "apc", &apc::make_queue, apc::most_workers);
#endif
}

/// One thread, and time passes only inside wait().
Backend simulated(std::string name, sim::FaultSet faults) {
    Backend backend;
    backend.name = std::move(name);
    backend.make = [faults](std::uint64_t seed) { return sim::make_queue(seed, faults); };
    backend.threads = false;
    backend.seeds = static_cast<std::uint64_t>(test::scaled(10));
    backend.very_many = faults.has(sim::Fault::small_pipe) ? 4 << 10 : 64 << 10;
    backend.completes_late = faults.has(sim::Fault::delay);
    return backend;
}

/// Without faults, and with those that the contract permits to any system at any time: the suite
/// must hold there as it stands. (The rest, such as a network that resets, ends what a case is
/// about; that is for scenarios.)
void add_simulated(std::vector<Backend>& list) {
    using enum sim::Fault;
    const sim::FaultSet none;
    const auto partial = none.with(partial_receive).with(short_send).with(small_pipe);
    const auto reordering = none.with(reorder).with(delay).with(latency).with(interleave);
    // Without latency nothing is underway that a cancel could lose to.
    const auto windows =
        none.with(whole_send).with(reset_discards).with(cancel_loses).with(latency);
    const auto worst = partial.with(reorder).with(delay).with(latency).with(interleave);
    add_both(list, simulated("sim", none));
    list.push_back(simulated("sim_partial", partial));
    list.push_back(simulated("sim_reordering", reordering));
    list.push_back(simulated("sim_windows", windows));
    add_both(list, simulated("sim_at_its_worst", worst.with(reset_discards).with(cancel_loses)));
}

}  // namespace

std::vector<Backend> backends() {
    std::vector<Backend> list;
    add_real(list);
    add_simulated(list);
    return list;
}

std::vector<Backend> backends_with_threads() {
    std::vector<Backend> list = backends();
    std::erase_if(list, [](const Backend& backend) { return !backend.threads; });
    return list;
}

}  // namespace drydock::conformance

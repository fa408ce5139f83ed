// The list of backends. DRYDOCK_HAS_* say which real ones this system has.
#include "tests/conformance/backends.hpp"

#include <utility>

#include <drydock/sim/run.hpp>

#if DRYDOCK_HAS_EPOLL
#include "platform/epoll/queue.hpp"
#endif
#if DRYDOCK_HAS_IOCP
#include "platform/iocp/queue.hpp"
#endif

namespace drydock::conformance {
namespace {

void add_real(std::vector<Backend>& list) {
#if DRYDOCK_HAS_EPOLL
    list.push_back({"epoll", [] { return epoll::make_queue(QueueOptions{}); }, true});
#endif
#if DRYDOCK_HAS_IOCP
    list.push_back({"iocp", [] { return iocp::make_queue(QueueOptions{}); }, true});
#endif
    static_cast<void>(list);
}

// Without faults: what a fault may do to a program is for scenarios to find. One thread, and time
// passes only inside wait().
void add_simulated(std::vector<Backend>& list) {
    Backend simulated;
    simulated.name = "sim";
    simulated.make = [] { return sim::make_queue(1, sim::FaultSet{}); };
    simulated.threads = false;
    list.push_back(std::move(simulated));
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

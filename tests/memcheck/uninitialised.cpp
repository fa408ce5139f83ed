// memcheck_canary: a simulated run of a server that decides by a byte which nobody has set.
//
// Either way it answers rightly, so no property breaks and the run passes: only memcheck can tell.
// ci/memcheck.sh demands that it does, as its silence about everything else is worth nothing
// otherwise. (Not by a byte of a receive's buffer: the simulator fills those when a receive
// starts.)
#include <cstdio>
#include <memory>

#include <drydock/sim/choices.hpp>

#include "tests/zoo/specimens/echo_specimens.hpp"

namespace drydock {
namespace {

struct Session {
    std::byte buffer[64];
    unsigned char in_parts;  // meant to be 0 at first
};

class Undecided final : public zoo::EchoSpecimen {
public:
    using EchoSpecimen::EchoSpecimen;

private:
    Task<void> serve(AsyncSocket& socket) override {
        const auto session = std::make_unique_for_overwrite<Session>();
        for (;;) {
            const Result received = co_await receive(socket, session->buffer);
            if (!received.ok() || received.bytes == 0) co_return;
            const std::size_t first = session->in_parts != 0 ? received.bytes / 2 : 0;
            if (first > 0) {
                const ConstBuffer part(session->buffer, first);
                const Result sent = co_await send_all(socket, part);
                if (!sent.ok()) co_return;
            }
            const ConstBuffer rest(session->buffer + first, received.bytes - first);
            const Result sent = co_await send_all(socket, rest);
            if (!sent.ok()) co_return;
        }
    }
};

zoo::Made make_undecided(sim::World& world, zoo::Listener listener,
                         const echo::ServerOptions& options) {
    return std::make_unique<Undecided>(world, std::move(listener), options);
}

}  // namespace
}  // namespace drydock

int main() {
    using namespace drydock;
    sim::EchoWorkload workload;
    workload.server.buffer_size = sizeof(Session::buffer);
    workload.clients.resize(1);
    workload.clients.front().bytes = 100;
    sim::EchoScenario scenario(workload, &make_undecided);
    sim::SeedChoices choices(1);
    const sim::Report report = sim::run(scenario, choices);
    std::printf("%s\n", report.passed ? "the canary's run passed" : report.sentence.c_str());
    return report.passed ? 0 : 1;
}

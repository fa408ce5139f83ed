// Specimen: of several accepts in flight, one that meets a shortage is not started again.
//
// A defect of the field (tinymux #1830): a replacement AcceptEx that cannot be posted for a moment
// is written off. Connections that were reset do no harm, and the other accepts hide the loss,
// until the last of them has met its shortage too: the socket listens, and nobody accepts any more.
#include "tests/zoo/specimens/echo_specimens.hpp"

namespace drydock::zoo {
namespace {

class LosesAcceptSlots final : public EchoSpecimen {
public:
    using EchoSpecimen::EchoSpecimen;

private:
    static constexpr int slots = 2;

    Task<void> accept_connections(TaskGroup& connections) override {
        TaskGroup accepting(world_);
        for (int i = 0; i < slots; ++i) {
            accepting.spawn(EchoSpecimen::accept_connections(connections));
        }
        co_await accepting.join();
    }

    Task<bool> accept_failed(Error error) override { co_return error == Error::reset; }
};

}  // namespace

DRYDOCK_ECHO_SPECIMEN(make_loses_accept_slots) {
    return std::make_unique<LosesAcceptSlots>(world, std::move(listener), options);
}

}  // namespace drydock::zoo

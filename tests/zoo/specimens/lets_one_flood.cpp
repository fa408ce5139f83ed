// Specimen: a member says as much as it likes, as fast as it likes.
//
// The defect of drydock's own chat server before it was fair, and of many a relay: each outbox has
// a limit, and whoever falls behind is dropped, so one member that floods drives out all who read
// more slowly than it talks, and stays itself.
#include "tests/zoo/specimens/chat_specimens.hpp"

namespace drydock::zoo {
namespace {

class LetsOneFlood final : public ChatSpecimen {
public:
    using ChatSpecimen::ChatSpecimen;

private:
    Task<void> pace(Seat&) override { co_return; }
};

}  // namespace

DRYDOCK_CHAT_SPECIMEN(make_lets_one_flood) {
    return std::make_unique<LetsOneFlood>(world, std::move(listener), options);
}

}  // namespace drydock::zoo

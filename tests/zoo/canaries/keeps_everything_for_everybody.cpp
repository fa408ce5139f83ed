// Canary: what a member has not read yet is kept for it, however much it is.
//
// Slow readers in a broadcast: without a limit on each outbox, one member who stops reading makes
// the server grow for as long as the others talk.
#include "tests/zoo/canaries/chat_canaries.hpp"

namespace drydock::zoo {
namespace {

class KeepsEverythingForEverybody final : public ChatCanary {
public:
    using ChatCanary::ChatCanary;

private:
    void put(Seat& seat, std::string_view lines) override {
        seat.outbox += lines;
        seat.changed.set();
    }
};

}  // namespace

DRYDOCK_CHAT_CANARY(make_keeps_everything_for_everybody) {
    return std::make_unique<KeepsEverythingForEverybody>(world, std::move(listener), options);
}

}  // namespace drydock::zoo

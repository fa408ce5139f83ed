// Specimen: what a member has not read yet is kept for it, however much it is.
//
// A defect of the field (micronaut-core #8984): without a limit on each outbox, one subscriber who
// stops reading makes the server grow for as long as the others talk.
#include "tests/zoo/specimens/chat_specimens.hpp"

namespace drydock::zoo {
namespace {

class KeepsEverythingForEverybody final : public ChatSpecimen {
public:
    using ChatSpecimen::ChatSpecimen;

private:
    void put(Seat& seat, std::string_view lines) override {
        const auto used = use(seat);
        seat.outbox += lines;
        seat.changed.set();
    }
};

}  // namespace

DRYDOCK_CHAT_SPECIMEN(make_keeps_everything_for_everybody) {
    return std::make_unique<KeepsEverythingForEverybody>(world, std::move(listener), options);
}

}  // namespace drydock::zoo

// Specimen: a member's own line is put into its own outbox at once, and into the others' a step
// later.
//
// Two publishers then each see their own line first: there is no one order. It is what becomes of a
// broadcast that locks one outbox after the other, instead of the room.
#include "tests/zoo/specimens/chat_specimens.hpp"

namespace drydock::zoo {
namespace {

class AnswersTheSenderFirst final : public ChatSpecimen {
public:
    using ChatSpecimen::ChatSpecimen;

private:
    Task<void> publish(Seat& from, std::string lines) override {
        put(from, lines);
        AutoResetEvent turn(world_);
        turn.set();
        co_await turn.wait();
        const auto shared = use_shared();
        for (const Handle handle : members_) {
            Seat* const seat = find(handle);
            if (seat != nullptr && seat != &from) put(*seat, lines);
        }
    }
};

}  // namespace

DRYDOCK_CHAT_SPECIMEN(make_answers_the_sender_first) {
    return std::make_unique<AnswersTheSenderFirst>(world, std::move(listener), options);
}

}  // namespace drydock::zoo

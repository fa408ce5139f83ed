// Specimen: whoever has received a line sends it to all members itself, without a word to the
// others.
//
// IOCPchatserv_win 5: two workers send to one client at the same time, and lines mix. The same in
// the field (hazelcast-cpp-client, pull request #981): the messages arrive corrupted.
#include "tests/zoo/specimens/chat_specimens.hpp"

namespace drydock::zoo {
namespace {

class LetsTwoWriteAtOnce final : public SendingSpecimen {
public:
    using SendingSpecimen::SendingSpecimen;

private:
    Task<void> publish(Seat&, std::string lines) override {
        const std::vector<Handle> members = members_now();
        for (const Handle handle : members) {
            Seat* const seat = seated_now(handle);
            if (seat == nullptr) continue;
            begin_use(seat);
            const Result sent = co_await send_all(seat->socket, std::string_view(lines));
            if (!sent.ok()) cut_off(*seat);
            end_use(seat);
        }
    }
};

}  // namespace

DRYDOCK_CHAT_SPECIMEN(make_lets_two_write_at_once) {
    return std::make_unique<LetsTwoWriteAtOnce>(world, std::move(listener), options);
}

}  // namespace drydock::zoo

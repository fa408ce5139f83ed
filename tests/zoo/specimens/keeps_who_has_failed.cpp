// Specimen: a member whose connection fails is never taken off the list.
//
// IOCPchatserv_win 7. Its handle is soon another connection's, which then stands in the list twice.
// Whoever leaves as one should is taken off.
#include "tests/zoo/specimens/chat_specimens.hpp"

namespace drydock::zoo {
namespace {

class KeepsWhoHasFailed final : public ChatSpecimen {
public:
    using ChatSpecimen::ChatSpecimen;

private:
    void remove(Handle handle) override {
        const Seat* const seat = find(handle);
        const bool failed = seat != nullptr && is_cut_off(*seat);
        if (!failed) ChatSpecimen::remove(handle);
    }
};

}  // namespace

DRYDOCK_CHAT_SPECIMEN(make_keeps_who_has_failed) {
    return std::make_unique<KeepsWhoHasFailed>(world, std::move(listener), options);
}

}  // namespace drydock::zoo

// Specimen: when a member leaves, its neighbour is removed from the list instead.
//
// IOCPchatserv_win 3, the removal loop: `while (i++ < clntCnt - 1)` has already moved on when it
// copies, so whoever leaves stays in the list and the next one disappears from it. The stale handle
// is soon another connection's, which then stands in the list twice.
#include "tests/zoo/specimens/chat_specimens.hpp"

namespace drydock::zoo {
namespace {

class RemovesTheNeighbour final : public ChatSpecimen {
public:
    using ChatSpecimen::ChatSpecimen;

private:
    void remove(Handle handle) override {
        const auto shared = use_shared();
        for (std::size_t i = 0; i < members_.size(); ++i) {
            if (members_[i] != handle) continue;
            while (i++ < members_.size() - 1) {
                if (i + 1 < members_.size()) members_[i] = members_[i + 1];
            }
        }
        members_.pop_back();
    }
};

}  // namespace

DRYDOCK_CHAT_SPECIMEN(make_removes_the_neighbour) {
    return std::make_unique<RemovesTheNeighbour>(world, std::move(listener), options);
}

}  // namespace drydock::zoo

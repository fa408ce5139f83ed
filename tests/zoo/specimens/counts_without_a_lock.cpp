// Specimen: the place in the list is chosen in one step, and taken in another.
//
// IOCPchatserv_win 1: `clntSocks[clntCnt++]` is no single step, and no lock makes it one. Of two
// members who come at the same time, one is overwritten by the other: it talks, and never hears a
// word.
#include "tests/zoo/specimens/chat_specimens.hpp"

namespace drydock::zoo {
namespace {

class CountsWithoutALock final : public ChatSpecimen {
public:
    using ChatSpecimen::ChatSpecimen;

private:
    Task<void> add(Handle handle) override {
        const std::size_t place = places_now();
        AutoResetEvent turn(world_);
        turn.set();
        co_await turn.wait();  // another worker is quicker
        const auto shared = use_shared();
        if (place < members_.size()) {
            members_[place] = handle;
        } else {
            members_.push_back(handle);
        }
    }

    std::size_t places_now() const {
        const auto shared = use_shared();
        return learn(members_.size());
    }
};

}  // namespace

DRYDOCK_CHAT_SPECIMEN(make_counts_without_a_lock) {
    return std::make_unique<CountsWithoutALock>(world, std::move(listener), options);
}

}  // namespace drydock::zoo

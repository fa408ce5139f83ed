// Specimen: the list of members has a fixed size that nobody looks at.
//
// IOCPchatserv_win 2: the 257th client is written past the end of `clntSocks`. With three places
// instead of 256, and what would be written past the end written nowhere: such a member talks, and
// never hears a word.
#include "tests/zoo/specimens/chat_specimens.hpp"

namespace drydock::zoo {
namespace {

constexpr std::size_t max_clients = 3;

class HasRoomForThree final : public ChatSpecimen {
public:
    using ChatSpecimen::ChatSpecimen;

private:
    Task<void> add(Handle handle) override {
        const auto shared = use_shared();
        if (members_.size() < max_clients) members_.push_back(handle);
        co_return;
    }
};

}  // namespace

DRYDOCK_CHAT_SPECIMEN(make_has_room_for_three) {
    return std::make_unique<HasRoomForThree>(world, std::move(listener), options);
}

}  // namespace drydock::zoo

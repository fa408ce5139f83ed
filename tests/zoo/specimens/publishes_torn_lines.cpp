// Specimen: a reset is taken for the end of the stream, and what there is of an unfinished line is
// published.
//
// CmplRouEchoServ_win 5: the error code is not looked at, and a reset passes for the end of the
// stream by luck, as it brings 0 bytes. An echo server has nothing left to do by then. Here
// everybody hears half a sentence from somebody whose connection broke.
#include "tests/zoo/specimens/chat_specimens.hpp"

namespace drydock::zoo {
namespace {

class PublishesTornLines final : public ChatSpecimen {
public:
    using ChatSpecimen::ChatSpecimen;

private:
    Task<void> take_failure(Seat& seat, chat::LineFramer& framer) override {
        co_await take_end(seat, framer);
    }
};

}  // namespace

DRYDOCK_CHAT_SPECIMEN(make_publishes_torn_lines) {
    return std::make_unique<PublishesTornLines>(world, std::move(listener), options);
}

}  // namespace drydock::zoo

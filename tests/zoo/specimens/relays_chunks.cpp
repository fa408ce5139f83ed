// Specimen: what one receive gives is relayed as it is, lines or not.
//
// IOCPchatserv_win 5: there is no framing, so a line that comes in two segments is relayed in two
// pieces, between which others' pieces land.
#include "tests/zoo/specimens/chat_specimens.hpp"

namespace drydock::zoo {
namespace {

class RelaysChunks final : public ChatSpecimen {
public:
    using ChatSpecimen::ChatSpecimen;

private:
    Task<bool> take(Seat& seat, chat::LineFramer& framer, std::string_view bytes) override {
        // The framer still says when a line is over the limit, and when the last lacks its newline.
        const bool too_long = framer.feed(bytes).too_long;
        std::string chunk(bytes);
        if (!too_long) co_await publish(seat, std::move(chunk));
        co_return !too_long;
    }

    Task<void> take_end(Seat& seat, chat::LineFramer& framer) override {
        std::string newline = "\n";
        if (!framer.unfinished().empty()) co_await publish(seat, std::move(newline));
    }
};

}  // namespace

DRYDOCK_CHAT_SPECIMEN(make_relays_chunks) {
    return std::make_unique<RelaysChunks>(world, std::move(listener), options);
}

}  // namespace drydock::zoo

// Canary: a line that the end of the stream finishes is not published.
//
// The classic lapse of whoever looks for newlines alone: the last line of a file that was piped in
// lacks its newline, and gets lost.
#include "tests/zoo/canaries/chat_canaries.hpp"

namespace drydock::zoo {
namespace {

class ForgetsTheUnfinishedLine final : public ChatCanary {
public:
    using ChatCanary::ChatCanary;

private:
    Task<void> take_end(Seat&, chat::LineFramer&) override { co_return; }
};

}  // namespace

DRYDOCK_CHAT_CANARY(make_forgets_the_unfinished_line) {
    return std::make_unique<ForgetsTheUnfinishedLine>(world, std::move(listener), options);
}

}  // namespace drydock::zoo

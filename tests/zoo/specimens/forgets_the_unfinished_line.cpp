// Specimen: a line that the end of the stream finishes is not published.
//
// A defect of the field (rocksdb, pull request #15184), and the classic lapse of whoever looks for
// newlines alone: the last line of what was piped in lacks its newline, and gets lost.
#include "tests/zoo/specimens/chat_specimens.hpp"

namespace drydock::zoo {
namespace {

class ForgetsTheUnfinishedLine final : public ChatSpecimen {
public:
    using ChatSpecimen::ChatSpecimen;

private:
    Task<void> take_end(Seat&, chat::LineFramer&) override { co_return; }
};

}  // namespace

DRYDOCK_CHAT_SPECIMEN(make_forgets_the_unfinished_line) {
    return std::make_unique<ForgetsTheUnfinishedLine>(world, std::move(listener), options);
}

}  // namespace drydock::zoo

// Specimen: a member that is too far behind is dropped by a plain close.
//
// A defect of the field (TrueAsync server #171, there of a response that breaks off). It has then
// seen the end of the stream, as if it had been told everything; the line that it breaks off in may
// even pass for a whole one. What was cut must look cut: by a reset.
#include "tests/zoo/specimens/chat_specimens.hpp"

namespace drydock::zoo {
namespace {

class DropsWithAPlainClose final : public ChatSpecimen {
public:
    using ChatSpecimen::ChatSpecimen;

private:
    bool ends_abortively(const Seat&) const override { return false; }
};

}  // namespace

DRYDOCK_CHAT_SPECIMEN(make_drops_with_a_plain_close) {
    return std::make_unique<DropsWithAPlainClose>(world, std::move(listener), options);
}

}  // namespace drydock::zoo

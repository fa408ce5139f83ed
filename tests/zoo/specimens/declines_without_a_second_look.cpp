// Specimen: a client that has gone away while it waited looks whether its turn has come, and then
// enters the monitor to leave the line.
//
// A defect of the field (cpython, issue #90155: asyncio.Semaphore): the turn comes between the look
// and the entry. The client declines it without a word, and all who come after it wait for ever.
#include "tests/zoo/specimens/duplex_specimens.hpp"

namespace drydock::zoo {
namespace {

class DeclinesWithoutASecondLook final : public DuplexSpecimen {
public:
    using DuplexSpecimen::DuplexSpecimen;

private:
    Task<bool> leave_line(Visit& visit) override {
        if (visit.has_turn) co_return true;
        auto turns = co_await turns_.enter();
        std::erase(turns->line, &visit);
        co_return false;
    }
};

}  // namespace

DRYDOCK_ECHO_SPECIMEN(make_declines_without_a_second_look) {
    return std::make_unique<DeclinesWithoutASecondLook>(world, std::move(listener), options);
}

}  // namespace drydock::zoo

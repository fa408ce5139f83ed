// Specimen: a client whose connection has failed while it waited for its turn does not look whether
// its turn has just come.
//
// A defect of the field (cpython, pull request #1031: asyncio.Lock; asyncio, issue #270): a waiter
// that is woken and canceled before it runs ends as canceled, and passes the lock on to nobody. Two
// clients are served at a time, so the loss of one turn only makes the server slower: it shows when
// the second is lost, too.
#include "tests/zoo/specimens/duplex_specimens.hpp"

namespace drydock::zoo {
namespace {

class KeepsATurnThatItDeclines final : public DuplexSpecimen {
public:
    using DuplexSpecimen::DuplexSpecimen;

private:
    std::size_t at_a_time() const override { return 2; }

    Task<bool> leave_line(Visit& visit) override {
        const bool has_turn = co_await DuplexSpecimen::leave_line(visit);
        if (!visit.failed) co_return has_turn;
        visit.has_turn = false;
        co_return false;
    }
};

}  // namespace

DRYDOCK_ECHO_SPECIMEN(make_keeps_a_turn_that_it_declines) {
    return std::make_unique<KeepsATurnThatItDeclines>(world, std::move(listener), options);
}

}  // namespace drydock::zoo

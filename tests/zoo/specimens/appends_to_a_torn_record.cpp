// Specimen: the ledger appends behind half a record, which a loss of power has left in its log.
//
// A defect of the field (cqlite, issue #1390; amelie, issue #17): the recovery skips what it cannot
// read, and does not cut it off. The next record, which is acknowledged, becomes a part of the torn
// one, and the recovery after that skips both.
#include <algorithm>

#include "tests/zoo/specimens/lock_specimens.hpp"

namespace drydock::zoo {
namespace {

class AppendsToATornRecord final : public Ledger {
public:
    using Ledger::Ledger;

private:
    std::string whole_records() override {
        const std::string log = host_.store().read("log");
        std::string whole;
        for (std::string_view rest = log; rest.find('\n') != std::string_view::npos;) {
            const std::string_view line = rest.substr(0, rest.find('\n') + 1);
            rest.remove_prefix(line.size());
            const bool has_three_words = std::count(line.begin(), line.end(), ' ') == 2;
            if (has_three_words) whole += line;
        }
        return whole;
    }
};

}  // namespace

DRYDOCK_LOCK_SPECIMEN(make_appends_to_a_torn_record) {
    return lock_parts<Keeper, AppendsToATornRecord, Worker>();
}

}  // namespace drydock::zoo

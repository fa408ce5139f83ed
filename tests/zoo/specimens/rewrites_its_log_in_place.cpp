// Specimen: a ledger that finds half a record in its log writes the log anew, record by record, in
// its old place.
//
// A defect of the field (delta-rs, issue #94; deja-vu, pull request #206): until the last record is
// written, the log is shorter than it was. A second crash in this time makes the ledger forget adds
// that had been safe for long.
#include <algorithm>

#include "tests/zoo/specimens/lock_specimens.hpp"

namespace drydock::zoo {
namespace {

class RewritesItsLogInPlace final : public Ledger {
public:
    using Ledger::Ledger;

private:
    Task<void> recover() override {
        const std::string log = host_.store().read("log");
        const std::size_t whole = log.rfind('\n') + 1;  // 0: no record is whole
        if (whole < log.size()) co_await rewrite(log.substr(0, whole));
        co_await Ledger::recover();
    }

    Task<void> rewrite(std::string records) {
        host_.store().replace("log", "");
        for (std::string_view rest = records; !rest.empty();) {
            Timer writing(host_);
            co_await writing.after(std::chrono::milliseconds(1));
            const std::string_view line = rest.substr(0, rest.find('\n') + 1);
            rest.remove_prefix(line.size());
            host_.store().append("log", line);
        }
        host_.store().sync();
    }
};

}  // namespace

DRYDOCK_LOCK_SPECIMEN(make_rewrites_its_log_in_place) {
    return lock_parts<Keeper, RewritesItsLogInPlace, Worker>();
}

}  // namespace drydock::zoo

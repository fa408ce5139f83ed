// Specimen: the reader resumes from its last id and takes whatever comes as what comes next.
//
// Where the stream was trimmed behind that id, reading goes on after the gap, without an error.
#include "tests/zoo/specimens/relay_specimens.hpp"

namespace drydock::zoo {
namespace {

class TrustsAnIdAfterTrimming final : public RelaySpecimen {
public:
    using RelaySpecimen::RelaySpecimen;

private:
    bool follows(const Entry&) const override { return true; }
    bool is_missing(std::uint64_t) const override { return false; }
};

}  // namespace

Task<void> run_trusts_an_id_after_trimming(sim::Host& host, sim::RelayedServer setup) {
    return run_with<TrustsAnIdAfterTrimming>(host, std::move(setup));
}

}  // namespace drydock::zoo

// Specimen: after each connect the reader begins at the end of the stream, `$`, as in the first
// example of XREAD that most people see.
//
// What the others have published between two connections is never read.
#include "tests/zoo/specimens/relay_specimens.hpp"

namespace drydock::zoo {
namespace {

class ResumesAtTheEnd final : public RelaySpecimen {
public:
    using RelaySpecimen::RelaySpecimen;

private:
    std::string read_from(bool first) const override { return first ? "$" : last_id_; }
    bool follows(const Entry&) const override { return true; }
    bool is_missing(std::uint64_t) const override { return false; }
};

}  // namespace

Task<void> run_resumes_at_the_end(sim::Host& host, sim::RelayedServer setup) {
    return run_with<ResumesAtTheEnd>(host, std::move(setup));
}

}  // namespace drydock::zoo

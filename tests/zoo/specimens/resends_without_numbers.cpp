// Specimen: a batch whose acknowledgement was lost is sent again, and nothing tells the broker that
// it is the same one.
//
// The broker may have had it: a reply that is lost looks like a command that is lost.
#include "tests/zoo/specimens/relay_specimens.hpp"

namespace drydock::zoo {
namespace {

class ResendsWithoutNumbers final : public RelaySpecimen {
public:
    using RelaySpecimen::RelaySpecimen;

private:
    void add_publish(relay::Client& client, std::uint64_t number, std::string_view lines) override {
        client.add({"XADD", keys_.stream, "*", "p", options_.publisher, "i", std::to_string(number),
                    "l", lines});
    }
    /// Ids that the broker makes from its clock have no successors.
    Task<void> begin_counting(relay::Client&) override { co_return; }
    bool follows(const Entry&) const override { return true; }
    bool is_missing(std::uint64_t) const override { return false; }
};

}  // namespace

Task<void> run_resends_without_numbers(sim::Host& host, sim::RelayedServer setup) {
    return run_with<ResendsWithoutNumbers>(host, std::move(setup));
}

}  // namespace drydock::zoo

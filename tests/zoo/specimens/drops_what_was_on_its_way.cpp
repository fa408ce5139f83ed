// Specimen: a batch that was on its way when the connection failed counts as sent.
//
// At most once instead of exactly once: where the broker did not get it, it is lost, though its
// members are still connected.
#include "tests/zoo/specimens/relay_specimens.hpp"

namespace drydock::zoo {
namespace {

class DropsWhatWasOnItsWay final : public RelaySpecimen {
public:
    using RelaySpecimen::RelaySpecimen;

private:
    /// The broker has seen no number for it, so the numbers go on without it.
    void publishing_has_failed() override {
        if (batches_.empty()) return;
        batches_.pop_front();
        ++acknowledged_;
    }
    void add_publish(relay::Client& client, std::uint64_t number, std::string_view lines) override {
        client.add({"XADD", keys_.stream, "*", "p", options_.publisher, "i", std::to_string(number),
                    "l", lines});
    }
    Task<void> begin_counting(relay::Client&) override { co_return; }
    bool follows(const Entry&) const override { return true; }
    bool is_missing(std::uint64_t) const override { return false; }
};

}  // namespace

Task<void> run_drops_what_was_on_its_way(sim::Host& host, sim::RelayedServer setup) {
    return run_with<DropsWhatWasOnItsWay>(host, std::move(setup));
}

}  // namespace drydock::zoo

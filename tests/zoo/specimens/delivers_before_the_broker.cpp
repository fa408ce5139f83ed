// Specimen: a server delivers its own members' lines at once, and only those of the others in the
// broker's order.
//
// Its members are fast, and see an order of their own; and what the broker never gets, they have
// heard.
#include "tests/zoo/specimens/relay_specimens.hpp"

namespace drydock::zoo {
namespace {

class DeliversBeforeTheBroker final : public RelaySpecimen {
public:
    using RelaySpecimen::RelaySpecimen;

private:
    Task<void> taken(std::string_view lines) override {
        if (audience_ == nullptr) co_return;
        const ConstBuffer buffers[] = {lines};
        co_await audience_->deliver(buffers, false);
    }
    Task<void> deliver(const Entry& entry) override {
        Entry heard = entry;
        if (entry.publisher == options_.publisher) heard.lines.clear();
        co_await RelaySpecimen::deliver(heard);
    }
};

}  // namespace

Task<void> run_delivers_before_the_broker(sim::Host& host, sim::RelayedServer setup) {
    return run_with<DeliversBeforeTheBroker>(host, std::move(setup));
}

}  // namespace drydock::zoo

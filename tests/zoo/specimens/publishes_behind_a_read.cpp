// Specimen: one connection for both directions; a batch is published when the blocking read
// returns.
//
// Commands behind a blocking XREAD wait for it. Where nobody else says anything, it waits for ever.
#include "tests/zoo/specimens/relay_specimens.hpp"

namespace drydock::zoo {
namespace {

class PublishesBehindARead final : public RelaySpecimen {
public:
    using RelaySpecimen::RelaySpecimen;

private:
    Task<void> work(TaskGroup& links) override {
        links.spawn(do_both());
        co_return;
    }

    Task<void> do_both() {
        Timer rest(host_);
        while (!publishing_is_over()) {
            relay::Client client(host_, options_.broker);
            reading_ = publishing_ = &client;
            const relay::Failure opened = co_await client.open();
            bool good = false;
            if (opened.ok()) good = co_await load_script(client);
            while (good && !publishing_is_over()) {
                if (!batches_.empty()) good = co_await publish_first(client);
                if (good) good = co_await read_once(client, false, "0");
            }
            reading_ = publishing_ = nullptr;
            co_await client.close();
            if (!publishing_is_over()) co_await pause(rest);
        }
        published_ = true;
    }
};

}  // namespace

Task<void> run_publishes_behind_a_read(sim::Host& host, sim::RelayedServer setup) {
    return run_with<PublishesBehindARead>(host, std::move(setup));
}

}  // namespace drydock::zoo

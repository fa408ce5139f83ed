// Canary: the first accept that fails ends the accept loop.
//
// A defect of the field (capnproto #2773, cpython #93821): one peer that resets before it is
// accepted, or one moment without handles, and the server never accepts again, while the system
// goes on taking connections into its backlog.
#include "tests/zoo/canaries/canaries.hpp"

namespace drydock::zoo {
namespace {

class StopsAcceptingAfterAFailure final : public EchoCanary {
public:
    using EchoCanary::EchoCanary;

private:
    Task<bool> accept_failed(Error) override { co_return false; }

    Task<void> serve(AsyncSocket& socket) override {
        std::vector<std::byte> buffer(options_.buffer_size);
        for (;;) {
            const Result received = co_await receive(socket, buffer);
            if (!received.ok() || received.bytes == 0) co_return;
            const ConstBuffer answer(buffer.data(), received.bytes);
            const Result sent = co_await send_all(socket, answer);
            if (!sent.ok()) co_return;
        }
    }
};

}  // namespace

DRYDOCK_CANARY(make_stops_accepting_after_a_failure) {
    return std::make_unique<StopsAcceptingAfterAFailure>(world, std::move(listener), options);
}

}  // namespace drydock::zoo

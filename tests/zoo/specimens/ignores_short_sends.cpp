// Specimen: a short send loses the rest.
//
// CmplRouEchoServ_win 4 and IOCPEchoServ_win 5: the textbook's servers do not look at how many
// bytes a send has taken. A demonstration never shows it, as small sends into an empty window are
// taken whole.
#include "tests/zoo/specimens/echo_specimens.hpp"

namespace drydock::zoo {
namespace {

class IgnoresShortSends final : public EchoSpecimen {
public:
    using EchoSpecimen::EchoSpecimen;

private:
    Task<void> serve(AsyncSocket& socket) override {
        std::vector<std::byte> buffer(options_.buffer_size);
        for (;;) {
            const Result received = co_await receive(socket, buffer);
            if (!received.ok() || received.bytes == 0) co_return;
            const ConstBuffer answer(buffer.data(), received.bytes);
            const Result sent = co_await send_some(socket, answer);  // sent.bytes is not looked at
            if (!sent.ok()) co_return;
        }
    }
};

}  // namespace

DRYDOCK_ECHO_SPECIMEN(make_ignores_short_sends) {
    return std::make_unique<IgnoresShortSends>(world, std::move(listener), options);
}

}  // namespace drydock::zoo

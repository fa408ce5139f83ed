// Specimen: a provided buffer goes back to the queue before its bytes are sent.
//
// What io_uring_provide_buffers(3) and its like warn of: once it was given back, the buffer is the
// next receive's. While one client talks nothing is to be seen, on a real ring; with two, one gets
// the other's bytes. Here what was given back is full of a pattern.
#include "tests/zoo/specimens/echo_specimens.hpp"

namespace drydock::zoo {
namespace {

class GivesBuffersBackTooSoon final : public EchoSpecimen {
public:
    using EchoSpecimen::EchoSpecimen;

private:
    Task<void> serve(AsyncSocket& socket) override {
        for (;;) {
            ConstBuffer answer;
            {
                const ReceiveResult received = co_await receive(socket, options_.buffer_size);
                if (!received.ok() || received.end_of_stream()) co_return;
                answer = ConstBuffer(received.bytes());
            }
            const Result sent = co_await send_all(socket, answer);
            if (!sent.ok()) co_return;
        }
    }
};

}  // namespace

DRYDOCK_ECHO_SPECIMEN(make_gives_buffers_back_too_soon) {
    return std::make_unique<GivesBuffersBackTooSoon>(world, std::move(listener), options);
}

}  // namespace drydock::zoo

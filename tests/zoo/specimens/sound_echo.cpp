// The sound echo server: whoever replaces nothing of it has no defect.
#include "tests/zoo/specimens/echo_specimens.hpp"

namespace drydock::zoo {

Task<void> EchoSpecimen::serve(AsyncSocket& socket) {
    std::vector<std::byte> buffer(options_.buffer_size);
    for (;;) {
        const Result received = co_await receive(socket, buffer);
        if (!received.ok() || received.bytes == 0) co_return;
        const ConstBuffer answer(buffer.data(), received.bytes);
        const Result sent = co_await send_all(socket, answer);
        if (!sent.ok()) co_return;
    }
}

DRYDOCK_ECHO_SPECIMEN(make_sound) {
    return std::make_unique<EchoSpecimen>(world, std::move(listener), options);
}

}  // namespace drydock::zoo

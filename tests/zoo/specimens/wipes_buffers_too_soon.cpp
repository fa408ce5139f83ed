// Specimen: when the server stops, each connection is canceled, and its buffer wiped and given back
// at once.
//
// A defect of the field (tinymux #1832, pjproject #985): CancelIoEx only asks. Until the receive
// has come back as canceled, its buffer is the system's, which may write into what is somebody
// else's by then, or was freed.
#include <algorithm>
#include <map>

#include "tests/zoo/specimens/echo_specimens.hpp"

namespace drydock::zoo {
namespace {

class WipesBuffersTooSoon final : public EchoSpecimen {
public:
    using EchoSpecimen::EchoSpecimen;

private:
    Task<void> serve(AsyncSocket& socket) override {
        std::vector<std::byte> buffer(options_.buffer_size);
        lend(socket, buffer);
        for (;;) {
            const Result received = co_await receive(socket, buffer);
            if (!received.ok() || received.bytes == 0) break;
            const std::vector<std::byte> answer(
                buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(received.bytes));
            const Result sent = co_await send_all(socket, ConstBuffer(answer));
            if (!sent.ok()) break;
        }
        take_back(socket);
    }

    void lend(AsyncSocket& socket, std::vector<std::byte>& buffer) {
        const auto shared = use_shared();
        buffers_[&socket] = &buffer;
    }

    void take_back(AsyncSocket& socket) {
        const auto shared = use_shared();
        buffers_.erase(&socket);
    }

    std::uint64_t more_state() const noexcept override { return buffers_.size(); }

    void end(AsyncSocket& socket) override {
        socket.cancel();
        const auto shared = use_shared();
        const auto used = buffers_.find(&socket);
        if (used == buffers_.end()) return;
        std::fill(used->second->begin(), used->second->end(), std::byte{0});
    }

    std::map<AsyncSocket*, std::vector<std::byte>*> buffers_;
};

}  // namespace

DRYDOCK_ECHO_SPECIMEN(make_wipes_buffers_too_soon) {
    return std::make_unique<WipesBuffersTooSoon>(world, std::move(listener), options);
}

}  // namespace drydock::zoo

// Specimen: all sends are described in one place: one WSABUF for the whole server.
//
// A defect of the field (zio, pull request #558): what an overlapped call is given by pointer,
// beside the OVERLAPPED, must last as long as that. Here the next send of any connection overwrites
// the description of the one before it, and one client gets what is another's.
#include <deque>

#include "tests/zoo/specimens/echo_specimens.hpp"

namespace drydock::zoo {
namespace {

class SharesOneDescriptor final : public EchoSpecimen {
public:
    using EchoSpecimen::EchoSpecimen;

private:
    Task<void> serve(AsyncSocket& socket) override {
        // All buffers last as long as the server: what is sent in error is at least there.
        std::vector<std::byte>& buffer = buffers_.emplace_back(options_.buffer_size);
        for (;;) {
            const Result received = co_await receive(socket, buffer);
            if (!received.ok() || received.bytes == 0) co_return;
            ConstBuffer rest(buffer.data(), received.bytes);
            while (rest.size > 0) {
                descriptor_ = rest;
                const std::span<const ConstBuffer> described(&descriptor_, 1);
                const Result sent = co_await send_some(socket, described);
                if (!sent.ok()) co_return;
                rest = ConstBuffer(rest.data + sent.bytes, rest.size - sent.bytes);
            }
        }
    }

    ConstBuffer descriptor_;
    std::deque<std::vector<std::byte>> buffers_;
};

}  // namespace

DRYDOCK_ECHO_SPECIMEN(make_shares_one_descriptor) {
    return std::make_unique<SharesOneDescriptor>(world, std::move(listener), options);
}

}  // namespace drydock::zoo

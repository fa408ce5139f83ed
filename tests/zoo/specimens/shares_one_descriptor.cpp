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
                const Result sent = co_await send_some(socket, describe(rest));
                const auto shared = use_shared();  // until here the system has read it
                if (!sent.ok()) co_return;
                rest = ConstBuffer(rest.data + sent.bytes, rest.size - sent.bytes);
            }
        }
    }

    std::span<const ConstBuffer> describe(const ConstBuffer& bytes) {
        const auto shared = use_shared();
        descriptor_ = bytes;
        return {&descriptor_, 1};
    }

    std::uint64_t more_state() const noexcept override {
        return hash_of(std::span<const std::byte>(descriptor_.data, descriptor_.size));
    }

    ConstBuffer descriptor_;
    std::deque<std::vector<std::byte>> buffers_;
};

}  // namespace

DRYDOCK_ECHO_SPECIMEN(make_shares_one_descriptor) {
    return std::make_unique<SharesOneDescriptor>(world, std::move(listener), options);
}

}  // namespace drydock::zoo

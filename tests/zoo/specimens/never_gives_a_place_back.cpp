// Specimen: whoever goes away by an error keeps its place among those who may be served at a time.
//
// A defect of the field (FastFlowLM #680): the count of connections goes down where a connection
// ends as it should, and not on the way out of an error. Ten clients that hang up in the middle,
// and the server turns everybody away, with no connection open. Here they wait instead.
#include "tests/zoo/specimens/echo_specimens.hpp"

namespace drydock::zoo {
namespace {

class NeverGivesAPlaceBack final : public EchoSpecimen {
public:
    using EchoSpecimen::EchoSpecimen;

private:
    static constexpr int places = 2;

    Task<void> serve(AsyncSocket& socket) override {
        const auto my_turn = [this] { return taken_ < places || stopping(); };
        co_await until(my_turn);
        count(1);
        std::vector<std::byte> buffer(options_.buffer_size);
        for (;;) {
            const Result received = co_await receive(socket, buffer);
            if (!received.ok()) co_return;  // and the place?
            if (received.bytes == 0) break;
            const ConstBuffer answer(buffer.data(), received.bytes);
            const Result sent = co_await send_all(socket, answer);
            if (!sent.ok()) co_return;  // and the place?
        }
        count(-1);
    }

    void count(int more) {
        const auto shared = use_shared();
        taken_ += more;
    }

    std::uint64_t more_state() const noexcept override {
        return static_cast<std::uint64_t>(taken_);
    }

    int taken_ = 0;
};

}  // namespace

DRYDOCK_ECHO_SPECIMEN(make_never_gives_a_place_back) {
    return std::make_unique<NeverGivesAPlaceBack>(world, std::move(listener), options);
}

}  // namespace drydock::zoo

// Specimen: at the end of the stream it closes, though a send is not finished.
//
// IOCPEchoServ_win 3: closesocket while a send is pending, so that the tail of the echo is lost for
// a client that sends and then half-closes. This one keeps the contract's rules: it cancels, drains
// and closes. Only its clients can tell. It receives ahead while it sends, in bounded memory.
#include "tests/zoo/specimens/echo_specimens.hpp"

namespace drydock::zoo {
namespace {

class ClosesBeforeItHasSent final : public EchoSpecimen {
public:
    using EchoSpecimen::EchoSpecimen;

private:
    Task<void> serve(AsyncSocket& socket) override {
        const bool ahead = options_.buffer_size > 1;
        std::vector<std::byte> received(ahead ? options_.buffer_size / 2 : 1);
        std::vector<std::byte> sent(received.size());
        TaskGroup sending(world_);
        for (;;) {
            const Result result = co_await receive(socket, received);
            if (!result.ok() || result.bytes == 0) break;
            co_await sending.join();
            received.swap(sent);
            const ConstBuffer answer(sent.data(), result.bytes);
            if (ahead) {
                sending.spawn(send(socket, answer));
            } else {
                co_await send(socket, answer);
            }
        }
        socket.cancel();  // the client has closed its side, so this one can go
        co_await sending.join();
    }

    static Task<void> send(AsyncSocket& socket, ConstBuffer answer) {
        const Result sent = co_await send_all(socket, answer);
        if (!sent.ok()) socket.cancel();
    }
};

}  // namespace

DRYDOCK_ECHO_SPECIMEN(make_closes_before_it_has_sent) {
    return std::make_unique<ClosesBeforeItHasSent>(world, std::move(listener), options);
}

}  // namespace drydock::zoo

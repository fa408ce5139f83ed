// Specimen: a connection whose operation has failed is forgotten as it is, with its socket open.
//
// CmplRouEchoServ_win 2 and IOCPEchoServ_win 5: when a start fails at once, no completion follows
// that would free the connection. Here the failure does arrive, and nobody acts on it. The same in
// the field (AsyncIO #33): clients that reset right after they have connected make a server grow.
#include <atomic>

#include "tests/zoo/specimens/echo_specimens.hpp"

namespace drydock::zoo {
namespace {

/// What was leaked stays reachable, for leak checkers, and is destroyed by nobody: its world ends
/// before it.
struct Leaked {
    AsyncSocket* socket = nullptr;
    Leaked* next = nullptr;
};

void leak(std::unique_ptr<AsyncSocket> socket) {
    static std::atomic<Leaked*> all{nullptr};
    Leaked* const leaked = std::make_unique<Leaked>().release();
    leaked->socket = socket.release();
    leaked->next = all.load();
    while (!all.compare_exchange_weak(leaked->next, leaked)) continue;
}

class LeaksWhatHasFailed final : public EchoSpecimen {
public:
    using EchoSpecimen::EchoSpecimen;

private:
    Task<void> serve_owned(std::unique_ptr<AsyncSocket>& socket) override {
        std::vector<std::byte> buffer(options_.buffer_size);
        for (;;) {
            const Result received = co_await receive(*socket, buffer);
            if (received.ok() && received.bytes == 0) co_return;
            if (!received.ok()) break;
            const ConstBuffer answer(buffer.data(), received.bytes);
            const Result sent = co_await send_all(*socket, answer);
            if (!sent.ok()) break;
        }
        leak(std::move(socket));
    }
};

}  // namespace

DRYDOCK_ECHO_SPECIMEN(make_leaks_what_has_failed) {
    return std::make_unique<LeaksWhatHasFailed>(world, std::move(listener), options);
}

}  // namespace drydock::zoo

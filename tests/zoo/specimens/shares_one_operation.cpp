// Specimen: all sends use one operation: one OVERLAPPED for the whole server.
//
// A defect of the field (srt, pull request #2929): each request in flight needs an OVERLAPPED of
// its own, and a static one serves well for as long as one send at a time is underway. With a
// second client the completion of one is taken for that of the other.
#include "tests/zoo/specimens/echo_specimens.hpp"

namespace drydock::zoo {
namespace {

/// Where whoever sends waits for it.
struct Sent {
    explicit Sent(CompletionQueue& queue) noexcept : completed(queue) {}
    AsyncEvent completed;
    Result result;
};

class SharedSend final : public Operation {
public:
    explicit SharedSend(sim::World& world) noexcept : Operation(&SharedSend::run), world_(world) {
        world.created(this);
    }
    ~SharedSend() { world_.gone(this); }

    void start(AsyncSocket& socket, std::span<const ConstBuffer> buffers, Sent& sent) noexcept {
        world_.touched(this);
        sent_ = &sent;
        socket.send(*this, buffers);
    }

private:
    static void run(Operation& operation, const Result& result) noexcept {
        const auto& self = static_cast<SharedSend&>(operation);
        self.world_.touched(&self);
        Sent& sent = *self.sent_;
        sent.result = result;
        sent.completed.set();
    }

    sim::World& world_;
    Sent* sent_ = nullptr;
};

class SharesOneOperation final : public EchoSpecimen {
public:
    SharesOneOperation(sim::World& world, Listener listener, const echo::ServerOptions& options)
        : EchoSpecimen(world, std::move(listener), options), send_(world) {}

private:
    Task<void> serve(AsyncSocket& socket) override {
        std::vector<std::byte> buffer(options_.buffer_size);
        for (;;) {
            const Result received = co_await receive(socket, buffer);
            if (!received.ok() || received.bytes == 0) co_return;
            ConstBuffer rest(buffer.data(), received.bytes);
            while (rest.size > 0) {
                Sent sent(world_);
                send_.start(socket, {&rest, 1}, sent);
                co_await sent.completed.wait();
                if (!sent.result.ok()) co_return;
                rest = ConstBuffer(rest.data + sent.result.bytes, rest.size - sent.result.bytes);
            }
        }
    }

    SharedSend send_;
};

}  // namespace

DRYDOCK_ECHO_SPECIMEN(make_shares_one_operation) {
    return std::make_unique<SharesOneOperation>(world, std::move(listener), options);
}

}  // namespace drydock::zoo

// What all canaries share, without a defect: accepting, stopping, and a server that is sound.
#include "tests/zoo/canaries/canaries.hpp"

namespace drydock::zoo {

Canary::Canary(sim::World& world, Listener listener)
    : world_(world), listener_(std::move(listener)), stop_(world), pause_(world) {}

Task<void> Canary::run() {
    TaskGroup connections(world_);
    TaskGroup accepting(world_);
    accepting.spawn(accept_connections(connections));
    co_await stop_.wait();
    stopping_ = true;
    listener_->cancel();
    pause_.cancel();
    co_await accepting.join();
    for (AsyncSocket* socket : open_) end(*socket);
    co_await connections.join();
    co_await stopped();
    listener_.reset();
}

Task<void> Canary::stopped() { co_return; }

Task<void> Canary::accept_connections(TaskGroup& connections) {
    for (;;) {
        SocketResult accepted = co_await accept(*listener_);
        if (accepted.ok()) {
            connections.spawn(hold(std::move(accepted.socket)));
            continue;
        }
        if (accepted.error == Error::canceled) co_return;
        const bool go_on = co_await accept_failed(accepted.error);
        if (!go_on) co_return;
    }
}

Task<bool> Canary::accept_failed(Error error) {
    if (error == Error::reset) co_return true;
    co_return co_await pause_.after(std::chrono::milliseconds(5));
}

Task<void> Canary::hold(std::unique_ptr<AsyncSocket> socket) {
    open_.push_back(socket.get());
    if (stopping_) end(*socket);
    co_await serve(*socket);
    std::erase(open_, socket.get());
}

namespace {

class Sound final : public EchoCanary {
public:
    using EchoCanary::EchoCanary;

private:
    Task<void> serve(AsyncSocket& socket) override {
        std::vector<std::byte> buffer(options_.buffer_size);
        for (;;) {
            const Result received = co_await receive(socket, buffer);
            if (!received.ok() || received.bytes == 0) co_return;
            const ConstBuffer answer(buffer.data(), received.bytes);
            const Result sent = co_await send_all(socket, answer);
            if (!sent.ok()) co_return;
        }
    }
};

}  // namespace

DRYDOCK_CANARY(make_sound) { return std::make_unique<Sound>(world, std::move(listener), options); }

}  // namespace drydock::zoo

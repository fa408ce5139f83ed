// Accepting and stopping, without a defect.
#include "tests/zoo/specimens/specimen_server.hpp"

namespace drydock::zoo {

SpecimenServer::SpecimenServer(sim::World& world, Listener listener)
    : world_(world), listener_(std::move(listener)), stop_(world), pause_(world) {
    world.created_open(this);
}

Task<void> SpecimenServer::run() {
    TaskGroup connections(world_);
    TaskGroup accepting(world_);
    accepting.spawn(accept_connections(connections));
    co_await stop_.wait();
    {
        const auto shared = use_shared();
        stopping_ = true;
    }
    // The acceptor is in an accept, or waits until it may start one.
    end_accepting();
    co_await accepting.join();
    close_listener();  // whoever waits to be accepted must not wait for the others to leave
    {
        const auto shared = use_shared();
        for (AsyncSocket* socket : open_) end(*socket);
    }
    co_await connections.join();
    co_await stopped();
}

Task<void> SpecimenServer::stopped() { co_return; }

Task<void> SpecimenServer::accept_connections(TaskGroup& connections) {
    while (listening()) {
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

Task<bool> SpecimenServer::accept_failed(Error error) {
    if (error == Error::reset) co_return true;
    co_return co_await pause_.after(std::chrono::milliseconds(5));
}

Task<void> SpecimenServer::hold(std::unique_ptr<AsyncSocket> socket) {
    AsyncSocket* const held = socket.get();
    {
        const auto shared = use_shared();
        open_.push_back(held);
    }
    if (stopping()) end(*held);
    co_await serve_owned(socket);
    const auto shared = use_shared();
    std::erase(open_, held);
}

Task<void> SpecimenServer::serve_owned(std::unique_ptr<AsyncSocket>& socket) {
    co_await serve(*socket);
}

void SpecimenServer::end_accepting() noexcept {
    if (listening()) listener_->cancel();
    pause_.cancel();
}

}  // namespace drydock::zoo

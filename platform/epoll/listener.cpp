// Listening and accepting.
#include "platform/epoll/listener.hpp"

#include <sys/socket.h>

#include <cerrno>
#include <new>
#include <utility>

#include "platform/common/error_linux.hpp"
#include "platform/common/socket_address_posix.hpp"
#include "platform/common/socket_options_posix.hpp"
#include "platform/epoll/epoll_queue.hpp"
#include "platform/epoll/socket.hpp"

namespace drydock::epoll {
ListenResult Listener::listen(EpollQueue& queue, const Endpoint& endpoint,
                              const ListenOptions& options) noexcept {
    const auto failed = [](int code) {
        return ListenResult{nullptr, platform::translate(code, OperationKind::none), code};
    };
    platform::File file;
    if (const int code = platform::open_listening(endpoint, options, SOCK_NONBLOCK, file);
        code != 0) {
        return failed(code);
    }
    std::unique_ptr<Listener> listener(new (std::nothrow) Listener(queue));
    if (listener == nullptr) {
        return failed(ENOMEM);
    }
    listener->slot_ = queue.slots().acquire(*listener);
    if (listener->slot_ == nullptr) {
        return failed(ENOMEM);
    }
    listener->file_ = std::move(file);
    if (const int code = queue.watch(listener->file_.get(), *listener->slot_); code != 0) {
        return failed(code);
    }
    return {std::move(listener), Error::ok, 0};
}

Listener::~Listener() {
    if (slot_ == nullptr) {
        return;
    }
    if (in_flight_.load(std::memory_order_acquire) != 0) {
        const std::lock_guard lock(slot_->mutex);
        queue_.violated({Rule::listener_destroyed_in_flight, OperationKind::accept, latest_});
    }
    queue_.slots().release(*slot_);
    file_.close();
}

void Listener::accept(SocketOperation& operation) noexcept {
    if (!operation.begin(queue_, OperationKind::accept)) {
        return;
    }
    operation.emplace_native<AcceptRecord>();
    in_flight_.fetch_add(1, std::memory_order_relaxed);
    EpollQueue& queue = queue_;
    std::atomic<std::uint32_t>& in_flight = in_flight_;
    {
        std::unique_lock lock(slot_->mutex);
        latest_ = operation.where();
        const bool interrupted = canceled_ || operation.take_remembered_cancel() ||
                                 std::exchange(interrupt_next_, false);
        if (!interrupted) {
            waiting_.push(operation);
            return match(std::move(lock));
        }
    }
    queue.finish(operation, Result::failure(Error::canceled), &in_flight);
}

void Listener::on_events(std::uint32_t, std::unique_lock<std::mutex> lock) noexcept {
    acceptable_ = true;
    match(std::move(lock));
}

/// Brings connections and accepts together. All decisions first, with the lock held; then the
/// completions, for the last one may be the end of this object.
void Listener::match(std::unique_lock<std::mutex> lock) noexcept {
    EpollQueue& queue = queue_;
    std::atomic<std::uint32_t>& in_flight = in_flight_;
    OperationList served;
    take_connections(served);
    lock.unlock();
    while (Operation* const operation = served.pop()) {
        complete(queue, static_cast<SocketOperation&>(*operation), in_flight);
    }
}

void Listener::take_connections(OperationList& served) noexcept {
    while (acceptable_ && !waiting_.empty()) {
        platform::SocketAddress peer;
        const int descriptor =
            ::accept4(file_.get(), peer.get(), peer.size_pointer(), SOCK_NONBLOCK | SOCK_CLOEXEC);
        const int code = descriptor < 0 ? errno : 0;
        if (platform::interrupted(code)) {
            continue;
        }
        if (platform::would_block(code)) {
            acceptable_ = false;
            return;
        }
        // After an error the backlog may still hold connections: acceptable_ stays.
        Operation& operation = *waiting_.pop();
        AcceptRecord& accepted = operation.native<AcceptRecord>();
        accepted.record.result = platform::failure(code, OperationKind::accept);
        accepted.descriptor = descriptor;
        accepted.peer = peer.endpoint();
        served.push(operation);
    }
}

void Listener::complete(EpollQueue& queue, SocketOperation& operation,
                        std::atomic<std::uint32_t>& in_flight) noexcept {
    const AcceptRecord accepted = operation.native<AcceptRecord>();
    Result result = accepted.record.result;
    if (accepted.descriptor >= 0) {
        platform::set_no_delay(accepted.descriptor);
        auto socket = Socket::make(queue, platform::File(accepted.descriptor), accepted.peer);
        const int code = socket == nullptr ? ENOMEM : socket->watch();
        result = platform::failure(code, OperationKind::accept);
        if (result.ok()) {
            operation.deliver(std::move(socket));
        }
    }
    queue.finish(operation, result, &in_flight);
}

void Listener::cancel() noexcept {
    EpollQueue& queue = queue_;
    std::atomic<std::uint32_t>& in_flight = in_flight_;
    OperationList canceled;
    {
        const std::lock_guard lock(slot_->mutex);
        canceled_ = true;
        canceled.splice(waiting_);
    }
    while (Operation* const operation = canceled.pop()) {
        queue.finish(*operation, Result::failure(Error::canceled), &in_flight);
    }
}

void Listener::interrupt_accept() noexcept {
    EpollQueue& queue = queue_;
    std::atomic<std::uint32_t>& in_flight = in_flight_;
    Operation* oldest = nullptr;
    {
        const std::lock_guard lock(slot_->mutex);
        oldest = waiting_.pop();
        interrupt_next_ = interrupt_next_ || oldest == nullptr;
    }
    if (oldest != nullptr) {
        queue.finish(*oldest, Result::failure(Error::canceled), &in_flight);
    }
}

void Listener::interrupt_accept(SocketOperation& operation) noexcept {
    EpollQueue& queue = queue_;
    std::atomic<std::uint32_t>& in_flight = in_flight_;
    {
        const std::lock_guard lock(slot_->mutex);
        if (!waiting_.remove(operation)) {
            return operation.remember_cancel();
        }
    }
    queue.finish(operation, Result::failure(Error::canceled), &in_flight);
}

void Listener::limit_unsent(std::size_t bytes) noexcept {
    platform::limit_unsent(file_.get(), bytes);  // what it accepts inherits it
}

Endpoint Listener::local_endpoint() const noexcept { return platform::local_address(file_.get()); }

}  // namespace drydock::epoll

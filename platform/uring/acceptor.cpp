// Matches connections with accepts.
#include "platform/uring/acceptor.hpp"

#include <liburing.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "platform/common/error_linux.hpp"
#include "platform/common/socket_options_posix.hpp"
#include "platform/uring/socket.hpp"
#include "platform/uring/uring_queue.hpp"

namespace drydock::uring {
namespace {

/// A client that connected and was not accepted sees a reset.
void reset_connection(int descriptor) noexcept {
    platform::set_abortive_close(descriptor);
    ::close(descriptor);
}

}  // namespace

// --- the list of all -----------------------------------------------------------------------------

AcceptorList::AcceptorList() noexcept = default;

AcceptorList::~AcceptorList() = default;

Acceptor* AcceptorList::make(UringQueue& queue, platform::File file) noexcept {
    try {
        const std::lock_guard lock(mutex_);
        acceptors_.push_back(std::make_unique<Acceptor>(queue, std::move(file)));
        return acceptors_.back().get();
    } catch (...) {
        return nullptr;
    }
}

void AcceptorList::end(const Acceptor& acceptor) noexcept {
    std::unique_ptr<Acceptor> ended;
    const std::lock_guard lock(mutex_);
    const auto found = std::find_if(acceptors_.begin(), acceptors_.end(),
                                    [&](const auto& other) { return other.get() == &acceptor; });
    ended = std::move(*found);
    *found = std::move(acceptors_.back());
    acceptors_.pop_back();
}

void AcceptorList::end_all() noexcept { acceptors_.clear(); }

Acceptor::Acceptor(UringQueue& queue, platform::File file) noexcept
    : queue_(queue), file_(std::move(file)) {
    request_.requester = this;
    request_.kind = OperationKind::accept;
}

Acceptor::~Acceptor() { reset_kept(); }

// --- for the listener ----------------------------------------------------------------------------

std::source_location Acceptor::latest() noexcept {
    const std::lock_guard lock(mutex);
    return latest_;
}

void Acceptor::accept(SocketOperation& operation) noexcept {
    if (!operation.begin(queue_, OperationKind::accept)) {
        return;
    }
    operation.emplace_native<Record>();
    in_flight_.fetch_add(1, std::memory_order_relaxed);
    UringQueue& queue = queue_;
    std::atomic<std::uint32_t>& in_flight = in_flight_;
    Result result = Result::failure(Error::canceled);
    {
        const std::lock_guard lock(mutex);
        latest_ = operation.where();
        const bool interrupted = canceled_ || operation.take_remembered_cancel() ||
                                 std::exchange(interrupt_next_, false);
        if (!interrupted) {
            if (kept_.empty()) {
                waiting_.push(operation);
                return ask(nullptr);
            }
            const int descriptor = kept_.front();
            kept_.pop_front();
            result = deliver(operation, descriptor);
        }
    }
    queue.finish(operation, result, &in_flight);
}

void Acceptor::cancel() noexcept {
    UringQueue& queue = queue_;
    std::atomic<std::uint32_t>& in_flight = in_flight_;
    OperationList waiting;
    {
        const std::lock_guard lock(mutex);
        canceled_ = true;
        waiting.splice(waiting_);
        reset_kept();
        if (asked_) {
            queue.workers().cancel(request_);
        }
    }
    while (Operation* const operation = waiting.pop()) {
        queue.finish(*operation, Result::failure(Error::canceled), &in_flight);
    }
}

/// An accept that waits has no connection yet: those that come without one are kept.
void Acceptor::interrupt_accept() noexcept {
    UringQueue& queue = queue_;
    std::atomic<std::uint32_t>& in_flight = in_flight_;
    Operation* oldest = nullptr;
    {
        const std::lock_guard lock(mutex);
        oldest = waiting_.pop();
        interrupt_next_ = interrupt_next_ || oldest == nullptr;
    }
    if (oldest != nullptr) {
        queue.finish(*oldest, Result::failure(Error::canceled), &in_flight);
    }
}

void Acceptor::interrupt_accept(SocketOperation& operation) noexcept {
    UringQueue& queue = queue_;
    std::atomic<std::uint32_t>& in_flight = in_flight_;
    {
        const std::lock_guard lock(mutex);
        if (!waiting_.remove(operation)) {
            return operation.remember_cancel();
        }
    }
    queue.finish(operation, Result::failure(Error::canceled), &in_flight);
}

void Acceptor::close() noexcept {
    {
        const std::lock_guard lock(mutex);
        canceled_ = true;
        closed_ = true;
        // Listening ends now, and with it the backlog, although the descriptor has to stay until
        // the kernel has done with the request.
        ::shutdown(descriptor(), SHUT_RDWR);
        reset_kept();
        if (asked_) {
            return queue_.workers().cancel(request_);
        }
    }
    queue_.acceptors().end(*this);
}

void Acceptor::reset_kept() noexcept {
    for (const int descriptor : kept_) {
        reset_connection(descriptor);
    }
    kept_.clear();
}

// --- the request ---------------------------------------------------------------------------------

/// Has the request made if it is not under way already.
void Acceptor::ask(Worker* me) noexcept {
    if (std::exchange(asked_, true)) {
        return;
    }
    request_.cancel_wanted = false;
    if (me != nullptr) {
        queue_.workers().restart(*me, request_);
    } else {
        queue_.workers().start(request_);
    }
}

void Acceptor::prepare(const Request&, ::io_uring_sqe& entry) noexcept {
    entry.fd = descriptor();
    if (only_look_) {
        entry.opcode = IORING_OP_POLL_ADD;
        entry.poll32_events = POLLIN;
        return;
    }
    entry.opcode = IORING_OP_ACCEPT;
    entry.ioprio = IORING_ACCEPT_MULTISHOT;
    entry.accept_flags = SOCK_CLOEXEC;
}

bool Acceptor::backlog_is_empty() const noexcept {
    ::pollfd watched{descriptor(), POLLIN, 0};
    return ::poll(&watched, 1, 0) == 0;
}

void Acceptor::completed(Request& request, const Event& event, Worker& me) noexcept {
    UringQueue& queue = queue_;
    std::atomic<std::uint32_t>& in_flight = in_flight_;
    Operation* operation = nullptr;
    Result result;
    bool last = false;
    {
        const std::lock_guard lock(mutex);
        if (!event.more) {
            Workers::settle(request);
            asked_ = false;
            last = closed_;
        }
        operation = take_in(event, result);
        if (!waiting_.empty()) {
            ask(&me);
        }
    }
    if (last) {
        queue.acceptors().end(*this);  // nothing waits, as the listener was closed
    } else if (operation != nullptr) {
        queue.workers().finish(me, *operation, result, &in_flight);
    }
}

/// The accept that this event completes, if it does.
Operation* Acceptor::take_in(const Event& event, Result& result) noexcept {
    const bool looked = std::exchange(only_look_, only_look_ && event.more);
    if (looked) {
        return nullptr;
    }
    if (event.result >= 0) {
        return take_connection(event.result, result);
    }
    const int code = -event.result;
    const bool nothing_happened =
        code == ECANCELED || platform::would_block(code) || platform::interrupted(code);
    if (nothing_happened || waiting_.empty()) {
        return nullptr;
    }
    result = platform::failure(code, OperationKind::accept);
    // The kernel looks for a free descriptor first, and only then for a connection.
    if (is_resource_shortage(result.error) && backlog_is_empty()) {
        only_look_ = true;
        return nullptr;
    }
    return waiting_.pop();
}

Operation* Acceptor::take_connection(int descriptor, Result& result) noexcept {
    if (canceled_) {
        reset_connection(descriptor);
        return nullptr;
    }
    if (Operation* const operation = waiting_.pop(); operation != nullptr) {
        result = deliver(static_cast<SocketOperation&>(*operation), descriptor);
        return operation;
    }
    keep(descriptor);
    return nullptr;
}

void Acceptor::keep(int descriptor) noexcept {
    try {
        kept_.push_back(descriptor);
    } catch (...) {
        return reset_connection(descriptor);
    }
    if (kept_.size() >= most_kept && asked_) {
        queue_.workers().cancel(request_);
    }
}

Result Acceptor::deliver(SocketOperation& operation, int descriptor) noexcept {
    platform::File file(descriptor);
    auto socket = Socket::make(queue_, std::move(file), platform::peer_address(descriptor));
    if (socket == nullptr) {
        return platform::failure(ENOMEM, OperationKind::accept);
    }
    socket->start_at_any_worker();
    operation.deliver(std::move(socket));
    return Result::success();
}

}  // namespace drydock::uring

// What Asio promises of a socket, on the contract's sockets: close at any time, cancel and go on.
#include <drydock/asio/socket.hpp>
#include <drydock/asio/timer.hpp>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <utility>

namespace drydock::asio_detail {

namespace {

std::size_t size_of(std::span<const ConstBuffer> buffers) noexcept {
    std::size_t size = 0;
    for (const ConstBuffer& buffer : buffers) size += buffer.size;
    return size;
}

std::span<MutableBuffer> without_empty(std::span<MutableBuffer> buffers) noexcept {
    while (!buffers.empty() && buffers.front().empty()) buffers = buffers.subspan(1);
    return buffers;
}

std::unique_ptr<AsyncSocket> take_first(std::vector<std::unique_ptr<AsyncSocket>>& sockets) {
    std::unique_ptr<AsyncSocket> first = std::move(sockets.front());
    sockets.erase(sockets.begin());
    return first;
}

/// How much is received ahead at a time, to be looked at.
constexpr std::size_t look_ahead_size = 16 * 1024;

/// When a program that must not wait tries to send again.
constexpr Duration try_again_after = std::chrono::milliseconds(1);

}  // namespace

// ---- the operation ------------------------------------------------------------------------------

void AsyncOperation::completed(Operation& operation, const Result& result) noexcept {
    auto& self = static_cast<AsyncOperation&>(operation);
    Loop& loop = *self.flight_loop_;
    Loop& item_loop = *self.loop_;  // `self` may be gone when it has completed
    if (self.timers_) {
        const std::shared_ptr<TimerSet> timers = self.timers_;
        timers->complete(self, result);
    } else {
        self.socket_->complete(self, result);
    }
    // Not earlier: at the end of a context this is what its destructor waits for.
    loop.flight_ended();
    if (&item_loop != &loop) item_loop.flight_ended();
}

std::uint64_t AsyncOperation::make_key() noexcept {
    static std::atomic<std::uint64_t> last{0};
    return key_ = last.fetch_add(1, std::memory_order_relaxed) + 1;
}

void AsyncOperation::complete_now(Loop& loop, Trouble trouble, std::size_t bytes) noexcept {
    trouble_ = trouble;
    bytes_ = bytes;
    socket_ = nullptr;
    loop.add(*this);
}

// ---- life ---------------------------------------------------------------------------------------

Socket::~Socket() {
    leave();
    lodging_ = nullptr;
}

void Socket::close() noexcept {
    const std::shared_ptr<Socket> self = weak_from_this().lock();
    const Lock lock(mutex_);
    if (std::exchange(closed_, true)) return;
    if (socket_) {
        if (abortive_) socket_->set_abortive_close();
        socket_->cancel();
    }
    if (listener_) listener_->cancel();
    for (OperationList* list :
         {&active_, &waiting_receives_, &waiting_readable_, &waiting_sends_}) {
        for (AsyncOperation* operation = list->first(); operation != nullptr;) {
            AsyncOperation& each = *operation;
            operation = OperationList::next(each);
            each.cancel_requested_ = true;
            if (each.waits_ == Waits::connect || each.waits_ == Waits::closing) {
                queue_loop_->queue().cancel(each);
            }
            if (list == &active_) continue;
            list->remove(each);
            each.complete_now(loop_, Error::canceled);
        }
    }
}

Trouble Socket::adopt(Handed handed) {
    if (!handed.socket) return Reason::bad_descriptor;
    if (handed.loop != &loop_) lodging_ = std::make_unique<Lodging>(*handed.loop, *this);
    const Lock lock(mutex_);
    queue_loop_ = handed.loop;
    socket_ = std::move(handed.socket);
    return {};
}

void Socket::drop_for_good() noexcept {
    const Lock lock(mutex_);
    dropped_ = true;
    give_back();
}

/// Gives back what belongs to the queue, if it is time for that.
void Socket::give_back() noexcept {
    // A world may have ended with operations in flight.
    if (!dropped_ || !active_.empty() || blocking_ > 0) return;
    socket_ = nullptr;
    listener_ = nullptr;
    arrived_.clear();
}

void Socket::help_elsewhere() noexcept {
    if (queue_loop_ == &loop_ || !loop_.locks()) return;  // a world has one queue
    {
        const Lock lock(mutex_);
        if (active_.empty()) return;
        queue_loop_->flight_begun();  // it does not end meanwhile
    }
    queue_loop_->help();
    queue_loop_->flight_ended();
}

int Socket::release(Trouble& trouble) {
    cancel_all();
    Lock lock(mutex_);
    if (!socket_ || !active_.empty()) {
        // A descriptor can be taken away under operations in flight; a socket of the contract
        // cannot.
        trouble = Reason::unsupported;
        return -1;
    }
    closed_ = true;
    return hand_over(std::move(socket_), *queue_loop_);
}

// ---- like the system's calls --------------------------------------------------------------------

Trouble Socket::bind(const Endpoint& endpoint, std::source_location where) {
    const Lock lock(mutex_);
    if (bound_ || socket_) return Reason::invalid;
    // The contract binds and listens in one call. So that errors and the port are known here, the
    // listener is opened here; a connect gives it up again.
    return open_listener(endpoint, ListenOptions().backlog, where);
}

Trouble Socket::open_listener(const Endpoint& endpoint, int backlog, std::source_location where) {
    bool only_ipv6 = false;
    for (const SocketOption& option : options_) {
        // IPV6_V6ONLY is 26 on Linux and 27 on Windows, in IPPROTO_IPV6, which is 41 on both.
        if (option.level == 41 && (option.name == 26 || option.name == 27)) {
            only_ipv6 = !option.value.empty() && option.value.front() != std::byte{0};
        }
    }
    ListenOptions options;
    options.backlog = backlog;
    options.ipv6_only = only_ipv6;
    options.where = where;
    ListenResult result = loop_.queue().listen(endpoint, options);
    if (result.error != Error::ok) return {result.error, result.native};
    listener_ = std::move(result.listener);
    bound_ = std::make_unique<Endpoint>(listener_->local_endpoint());
    return {};
}

Trouble Socket::listen(int backlog, std::source_location where) {
    if (!bound_) {
        const Endpoint any = ipv6_ ? Endpoint::ipv6({}, 0) : Endpoint::ipv4({}, 0);
        if (const Trouble trouble = bind(any, where)) return trouble;
    }
    const Lock lock(mutex_);
    if (!listener_) return Reason::invalid;
    if (!listening_ && backlog > 0 && backlog < ListenOptions().backlog) {
        listener_ = nullptr;
        const Endpoint endpoint = *bound_;
        if (const Trouble trouble = open_listener(endpoint, backlog, where)) return trouble;
    }
    listening_ = true;
    return {};
}

Trouble Socket::shut_down(bool receive, bool send) {
    const Lock lock(mutex_);
    if (!socket_) return Reason::not_connected;
    if (receive) {
        receive_shut_ = true;
        if (reads()) socket_->interrupt_receive();
    }
    if (send && !std::exchange(send_shut_, true)) {
        if (in_progress(Waits::send)) {
            shut_send_later_ = true;
            socket_->interrupt_send();
        } else {
            socket_->shutdown_send();
        }
    }
    return {};
}

void Socket::set_abortive(bool abortive) {
    const Lock lock(mutex_);
    abortive_ = abortive;
}

void Socket::set_reports_aborted(bool reports) {
    const Lock lock(mutex_);
    reports_aborted_ = reports;
}

Trouble Socket::set_option(int level, int name, const void* value, std::size_t size) {
    const Lock lock(mutex_);
    SocketOption* known = nullptr;
    for (SocketOption& option : options_) {
        if (option.level == level && option.name == name) known = &option;
    }
    if (known == nullptr) known = &options_.emplace_back(SocketOption{level, name, {}});
    const auto* const bytes = static_cast<const std::byte*>(value);
    known->value.assign(bytes, bytes + size);
    return {};
}

Trouble Socket::get_option(int level, int name, void* value, std::size_t& size) const {
    const Lock lock(mutex_);
    for (const SocketOption& option : options_) {
        if (option.level != level || option.name != name) continue;
        size = std::min(size, option.value.size());
        std::memcpy(value, option.value.data(), size);
        break;
    }
    return {};
}

Trouble Socket::local_endpoint(Endpoint& endpoint) const {
    const Lock lock(mutex_);
    if (socket_)
        endpoint = socket_->local_endpoint();
    else if (bound_)
        endpoint = *bound_;
    else
        endpoint = ipv6_ ? Endpoint::ipv6({}, 0) : Endpoint::ipv4({}, 0);
    return {};
}

Trouble Socket::peer_endpoint(Endpoint& endpoint) const {
    const Lock lock(mutex_);
    if (!socket_) return Reason::not_connected;
    endpoint = socket_->peer_endpoint();
    return {};
}

std::size_t Socket::available(Trouble& trouble) {
    const Lock lock(mutex_);
    if (!socket_) return 0;
    const Trouble looked = look_ahead();
    if (looked && looked.reason != Reason::would_block && ahead_.empty()) trouble = looked;
    return ahead_.size();
}

/// Receives what has arrived into `ahead_`, unless a receive is in flight.
Trouble Socket::look_ahead() noexcept {
    if (reads() || blocking_receives_ > 0) return Reason::would_block;
    const std::size_t before = ahead_.size();
    if (before >= look_ahead_size) return {};
    ahead_.resize(look_ahead_size);
    const Result result = socket_->try_receive(MutableBuffer(std::span(ahead_).subspan(before)));
    ahead_.resize(before + (result.ok() ? result.bytes : 0));
    if (result.error == Error::would_block) return Reason::would_block;
    return {result.error, result.native};
}

/// A system reports a reset once; then receives find the end of the stream, and sends fail.
void Socket::note_reset(const Result& result) noexcept {
    if (result.error == Error::reset) was_reset_ = true;
}

std::size_t Socket::take_ahead(MutableBuffer buffer, bool peek) noexcept {
    const std::size_t size = std::min(buffer.size(), ahead_.size());
    std::copy_n(ahead_.begin(), size, buffer.data());
    if (!peek) ahead_.erase(ahead_.begin(), ahead_.begin() + static_cast<std::ptrdiff_t>(size));
    return size;
}

bool Socket::in_progress(Waits waits) const noexcept {
    for (const AsyncOperation* each = active_.first(); each != nullptr;
         each = OperationList::next(*each)) {
        if (each->waits_ == waits) return true;
    }
    return false;
}

// ---- starts -------------------------------------------------------------------------------------

void Socket::start_failed(Loop& loop, AsyncOperation& operation, Trouble trouble) {
    operation.loop_ = &loop;
    operation.complete_now(loop, trouble);
}

/// Notes that the operation is being started. False: the socket is closed, and the operation has
/// completed.
bool Socket::begin(AsyncOperation& operation, Waits waits) {
    operation.loop_ = &loop_;
    operation.waits_ = waits;
    if (closed_) {
        operation.complete_now(loop_, Reason::bad_descriptor);
        return false;
    }
    operation.socket_ = shared_from_this();
    return true;
}

/// Counts the operation as in flight.
void Socket::take_off(AsyncOperation& operation) noexcept {
    active_.add(operation);
    operation.flight_loop_ = queue_loop_;
    queue_loop_->flight_begun();
    // The loop that runs the item waits for it at its end, too.
    if (queue_loop_ != &loop_) loop_.flight_begun();
}

Trouble Socket::ready_to_receive() const noexcept {
    if (!socket_) return Reason::not_connected;
    if ((receive_shut_ || was_reset_) && ahead_.empty()) return Reason::end_of_stream;
    return {};
}

Trouble Socket::ready_to_send() const noexcept {
    if (!socket_) return Error::broken;
    if (send_shut_ || was_reset_) return Error::broken;
    return {};
}

void Socket::start_receive(AsyncOperation& operation, std::span<MutableBuffer> buffers, bool peek) {
    const Lock lock(mutex_);
    if (!begin(operation, Waits::receive)) return;
    buffers = without_empty(buffers);
    operation.peeks_ = peek;
    if (buffers.empty()) return operation.complete_now(loop_, {});
    operation.buffer_ = buffers.front();
    operation.more_ = buffers.subspan(1);
    if (const Trouble trouble = ready_to_receive()) {
        return operation.complete_now(loop_, trouble);
    }
    if (!ahead_.empty() && !in_progress(Waits::receive)) {
        return operation.complete_now(loop_, {}, take_ahead(operation.buffer_, peek));
    }
    const bool overlaps = in_progress(Waits::receive) || !waiting_receives_.empty();
    const bool queues = loop_.options().queue_overlapping;
    if ((queues && (overlaps || blocking_receives_ > 0)) ||
        (!overlaps && in_progress(Waits::readable))) {
        return waiting_receives_.add(operation);
    }
    begin_receive(operation);
}

void Socket::begin_receive(AsyncOperation& operation) noexcept {
    take_off(operation);
    // A receive that only looks waits without a buffer; a wait has none.
    socket_->receive(operation, operation.peeks_ ? MutableBuffer() : operation.buffer_);
}

void Socket::start_send(AsyncOperation& operation, std::span<const ConstBuffer> buffers) {
    const Lock lock(mutex_);
    if (!begin(operation, Waits::send)) return;
    operation.out_ = buffers;
    if (size_of(buffers) == 0) return operation.complete_now(loop_, {});
    if (const Trouble trouble = ready_to_send()) return operation.complete_now(loop_, trouble);
    if (loop_.options().queue_overlapping && in_progress(Waits::send)) {
        return waiting_sends_.add(operation);
    }
    begin_send(operation);
}

void Socket::begin_send(AsyncOperation& operation) noexcept {
    take_off(operation);
    socket_->send(operation, operation.out_);
}

void Socket::start_connect(AsyncOperation& operation, const Endpoint& endpoint) {
    const Lock lock(mutex_);
    if (!begin(operation, Waits::connect)) return;
    if (socket_) return operation.complete_now(loop_, Reason::already_connected);
    listener_ = nullptr;
    take_off(operation);
    queue_loop_->queue().connect(operation, endpoint);
}

void Socket::start_accept(AsyncOperation& operation) {
    const Lock lock(mutex_);
    if (!begin(operation, Waits::accept)) return;
    if (!listening_) return operation.complete_now(loop_, Reason::not_listening);
    begin_accept(operation);
}

void Socket::begin_accept(AsyncOperation& operation) noexcept {
    if (!arrived_.empty()) {
        if (!operation.keeps_) operation.connection_ = take_first(arrived_);
        return operation.complete_now(loop_, {});
    }
    take_off(operation);
    listener_->accept(operation);
}

void Socket::start_wait_readable(AsyncOperation& operation) {
    const Lock lock(mutex_);
    if (!begin(operation, listening_ ? Waits::accept : Waits::readable)) return;
    if (listening_) {
        // The contract cannot wait for a connection without accepting it; the next accept gets it.
        operation.keeps_ = true;
        return begin_accept(operation);
    }
    const Trouble trouble = ready_to_receive();
    if (trouble || !ahead_.empty()) return operation.complete_now(loop_, {});
    if (reads()) return waiting_readable_.add(operation);
    begin_receive(operation);
}

void Socket::start_wait_writable(AsyncOperation& operation) {
    const Lock lock(mutex_);
    if (!begin(operation, full_ ? Waits::closing : Waits::none)) return;
    // The contract does not tell when there is room: a send waits for it. A program whose send
    // found none, and must not wait, tries again after a pause.
    if (!full_) return operation.complete_now(loop_, {});
    full_ = false;
    take_off(operation);
    queue_loop_->queue().start_timer(operation, later(queue_loop_->queue().now(), try_again_after));
}

void Socket::start_wait_error(AsyncOperation& operation) {
    const Lock lock(mutex_);
    if (!begin(operation, Waits::closing)) return;
    take_off(operation);
    queue_loop_->queue().start_timer(operation, never);
}

// ---- cancel -------------------------------------------------------------------------------------

void Socket::interrupt(AsyncOperation& operation) noexcept {
    operation.cancel_requested_ = true;
    switch (operation.waits_) {
        case Waits::receive:
        case Waits::readable:
            return socket_->interrupt_receive();
        case Waits::send:
            return socket_->interrupt_send();
        case Waits::accept:
            return listener_->interrupt_accept(operation);
        case Waits::connect:
        case Waits::closing:
            return queue_loop_->queue().cancel(operation);
        case Waits::none:
            return;
    }
}

void Socket::cancel_one(std::uint64_t key) noexcept {
    const Lock lock(mutex_);
    for (OperationList* list :
         {&waiting_receives_, &waiting_readable_, &waiting_sends_, &active_}) {
        AsyncOperation* each = list->first();
        while (each != nullptr && each->key_ != key) each = OperationList::next(*each);
        if (each == nullptr) continue;
        if (list == &active_) {
            if (!each->cancel_requested_) interrupt(*each);
            return;
        }
        list->remove(*each);
        return each->complete_now(loop_, Error::canceled);
    }
}

void Socket::cancel_all() noexcept {
    const Lock lock(mutex_);
    for (OperationList* list : {&waiting_receives_, &waiting_readable_, &waiting_sends_}) {
        while (AsyncOperation* const each = list->first()) {
            list->remove(*each);
            each->complete_now(loop_, Error::canceled);
        }
    }
    for (AsyncOperation* each = active_.first(); each != nullptr;
         each = OperationList::next(*each)) {
        if (!each->cancel_requested_) interrupt(*each);
    }
}

// ---- completions --------------------------------------------------------------------------------

void Socket::complete(AsyncOperation& operation, const Result& result) noexcept {
    // The operation's own reference keeps the socket until its connection may be destroyed.
    std::shared_ptr<Socket> self = operation.socket_;
    OperationList also_ended;
    {
        const Lock lock(mutex_);
        active_.remove(operation);
        bool ended = true;
        switch (operation.waits_) {
            case Waits::receive:
            case Waits::readable:
                ended = received(operation, result, also_ended);
                break;
            case Waits::send:
                ended = sent(operation, result);
                break;
            case Waits::connect:
                ended = connected(operation, result);
                break;
            case Waits::accept:
                ended = accepted(operation, result);
                break;
            case Waits::closing:
            case Waits::none:
                operation.trouble_ = {result.error, result.native};
                break;
        }
        if (!ended) return;
        give_back();
    }
    operation.socket_ = nullptr;
    Loop& loop = loop_;
    self = nullptr;
    loop.add(operation);
    while (AsyncOperation* const each = also_ended.first()) {
        also_ended.remove(*each);
        each->complete_now(loop, {});
    }
}

/// False: it was started again. Waits that end with it go to `also_ended`.
bool Socket::received(AsyncOperation& operation, const Result& result,
                      OperationList& also_ended) noexcept {
    const bool readable = operation.waits_ == Waits::readable;
    if (result.error == Error::canceled && !operation.cancel_requested_ && !closed_ &&
        !receive_shut_) {
        begin_receive(operation);
        return false;
    }
    operation.trouble_ = {result.error, result.native};
    operation.bytes_ = result.bytes;
    if (!readable) note_reset(result);  // the next receive reports it
    if (result.error == Error::canceled && receive_shut_ && !operation.cancel_requested_) {
        operation.trouble_ = Reason::end_of_stream;
    } else if (readable) {
        if (result.error != Error::canceled)
            operation.trouble_ = {};  // an error is to be read, too
    } else if (result.ok() && operation.peeks_) {
        const Trouble looked = look_ahead();
        operation.bytes_ = take_ahead(operation.buffer_, true);
        if (operation.bytes_ == 0) operation.trouble_ = looked ? looked : Reason::end_of_stream;
    } else if (result.ok() && result.bytes == 0) {
        operation.trouble_ = Reason::end_of_stream;
    } else if (result.ok() && result.bytes == operation.buffer_.size()) {
        operation.bytes_ += receive_more(operation.more_);
    }
    if (result.error != Error::canceled || receive_shut_) {
        std::swap(also_ended, waiting_readable_);
    }
    next_receive();
    return true;
}

/// Receives what has arrived into further buffers.
std::size_t Socket::receive_more(std::span<MutableBuffer> buffers) noexcept {
    std::size_t total = 0;
    for (const MutableBuffer& buffer : buffers) {
        if (buffer.empty()) continue;
        if (in_progress(Waits::receive) || closed_) break;
        const Result result = socket_->try_receive(buffer);
        if (!result.ok()) break;
        total += result.bytes;
        if (result.bytes < buffer.size()) break;
    }
    return total;
}

bool Socket::sent(AsyncOperation& operation, const Result& result) noexcept {
    const bool stale = result.error == Error::canceled && !operation.cancel_requested_ &&
                       !closed_ && !shut_send_later_;
    if (stale && result.bytes == 0) {
        begin_send(operation);
        return false;
    }
    operation.bytes_ = result.bytes;
    operation.trouble_ = {result.error, result.native};
    note_reset(result);
    // A send that moved bytes has succeeded, whatever ended it.
    if (result.bytes > 0 && result.error == Error::canceled) operation.trouble_ = {};
    if (std::exchange(shut_send_later_, false)) {
        if (result.error == Error::canceled && result.bytes == 0)
            operation.trouble_ = Error::broken;
        if (!closed_) socket_->shutdown_send();
    }
    next_send();
    return true;
}

bool Socket::connected(AsyncOperation& operation, const Result& result) noexcept {
    std::unique_ptr<AsyncSocket> made = operation.take_socket();
    operation.trouble_ = {result.error, result.native};
    if (!result.ok()) return true;
    if (closed_) {
        operation.trouble_ = Error::canceled;
        made->cancel();
    } else {
        socket_ = std::move(made);
    }
    return true;
}

bool Socket::accepted(AsyncOperation& operation, const Result& result) noexcept {
    const bool again = (result.error == Error::reset && !reports_aborted_) ||
                       (result.error == Error::canceled && !operation.cancel_requested_);
    if (again && !closed_) {
        take_off(operation);
        listener_->accept(operation);
        return false;
    }
    operation.connection_ = operation.take_socket();
    if (operation.keeps_ && operation.connection_) {
        arrived_.push_back(std::move(operation.connection_));
    }
    operation.trouble_ = {result.error, result.native};
    if (result.error == Error::reset) {
        operation.trouble_ = closed_ ? Trouble(Error::canceled) : Reason::connection_aborted;
    }
    return true;
}

/// Puts what waits for the receive or the wait that has ended on the queue: the next receive, or if
/// there is none, a wait.
void Socket::next_receive() noexcept {
    while (!closed_ && !reads()) {
        const bool receives = !waiting_receives_.empty();
        OperationList& waiting = receives ? waiting_receives_ : waiting_readable_;
        AsyncOperation* const next = waiting.first();
        if (next == nullptr) return;
        waiting.remove(*next);
        const Trouble trouble = ready_to_receive();
        if (!trouble && ahead_.empty()) return begin_receive(*next);
        if (!receives) {
            next->complete_now(loop_, {});
        } else if (!ahead_.empty()) {
            next->complete_now(loop_, {}, take_ahead(next->buffer_, next->peeks_));
        } else {
            next->complete_now(loop_, trouble);
        }
    }
}

void Socket::next_send() noexcept {
    AsyncOperation* const next = waiting_sends_.first();
    if (next == nullptr || closed_ || in_progress(Waits::send)) return;
    waiting_sends_.remove(*next);
    begin_send(*next);
}

// ---- synchronous --------------------------------------------------------------------------------

/// Loop::run_blocking(), which this socket knows of.
template <typename Start, typename Interrupt>
Result Socket::run_blocking(BlockingOperation& operation, Start start, Interrupt interrupt,
                            Time deadline) {
    struct Counted {
        explicit Counted(Socket& of) : socket(of) {
            const Lock lock(socket.mutex_);
            ++socket.blocking_;
        }
        ~Counted() {
            const Lock lock(socket.mutex_);
            --socket.blocking_;
        }
        Socket& socket;
    } const counted(*this);
    return Loop::run_blocking(operation, start, interrupt, deadline);
}

bool Socket::too_late(Time deadline) const noexcept {
    return deadline != never && queue_loop_->queue().now() >= deadline;
}

Done Socket::receive(std::span<MutableBuffer> buffers, bool peek, bool waits,
                     std::source_location where, Time deadline) {
    const std::shared_ptr<Socket> self = shared_from_this();
    buffers = without_empty(buffers);
    if (buffers.empty()) return {};
    for (;;) {
        Lock lock(mutex_);
        if (closed_) return {Reason::bad_descriptor, 0};
        if (const Trouble trouble = ready_to_receive()) return {trouble, 0};
        if (peek && ahead_.empty() && !waits) look_ahead();
        if (!ahead_.empty()) return {{}, take_ahead(buffers.front(), peek)};
        if (!waits && peek) return {Reason::would_block, 0};
        Result result;
        if (!waits) {
            result = socket_->try_receive(buffers.front());
            if (result.error == Error::would_block) return {Reason::would_block, 0};
        } else {
            ++blocking_receives_;
            lock.unlock();
            BlockingOperation operation(*queue_loop_, where);
            result = run_blocking(
                operation,
                [&] { socket_->receive(operation, peek ? MutableBuffer() : buffers.front()); },
                [&] { socket_->interrupt_receive(); }, deadline);
            lock.lock();
            --blocking_receives_;
            if (result.error == Error::canceled && !closed_ && too_late(deadline)) {
                return {Error::timed_out, 0};
            }
            if (result.error == Error::canceled && !closed_ && !receive_shut_ && operation.done()) {
                continue;  // an interrupt that came too late for another receive
            }
            if (result.error == Error::canceled && receive_shut_ && !closed_) {
                return {Reason::end_of_stream, 0};
            }
            if (peek && result.ok()) {
                const Trouble looked = look_ahead();
                if (!ahead_.empty()) return {{}, take_ahead(buffers.front(), true)};
                return {looked ? looked : Reason::end_of_stream, 0};
            }
        }
        note_reset(result);
        if (!result.ok()) return {{result.error, result.native}, result.bytes};
        if (result.bytes == 0) return {Reason::end_of_stream, 0};
        std::size_t bytes = result.bytes;
        if (bytes == buffers.front().size()) bytes += receive_more(buffers.subspan(1));
        return {{}, bytes};
    }
}

Done Socket::send(std::span<const ConstBuffer> buffers, bool waits, std::source_location where,
                  Time deadline) {
    const std::shared_ptr<Socket> self = shared_from_this();
    if (size_of(buffers) == 0) return {};
    for (;;) {
        Lock lock(mutex_);
        if (closed_) return {Reason::bad_descriptor, 0};
        if (const Trouble trouble = ready_to_send()) return {trouble, 0};
        lock.unlock();
        BlockingOperation operation(*queue_loop_, where);
        bool interrupted = false;
        // A send that must not wait is interrupted if it has not completed at once.
        const Time until = waits ? deadline : queue_loop_->queue().now();
        const Result result = run_blocking(
            operation, [&] { socket_->send(operation, buffers); },
            [&] {
                interrupted = true;
                socket_->interrupt_send();
            },
            until);
        lock.lock();
        const bool stale =
            std::exchange(stale_interrupt_, interrupted && result.error != Error::canceled);
        note_reset(result);
        if (result.bytes > 0) return {{}, result.bytes};
        if (result.error != Error::canceled) return {{result.error, result.native}, 0};
        if (!closed_ && waits && too_late(deadline)) return {Error::timed_out, 0};
        if (closed_ || !operation.done()) return {Error::canceled, 0};
        if (!waits && !(stale && !interrupted)) {
            full_ = true;
            return {Reason::would_block, 0};
        }
    }
}

Trouble Socket::connect(const Endpoint& endpoint, std::source_location where, Time deadline) {
    const std::shared_ptr<Socket> self = shared_from_this();
    Lock lock(mutex_);
    if (closed_) return Reason::bad_descriptor;
    if (socket_) return Reason::already_connected;
    listener_ = nullptr;
    lock.unlock();
    BlockingOperation operation(*queue_loop_, where);
    const Result result = run_blocking(
        operation, [&] { queue_loop_->queue().connect(operation, endpoint); },
        [&] { queue_loop_->queue().cancel(operation); }, deadline);
    std::unique_ptr<AsyncSocket> made = operation.take_socket();
    lock.lock();
    if (result.error == Error::canceled && !closed_ && too_late(deadline)) return Error::timed_out;
    if (!result.ok()) return {result.error, result.native};
    if (closed_) return Error::canceled;
    socket_ = std::move(made);
    return {};
}

Trouble Socket::accept(std::unique_ptr<AsyncSocket>& connection, bool waits,
                       std::source_location where) {
    const std::shared_ptr<Socket> self = shared_from_this();
    for (;;) {
        Lock lock(mutex_);
        if (closed_) return Reason::bad_descriptor;
        if (!listening_) return Reason::not_listening;
        if (!arrived_.empty()) {
            connection = take_first(arrived_);
            return {};
        }
        lock.unlock();
        BlockingOperation operation(*queue_loop_, where);
        const Result result = run_blocking(
            operation, [&] { listener_->accept(operation); },
            [&] { listener_->interrupt_accept(operation); },
            waits ? never : queue_loop_->queue().now());
        connection = operation.take_socket();
        if (result.ok()) return {};
        lock.lock();
        if (closed_ || !operation.done()) return Error::canceled;
        if (result.error == Error::canceled && !waits) return Reason::would_block;
        if (result.error == Error::reset && reports_aborted_) return Reason::connection_aborted;
        if (result.error != Error::reset && result.error != Error::canceled) {
            return {result.error, result.native};
        }
    }
}

Trouble Socket::wait_readable(bool waits, std::source_location where) {
    const std::shared_ptr<Socket> self = shared_from_this();
    for (;;) {
        Lock lock(mutex_);
        if (closed_) return Reason::bad_descriptor;
        if (listening_) {
            lock.unlock();
            std::unique_ptr<AsyncSocket> connection;
            if (const Trouble trouble = accept(connection, waits, where)) return trouble;
            lock.lock();
            arrived_.push_back(std::move(connection));
            return {};
        }
        if (ready_to_receive() || !ahead_.empty()) return {};
        if (!waits) {
            const Result looked = socket_->try_receive({});
            return looked.error == Error::would_block ? Trouble(Reason::would_block) : Trouble();
        }
        ++blocking_receives_;
        lock.unlock();
        BlockingOperation operation(*queue_loop_, where);
        const Result result = run_blocking(
            operation, [&] { socket_->receive(operation, MutableBuffer()); },
            [&] { socket_->interrupt_receive(); });
        lock.lock();
        --blocking_receives_;
        if (result.error != Error::canceled) return {};
        if (closed_ || !operation.done()) return Error::canceled;
    }
}

Trouble Socket::wait_writable(bool waits, std::source_location where) {
    const std::shared_ptr<Socket> self = shared_from_this();
    Lock lock(mutex_);
    if (closed_) return Reason::bad_descriptor;
    if (!std::exchange(full_, false)) return {};
    if (!waits) return Reason::would_block;
    lock.unlock();
    BlockingOperation operation(*queue_loop_, where);
    const Time until = later(queue_loop_->queue().now(), try_again_after);
    const Result result = run_blocking(
        operation, [&] { queue_loop_->queue().start_timer(operation, until); },
        [&] { queue_loop_->queue().cancel(operation); });
    return {result.error, result.native};
}

Trouble Socket::wait_error(std::source_location where) {
    const std::shared_ptr<Socket> self = shared_from_this();
    Lock lock(mutex_);
    if (closed_) return Reason::bad_descriptor;
    lock.unlock();
    BlockingOperation operation(*queue_loop_, where);
    const Result result = run_blocking(
        operation, [&] { queue_loop_->queue().start_timer(operation, never); },
        [&] { queue_loop_->queue().cancel(operation); });
    return {result.error, result.native};
}

}  // namespace drydock::asio_detail

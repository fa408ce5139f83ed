// What all operations of the face have in common: errors, endpoints, the loop of a context, and the
// operation that calls a handler. For each flavour, inside its namespace in drydock::asio_detail.

using error_code = DRYDOCK_NET_ERROR_CODE;

/// The error_code that Asio has for `trouble`.
inline error_code to_error_code(const Trouble& trouble) {
    namespace error = net::error;
    switch (trouble.reason) {
        case Reason::ok: return {};
        case Reason::contract: break;
        case Reason::end_of_stream: return error::eof;
        case Reason::bad_descriptor: return error::bad_descriptor;
        case Reason::already_open: return error::already_open;
        case Reason::not_connected: return error::not_connected;
        case Reason::already_connected: return error::already_connected;
        case Reason::not_listening: return error::invalid_argument;
        case Reason::would_block: return error::would_block;
        case Reason::invalid: return error::invalid_argument;
        case Reason::unsupported: return error::operation_not_supported;
        case Reason::unknown_option: return error::no_protocol_option;
        case Reason::host_not_found: return error::host_not_found;
        case Reason::service_not_found: return error::service_not_found;
        case Reason::connection_aborted: return error::connection_aborted;
    }
    const auto of_system = [&](std::errc condition) {
        return error_code(trouble.native != 0 ? trouble.native : static_cast<int>(condition),
                          error::get_system_category());
    };
    switch (trouble.error) {
        case Error::ok: return {};
        case Error::canceled: return error::operation_aborted;
        case Error::reset: return error::connection_reset;
        case Error::broken: return error::broken_pipe;
        case Error::refused: return error::connection_refused;
        case Error::unreachable: return error::host_unreachable;
        case Error::timed_out: return error::timed_out;
        case Error::no_buffers: return error::no_buffer_space;
        case Error::too_many_handles: return error::no_descriptors;
        case Error::address_in_use: return error::address_in_use;
        case Error::address_not_available: return of_system(std::errc::address_not_available);
        case Error::access_denied: return error::access_denied;
        case Error::not_supported: return error::operation_not_supported;
        case Error::invalid_argument: return error::invalid_argument;
        case Error::would_block: return error::would_block;
        case Error::unknown: break;
    }
    return of_system(std::errc::io_error);
}

template <typename AsioEndpoint>
Endpoint from_asio(const AsioEndpoint& endpoint) {
    const auto address = endpoint.address();
    if (address.is_v4()) return Endpoint::ipv4(address.to_v4().to_bytes(), endpoint.port());
    return Endpoint::ipv6(address.to_v6().to_bytes(), endpoint.port(),
                          static_cast<std::uint32_t>(address.to_v6().scope_id()));
}

template <typename AsioEndpoint>
AsioEndpoint to_asio(const Endpoint& endpoint) {
    if (endpoint.family() == Endpoint::Family::ipv4) {
        net::ip::address_v4::bytes_type bytes;
        std::copy_n(endpoint.address().begin(), bytes.size(), bytes.begin());
        return AsioEndpoint(net::ip::address_v4(bytes), endpoint.port());
    }
    net::ip::address_v6::bytes_type bytes;
    std::copy_n(endpoint.address().begin(), bytes.size(), bytes.begin());
    return AsioEndpoint(net::ip::address_v6(bytes, endpoint.scope()), endpoint.port());
}

/// The loop of an execution context. An io_context of ours brings its own; any other context (a
/// thread_pool, the system_context) gets one with a thread of its own.
class Engine final : public net::execution_context::service {
public:
    using key_type = Engine;
    static inline net::execution_context::id id;

    explicit Engine(net::execution_context& context)
        : net::execution_context::service(context), background_(std::in_place) {}
    Engine(net::execution_context& context, Loop& loop)
        : net::execution_context::service(context), loop_(&loop) {}

    Loop& loop() { return background_ ? background_->loop() : *loop_; }

private:
    void shutdown() override {
        if (background_) background_->stop();
    }

    Loop* loop_ = nullptr;
    std::optional<BackgroundLoop> background_;
};

inline Loop& loop_of(net::execution_context& context) {
    return net::use_service<Engine>(context).loop();
}

// ---- the place in the program's source ----------------------------------------------------------

/// Where the program has started an operation. Reports name it.
using Place = std::source_location;

/// Asio's composed operations start reads and writes from their own sources. This associator finds
/// the place in the handler that the program's operation was started with, through all that Asio
/// has wrapped around it.
template <typename T, typename Default = Place>
struct associated_place {
    using type = Default;
    static Default get(const T& object, const Default& otherwise = Default()) noexcept {
        if constexpr (requires { object.drydock_place; }) {
            return object.drydock_place;
        } else {
#if defined(DRYDOCK_NET_HAS_CANCELLATION)
            if constexpr (requires {
                              net::associator<associated_place, T, Default>::get(object, otherwise);
                          }) {
                return net::associator<associated_place, T, Default>::get(object, otherwise);
            }
#endif
            return otherwise;
        }
    }
};

/// A handler with the place where its operation was started.
template <typename Handler>
struct Placed {
    template <typename... Arguments>
    void operator()(Arguments&&... arguments) {
        std::move(handler)(std::forward<Arguments>(arguments)...);
    }

    Handler handler;
    Place drydock_place;
};

// ---- calling a handler --------------------------------------------------------------------------

/// A handler with what it is to be called with.
template <typename Handler, typename... Arguments>
struct BoundHandler {
    using allocator_type = net::associated_allocator_t<Handler>;
    allocator_type get_allocator() const noexcept { return net::get_associated_allocator(handler); }
    void operator()() {
        std::apply(
            [&](Arguments&... values) { std::move(handler)(std::move(values)...); }, arguments);
    }

    Handler handler;
    std::tuple<Arguments...> arguments;
};

/// What keeps a context busy that is no io_context (a thread_pool, the system_context) while an
/// operation of its loop goes on: its join() waits for that.
class ContextWork {
public:
    ContextWork() noexcept = default;
    explicit ContextWork(net::execution_context& context) {
        if (!net::has_service<net::detail::scheduler>(context)) return;
        scheduler_ = &net::use_service<net::detail::scheduler>(context);
        scheduler_->work_started();
    }
    ContextWork(ContextWork&& other) noexcept
        : scheduler_(std::exchange(other.scheduler_, nullptr)) {}
    ContextWork& operator=(ContextWork&&) = delete;
    ~ContextWork() {
        if (scheduler_ != nullptr) scheduler_->work_finished();
    }

private:
    net::detail::scheduler* scheduler_ = nullptr;
};

/// Keeps an executor busy until its end, by properties where the executor has them, as Asio's
/// handler_work does. (net::executor_work_guard takes a strand of an any_io_executor for an
/// executor of the Networking TS, which it is not.)
template <typename Executor>
class TrackedExecutor {
public:
    explicit TrackedExecutor(const Executor& executor)
        : executor_(net::prefer(executor, net::execution::outstanding_work.tracked)) {}
    /// The executor, which counts itself as work.
    const auto& get() const noexcept { return executor_; }

private:
    using Outstanding = net::execution::outstanding_work_t;
    std::decay_t<typename net::prefer_result<Executor, Outstanding::tracked_t>::type> executor_;
};
template <typename Executor>
    requires(!net::execution::is_executor<Executor>::value)
class TrackedExecutor<Executor> {
public:
    explicit TrackedExecutor(const Executor& executor) : guard_(executor) {}
    Executor get() const noexcept { return guard_.get_executor(); }

private:
    net::executor_work_guard<Executor> guard_;
};

/// Where the handler of an operation runs: on the loop of its I/O object, where no more needs to be
/// done, or on an executor of its own, which is kept busy until then.
template <typename Handler, typename IoExecutor>
class Work {
public:
    using Executor = net::associated_executor_t<Handler, IoExecutor>;

    Work(const Handler& handler, const IoExecutor& io_executor, Loop& loop)
        : context_work_(work_of(io_executor, loop)) {
        const Executor executor = net::get_associated_executor(handler, io_executor);
        if (!runs_on(executor, loop)) guard_.emplace(executor);
    }

    template <typename... Arguments>
    void complete(Handler&& handler, std::tuple<Arguments...>&& arguments) {
        BoundHandler<Handler, Arguments...> bound{std::move(handler), std::move(arguments)};
        if (!guard_) {
            DRYDOCK_NET_INVOKE(bound, bound.handler);
            return;
        }
        net::dispatch(guard_->get(), std::move(bound));
    }

private:
    static ContextWork work_of(const IoExecutor& io_executor, const Loop& loop) {
        if constexpr (requires { net::query(io_executor, net::execution::context); }) {
            if (loop.in_background()) {
                return ContextWork(net::query(io_executor, net::execution::context));
            }
        }
        return {};
    }

    static bool runs_on(const Executor& executor, const Loop& loop) noexcept {
        if constexpr (std::is_same_v<Executor, typename io_context::executor_type>) {
            return &net::query(executor, net::execution::context).drydock_loop() == &loop;
        } else if constexpr (requires {
                                 executor.template target<typename io_context::executor_type>();
                             }) {
            // Asio 1.22 does not compare the type in target().
            if (executor.target_type() != typeid(typename io_context::executor_type)) return false;
            const auto* const target =
                executor.template target<typename io_context::executor_type>();
            return target != nullptr &&
                   &net::query(*target, net::execution::context).drydock_loop() == &loop;
        } else {
            return false;
        }
    }

    std::optional<TrackedExecutor<Executor>> guard_;
    ContextWork context_work_;  // ends when the handler is on its executor
};

// ---- operations ---------------------------------------------------------------------------------

/// An operation with its handler. A Shape says what it keeps for the operation (buffers), and what
/// the handler gets: `std::tuple<...> results(AsyncOperation&)`.
template <typename Shape, typename Handler, typename IoExecutor>
class HandlerOperation final : public AsyncOperation {
public:
    HandlerOperation(Shape&& kept, Handler&& called, const IoExecutor& io_executor, Loop& loop,
                     Place place)
        : AsyncOperation(&HandlerOperation::run, place),
          shape(std::move(kept)),
          work_(called, io_executor, loop),
          handler_(std::move(called)) {}

    using Allocator = net::associated_allocator_t<Handler>;
    using Memory = ObjectMemory<HandlerOperation, Allocator>;
    const Handler& handler() const noexcept { return handler_; }

    Shape shape;

private:
    static void run(Loop* loop, Item& item) {
        auto* const self = static_cast<HandlerOperation*>(&item);
        const Allocator allocator = net::get_associated_allocator(self->handler_);
        if (loop == nullptr) {
            // The handler may own the object that the operation was started on; it goes last.
            [[maybe_unused]] Handler handler(std::move(self->handler_));
            return Memory::destroy(allocator, self);
        }
        auto results = self->shape.results(*self);
        Work<Handler, IoExecutor> work(std::move(self->work_));
        Handler handler(std::move(self->handler_));
        const CallScope scope(self->where());  // of what the handler calls without a place
        Memory::destroy(allocator, self);
        work.complete(std::move(handler), std::move(results));
    }

    Work<Handler, IoExecutor> work_;
    Handler handler_;
};

/// Makes an operation. It is counted as work from here on. `Canceler{object, key}` is what cancels
/// it by itself.
template <typename Canceler, typename Shape, typename Handler, typename IoExecutor,
          typename Object>
auto& make_operation(Shape shape, Handler& handler, const IoExecutor& io_executor, Loop& loop,
                     const std::shared_ptr<Object>& object) {
    using Made = HandlerOperation<Shape, Handler, IoExecutor>;
    const Place place = associated_place<Handler>::get(handler, Place::current());
#if defined(DRYDOCK_NET_HAS_CANCELLATION)
    auto slot = net::get_associated_cancellation_slot(handler);
#endif
    const typename Made::Allocator allocator = net::get_associated_allocator(handler);
    Made* const made = Made::Memory::make(allocator, std::move(shape), std::move(handler),
                                          io_executor, loop, place);
    loop.work_started();
#if defined(DRYDOCK_NET_HAS_CANCELLATION)
    if (slot.is_connected()) {
        slot.template emplace<Canceler>(std::weak_ptr<Object>(object), made->make_key());
    }
#endif
    return *made;
}

/// What a cancellation slot holds for an operation on a socket or a timer.
template <typename Object>
class CancelOne {
public:
    CancelOne(std::weak_ptr<Object> object, std::uint64_t key) noexcept
        : object_(std::move(object)), key_(key) {}
#if defined(DRYDOCK_NET_HAS_CANCELLATION)
    void operator()(net::cancellation_type_t type) {
        using kinds = net::cancellation_type;
        if (!(type & (kinds::terminal | kinds::partial | kinds::total))) return;
        if (const std::shared_ptr<Object> object = object_.lock()) object->cancel_one(key_);
    }
#endif

private:
    std::weak_ptr<Object> object_;
    std::uint64_t key_;
};

/// The handler gets an error_code.
struct ErrorShape {
    static std::tuple<error_code> results(AsyncOperation& operation) {
        return {to_error_code(operation.trouble())};
    }
};

/// The handler gets an error_code and 0 bytes.
struct NullShape {
    static std::tuple<error_code, std::size_t> results(AsyncOperation& operation) {
        return {to_error_code(operation.trouble()), 0};
    }
};

/// The handler gets an error_code and a number of bytes. The buffers are kept.
template <typename Buffer, typename Sequence>
class BufferShape {
public:
    explicit BufferShape(const Sequence& sequence) : sequence_(sequence) {}

    /// The buffers as the contract has them. Valid as long as this object stays where it is.
    std::span<Buffer> buffers() noexcept {
        count_ = 0;
        auto at = net::buffer_sequence_begin(sequence_);
        const auto end = net::buffer_sequence_end(sequence_);
        for (; at != end && count_ < most; ++at) {
            if constexpr (std::is_same_v<Buffer, MutableBuffer>) {
                const net::mutable_buffer each(*at);
                buffers_[count_++] = {static_cast<std::byte*>(each.data()), each.size()};
            } else {
                const net::const_buffer each(*at);
                buffers_[count_++] = {static_cast<const std::byte*>(each.data()), each.size()};
            }
        }
        return std::span(buffers_).first(count_);
    }
    static std::tuple<error_code, std::size_t> results(AsyncOperation& operation) {
        return {to_error_code(operation.trouble()), operation.bytes()};
    }

private:
    static constexpr bool single = std::is_convertible_v<Sequence, net::const_buffer> ||
                                   std::is_convertible_v<Sequence, net::mutable_buffer>;
    static constexpr std::size_t most = single ? 1 : 16;

    Sequence sequence_;
    std::array<Buffer, most> buffers_;
    std::size_t count_ = 0;
};

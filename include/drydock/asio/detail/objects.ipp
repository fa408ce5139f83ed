// The I/O objects of the face beside Asio: Asio's own, for a protocol of ours, whose asynchronous
// functions note where the program calls them. For each flavour, inside its namespace in
// drydock::asio_detail.

/// Starts a call of an I/O object, with the place where the program made it.
template <typename Object, typename Call>
class PlacedStart {
public:
    using executor_type = typename Object::executor_type;
    PlacedStart(Object& object, Call call, Place place) noexcept
        : object_(&object), call_(call), place_(place) {}
    executor_type get_executor() const noexcept { return object_->get_executor(); }

    template <typename Handler, typename... Arguments>
    void operator()(Handler&& handler, Arguments&&... arguments) const {
        // A composed operation of Asio's calls this from its own source; its handler knows better.
        const Place place = associated_place<std::decay_t<Handler>>::get(handler, place_);
        call_(*object_, Placed<std::decay_t<Handler>>{std::forward<Handler>(handler), place},
              std::forward<Arguments>(arguments)...);
    }

private:
    Object* object_;
    [[no_unique_address]] Call call_;
    Place place_;
};

/// A token that is to be used where none is given: the executor's default.
template <typename Executor>
using DefaultToken = net::default_completion_token_t<Executor>;

using TransferSignature = void(error_code, std::size_t);

/// Asio's basic_stream_socket for tcp.
template <typename Executor>
class stream_socket : public net::basic_stream_socket<tcp, Executor> {
    using Base = net::basic_stream_socket<tcp, Executor>;

public:
    template <typename Other>
    struct rebind_executor {
        using other = stream_socket<Other>;
    };
    using Base::Base;
    stream_socket(stream_socket&&) = default;
    template <typename Other>
        requires std::is_convertible_v<Other, Executor>
    stream_socket(stream_socket<Other>&& other)
        : Base(static_cast<net::basic_stream_socket<tcp, Other>&&>(other)) {}
    stream_socket& operator=(stream_socket&&) = default;
    template <typename Other>
        requires std::is_convertible_v<Other, Executor>
    stream_socket& operator=(stream_socket<Other>&& other) {
        Base::operator=(static_cast<net::basic_stream_socket<tcp, Other>&&>(other));
        return *this;
    }

    // The synchronous calls note their place, too.
    void close(Place place = Place::current()) {
        const CallScope scope(place);
        Base::close();
    }
    auto close(error_code& error, Place place = Place::current()) {
        const CallScope scope(place);
        return Base::close(error);
    }
    void cancel(Place place = Place::current()) {
        const CallScope scope(place);
        Base::cancel();
    }
    auto cancel(error_code& error, Place place = Place::current()) {
        const CallScope scope(place);
        return Base::cancel(error);
    }
    void shutdown(net::socket_base::shutdown_type what, Place place = Place::current()) {
        const CallScope scope(place);
        Base::shutdown(what);
    }
    auto shutdown(net::socket_base::shutdown_type what, error_code& error,
                  Place place = Place::current()) {
        const CallScope scope(place);
        return Base::shutdown(what, error);
    }
    void connect(const tcp::endpoint& endpoint, Place place = Place::current()) {
        const CallScope scope(place);
        Base::connect(endpoint);
    }
    auto connect(const tcp::endpoint& endpoint, error_code& error,
                 Place place = Place::current()) {
        const CallScope scope(place);
        return Base::connect(endpoint, error);
    }
    template <typename Buffers>
    std::size_t read_some(const Buffers& buffers, Place place = Place::current()) {
        const CallScope scope(place);
        return Base::read_some(buffers);
    }
    template <typename Buffers>
    std::size_t read_some(const Buffers& buffers, error_code& error,
                          Place place = Place::current()) {
        const CallScope scope(place);
        return Base::read_some(buffers, error);
    }
    template <typename Buffers>
    std::size_t write_some(const Buffers& buffers, Place place = Place::current()) {
        const CallScope scope(place);
        return Base::write_some(buffers);
    }
    template <typename Buffers>
    std::size_t write_some(const Buffers& buffers, error_code& error,
                           Place place = Place::current()) {
        const CallScope scope(place);
        return Base::write_some(buffers, error);
    }

    template <typename Buffers, typename Token = DefaultToken<Executor>>
    auto async_read_some(const Buffers& buffers, Token&& token = DefaultToken<Executor>(),
                         Place place = Place::current()) {
        const auto call = [](Base& base, auto&& handler, const Buffers& bytes) {
            base.async_read_some(bytes, std::move(handler));
        };
        return net::async_initiate<Token, TransferSignature>(
            PlacedStart<Base, decltype(call)>(*this, call, place), token, buffers);
    }
    template <typename Buffers, typename Token = DefaultToken<Executor>>
    auto async_write_some(const Buffers& buffers, Token&& token = DefaultToken<Executor>(),
                          Place place = Place::current()) {
        const auto call = [](Base& base, auto&& handler, const Buffers& bytes) {
            base.async_write_some(bytes, std::move(handler));
        };
        return net::async_initiate<Token, TransferSignature>(
            PlacedStart<Base, decltype(call)>(*this, call, place), token, buffers);
    }
    template <typename Buffers, typename Token = DefaultToken<Executor>>
        requires(!std::is_convertible_v<Token, int>)
    auto async_receive(const Buffers& buffers, Token&& token = DefaultToken<Executor>(),
                       Place place = Place::current()) {
        return async_read_some(buffers, std::forward<Token>(token), place);
    }
    template <typename Buffers, typename Token = DefaultToken<Executor>>
    auto async_receive(const Buffers& buffers, net::socket_base::message_flags flags,
                       Token&& token = DefaultToken<Executor>(), Place place = Place::current()) {
        const auto call = [](Base& base, auto&& handler, const Buffers& bytes,
                             net::socket_base::message_flags options) {
            base.async_receive(bytes, options, std::move(handler));
        };
        return net::async_initiate<Token, TransferSignature>(
            PlacedStart<Base, decltype(call)>(*this, call, place), token, buffers, flags);
    }
    template <typename Buffers, typename Token = DefaultToken<Executor>>
        requires(!std::is_convertible_v<Token, int>)
    auto async_send(const Buffers& buffers, Token&& token = DefaultToken<Executor>(),
                    Place place = Place::current()) {
        return async_write_some(buffers, std::forward<Token>(token), place);
    }
    template <typename Buffers, typename Token = DefaultToken<Executor>>
    auto async_send(const Buffers& buffers, net::socket_base::message_flags flags,
                    Token&& token = DefaultToken<Executor>(), Place place = Place::current()) {
        const auto call = [](Base& base, auto&& handler, const Buffers& bytes,
                             net::socket_base::message_flags options) {
            base.async_send(bytes, options, std::move(handler));
        };
        return net::async_initiate<Token, TransferSignature>(
            PlacedStart<Base, decltype(call)>(*this, call, place), token, buffers, flags);
    }
    template <typename Token = DefaultToken<Executor>>
    auto async_connect(const tcp::endpoint& endpoint, Token&& token = DefaultToken<Executor>(),
                       Place place = Place::current()) {
        const auto call = [](Base& base, auto&& handler, const tcp::endpoint& remote) {
            base.async_connect(remote, std::move(handler));
        };
        return net::async_initiate<Token, void(error_code)>(
            PlacedStart<Base, decltype(call)>(*this, call, place), token, endpoint);
    }
    template <typename Token = DefaultToken<Executor>>
    auto async_wait(net::socket_base::wait_type what, Token&& token = DefaultToken<Executor>(),
                    Place place = Place::current()) {
        const auto call = [](Base& base, auto&& handler, net::socket_base::wait_type kind) {
            base.async_wait(kind, std::move(handler));
        };
        return net::async_initiate<Token, void(error_code)>(
            PlacedStart<Base, decltype(call)>(*this, call, place), token, what);
    }
};

/// Whether T can be what async_accept() makes a socket with: an executor or an execution context.
template <typename T>
concept SocketMaker = net::execution::is_executor<std::decay_t<T>>::value ||
                      net::is_executor<std::decay_t<T>>::value ||
                      std::is_convertible_v<T, net::execution_context&>;

/// Asio's basic_socket_acceptor for tcp.
template <typename Executor>
class socket_acceptor : public net::basic_socket_acceptor<tcp, Executor> {
    using Base = net::basic_socket_acceptor<tcp, Executor>;
    template <typename Other>
    using SocketOn = typename tcp::socket::template rebind_executor<Other>::other;
    template <typename Socket>
    static constexpr bool is_socket = std::is_base_of_v<net::socket_base, std::decay_t<Socket>>;

public:
    template <typename Other>
    struct rebind_executor {
        using other = socket_acceptor<Other>;
    };
    using Base::Base;
    socket_acceptor(socket_acceptor&&) = default;
    template <typename Other>
        requires std::is_convertible_v<Other, Executor>
    socket_acceptor(socket_acceptor<Other>&& other)
        : Base(static_cast<net::basic_socket_acceptor<tcp, Other>&&>(other)) {}
    socket_acceptor& operator=(socket_acceptor&&) = default;

    // The synchronous calls note their place, too.
    void close(Place place = Place::current()) {
        const CallScope scope(place);
        Base::close();
    }
    auto close(error_code& error, Place place = Place::current()) {
        const CallScope scope(place);
        return Base::close(error);
    }
    void cancel(Place place = Place::current()) {
        const CallScope scope(place);
        Base::cancel();
    }
    auto cancel(error_code& error, Place place = Place::current()) {
        const CallScope scope(place);
        return Base::cancel(error);
    }

    // Into a socket of the caller.
    template <typename Socket, typename Token = DefaultToken<Executor>>
        requires(is_socket<Socket>)
    auto async_accept(Socket& peer, Token&& token = DefaultToken<Executor>(),
                      Place place = Place::current()) {
        const auto call = [](Base& base, auto&& handler, Socket* into) {
            base.async_accept(*into, std::move(handler));
        };
        return net::async_initiate<Token, void(error_code)>(
            PlacedStart<Base, decltype(call)>(*this, call, place), token, &peer);
    }
    template <typename Socket, typename Token = DefaultToken<Executor>>
        requires(is_socket<Socket>)
    auto async_accept(Socket& peer, tcp::endpoint& endpoint,
                      Token&& token = DefaultToken<Executor>(), Place place = Place::current()) {
        const auto call = [](Base& base, auto&& handler, Socket* into, tcp::endpoint* remote) {
            base.async_accept(*into, *remote, std::move(handler));
        };
        return net::async_initiate<Token, void(error_code)>(
            PlacedStart<Base, decltype(call)>(*this, call, place), token, &peer, &endpoint);
    }

    // To the handler, on the acceptor's executor.
    template <typename Token = DefaultToken<Executor>>
        requires(!is_socket<Token> && !SocketMaker<Token> &&
                 !std::is_same_v<std::decay_t<Token>, tcp::endpoint>)
    auto async_accept(Token&& token = DefaultToken<Executor>(), Place place = Place::current()) {
        const auto call = [](Base& base, auto&& handler) { base.async_accept(std::move(handler)); };
        return net::async_initiate<Token, void(error_code, SocketOn<Executor>)>(
            PlacedStart<Base, decltype(call)>(*this, call, place), token);
    }
    template <typename Token = DefaultToken<Executor>>
    auto async_accept(tcp::endpoint& endpoint, Token&& token = DefaultToken<Executor>(),
                      Place place = Place::current()) {
        const auto call = [](Base& base, auto&& handler, tcp::endpoint* remote) {
            base.async_accept(*remote, std::move(handler));
        };
        return net::async_initiate<Token, void(error_code, SocketOn<Executor>)>(
            PlacedStart<Base, decltype(call)>(*this, call, place), token, &endpoint);
    }

    // To the handler, on an executor or a context that is given.
    template <SocketMaker Maker, typename Token = DefaultToken<Executor>>
    auto async_accept(Maker&& maker, Token&& token = DefaultToken<Executor>(),
                      Place place = Place::current()) {
        const auto executor = executor_of(maker);
        using Given = std::remove_cv_t<decltype(executor)>;
        const auto call = [](Base& base, auto&& handler, const Given& on) {
            base.async_accept(on, std::move(handler));
        };
        return net::async_initiate<Token, void(error_code, SocketOn<Given>)>(
            PlacedStart<Base, decltype(call)>(*this, call, place), token, executor);
    }
    template <SocketMaker Maker, typename Token = DefaultToken<Executor>>
    auto async_accept(Maker&& maker, tcp::endpoint& endpoint,
                      Token&& token = DefaultToken<Executor>(), Place place = Place::current()) {
        const auto executor = executor_of(maker);
        using Given = std::remove_cv_t<decltype(executor)>;
        const auto call = [](Base& base, auto&& handler, const Given& on,
                             tcp::endpoint* remote) {
            base.async_accept(on, *remote, std::move(handler));
        };
        return net::async_initiate<Token, void(error_code, SocketOn<Given>)>(
            PlacedStart<Base, decltype(call)>(*this, call, place), token, executor, &endpoint);
    }

private:
    template <typename Maker>
    static auto executor_of(Maker& maker) {
        if constexpr (std::is_convertible_v<Maker&, net::execution_context&>) {
            return maker.get_executor();
        } else {
            return maker;
        }
    }
};

// ---- timers -------------------------------------------------------------------------------------

/// Asio's basic_waitable_timer.
template <typename Clock, typename Traits = net::wait_traits<Clock>,
          typename Executor = net::any_io_executor>
class basic_waitable_timer
    : public net::basic_waitable_timer<Clock, timer_traits<Traits>, Executor> {
    using Base = net::basic_waitable_timer<Clock, timer_traits<Traits>, Executor>;

public:
    using traits_type = Traits;
    template <typename Other>
    struct rebind_executor {
        using other = basic_waitable_timer<Clock, Traits, Other>;
    };
    using Base::Base;
    basic_waitable_timer(basic_waitable_timer&&) = default;
    template <typename Other>
        requires std::is_convertible_v<Other, Executor>
    basic_waitable_timer(basic_waitable_timer<Clock, Traits, Other>&& other)
        : Base(static_cast<net::basic_waitable_timer<Clock, timer_traits<Traits>, Other>&&>(
              other)) {}
    basic_waitable_timer& operator=(basic_waitable_timer&&) = default;

    // The synchronous calls note their place, too.
    std::size_t cancel(Place place = Place::current()) {
        const CallScope scope(place);
        return Base::cancel();
    }
    std::size_t expires_after(const typename Clock::duration& duration,
                              Place place = Place::current()) {
        const CallScope scope(place);
        return Base::expires_after(duration);
    }
    std::size_t expires_at(const typename Clock::time_point& time,
                           Place place = Place::current()) {
        const CallScope scope(place);
        return Base::expires_at(time);
    }
#if !defined(DRYDOCK_NET_NO_DEPRECATED)
    // A using-declaration would bring Asio's other overloads, too, which clang finds ambiguous.
    std::size_t cancel(error_code& error, Place place = Place::current()) {
        const CallScope scope(place);
        return Base::cancel(error);
    }
    typename Clock::time_point expires_at() const { return Base::expires_at(); }
    std::size_t expires_at(const typename Clock::time_point& time, error_code& error,
                           Place place = Place::current()) {
        const CallScope scope(place);
        return Base::expires_at(time, error);
    }
#endif

    template <typename Token = DefaultToken<Executor>>
    auto async_wait(Token&& token = DefaultToken<Executor>(), Place place = Place::current()) {
        const auto call = [](Base& base, auto&& handler) { base.async_wait(std::move(handler)); };
        return net::async_initiate<Token, void(error_code)>(
            PlacedStart<Base, decltype(call)>(*this, call, place), token);
    }
};

// ---- signals ------------------------------------------------------------------------------------

/// Asio's basic_signal_set.
template <typename Executor = net::any_io_executor>
class basic_signal_set {
public:
    using executor_type = Executor;
    template <typename Other>
    struct rebind_executor {
        using other = basic_signal_set<Other>;
    };

    template <typename... Numbers>
        requires(std::is_convertible_v<Numbers, int> && ...)
    explicit basic_signal_set(const Executor& executor, Numbers... numbers) : impl_(on(executor)) {
        (add(numbers), ...);
    }
    template <typename Context, typename... Numbers>
        requires(std::is_convertible_v<Context&, net::execution_context&> &&
                 (std::is_convertible_v<Numbers, int> && ...))
    explicit basic_signal_set(Context& context, Numbers... numbers)
        : impl_(on(Executor(context.get_executor()))) {
        (add(numbers), ...);
    }
    basic_signal_set(const basic_signal_set&) = delete;
    basic_signal_set& operator=(const basic_signal_set&) = delete;

    executor_type get_executor() noexcept { return impl_.get_executor(); }
    void add(int number) { checked("add", number, &SignalService::add); }
    void add(int number, error_code& error) {
        impl_.get_service().add(impl_.get_implementation(), number, error);
    }
    void remove(int number) { checked("remove", number, &SignalService::remove); }
    void remove(int number, error_code& error) {
        impl_.get_service().remove(impl_.get_implementation(), number, error);
    }
    void clear() {
        error_code error;
        clear(error);
    }
    void clear(error_code& error) { impl_.get_service().clear(impl_.get_implementation(), error); }
    void cancel() {
        error_code error;
        cancel(error);
    }
    void cancel(error_code& error) {
        impl_.get_service().cancel(impl_.get_implementation(), error);
    }
    template <typename Token = DefaultToken<Executor>>
    auto async_wait(Token&& token = DefaultToken<Executor>()) {
        return net::async_initiate<Token, void(error_code, int)>(Start{this}, token);
    }

private:
    struct Start {
        using executor_type = Executor;
        executor_type get_executor() const noexcept { return set->get_executor(); }
        template <typename Handler>
        void operator()(Handler&& handler) const {
            std::decay_t<Handler> kept(std::forward<Handler>(handler));
            set->impl_.get_service().async_wait(set->impl_.get_implementation(), kept,
                                                set->impl_.get_executor());
        }
        basic_signal_set* set;
    };

    void checked(const char* what, int number,
                 error_code (SignalService::*call)(SignalService::implementation_type&, int,
                                                   error_code&)) {
        error_code error;
        (impl_.get_service().*call)(impl_.get_implementation(), number, error);
        net::detail::throw_error(error, what);
    }

    using Impl = net::detail::io_object_impl<SignalService, Executor>;
    static Impl on(const Executor& executor) {
        if constexpr (std::is_constructible_v<Impl, int, const Executor&>) {
            return Impl(0, executor);
        } else {  // Asio 1.18
            return Impl(executor);
        }
    }

    Impl impl_;
};

// ---- composed operations ------------------------------------------------------------------------

/// Buffers on their way through async_initiate(), which may keep a copy. A streambuf cannot be
/// copied, and goes as Asio's reference to it.
template <typename Buffers>
Buffers&& forward_buffers(std::type_identity_t<Buffers>&& buffers, ...) {
    return static_cast<Buffers&&>(buffers);
}
template <typename Buffers, typename Allocator>
net::basic_streambuf_ref<Allocator> forward_buffers(net::basic_streambuf<Allocator>& buffers,
                                                    int) {
    return net::basic_streambuf_ref<Allocator>(buffers);
}

/// Whether T says when a composed operation has done enough, and is no completion token.
template <typename T>
concept CompletionCondition = requires(std::decay_t<T> condition, const error_code& error) {
    { condition(error, std::size_t()) } -> std::convertible_to<std::size_t>;
};

/// What async_read_until() reads until. It is always given.
template <typename T>
concept Delimiter = true;

// Asio's own, which note where the program calls them. Each is there for the forms that Asio has:
// where the third argument is a `Third` it is no completion token. No type is of the namespace
// `composed`: Asio's own sources call functions of these names, and must not find ours by the types
// of our sockets.
#define DRYDOCK_NET_COMPOSED(name, Third)                                                          \
    struct Call_##name {                                                                           \
        void operator()(auto& object, auto&& handler, auto&& bytes, auto&&... until) const {       \
            net::name(object, std::forward<decltype(bytes)>(bytes),                                \
                      std::forward<decltype(until)>(until)..., std::move(handler));                \
        }                                                                                          \
    };                                                                                             \
    namespace composed {                                                                           \
    template <typename Stream, typename Buffers,                                                   \
              typename Token = DefaultToken<typename Stream::executor_type>>                       \
        requires(!std::is_void_v<Token> && !Third<Token>)                                          \
    auto name(Stream& stream, Buffers&& buffers,                                                   \
              Token&& token = DefaultToken<typename Stream::executor_type>(),                      \
              Place place = Place::current()) {                                                    \
        return net::async_initiate<Token, TransferSignature>(                                      \
            PlacedStart<Stream, Call_##name>(stream, {}, place), token,                            \
            forward_buffers<Buffers>(std::forward<Buffers>(buffers), 0));                          \
    }                                                                                              \
    template <typename Stream, typename Buffers, typename Condition,                               \
              typename Token = DefaultToken<typename Stream::executor_type>>                       \
        requires(!std::is_void_v<Token> && Third<Condition>)                                       \
    auto name(Stream& stream, Buffers&& buffers, const Condition& condition,                       \
              Token&& token = DefaultToken<typename Stream::executor_type>(),                      \
              Place place = Place::current()) {                                                    \
        return net::async_initiate<Token, TransferSignature>(                                      \
            PlacedStart<Stream, Call_##name>(stream, {}, place), token,                            \
            forward_buffers<Buffers>(std::forward<Buffers>(buffers), 0), condition);               \
    }                                                                                              \
    }

DRYDOCK_NET_COMPOSED(async_write, CompletionCondition)
DRYDOCK_NET_COMPOSED(async_read, CompletionCondition)
DRYDOCK_NET_COMPOSED(async_read_until, Delimiter)

#undef DRYDOCK_NET_COMPOSED

// What is below Asio's basic_stream_socket and basic_socket_acceptor: their service, on sockets of
// ours. For each flavour, inside its namespace in drydock::asio_detail. Asio's own classes call it
// as they call reactive_socket_service; the members are that class's.

/// The service of TCP sockets and acceptors of one execution context.
template <typename Protocol>
class StreamService : public net::detail::execution_context_service_base<StreamService<Protocol>> {
public:
    using protocol_type = Protocol;
    using endpoint_type = typename Protocol::endpoint;
    using native_handle_type = net::detail::socket_type;

    /// What a socket object holds.
    struct implementation_type {
        std::shared_ptr<Socket> socket;  // null: not open
        protocol_type protocol = endpoint_type().protocol();
        int number = -1;  // stands for a descriptor of the system
        bool non_blocking = false;
        bool native_non_blocking = false;
        bool reports_aborted = false;
    };
    using base_implementation_type = implementation_type;

    explicit StreamService(net::execution_context& context)
        : net::detail::execution_context_service_base<StreamService<Protocol>>(context),
          context_(context) {}
    void shutdown() override {}

    // ---- life -----------------------------------------------------------------------------------
    void construct(implementation_type&) {}
    void destroy(implementation_type& impl) {
        if (gone(impl, OperationKind::none)) return;
        close_quietly(impl);
        impl.number = ended_number;
    }
    void move_construct(implementation_type& impl, implementation_type& other) noexcept {
        impl = std::exchange(other, implementation_type{});
    }
    template <typename OtherService>
    void move_assign(implementation_type& impl, OtherService&, implementation_type& other) {
        close_quietly(impl);
        impl = std::exchange(other, implementation_type{});
    }
    template <typename OtherService, typename OtherImplementation>
    void converting_move_construct(implementation_type& impl, OtherService&,
                                   OtherImplementation& other) {
        impl.socket = std::move(other.socket);
        impl.protocol = protocol_type(other.protocol);
        impl.number = other.number;
        impl.non_blocking = other.non_blocking;
        impl.native_non_blocking = other.native_non_blocking;
        impl.reports_aborted = other.reports_aborted;
        other = OtherImplementation{};
    }
    error_code open(implementation_type& impl, const protocol_type& protocol, error_code& error) {
        if (impl.socket) return error = net::error::already_open;
        impl.socket = std::make_shared<Socket>(loop(), is_ipv6(protocol));
        impl.protocol = protocol;
        impl.number = next_number();
        return error = {};
    }
    error_code assign(implementation_type& impl, const protocol_type& protocol,
                      const native_handle_type& native, error_code& error) {
        if (impl.socket) return error = net::error::already_open;
        auto socket = std::make_shared<Socket>(loop(), is_ipv6(protocol));
        const int number = static_cast<int>(native);
        if (const Trouble trouble = socket->adopt(take_over(number))) {
            return error = to_error_code(trouble);
        }
        impl.socket = std::move(socket);
        impl.protocol = protocol;
        impl.number = number;
        return error = {};
    }
    bool is_open(const implementation_type& impl) const { return impl.socket != nullptr; }
    error_code close(implementation_type& impl, error_code& error) {
        if (gone(impl, OperationKind::none)) return error = net::error::bad_descriptor;
        close_quietly(impl);
        return error = {};
    }
    native_handle_type release(implementation_type& impl, error_code& error) {
        if (!impl.socket) {
            error = net::error::bad_descriptor;
            return static_cast<native_handle_type>(-1);
        }
        Trouble trouble;
        const int number = impl.socket->release(trouble);
        error = to_error_code(trouble);
        if (!trouble) close_quietly(impl);
        return static_cast<native_handle_type>(number);
    }
    native_handle_type native_handle(implementation_type& impl) {
        return static_cast<native_handle_type>(impl.socket ? impl.number : -1);
    }
    error_code cancel(implementation_type& impl, error_code& error) {
        if (gone(impl, OperationKind::none) || !impl.socket) {
            return error = net::error::bad_descriptor;
        }
        impl.socket->cancel_all();
        return error = {};
    }

    // ---- state ----------------------------------------------------------------------------------
    error_code bind(implementation_type& impl, const endpoint_type& endpoint, error_code& error) {
        const Place here = calling_place(Place::current());
        return apply(impl, error, [&] { return impl.socket->bind(from_asio(endpoint), here); });
    }
    error_code listen(implementation_type& impl, int backlog, error_code& error) {
        const Place here = calling_place(Place::current());
        return apply(impl, error, [&] { return impl.socket->listen(backlog, here); });
    }
    error_code shutdown(implementation_type& impl, net::socket_base::shutdown_type what,
                        error_code& error) {
        using base = net::socket_base;
        return apply(impl, error, [&] {
            return impl.socket->shut_down(what != base::shutdown_send,
                                          what != base::shutdown_receive);
        });
    }
    template <typename Option>
    error_code set_option(implementation_type& impl, const Option& option, error_code& error) {
        return apply(impl, error, [&]() -> Trouble {
            const int level = option.level(impl.protocol);
            const int name = option.name(impl.protocol);
            const void* const data = option.data(impl.protocol);
            const std::size_t size = option.size(impl.protocol);
            if (level == net::detail::custom_socket_option_level) {
                // enable_connection_aborted, which no system has.
                if (size != sizeof(int)) return Reason::invalid;
                impl.reports_aborted = *static_cast<const int*>(data) != 0;
                impl.socket->set_reports_aborted(impl.reports_aborted);
                return {};
            }
            using Linger = net::socket_base::linger;
            if constexpr (requires { option.enabled(); option.timeout(); }) {
                if (level == Linger().level(impl.protocol) &&
                    name == Linger().name(impl.protocol)) {
                    impl.socket->set_abortive(option.enabled() && option.timeout() == 0);
                }
            }
            return impl.socket->set_option(level, name, data, size);
        });
    }
    template <typename Option>
    error_code get_option(const implementation_type& impl, Option& option,
                          error_code& error) const {
        return apply(impl, error, [&]() -> Trouble {
            using low_watermark = net::socket_base::receive_low_watermark;
            if constexpr (std::is_same_v<Option, low_watermark> ||
                          std::is_same_v<Option, net::socket_base::send_low_watermark>) {
                option = Option(1);  // unless it was set
            } else if constexpr (std::is_default_constructible_v<Option>) {
                option = Option();
            }
            std::size_t size = option.size(impl.protocol);
            if (option.level(impl.protocol) == net::detail::custom_socket_option_level) {
                if (size != sizeof(int)) return Reason::invalid;
                *static_cast<int*>(static_cast<void*>(option.data(impl.protocol))) =
                    impl.reports_aborted ? 1 : 0;
                return {};
            }
            const Trouble trouble =
                impl.socket->get_option(option.level(impl.protocol), option.name(impl.protocol),
                                        option.data(impl.protocol), size);
            if (!trouble) option.resize(impl.protocol, size);
            return trouble;
        });
    }
    template <typename Command>
    error_code io_control(implementation_type& impl, Command& command, error_code& error) {
        return apply(impl, error, [&]() -> Trouble {
            if constexpr (requires { static_cast<std::size_t>(command.get()); }) {
                Trouble trouble;
                *static_cast<int*>(static_cast<void*>(command.data())) =
                    static_cast<int>(impl.socket->available(trouble));
                return trouble;
            } else {
                return Reason::unsupported;
            }
        });
    }
    bool at_mark(const implementation_type& impl, error_code& error) const {
        error = impl.socket ? error_code() : error_code(net::error::bad_descriptor);
        return false;  // there is no urgent data
    }
    std::size_t available(const implementation_type& impl, error_code& error) const {
        std::size_t bytes = 0;
        apply(impl, error, [&] {
            Trouble trouble;
            bytes = impl.socket->available(trouble);
            return trouble.reason == Reason::contract ? trouble : Trouble();
        });
        return bytes;
    }
    bool non_blocking(const implementation_type& impl) const { return impl.non_blocking; }
    error_code non_blocking(implementation_type& impl, bool mode, error_code& error) {
        return apply(impl, error, [&]() -> Trouble {
            impl.non_blocking = mode;
            impl.native_non_blocking = mode;
            return {};
        });
    }
    bool native_non_blocking(const implementation_type& impl) const {
        return impl.native_non_blocking;
    }
    error_code native_non_blocking(implementation_type& impl, bool mode, error_code& error) {
        return apply(impl, error, [&]() -> Trouble {
            if (!mode && impl.non_blocking) return Reason::invalid;
            impl.native_non_blocking = mode;
            return {};
        });
    }
    endpoint_type local_endpoint(const implementation_type& impl, error_code& error) const {
        Endpoint endpoint;
        apply(impl, error, [&] { return impl.socket->local_endpoint(endpoint); });
        return error ? endpoint_type() : to_asio<endpoint_type>(endpoint);
    }
    endpoint_type remote_endpoint(const implementation_type& impl, error_code& error) const {
        Endpoint endpoint;
        apply(impl, error, [&] { return impl.socket->peer_endpoint(endpoint); });
        return error ? endpoint_type() : to_asio<endpoint_type>(endpoint);
    }

    // ---- waiting --------------------------------------------------------------------------------
    error_code wait(implementation_type& impl, net::socket_base::wait_type what,
                    error_code& error) {
        using base = net::socket_base;
        return apply(impl, error, [&]() -> Trouble {
            const Place here = calling_place(Place::current());
            switch (what) {
                case base::wait_read: return impl.socket->wait_readable(!impl.non_blocking, here);
                case base::wait_write: return impl.socket->wait_writable(!impl.non_blocking, here);
                case base::wait_error: return impl.socket->wait_error(here);
                default: return Reason::invalid;
            }
        });
    }
    template <typename Handler, typename IoExecutor>
    void async_wait(implementation_type& impl, net::socket_base::wait_type what, Handler& handler,
                    const IoExecutor& io_executor) {
        using base = net::socket_base;
        if (gone(impl, OperationKind::receive, handler)) return;
        auto& operation = make(impl, ErrorShape(), handler, io_executor);
        if (!impl.socket) return fail(operation, Reason::bad_descriptor);
        switch (what) {
            case base::wait_read: return impl.socket->start_wait_readable(operation);
            case base::wait_write: return impl.socket->start_wait_writable(operation);
            case base::wait_error: return impl.socket->start_wait_error(operation);
            default: return fail(operation, Reason::invalid);
        }
    }

    // ---- sending --------------------------------------------------------------------------------
    template <typename Sequence>
    std::size_t send(implementation_type& impl, const Sequence& sequence,
                     net::socket_base::message_flags flags, error_code& error) {
        BufferShape<ConstBuffer, Sequence> shape(sequence);
        return transfer(impl, error, [&]() -> Done {
            if (flags != 0) return {Reason::unsupported, 0};
            return impl.socket->send(shape.buffers(), !impl.non_blocking,
                                     calling_place(Place::current()));
        });
    }
    std::size_t send(implementation_type& impl, const net::null_buffers&,
                     net::socket_base::message_flags, error_code& error) {
        wait(impl, net::socket_base::wait_write, error);
        return 0;
    }
    template <typename Sequence, typename Handler, typename IoExecutor>
    void async_send(implementation_type& impl, const Sequence& sequence,
                    net::socket_base::message_flags flags, Handler& handler,
                    const IoExecutor& io_executor) {
        if (gone(impl, OperationKind::send, handler)) return;
        auto& operation =
            make(impl, BufferShape<ConstBuffer, Sequence>(sequence), handler, io_executor);
        if (!impl.socket) return fail(operation, Reason::bad_descriptor);
        if (flags != 0) return fail(operation, Reason::unsupported);
        impl.socket->start_send(operation, operation.shape.buffers());
    }
    template <typename Handler, typename IoExecutor>
    void async_send(implementation_type& impl, const net::null_buffers&,
                    net::socket_base::message_flags, Handler& handler,
                    const IoExecutor& io_executor) {
        if (gone(impl, OperationKind::send, handler)) return;
        auto& operation = make(impl, NullShape(), handler, io_executor);
        if (!impl.socket) return fail(operation, Reason::bad_descriptor);
        impl.socket->start_wait_writable(operation);
    }

    // ---- receiving ------------------------------------------------------------------------------
    template <typename Sequence>
    std::size_t receive(implementation_type& impl, const Sequence& sequence,
                        net::socket_base::message_flags flags, error_code& error) {
        BufferShape<MutableBuffer, Sequence> shape(sequence);
        return transfer(impl, error, [&]() -> Done {
            if ((flags & ~net::socket_base::message_peek) != 0) return {Reason::unsupported, 0};
            return impl.socket->receive(shape.buffers(), flags != 0, !impl.non_blocking,
                                        calling_place(Place::current()));
        });
    }
    std::size_t receive(implementation_type& impl, const net::null_buffers&,
                        net::socket_base::message_flags, error_code& error) {
        wait(impl, net::socket_base::wait_read, error);
        return 0;
    }
    template <typename Sequence>
    std::size_t receive_with_flags(implementation_type& impl, const Sequence& sequence,
                                   net::socket_base::message_flags flags,
                                   net::socket_base::message_flags& out_flags,
                                   error_code& error) {
        out_flags = 0;
        return receive(impl, sequence, flags, error);
    }
    template <typename Sequence, typename Handler, typename IoExecutor>
    void async_receive(implementation_type& impl, const Sequence& sequence,
                       net::socket_base::message_flags flags, Handler& handler,
                       const IoExecutor& io_executor) {
        if (gone(impl, OperationKind::receive, handler)) return;
        auto& operation =
            make(impl, BufferShape<MutableBuffer, Sequence>(sequence), handler, io_executor);
        if (!impl.socket) return fail(operation, Reason::bad_descriptor);
        if ((flags & ~net::socket_base::message_peek) != 0) {
            return fail(operation, Reason::unsupported);
        }
        impl.socket->start_receive(operation, operation.shape.buffers(), flags != 0);
    }
    template <typename Handler, typename IoExecutor>
    void async_receive(implementation_type& impl, const net::null_buffers&,
                       net::socket_base::message_flags, Handler& handler,
                       const IoExecutor& io_executor) {
        if (gone(impl, OperationKind::receive, handler)) return;
        auto& operation = make(impl, NullShape(), handler, io_executor);
        if (!impl.socket) return fail(operation, Reason::bad_descriptor);
        impl.socket->start_wait_readable(operation);
    }
    template <typename Sequence, typename Handler, typename IoExecutor>
    void async_receive_with_flags(implementation_type& impl, const Sequence& sequence,
                                  net::socket_base::message_flags flags,
                                  net::socket_base::message_flags& out_flags, Handler& handler,
                                  const IoExecutor& io_executor) {
        out_flags = 0;
        async_receive(impl, sequence, flags, handler, io_executor);
    }

    // ---- accepting ------------------------------------------------------------------------------
    template <typename Peer>
    error_code accept(implementation_type& impl, Peer& peer, endpoint_type* peer_endpoint,
                      error_code& error) {
        if (gone(impl, OperationKind::accept) || !impl.socket) {
            return error = net::error::bad_descriptor;
        }
        if (peer.is_open()) return error = net::error::already_open;
        std::unique_ptr<AsyncSocket> connection;
        error = to_error_code(
            impl.socket->accept(connection, !impl.non_blocking, calling_place(Place::current())));
        if (!error) give(impl, std::move(connection), peer, peer_endpoint, error);
        return error;
    }
    template <typename Peer, typename Handler, typename IoExecutor>
    void async_accept(implementation_type& impl, Peer& peer, endpoint_type* peer_endpoint,
                      Handler& handler, const IoExecutor& io_executor) {
        if (gone(impl, OperationKind::accept, handler)) return;
        auto& operation = make(impl, AcceptShape<Peer>{this, impl.protocol, &peer, peer_endpoint},
                               handler, io_executor);
        if (!impl.socket) return fail(operation, Reason::bad_descriptor);
        if (peer.is_open()) return fail(operation, Reason::already_open);
        impl.socket->start_accept(operation);
    }
    template <typename PeerExecutor, typename Handler, typename IoExecutor>
    void async_move_accept(implementation_type& impl, const PeerExecutor& peer_executor,
                           endpoint_type* peer_endpoint, Handler& handler,
                           const IoExecutor& io_executor) {
        if (gone(impl, OperationKind::accept, handler)) return;
        auto& operation =
            make(impl,
                 MoveAcceptShape<PeerExecutor>{this, impl.protocol, peer_executor, peer_endpoint},
                 handler, io_executor);
        if (!impl.socket) return fail(operation, Reason::bad_descriptor);
        impl.socket->start_accept(operation);
    }

    // ---- connecting -----------------------------------------------------------------------------
    error_code connect(implementation_type& impl, const endpoint_type& endpoint,
                       error_code& error) {
        return apply(impl, error, [&] {
            return impl.socket->connect(from_asio(endpoint), calling_place(Place::current()));
        });
    }
    template <typename Handler, typename IoExecutor>
    void async_connect(implementation_type& impl, const endpoint_type& endpoint, Handler& handler,
                       const IoExecutor& io_executor) {
        if (gone(impl, OperationKind::connect, handler)) return;
        auto& operation = make(impl, ErrorShape(), handler, io_executor);
        if (!impl.socket) return fail(operation, Reason::bad_descriptor);
        impl.socket->start_connect(operation, from_asio(endpoint));
    }

    // ---- until a deadline on the queue's clock: for tcp::iostream ------------------------------
    std::size_t receive_until(implementation_type& impl, MutableBuffer buffer, Time deadline,
                              error_code& error) {
        return transfer(impl, error, [&] {
            return impl.socket->receive(std::span(&buffer, 1), false, true,
                                        calling_place(Place::current()),
                                        deadline);
        });
    }
    std::size_t send_until(implementation_type& impl, ConstBuffer buffer, Time deadline,
                           error_code& error) {
        return transfer(impl, error, [&] {
            return impl.socket->send(std::span(&buffer, 1), true, calling_place(Place::current()),
                                     deadline);
        });
    }
    error_code connect_until(implementation_type& impl, const endpoint_type& endpoint,
                             Time deadline, error_code& error) {
        return apply(impl, error, [&] {
            return impl.socket->connect(from_asio(endpoint), calling_place(Place::current()),
                                        deadline);
        });
    }

private:
    /// The connection goes into a socket of the program.
    template <typename Peer>
    struct AcceptShape {
        std::tuple<error_code> results(AsyncOperation& operation) {
            error_code error = to_error_code(operation.trouble());
            if (!error) {
                service->give_to(protocol, std::move(operation.connection()), *peer,
                                 peer_endpoint, error);
            }
            return {error};
        }
        StreamService* service;
        protocol_type protocol;
        Peer* peer;
        endpoint_type* peer_endpoint;
    };

    /// The connection goes to the handler, in a new socket.
    template <typename PeerExecutor>
    struct MoveAcceptShape {
        using Peer =
            typename Protocol::socket::template rebind_executor<PeerExecutor>::other;
        std::tuple<error_code, Peer> results(AsyncOperation& operation) {
            error_code error = to_error_code(operation.trouble());
            Peer peer(peer_executor);
            if (!error) {
                service->give_to(protocol, std::move(operation.connection()), peer, peer_endpoint,
                                 error);
            }
            return {error, std::move(peer)};
        }
        StreamService* service;
        protocol_type protocol;
        PeerExecutor peer_executor;
        endpoint_type* peer_endpoint;
    };

    Loop& loop() const { return loop_of(context_); }
    static bool is_ipv6(const protocol_type& protocol) {
        return protocol.family() != protocol_type::v4().family();
    }
    static int next_number() noexcept {
        static std::atomic<int> last{0x2000'0000};  // above all descriptors
        return last.fetch_add(1, std::memory_order_relaxed);
    }
    static void close_quietly(implementation_type& impl) noexcept {
        if (impl.socket) impl.socket->close();
        impl = implementation_type{};
    }
    /// Whether the program uses an I/O object that it has destroyed, which was reported then.
    static bool gone(const implementation_type& impl, OperationKind kind) noexcept {
        return used_after_end(impl.number, kind, calling_place(Place::current()));
    }
    template <typename Handler>
    static bool gone(const implementation_type& impl, OperationKind kind,
                     const Handler& handler) noexcept {
        return used_after_end(impl.number, kind,
                              associated_place<Handler>::get(handler, Place::current()));
    }
    template <typename Impl, typename Call>
    static error_code apply(Impl& impl, error_code& error, Call call) {
        if (gone(impl, OperationKind::none)) return error = net::error::bad_descriptor;
        error = impl.socket ? to_error_code(call()) : error_code(net::error::bad_descriptor);
        return error;
    }
    template <typename Call>
    static std::size_t transfer(implementation_type& impl, error_code& error, Call call) {
        if (gone(impl, OperationKind::none) || !impl.socket) {
            error = net::error::bad_descriptor;
            return 0;
        }
        const Done done = call();
        error = to_error_code(done.trouble);
        return done.bytes;
    }
    template <typename Shape, typename Handler, typename IoExecutor>
    auto& make(implementation_type& impl, Shape shape, Handler& handler,
               const IoExecutor& io_executor) {
        return make_operation<CancelOne<Socket>>(std::move(shape), handler, io_executor, loop(),
                                                 impl.socket);
    }
    void fail(AsyncOperation& operation, Trouble trouble) {
        Socket::start_failed(loop(), operation, trouble);
    }
    template <typename Peer>
    void give(implementation_type& impl, std::unique_ptr<AsyncSocket> connection, Peer& peer,
              endpoint_type* peer_endpoint, error_code& error) {
        give_to(impl.protocol, std::move(connection), peer, peer_endpoint, error);
    }
    template <typename Peer>
    void give_to(const protocol_type& protocol, std::unique_ptr<AsyncSocket> connection,
                 Peer& peer, endpoint_type* peer_endpoint, error_code& error) {
        if (peer_endpoint != nullptr) {
            *peer_endpoint = to_asio<endpoint_type>(connection->peer_endpoint());
        }
        const int number = hand_over(std::move(connection), loop());
        peer.assign(protocol, static_cast<native_handle_type>(number), error);
        if (error) take_over(number);
    }

    net::execution_context& context_;
};

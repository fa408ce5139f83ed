// The service of sockets that the face does not have: UDP, ICMP, local and raw ones. Programs that
// name them compile, and open() fails with operation_not_supported. For each flavour, inside its
// namespace in drydock::asio_detail.

/// Sockets that cannot be opened. The members are those of Asio's services.
template <typename Protocol>
class UnsupportedService
    : public net::detail::execution_context_service_base<UnsupportedService<Protocol>> {
public:
    using protocol_type = Protocol;
    using endpoint_type = typename Protocol::endpoint;
    using native_handle_type = net::detail::socket_type;
    struct implementation_type {
        protocol_type protocol = endpoint_type().protocol();
    };
    using base_implementation_type = implementation_type;

    explicit UnsupportedService(net::execution_context& context)
        : net::detail::execution_context_service_base<UnsupportedService<Protocol>>(context),
          context_(context) {}
    void shutdown() override {}
    void construct(implementation_type&) {}
    void destroy(implementation_type&) {}
    void move_construct(implementation_type&, implementation_type&) noexcept {}
    template <typename Service>
    void move_assign(implementation_type&, Service&, implementation_type&) {}
    template <typename Service, typename Implementation>
    void converting_move_construct(implementation_type&, Service&, Implementation&) {}

    error_code open(implementation_type&, const protocol_type&, error_code& error) {
        return error = net::error::operation_not_supported;
    }
    error_code assign(implementation_type&, const protocol_type&, const native_handle_type&,
                      error_code& error) {
        return error = net::error::operation_not_supported;
    }
    bool is_open(const implementation_type&) const { return false; }
    native_handle_type native_handle(implementation_type&) {
        return static_cast<native_handle_type>(-1);
    }
    native_handle_type release(implementation_type&, error_code& error) {
        closed(error);
        return static_cast<native_handle_type>(-1);
    }
    error_code close(implementation_type&, error_code& error) { return error = {}; }
    error_code cancel(implementation_type&, error_code& error) { return closed(error); }
    bool at_mark(const implementation_type&, error_code& error) const {
        closed(error);
        return false;
    }
    std::size_t available(const implementation_type&, error_code& error) const {
        closed(error);
        return 0;
    }
    bool non_blocking(const implementation_type&) const { return false; }
    error_code non_blocking(implementation_type&, bool, error_code& error) { return closed(error); }
    bool native_non_blocking(const implementation_type&) const { return false; }
    error_code native_non_blocking(implementation_type&, bool, error_code& error) {
        return closed(error);
    }
    template <typename Command>
    error_code io_control(implementation_type&, Command&, error_code& error) {
        return closed(error);
    }
    error_code bind(implementation_type&, const endpoint_type&, error_code& error) {
        return closed(error);
    }
    error_code listen(implementation_type&, int, error_code& error) { return closed(error); }
    template <typename Option>
    error_code set_option(implementation_type&, const Option&, error_code& error) {
        return closed(error);
    }
    template <typename Option>
    error_code get_option(const implementation_type&, Option&, error_code& error) const {
        return closed(error);
    }
    endpoint_type local_endpoint(const implementation_type&, error_code& error) const {
        closed(error);
        return {};
    }
    endpoint_type remote_endpoint(const implementation_type&, error_code& error) const {
        closed(error);
        return {};
    }
    error_code shutdown(implementation_type&, net::socket_base::shutdown_type,
                        error_code& error) {
        return closed(error);
    }
    error_code wait(implementation_type&, net::socket_base::wait_type, error_code& error) {
        return closed(error);
    }
    error_code connect(implementation_type&, const endpoint_type&, error_code& error) {
        return closed(error);
    }
    template <typename Peer>
    error_code accept(implementation_type&, Peer&, endpoint_type*, error_code& error) {
        return closed(error);
    }
    template <typename Buffers>
    std::size_t send(implementation_type&, const Buffers&, net::socket_base::message_flags,
                     error_code& error) {
        return closed(error) ? 0 : 0;
    }
    template <typename Buffers>
    std::size_t receive(implementation_type&, const Buffers&, net::socket_base::message_flags,
                        error_code& error) {
        return closed(error) ? 0 : 0;
    }
    template <typename Buffers>
    std::size_t receive_with_flags(implementation_type&, const Buffers&,
                                   net::socket_base::message_flags,
                                   net::socket_base::message_flags&, error_code& error) {
        return closed(error) ? 0 : 0;
    }
    template <typename Buffers>
    std::size_t send_to(implementation_type&, const Buffers&, const endpoint_type&,
                        net::socket_base::message_flags, error_code& error) {
        return closed(error) ? 0 : 0;
    }
    template <typename Buffers>
    std::size_t receive_from(implementation_type&, const Buffers&, endpoint_type&,
                             net::socket_base::message_flags, error_code& error) {
        return closed(error) ? 0 : 0;
    }

    template <typename Handler, typename IoExecutor>
    void async_wait(implementation_type&, net::socket_base::wait_type, Handler& handler,
                    const IoExecutor& io_executor) {
        fail<ErrorShape>(handler, io_executor);
    }
    template <typename Buffers, typename Handler, typename IoExecutor>
    void async_send(implementation_type&, const Buffers&, net::socket_base::message_flags,
                    Handler& handler, const IoExecutor& io_executor) {
        fail<SizeShape>(handler, io_executor);
    }
    template <typename Buffers, typename Handler, typename IoExecutor>
    void async_receive(implementation_type&, const Buffers&, net::socket_base::message_flags,
                       Handler& handler, const IoExecutor& io_executor) {
        fail<SizeShape>(handler, io_executor);
    }
    template <typename Buffers, typename Handler, typename IoExecutor>
    void async_receive_with_flags(implementation_type&, const Buffers&,
                                  net::socket_base::message_flags,
                                  net::socket_base::message_flags&, Handler& handler,
                                  const IoExecutor& io_executor) {
        fail<SizeShape>(handler, io_executor);
    }
    template <typename Buffers, typename Handler, typename IoExecutor>
    void async_send_to(implementation_type&, const Buffers&, const endpoint_type&,
                       net::socket_base::message_flags, Handler& handler,
                       const IoExecutor& io_executor) {
        fail<SizeShape>(handler, io_executor);
    }
    template <typename Buffers, typename Handler, typename IoExecutor>
    void async_receive_from(implementation_type&, const Buffers&, endpoint_type&,
                            net::socket_base::message_flags, Handler& handler,
                            const IoExecutor& io_executor) {
        fail<SizeShape>(handler, io_executor);
    }
    template <typename Handler, typename IoExecutor>
    void async_connect(implementation_type&, const endpoint_type&, Handler& handler,
                       const IoExecutor& io_executor) {
        fail<ErrorShape>(handler, io_executor);
    }
    template <typename Peer, typename Handler, typename IoExecutor>
    void async_accept(implementation_type&, Peer&, endpoint_type*, Handler& handler,
                      const IoExecutor& io_executor) {
        fail<ErrorShape>(handler, io_executor);
    }
    template <typename PeerExecutor, typename Handler, typename IoExecutor>
    void async_move_accept(implementation_type&, const PeerExecutor& peer_executor, endpoint_type*,
                           Handler& handler, const IoExecutor& io_executor) {
        fail(PeerShape<PeerExecutor>{peer_executor}, handler, io_executor);
    }

private:
    struct SizeShape {
        static std::tuple<error_code, std::size_t> results(AsyncOperation& operation) {
            return {to_error_code(operation.trouble()), 0};
        }
    };
    template <typename PeerExecutor>
    struct PeerShape {
        using Peer = typename Protocol::socket::template rebind_executor<PeerExecutor>::other;
        std::tuple<error_code, Peer> results(AsyncOperation& operation) {
            return {to_error_code(operation.trouble()), Peer(executor)};
        }
        PeerExecutor executor;
    };

    static error_code closed(error_code& error) { return error = net::error::bad_descriptor; }
    template <typename Shape, typename Handler, typename IoExecutor>
    void fail(Handler& handler, const IoExecutor& io_executor) {
        fail(Shape(), handler, io_executor);
    }
    template <typename Shape, typename Handler, typename IoExecutor>
    void fail(Shape shape, Handler& handler, const IoExecutor& io_executor) {
        Loop& loop = loop_of(context_);
        const std::shared_ptr<Socket> none;
        Socket::start_failed(loop,
                             make_operation<CancelOne<Socket>>(std::move(shape), handler,
                                                               io_executor, loop, none),
                             Reason::bad_descriptor);
    }

    net::execution_context& context_;
};

// What is below Asio's posix::stream_descriptor, its serial ports and its pipes, in the place of
// Asio's reactive_descriptor_service: the standard streams of a simulated program. All else cannot
// be assigned. Inside Asio's namespace `detail`, before Asio's own headers; descriptor_members.ipp
// follows after them.

/// The service of descriptors of one execution context.
class reactive_descriptor_service
    : public execution_context_service_base<reactive_descriptor_service> {
public:
    using native_handle_type = int;

    /// What a descriptor object holds.
    struct implementation_type {
        implementation_type() = default;
        implementation_type(const implementation_type&) = delete;
        implementation_type& operator=(const implementation_type&) = delete;

        std::shared_ptr<::drydock::asio_detail::StandardStream> stream;  // null: not open
        int number = -1;
        bool non_blocking = false;
        bool native_non_blocking = false;
    };

    explicit reactive_descriptor_service(execution_context& context)
        : execution_context_service_base<reactive_descriptor_service>(context),
          context_(context) {}
    void shutdown() override {}

    // ---- life -----------------------------------------------------------------------------------
    void construct(implementation_type&) {}
    void destroy(implementation_type& impl) { close_quietly(impl); }
    void move_construct(implementation_type& impl, implementation_type& other) noexcept {
        impl.stream = std::move(other.stream);
        impl.number = std::exchange(other.number, -1);
        impl.non_blocking = std::exchange(other.non_blocking, false);
        impl.native_non_blocking = std::exchange(other.native_non_blocking, false);
    }
    void move_assign(implementation_type& impl, reactive_descriptor_service&,
                     implementation_type& other) {
        close_quietly(impl);
        move_construct(impl, other);
    }
    DRYDOCK_NET_ERROR_CODE assign(implementation_type& impl, const native_handle_type& native,
                                  DRYDOCK_NET_ERROR_CODE& error);
    bool is_open(const implementation_type& impl) const { return impl.stream != nullptr; }
    DRYDOCK_NET_ERROR_CODE close(implementation_type& impl, DRYDOCK_NET_ERROR_CODE& error) {
        close_quietly(impl);
        return error = {};
    }
    native_handle_type native_handle(const implementation_type& impl) const { return impl.number; }
    native_handle_type release(implementation_type& impl) {
        if (impl.stream) impl.stream->release();
        impl.stream = nullptr;
        return std::exchange(impl.number, -1);
    }
    DRYDOCK_NET_ERROR_CODE cancel(implementation_type& impl, DRYDOCK_NET_ERROR_CODE& error);

    // ---- state ----------------------------------------------------------------------------------
    template <typename Command>
    DRYDOCK_NET_ERROR_CODE io_control(implementation_type& impl, Command& command,
                                      DRYDOCK_NET_ERROR_CODE& error);
    bool non_blocking(const implementation_type& impl) const { return impl.non_blocking; }
    DRYDOCK_NET_ERROR_CODE non_blocking(implementation_type& impl, bool mode,
                                        DRYDOCK_NET_ERROR_CODE& error);
    bool native_non_blocking(const implementation_type& impl) const {
        return impl.native_non_blocking;
    }
    DRYDOCK_NET_ERROR_CODE native_non_blocking(implementation_type& impl, bool mode,
                                               DRYDOCK_NET_ERROR_CODE& error);

    // ---- operations -----------------------------------------------------------------------------
    template <typename WaitType>
    DRYDOCK_NET_ERROR_CODE wait(implementation_type& impl, WaitType what,
                                DRYDOCK_NET_ERROR_CODE& error);
    template <typename WaitType, typename Handler, typename IoExecutor>
    void async_wait(implementation_type& impl, WaitType what, Handler& handler,
                    const IoExecutor& io_executor);
    template <typename Sequence>
    std::size_t write_some(implementation_type& impl, const Sequence& sequence,
                           DRYDOCK_NET_ERROR_CODE& error);
    template <typename Sequence, typename Handler, typename IoExecutor>
    void async_write_some(implementation_type& impl, const Sequence& sequence, Handler& handler,
                          const IoExecutor& io_executor);
    template <typename Sequence>
    std::size_t read_some(implementation_type& impl, const Sequence& sequence,
                          DRYDOCK_NET_ERROR_CODE& error);
    template <typename Sequence, typename Handler, typename IoExecutor>
    void async_read_some(implementation_type& impl, const Sequence& sequence, Handler& handler,
                         const IoExecutor& io_executor);

private:
    static void close_quietly(implementation_type& impl) {
        if (impl.stream) impl.stream->close();
        impl.stream = nullptr;
        impl.number = -1;
        impl.non_blocking = impl.native_non_blocking = false;
    }
    /// Makes an operation. Null: nothing is open, and it has completed.
    template <typename Shape, typename Handler, typename IoExecutor>
    auto* make(implementation_type& impl, Shape shape, Handler& handler,
               const IoExecutor& io_executor);

    execution_context& context_;
};

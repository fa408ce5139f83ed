// The members of reactive_descriptor_service (descriptor_service.ipp) that need more of Asio than
// its definition does. Inside Asio's namespace `detail`, after the flavour's namespace in
// drydock::asio_detail (DRYDOCK_NET_DETAIL).

inline DRYDOCK_NET_ERROR_CODE reactive_descriptor_service::assign(
    implementation_type& impl, const native_handle_type& native, DRYDOCK_NET_ERROR_CODE& error) {
    if (impl.stream) return error = ::DRYDOCK_NET::error::already_open;
    impl.stream = ::drydock::asio_detail::StandardStream::open(
        ::DRYDOCK_NET_DETAIL::loop_of(context_), native);
    if (!impl.stream) return error = ::DRYDOCK_NET::error::operation_not_supported;
    impl.number = native;
    return error = {};
}

inline DRYDOCK_NET_ERROR_CODE reactive_descriptor_service::cancel(implementation_type& impl,
                                                                  DRYDOCK_NET_ERROR_CODE& error) {
    if (!impl.stream) return error = ::DRYDOCK_NET::error::bad_descriptor;
    impl.stream->cancel_all();
    return error = {};
}

template <typename Command>
DRYDOCK_NET_ERROR_CODE reactive_descriptor_service::io_control(implementation_type& impl, Command&,
                                                               DRYDOCK_NET_ERROR_CODE& error) {
    if (!impl.stream) return error = ::DRYDOCK_NET::error::bad_descriptor;
    return error = ::DRYDOCK_NET::error::operation_not_supported;
}

inline DRYDOCK_NET_ERROR_CODE reactive_descriptor_service::non_blocking(
    implementation_type& impl, bool mode, DRYDOCK_NET_ERROR_CODE& error) {
    if (!impl.stream) return error = ::DRYDOCK_NET::error::bad_descriptor;
    impl.non_blocking = mode;
    impl.native_non_blocking = mode;
    return error = {};
}

inline DRYDOCK_NET_ERROR_CODE reactive_descriptor_service::native_non_blocking(
    implementation_type& impl, bool mode, DRYDOCK_NET_ERROR_CODE& error) {
    if (!impl.stream) return error = ::DRYDOCK_NET::error::bad_descriptor;
    if (!mode && impl.non_blocking) return error = ::DRYDOCK_NET::error::invalid_argument;
    impl.native_non_blocking = mode;
    return error = {};
}

template <typename WaitType>
DRYDOCK_NET_ERROR_CODE reactive_descriptor_service::wait(implementation_type& impl, WaitType what,
                                                         DRYDOCK_NET_ERROR_CODE& error) {
    if (!impl.stream) return error = ::DRYDOCK_NET::error::bad_descriptor;
    if (what == WaitType::wait_write) return error = {};
    if (what != WaitType::wait_read) return error = ::DRYDOCK_NET::error::operation_not_supported;
    return error = ::DRYDOCK_NET_DETAIL::to_error_code(
               impl.stream->wait_readable(!impl.non_blocking));
}

template <typename Shape, typename Handler, typename IoExecutor>
auto* reactive_descriptor_service::make(implementation_type& impl, Shape shape, Handler& handler,
                                        const IoExecutor& io_executor) {
    namespace face = ::drydock::asio_detail;
    face::Loop& loop = ::DRYDOCK_NET_DETAIL::loop_of(context_);
    auto& started =
        ::DRYDOCK_NET_DETAIL::make_operation<::DRYDOCK_NET_DETAIL::CancelOne<face::StandardStream>>(
            std::move(shape), handler, io_executor, loop, impl.stream);
    if (impl.stream) return &started;
    face::Socket::start_failed(loop, started, face::Reason::bad_descriptor);
    return static_cast<decltype(&started)>(nullptr);
}

template <typename WaitType, typename Handler, typename IoExecutor>
void reactive_descriptor_service::async_wait(implementation_type& impl, WaitType what,
                                             Handler& handler, const IoExecutor& io_executor) {
    auto* const started =
        make(impl, ::DRYDOCK_NET_DETAIL::ErrorShape(), handler, io_executor);
    if (started == nullptr) return;
    if (what == WaitType::wait_read) return impl.stream->start_wait_readable(*started);
    if (what == WaitType::wait_write) return impl.stream->start_wait_writable(*started);
    impl.stream->start_wait_error(*started);
}

template <typename Sequence>
std::size_t reactive_descriptor_service::write_some(implementation_type& impl,
                                                    const Sequence& sequence,
                                                    DRYDOCK_NET_ERROR_CODE& error) {
    if constexpr (std::is_same_v<Sequence, ::DRYDOCK_NET::null_buffers>) {
        wait(impl, ::DRYDOCK_NET::posix::descriptor_base::wait_write, error);
        return 0;
    } else {
        error = ::DRYDOCK_NET::error::bad_descriptor;
        if (!impl.stream) return 0;
        using face_buffer = ::drydock::ConstBuffer;
        ::DRYDOCK_NET_DETAIL::BufferShape<face_buffer, Sequence> shape(sequence);
        const ::drydock::asio_detail::Done done = impl.stream->write(shape.buffers());
        error = ::DRYDOCK_NET_DETAIL::to_error_code(done.trouble);
        return done.bytes;
    }
}

template <typename Sequence, typename Handler, typename IoExecutor>
void reactive_descriptor_service::async_write_some(implementation_type& impl,
                                                   const Sequence& sequence, Handler& handler,
                                                   const IoExecutor& io_executor) {
    if constexpr (std::is_same_v<Sequence, ::DRYDOCK_NET::null_buffers>) {
        auto* const started =
            make(impl, ::DRYDOCK_NET_DETAIL::NullShape(), handler, io_executor);
        if (started != nullptr) impl.stream->start_wait_writable(*started);
    } else {
        using Shape = ::DRYDOCK_NET_DETAIL::BufferShape<::drydock::ConstBuffer, Sequence>;
        auto* const started = make(impl, Shape(sequence), handler, io_executor);
        if (started == nullptr) return;
        impl.stream->start_write(*started, started->shape.buffers());
    }
}

template <typename Sequence>
std::size_t reactive_descriptor_service::read_some(implementation_type& impl,
                                                   const Sequence& sequence,
                                                   DRYDOCK_NET_ERROR_CODE& error) {
    if constexpr (std::is_same_v<Sequence, ::DRYDOCK_NET::null_buffers>) {
        wait(impl, ::DRYDOCK_NET::posix::descriptor_base::wait_read, error);
        return 0;
    } else {
        error = ::DRYDOCK_NET::error::bad_descriptor;
        if (!impl.stream) return 0;
        ::DRYDOCK_NET_DETAIL::BufferShape<::drydock::MutableBuffer, Sequence> shape(sequence);
        const ::drydock::asio_detail::Done done =
            impl.stream->read(shape.buffers(), !impl.non_blocking);
        error = ::DRYDOCK_NET_DETAIL::to_error_code(done.trouble);
        return done.bytes;
    }
}

template <typename Sequence, typename Handler, typename IoExecutor>
void reactive_descriptor_service::async_read_some(implementation_type& impl,
                                                  const Sequence& sequence, Handler& handler,
                                                  const IoExecutor& io_executor) {
    if constexpr (std::is_same_v<Sequence, ::DRYDOCK_NET::null_buffers>) {
        auto* const started =
            make(impl, ::DRYDOCK_NET_DETAIL::NullShape(), handler, io_executor);
        if (started != nullptr) impl.stream->start_wait_readable(*started);
    } else {
        using Shape = ::DRYDOCK_NET_DETAIL::BufferShape<::drydock::MutableBuffer, Sequence>;
        auto* const started = make(impl, Shape(sequence), handler, io_executor);
        if (started == nullptr) return;
        impl.stream->start_read(*started, started->shape.buffers());
    }
}

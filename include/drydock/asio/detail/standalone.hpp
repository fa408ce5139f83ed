// The names and switches of standalone Asio, for the face's bodies. Undone by undefine.hpp.
#if ASIO_VERSION < 102200
#error "drydock's face needs standalone Asio 1.22 or later"
#endif
#define DRYDOCK_NET asio
#define DRYDOCK_NET_DETAIL drydock::asio_detail::standalone
#define DRYDOCK_NET_FACE asio
#define DRYDOCK_NET_ERROR_CODE ::asio::error_code
#define DRYDOCK_NET_VERSION (ASIO_VERSION)
#if defined(ASIO_NO_DEPRECATED)
#define DRYDOCK_NET_NO_DEPRECATED
#endif
#if defined(ASIO_NO_TS_EXECUTORS)
#define DRYDOCK_NET_NO_TS_EXECUTORS
#endif
#if defined(ASIO_HAS_POSIX_STREAM_DESCRIPTOR)
#define DRYDOCK_NET_HAS_DESCRIPTORS
#endif
#if defined(ASIO_NO_IOSTREAM)
#define DRYDOCK_NET_NO_IOSTREAM
#endif
#if ASIO_VERSION >= 102000  // cancellation slots and associators; Boost 1.74 has neither
#define DRYDOCK_NET_HAS_CANCELLATION
#endif
#if ASIO_VERSION < 102900
#define DRYDOCK_NET_INVOKE(function, handler) \
    ::asio_handler_invoke_helpers::invoke(function, handler)
#else
#define DRYDOCK_NET_INVOKE(function, handler) static_cast<void>(function())
#endif
#if defined(ASIO_HAS_IOCP)
#define DRYDOCK_NET_SOCKET_SERVICE win_iocp_socket_service
#elif defined(ASIO_HAS_IO_URING_AS_DEFAULT)
#define DRYDOCK_NET_SOCKET_SERVICE io_uring_socket_service
#else
#define DRYDOCK_NET_SOCKET_SERVICE reactive_socket_service
#endif
#if defined(ASIO_HAS_BOOST_DATE_TIME)
#define DRYDOCK_NET_DEADLINE_TIMER
#endif

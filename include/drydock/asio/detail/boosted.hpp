// The names and switches of Boost.Asio, for the face's bodies. Undone by undefine.hpp.
#if BOOST_ASIO_VERSION < 101800
#error "drydock's face needs Boost 1.74 or later"
#endif
#define DRYDOCK_NET boost::asio
#define DRYDOCK_NET_DETAIL drydock::asio_detail::boosted
#define DRYDOCK_NET_FACE boost_asio
#define DRYDOCK_NET_ERROR_CODE ::boost::system::error_code
#define DRYDOCK_NET_VERSION (BOOST_ASIO_VERSION)
#if defined(BOOST_ASIO_NO_DEPRECATED)
#define DRYDOCK_NET_NO_DEPRECATED
#endif
#if defined(BOOST_ASIO_NO_TS_EXECUTORS)
#define DRYDOCK_NET_NO_TS_EXECUTORS
#endif
#if defined(BOOST_ASIO_HAS_POSIX_STREAM_DESCRIPTOR)
#define DRYDOCK_NET_HAS_DESCRIPTORS
#endif
#if defined(BOOST_ASIO_NO_IOSTREAM)
#define DRYDOCK_NET_NO_IOSTREAM
#endif
#if BOOST_ASIO_VERSION >= 102000  // cancellation slots and associators; Boost 1.74 has neither
#define DRYDOCK_NET_HAS_CANCELLATION
#endif
#if BOOST_ASIO_VERSION < 102900
#define DRYDOCK_NET_INVOKE(function, handler) \
    ::boost_asio_handler_invoke_helpers::invoke(function, handler)
#else
#define DRYDOCK_NET_INVOKE(function, handler) static_cast<void>(function())
#endif
#if defined(BOOST_ASIO_HAS_IOCP)
#define DRYDOCK_NET_SOCKET_SERVICE win_iocp_socket_service
#elif defined(BOOST_ASIO_HAS_IO_URING_AS_DEFAULT)
#define DRYDOCK_NET_SOCKET_SERVICE io_uring_socket_service
#else
#define DRYDOCK_NET_SOCKET_SERVICE reactive_socket_service
#endif
#if defined(BOOST_ASIO_HAS_BOOST_DATE_TIME)
#define DRYDOCK_NET_DEADLINE_TIMER
#endif

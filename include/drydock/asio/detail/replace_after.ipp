// The face in the place of Asio, second part, after Asio's own headers. Outside of all namespaces,
// once for each flavour.

namespace DRYDOCK_NET_DETAIL {

namespace net = ::DRYDOCK_NET;
using io_context = net::io_context;

#include <drydock/asio/detail/services.ipp>

#include <drydock/asio/detail/unsupported_service.ipp>

}  // namespace DRYDOCK_NET_DETAIL

namespace DRYDOCK_NET {

#include <drydock/asio/detail/io_context_members.ipp>

}  // namespace DRYDOCK_NET

namespace DRYDOCK_NET::detail {

/// Sockets of TCP are those of the face. No others exist in a simulated world.
template <typename Protocol>
class reactive_socket_service : public DRYDOCK_NET_DETAIL::UnsupportedService<Protocol> {
public:
    using DRYDOCK_NET_DETAIL::UnsupportedService<Protocol>::UnsupportedService;
};

template <>
class reactive_socket_service<::DRYDOCK_NET::ip::tcp>
    : public DRYDOCK_NET_DETAIL::StreamService<::DRYDOCK_NET::ip::tcp> {
public:
    using DRYDOCK_NET_DETAIL::StreamService<::DRYDOCK_NET::ip::tcp>::StreamService;
};

template <>
class resolver_service<::DRYDOCK_NET::ip::tcp>
    : public DRYDOCK_NET_DETAIL::ResolverService<::DRYDOCK_NET::ip::tcp> {
public:
    using DRYDOCK_NET_DETAIL::ResolverService<::DRYDOCK_NET::ip::tcp>::ResolverService;
};

template <typename Traits>
class deadline_timer_service : public DRYDOCK_NET_DETAIL::TimerService<Traits> {
public:
    using DRYDOCK_NET_DETAIL::TimerService<Traits>::TimerService;
};

class signal_set_service : public DRYDOCK_NET_DETAIL::SignalService {
public:
    using DRYDOCK_NET_DETAIL::SignalService::SignalService;
};

#if defined(DRYDOCK_NET_HAS_DESCRIPTORS)
#include <drydock/asio/detail/descriptor_members.ipp>
#endif

}  // namespace DRYDOCK_NET::detail

#if !defined(DRYDOCK_NET_NO_IOSTREAM)
/// tcp::iostream on sockets of the face: Asio's own calls the system with a descriptor.
template <typename Clock, typename Traits>
class DRYDOCK_NET::basic_socket_streambuf<::DRYDOCK_NET::ip::tcp, Clock, Traits>
    : public DRYDOCK_NET_DETAIL::SocketStreambuf<::DRYDOCK_NET::ip::tcp, Clock, Traits> {
public:
    using DRYDOCK_NET_DETAIL::SocketStreambuf<::DRYDOCK_NET::ip::tcp, Clock,
                                              Traits>::SocketStreambuf;
};
#endif

// The face beside Asio: drydock::asio, or drydock::boost_asio. Outside of all namespaces, once for
// each flavour.
//
// Asio's own classes (basic_stream_socket, basic_waitable_timer, ...) stay what they are. They are
// given a protocol and wait traits of ours, and the services below these are specialised.

namespace DRYDOCK_NET_DETAIL {

namespace net = ::DRYDOCK_NET;

#include <drydock/asio/detail/io_context.ipp>

#include <drydock/asio/detail/services.ipp>

#include <drydock/asio/detail/io_context_members.ipp>

#include <drydock/asio/detail/protocol.ipp>

}  // namespace DRYDOCK_NET_DETAIL

#include <drydock/asio/detail/specialisations.ipp>

namespace DRYDOCK_NET_DETAIL {

#include <drydock/asio/detail/objects.ipp>

}  // namespace DRYDOCK_NET_DETAIL

namespace drydock::DRYDOCK_NET_FACE {

using namespace ::DRYDOCK_NET;

using ::DRYDOCK_NET_DETAIL::composed::async_read;
using ::DRYDOCK_NET_DETAIL::composed::async_read_until;
using ::DRYDOCK_NET_DETAIL::composed::async_write;
using ::DRYDOCK_NET_DETAIL::basic_signal_set;
using ::DRYDOCK_NET_DETAIL::basic_waitable_timer;
using ::DRYDOCK_NET_DETAIL::io_context;
#if defined(DRYDOCK_NET_DEADLINE_TIMER)
template <typename Time, typename Traits = ::DRYDOCK_NET::time_traits<Time>,
          typename Executor = ::DRYDOCK_NET::any_io_executor>
using basic_deadline_timer =
    ::DRYDOCK_NET::basic_deadline_timer<Time, ::DRYDOCK_NET_DETAIL::timer_traits<Traits>, Executor>;
using deadline_timer = basic_deadline_timer<boost::posix_time::ptime>;
#endif
using executor = ::DRYDOCK_NET::any_io_executor;
#if !defined(DRYDOCK_NET_NO_DEPRECATED)
using io_service = io_context;
#endif
using signal_set = basic_signal_set<>;
using steady_timer = basic_waitable_timer<std::chrono::steady_clock>;
using system_timer = basic_waitable_timer<std::chrono::system_clock>;
using high_resolution_timer = basic_waitable_timer<std::chrono::high_resolution_clock>;

namespace ip {
using namespace ::DRYDOCK_NET::ip;
using ::DRYDOCK_NET_DETAIL::tcp;
}  // namespace ip

}  // namespace drydock::DRYDOCK_NET_FACE

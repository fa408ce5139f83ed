// The face in the place of Asio, first part: what stands where Asio's own headers would be. Outside
// of all namespaces, once for each flavour, before any header of Asio's that needs an io_context.
// The includer has kept these headers out by their include guards.

namespace DRYDOCK_NET {

#include <drydock/asio/detail/io_context.ipp>

namespace detail {

class scheduler;
using io_context_impl = scheduler;

/// The base class of services that are written for an io_context.
template <typename Type>
class service_base : public io_context::service {
public:
    static inline ::DRYDOCK_NET::detail::service_id<Type> id;
    explicit service_base(io_context& context) : io_context::service(context) {}
};

template <typename Protocol>
class reactive_socket_service;
template <typename Traits>
class deadline_timer_service;
class signal_set_service;

#if defined(DRYDOCK_NET_HAS_DESCRIPTORS)
#include <drydock/asio/detail/descriptor_service.ipp>
#endif

}  // namespace detail

template <typename Service>
inline Service& use_service(io_context& context) {
    return use_service<Service>(static_cast<execution_context&>(context));
}

}  // namespace DRYDOCK_NET

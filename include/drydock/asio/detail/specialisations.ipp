// Asio's class templates, specialised for the protocol and the wait traits of the face. Outside of
// all namespaces.

#if defined(DRYDOCK_NET_HAS_CANCELLATION)
template <template <typename, typename> class Associator, typename Handler, typename Default>
struct DRYDOCK_NET::associator<Associator, DRYDOCK_NET_DETAIL::Placed<Handler>, Default>
    : Associator<Handler, Default> {
    static typename Associator<Handler, Default>::type get(
        const DRYDOCK_NET_DETAIL::Placed<Handler>& placed,
        const Default& otherwise = Default()) noexcept {
        return Associator<Handler, Default>::get(placed.handler, otherwise);
    }
};
#else
template <typename Handler, typename Default>
struct DRYDOCK_NET::associated_executor<DRYDOCK_NET_DETAIL::Placed<Handler>, Default> {
    using type = DRYDOCK_NET::associated_executor_t<Handler, Default>;
    static type get(const DRYDOCK_NET_DETAIL::Placed<Handler>& placed,
                    const Default& otherwise = Default()) noexcept {
        return DRYDOCK_NET::associated_executor<Handler, Default>::get(placed.handler, otherwise);
    }
};
template <typename Handler, typename Default>
struct DRYDOCK_NET::associated_allocator<DRYDOCK_NET_DETAIL::Placed<Handler>, Default> {
    using type = DRYDOCK_NET::associated_allocator_t<Handler, Default>;
    static type get(const DRYDOCK_NET_DETAIL::Placed<Handler>& placed,
                    const Default& otherwise = Default()) noexcept {
        return DRYDOCK_NET::associated_allocator<Handler, Default>::get(placed.handler, otherwise);
    }
};
#endif

template <>
class DRYDOCK_NET::detail::DRYDOCK_NET_SOCKET_SERVICE<DRYDOCK_NET_DETAIL::tcp>
    : public DRYDOCK_NET_DETAIL::StreamService<DRYDOCK_NET_DETAIL::tcp> {
public:
    using DRYDOCK_NET_DETAIL::StreamService<DRYDOCK_NET_DETAIL::tcp>::StreamService;
};

template <>
class DRYDOCK_NET::detail::resolver_service<DRYDOCK_NET_DETAIL::tcp>
    : public DRYDOCK_NET_DETAIL::ResolverService<DRYDOCK_NET_DETAIL::tcp> {
public:
    using DRYDOCK_NET_DETAIL::ResolverService<DRYDOCK_NET_DETAIL::tcp>::ResolverService;
};

#if defined(DRYDOCK_NET_DEADLINE_TIMER)
template <typename Traits>
class DRYDOCK_NET::detail::deadline_timer_service<DRYDOCK_NET_DETAIL::timer_traits<Traits>>
    : public DRYDOCK_NET_DETAIL::TimerService<DRYDOCK_NET_DETAIL::timer_traits<Traits>> {
public:
    using DRYDOCK_NET_DETAIL::TimerService<DRYDOCK_NET_DETAIL::timer_traits<Traits>>::TimerService;
};
#endif

template <typename Clock, typename Traits>
class DRYDOCK_NET::detail::deadline_timer_service<
    DRYDOCK_NET::detail::chrono_time_traits<Clock, DRYDOCK_NET_DETAIL::timer_traits<Traits>>>
    : public DRYDOCK_NET_DETAIL::TimerService<
          DRYDOCK_NET::detail::chrono_time_traits<Clock,
                                                  DRYDOCK_NET_DETAIL::timer_traits<Traits>>> {
public:
    using DRYDOCK_NET_DETAIL::TimerService<DRYDOCK_NET::detail::chrono_time_traits<
        Clock, DRYDOCK_NET_DETAIL::timer_traits<Traits>>>::TimerService;
};

#if !defined(DRYDOCK_NET_NO_IOSTREAM)
/// tcp::iostream on sockets of the face: Asio's own calls the system with a descriptor.
template <typename Clock, typename Traits>
class DRYDOCK_NET::basic_socket_streambuf<DRYDOCK_NET_DETAIL::tcp, Clock, Traits>
    : public DRYDOCK_NET_DETAIL::SocketStreambuf<DRYDOCK_NET_DETAIL::tcp, Clock, Traits> {
public:
    using DRYDOCK_NET_DETAIL::SocketStreambuf<DRYDOCK_NET_DETAIL::tcp, Clock,
                                              Traits>::SocketStreambuf;
};
#endif

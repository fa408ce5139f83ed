// The members of io_context that need more of Asio than its definition does. In the namespace that
// io_context is in, after the flavour's namespace in drydock::asio_detail (DRYDOCK_NET_DETAIL).

inline void io_context::join() {
    auto engine = std::make_unique<::DRYDOCK_NET_DETAIL::Engine>(*this, loop_);
    ::DRYDOCK_NET::add_service(*this, engine.get());
    static_cast<void>(engine.release());  // the context owns it
}

template <typename Allocator, std::uintptr_t Bits>
template <typename Function>
void io_context::basic_executor_type<Allocator, Bits>::execute(Function&& function) const {
    ::drydock::asio_detail::Loop& loop = context_pointer()->loop_;
    if ((bits() & never_blocks) == 0 && loop.running_in_this_thread()) {
        std::decay_t<Function> called(std::forward<Function>(function));
        try {
            DRYDOCK_NET_INVOKE(called, called);
        } catch (...) {
            loop.capture_exception();
        }
        return;
    }
    ::DRYDOCK_NET_DETAIL::post_function(loop, std::forward<Function>(function),
                                        static_cast<const Allocator&>(*this),
                                        (bits() & continues) != 0);
}

#if !defined(DRYDOCK_NET_NO_TS_EXECUTORS)
template <typename Allocator, std::uintptr_t Bits>
template <typename Function, typename Other>
void io_context::basic_executor_type<Allocator, Bits>::dispatch(Function&& function,
                                                                const Other& memory) const {
    ::drydock::asio_detail::Loop& loop = context_pointer()->loop_;
    if (loop.running_in_this_thread()) {
        std::decay_t<Function> called(std::forward<Function>(function));
        DRYDOCK_NET_INVOKE(called, called);
        return;
    }
    ::DRYDOCK_NET_DETAIL::post_function(loop, std::forward<Function>(function), memory);
}

template <typename Allocator, std::uintptr_t Bits>
template <typename Function, typename Other>
void io_context::basic_executor_type<Allocator, Bits>::post(Function&& function,
                                                            const Other& memory) const {
    ::DRYDOCK_NET_DETAIL::post_function(context_pointer()->loop_,
                                        std::forward<Function>(function), memory);
}
#endif

#if !defined(DRYDOCK_NET_NO_TS_EXECUTORS)
template <typename Allocator, std::uintptr_t Bits>
template <typename Function, typename Other>
void io_context::basic_executor_type<Allocator, Bits>::defer(Function&& function,
                                                             const Other& memory) const {
    ::DRYDOCK_NET_DETAIL::post_function(context_pointer()->loop_,
                                        std::forward<Function>(function), memory, true);
}
#endif

/// Asio's older strand of an io_context.
class io_context::strand : public ::DRYDOCK_NET::strand<io_context::executor_type> {
public:
    explicit strand(io_context& context)
        : ::DRYDOCK_NET::strand<io_context::executor_type>(context.get_executor()),
          context_(&context) {}
    io_context& context() const noexcept { return *context_; }
#if !defined(DRYDOCK_NET_NO_DEPRECATED)
    io_context& get_io_context() { return *context_; }
    template <typename Handler>
    auto dispatch(Handler&& handler) const {
        return ::DRYDOCK_NET::dispatch(*this, std::forward<Handler>(handler));
    }
    template <typename Handler>
    auto post(Handler&& handler) const {
        return ::DRYDOCK_NET::post(*this, std::forward<Handler>(handler));
    }
    template <typename Handler>
    auto wrap(Handler handler) {
        return ::DRYDOCK_NET::detail::wrapped_handler<
            strand, Handler, ::DRYDOCK_NET::detail::is_continuation_if_running>(*this, handler);
    }
#endif
#if !defined(DRYDOCK_NET_NO_TS_EXECUTORS)
    using Base = ::DRYDOCK_NET::strand<io_context::executor_type>;
    template <typename Function, typename Allocator>
    void dispatch(Function&& function, const Allocator& allocator) const {
        Base::dispatch(std::forward<Function>(function), allocator);
    }
    template <typename Function, typename Allocator>
    void post(Function&& function, const Allocator& allocator) const {
        Base::post(std::forward<Function>(function), allocator);
    }
#endif

private:
    io_context* context_;
};

#if !defined(DRYDOCK_NET_NO_DEPRECATED)
template <typename Handler>
auto io_context::dispatch(Handler&& handler) {
    return ::DRYDOCK_NET::dispatch(get_executor(), std::forward<Handler>(handler));
}
template <typename Handler>
auto io_context::post(Handler&& handler) {
    return ::DRYDOCK_NET::post(get_executor(), std::forward<Handler>(handler));
}
template <typename Handler>
auto io_context::wrap(Handler handler) {
    return ::DRYDOCK_NET::detail::wrapped_handler<io_context&, Handler>(*this, handler);
}
#endif

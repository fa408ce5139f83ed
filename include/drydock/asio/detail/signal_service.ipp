// What is below a signal_set. For each flavour, inside its namespace in drydock::asio_detail.

/// The service of the signal sets of one execution context. The members are those of Asio's
/// detail::signal_set_service.
class SignalService : public net::detail::execution_context_service_base<SignalService> {
public:
    /// What a signal_set holds.
    struct implementation_type {
        std::shared_ptr<SignalSet> set;
    };

    explicit SignalService(net::execution_context& context)
        : net::detail::execution_context_service_base<SignalService>(context), context_(context) {}
    void shutdown() override {}
    void notify_fork(net::execution_context::fork_event) override {}

    void construct(implementation_type& impl) { impl.set = std::make_shared<SignalSet>(loop()); }
    void destroy(implementation_type& impl) {
        if (!impl.set) return;
        impl.set->clear();
        impl.set->cancel();
        impl.set = nullptr;
    }
    error_code add(implementation_type& impl, int number, error_code& error) {
        return error = to_error_code(impl.set->add(number));
    }
    error_code remove(implementation_type& impl, int number, error_code& error) {
        return error = to_error_code(impl.set->remove(number));
    }
    error_code clear(implementation_type& impl, error_code& error) {
        impl.set->clear();
        return error = {};
    }
    error_code cancel(implementation_type& impl, error_code& error) {
        impl.set->cancel();
        return error = {};
    }
    template <typename Handler, typename IoExecutor>
    void async_wait(implementation_type& impl, Handler& handler, const IoExecutor& io_executor) {
        using Made = WaitItem<Handler, IoExecutor>;
        const auto allocator = net::get_associated_allocator(handler);
#if defined(DRYDOCK_NET_HAS_CANCELLATION)
        auto slot = net::get_associated_cancellation_slot(handler);
#endif
        Made* const made =
            Made::Memory::make(allocator, std::move(handler), io_executor, loop());
#if defined(DRYDOCK_NET_HAS_CANCELLATION)
        if (slot.is_connected()) {
            slot.template emplace<CancelWait>(std::weak_ptr<SignalSet>(impl.set),
                                              static_cast<SignalWait*>(made));
        }
#endif
        impl.set->start_wait(*made);
    }

private:
    template <typename Handler, typename IoExecutor>
    class WaitItem final : public SignalWait {
    public:
        using Allocator = net::associated_allocator_t<Handler>;
        using Memory = ObjectMemory<WaitItem, Allocator>;

        WaitItem(Handler&& handler, const IoExecutor& io_executor, Loop& loop)
            : SignalWait(&WaitItem::run),
              work_(handler, io_executor, loop),
              handler_(std::move(handler)) {}

    private:
        static void run(Loop* loop, Item& item) {
            auto* const self = static_cast<WaitItem*>(&item);
            const Allocator allocator = net::get_associated_allocator(self->handler_);
            Handler handler(std::move(self->handler_));
            if (loop == nullptr) return Memory::destroy(allocator, self);
            Work<Handler, IoExecutor> work(std::move(self->work_));
            std::tuple<error_code, int> results(to_error_code(self->trouble), self->number);
            Memory::destroy(allocator, self);
            work.complete(std::move(handler), std::move(results));
        }

        Work<Handler, IoExecutor> work_;
        Handler handler_;
    };

#if defined(DRYDOCK_NET_HAS_CANCELLATION)
    /// What a cancellation slot holds for a wait. A wait that has ended is not in the set's list.
    class CancelWait {
    public:
        CancelWait(std::weak_ptr<SignalSet> set, SignalWait* wait) noexcept
            : set_(std::move(set)), wait_(wait) {}
        void operator()(net::cancellation_type_t type) {
            using kinds = net::cancellation_type;
            if (!(type & (kinds::terminal | kinds::partial | kinds::total))) return;
            if (const std::shared_ptr<SignalSet> set = set_.lock()) set->cancel(*wait_);
        }

    private:
        std::weak_ptr<SignalSet> set_;
        SignalWait* wait_;
    };
#endif

    Loop& loop() const { return loop_of(context_); }

    net::execution_context& context_;
};

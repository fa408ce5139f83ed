// What is below Asio's basic_waitable_timer (and basic_deadline_timer): its service, on timers of
// the queue. For each flavour, inside its namespace in drydock::asio_detail.

/// The service of the timers of one execution context, for clocks with these Traits of Asio.
template <typename Traits>
class TimerService : public net::detail::execution_context_service_base<TimerService<Traits>> {
public:
    using time_type = typename Traits::time_type;
    using duration_type = typename Traits::duration_type;

    /// What a timer object holds.
    struct implementation_type {
        implementation_type() = default;
        implementation_type(const implementation_type&) = delete;
        implementation_type& operator=(const implementation_type&) = delete;

        time_type expiry = time_type();
        std::shared_ptr<TimerSet> waits;  // null until it is needed
        int number = 0;                   // not 0: it is destroyed
    };

    explicit TimerService(net::execution_context& context)
        : net::detail::execution_context_service_base<TimerService<Traits>>(context),
          context_(context) {}
    void shutdown() override {}

    void construct(implementation_type& impl) { impl.expiry = time_type(); }
    void destroy(implementation_type& impl) {
        error_code error;
        cancel(impl, error);
        impl.number = ended_number;
    }
    void move_construct(implementation_type& impl, implementation_type& other) {
        impl.expiry = std::exchange(other.expiry, time_type());
        impl.waits = std::move(other.waits);
    }
    void move_assign(implementation_type& impl, TimerService&, implementation_type& other) {
        error_code error;
        cancel(impl, error);
        move_construct(impl, other);
    }
    void converting_move_construct(implementation_type& impl, TimerService&,
                                   implementation_type& other) {
        move_construct(impl, other);
    }
    void converting_move_assign(implementation_type& impl, TimerService& service,
                                implementation_type& other) {
        move_assign(impl, service, other);
    }
    std::size_t cancel(implementation_type& impl, error_code& error) {
        return cancel_most(impl, (std::numeric_limits<std::size_t>::max)(), error);
    }
    std::size_t cancel_one(implementation_type& impl, error_code& error) {
        return cancel_most(impl, 1, error);
    }
    time_type expiry(const implementation_type& impl) const {
        used_after_end(impl.number, OperationKind::timer, calling_place(Place::current()));
        return impl.expiry;
    }
    time_type expires_at(const implementation_type& impl) const { return expiry(impl); }
    duration_type expires_from_now(const implementation_type& impl) const {
        return Traits::subtract(expiry(impl), now());
    }
    std::size_t expires_at(implementation_type& impl, const time_type& time, error_code& error) {
        const std::size_t canceled = cancel(impl, error);
        if (!error) impl.expiry = time;
        return canceled;
    }
    std::size_t expires_after(implementation_type& impl, const duration_type& duration,
                              error_code& error) {
        return expires_at(impl, Traits::add(now(), duration), error);
    }
    std::size_t expires_from_now(implementation_type& impl, const duration_type& duration,
                                 error_code& error) {
        return expires_after(impl, duration, error);
    }
    void wait(implementation_type& impl, error_code& error) {
        error = {};
        const auto waits = waits_of(impl);
        while (Traits::less_than(now(), impl.expiry)) {
            waits->wait(deadline(impl.expiry), calling_place(Place::current()));
            if (loop().queue().has_virtual_time()) break;  // it is the only clock
        }
    }
    template <typename Handler, typename IoExecutor>
    void async_wait(implementation_type& impl, Handler& handler, const IoExecutor& io_executor) {
        if (used_after_end(impl.number, OperationKind::timer,
                           associated_place<Handler>::get(handler, Place::current()))) {
            return;
        }
        const std::shared_ptr<TimerSet> waits = waits_of(impl);
        auto& operation = make_operation<CancelOne<TimerSet>>(ErrorShape(), handler, io_executor,
                                                              loop(), waits);
        if constexpr (!steady()) waits->check_at_expiry(check(impl.expiry));
        waits->start_wait(operation, deadline(impl.expiry));
    }

private:
    struct Meeting {
        Time queue;
        time_type clock;
    };

    Loop& loop() const { return loop_of(context_); }
    std::shared_ptr<TimerSet> waits_of(implementation_type& impl) {
        if (!impl.waits) impl.waits = std::make_shared<TimerSet>(loop());
        return impl.waits;
    }
    static std::size_t cancel_most(implementation_type& impl, std::size_t most,
                                   error_code& error) {
        error = {};
        if (used_after_end(impl.number, OperationKind::none, calling_place(Place::current()))) {
            error = net::error::bad_descriptor;
            return 0;
        }
        return impl.waits ? impl.waits->cancel(most) : 0;
    }
    /// Whether the time of this clock is that of a simulated world, whatever the clock itself says:
    /// outside of a simulated program, the standard clocks are the machine's.
    bool clock_is_virtual() const {
        return requires { typename Traits::clock_type; } && loop().queue().has_virtual_time() &&
               loop().surroundings() == nullptr;
    }
    time_type now() const {
        if constexpr (requires { typename time_type::clock; }) {
            if (std::chrono::is_clock_v<typename time_type::clock> && clock_is_virtual()) {
                return time_type(std::chrono::duration_cast<typename time_type::duration>(
                    loop().queue().now().time_since_epoch()));
            }
        }
        return Traits::now();
    }
    /// The time on the queue's clock at which this clock will show `expiry`, which may be past.
    Time deadline(const time_type& expiry) {
        if constexpr (requires { typename time_type::clock; }) {
            if (expiry == (time_type::max)()) return never;
        }
        const Meeting meeting = meeting_of_clocks();
        const Duration span = to_duration(Traits::subtract(expiry, meeting.clock));
        return span >= Duration::zero() ? later(meeting.queue, span) : meeting.queue + span;
    }
    /// See TimerSet::check_at_expiry().
    auto check(const time_type& expiry) const {
        return [this, expiry] {
            const Duration span = to_duration(Traits::subtract(expiry, now()));
            return span > Duration::zero() ? later(loop().queue().now(), span) : Time();
        };
    }
    /// A moment on both clocks. It stays the same as long as they go alike, so that the order of
    /// deadlines is that of expiries.
    Meeting meeting_of_clocks() {
        const std::lock_guard lock(mutex_);
        if (met_ && steady()) return meeting_;
        Meeting best;
        Duration least = Duration::max();
        for (int i = 0; i < 3; ++i) {  // this thread may lose its processor between two clocks
            const Time before = loop().queue().now();
            const time_type clock = now();
            const Time after = loop().queue().now();
            if (after - before < least) best = {before, clock};
            least = std::min(least, after - before);
        }
        if (met_) {
            const Duration drift = (best.queue - meeting_.queue) -
                                   to_duration(Traits::subtract(best.clock, meeting_.clock));
            if (std::chrono::abs(drift) < std::chrono::milliseconds(10)) return meeting_;
        }
        met_ = true;
        return meeting_ = best;
    }
    static constexpr bool steady() {
        if constexpr (requires { time_type::clock::is_steady; }) return time_type::clock::is_steady;
        else return false;
    }
    static Duration to_duration(const duration_type& duration) {
        if constexpr (requires { std::chrono::duration_cast<Duration>(duration); }) {
            constexpr auto longest = std::chrono::hours(24 * 365 * 200);
            if (duration > longest) return longest;
            if (duration < -longest) return -longest;
            return std::chrono::ceil<Duration>(duration);
        } else {
            const auto posix = Traits::to_posix_duration(duration);
            return std::chrono::microseconds(posix.total_microseconds());
        }
    }

    net::execution_context& context_;
    std::mutex mutex_;  // guards what follows
    Meeting meeting_{};
    bool met_ = false;
};

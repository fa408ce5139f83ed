// The io_context of the face: Asio's, on a loop of ours.
//
// It is included once for each flavour of Asio, inside a namespace: drydock's own, or Asio's where
// the face replaces it. DRYDOCK_NET is the flavour's namespace.

/// Asio's io_context, on a completion queue: https://think-async.com/Asio, reference of io_context.
/// Where Asio's page says nothing else, it is the same.
class io_context : public ::DRYDOCK_NET::execution_context {
public:
    template <typename Allocator, std::uintptr_t Bits>
    class basic_executor_type;
    using executor_type = basic_executor_type<std::allocator<void>, 0>;
    using count_type = std::size_t;
    class service;
#if !defined(DRYDOCK_NET_NO_DEPRECATED)
    class work;
#endif
    class strand;

    /// On the world's queue in a simulated program. Elsewhere on a queue of its own: of the backend
    /// that the environment variable DRYDOCK_BACKEND names, or the best of the system. Throws
    /// std::runtime_error if the system gives none.
    io_context() : io_context(0) {}
    /// The same. `concurrency_hint` is the number of threads that will call run(), or 0.
    explicit io_context(int concurrency_hint)
        : loop_(concurrency_hint > 0 && concurrency_hint < 1024
                    ? static_cast<unsigned>(concurrency_hint)
                    : 0) {
        join();
    }
    /// On `queue`, which must outlive it: a real one, or a simulated world. Coroutines and other
    /// contexts may use the same queue.
    explicit io_context(::drydock::CompletionQueue& queue,
                        ::drydock::AsioOptions options = {})
        : loop_(queue, options) {
        join();
    }
    ~io_context() {
        this->shutdown();
        loop_.shut_down();
        this->destroy();
    }

    executor_type get_executor() noexcept;
    /// The queue that the context runs on. It lives as long as the context, or longer.
    ::drydock::CompletionQueue& queue() const noexcept { return loop_.queue(); }
    /// The loop below.
    ::drydock::asio_detail::Loop& drydock_loop() noexcept { return loop_; }

    count_type run() { return loop_.run(); }
    count_type run_one() { return loop_.run_one(); }
    count_type poll() { return loop_.poll(); }
    count_type poll_one() { return loop_.poll_one(); }
    template <typename Rep, typename Period>
    std::size_t run_for(const std::chrono::duration<Rep, Period>& time) {
        return loop_.run_until(deadline_after(time));
    }
    template <typename Clock, typename Span>
    std::size_t run_until(const std::chrono::time_point<Clock, Span>& time) {
        return loop_.run_until(deadline_at(time));
    }
    template <typename Rep, typename Period>
    std::size_t run_one_for(const std::chrono::duration<Rep, Period>& time) {
        return loop_.run_one_until(deadline_after(time));
    }
    template <typename Clock, typename Span>
    std::size_t run_one_until(const std::chrono::time_point<Clock, Span>& time) {
        return loop_.run_one_until(deadline_at(time));
    }
    void stop() { loop_.stop(); }
    bool stopped() const { return loop_.stopped(); }
    void restart() { loop_.restart(); }

#if !defined(DRYDOCK_NET_NO_DEPRECATED)
    count_type run(DRYDOCK_NET_ERROR_CODE& error) {
        error = {};
        return run();
    }
    count_type run_one(DRYDOCK_NET_ERROR_CODE& error) {
        error = {};
        return run_one();
    }
    count_type poll(DRYDOCK_NET_ERROR_CODE& error) {
        error = {};
        return poll();
    }
    count_type poll_one(DRYDOCK_NET_ERROR_CODE& error) {
        error = {};
        return poll_one();
    }
    void reset() { restart(); }
    template <typename Handler>
    auto dispatch(Handler&& handler);
    template <typename Handler>
    auto post(Handler&& handler);
    template <typename Handler>
    auto wrap(Handler handler);
#endif

private:
    void join();
    template <typename Rep, typename Period>
    ::drydock::Time deadline_after(const std::chrono::duration<Rep, Period>& time) const {
        const auto now = loop_.queue().now();
        if (time <= time.zero()) return now;
        if (time > std::chrono::hours(24 * 365 * 100)) return ::drydock::never;
        return ::drydock::later(now,
                                std::chrono::duration_cast<::drydock::Duration>(time));
    }
    template <typename Clock, typename Span>
    ::drydock::Time deadline_at(const std::chrono::time_point<Clock, Span>& time) const {
        if (time == (std::chrono::time_point<Clock, Span>::max)()) return ::drydock::never;
        if (loop_.queue().has_virtual_time() && std::chrono::is_clock_v<Clock> &&
            loop_.surroundings() == nullptr) {
            return deadline_after(time - std::chrono::time_point<Clock, Span>(
                                             std::chrono::duration_cast<Span>(
                                                 loop_.queue().now().time_since_epoch())));
        }
        return deadline_after(time - Clock::now());
    }

    ::drydock::asio_detail::Loop loop_;
};

/// Asio's executor of an io_context.
template <typename Allocator, std::uintptr_t Bits>
class io_context::basic_executor_type : Allocator {
    static constexpr std::uintptr_t never_blocks = 1;
    static constexpr std::uintptr_t continues = 2;
    static constexpr std::uintptr_t tracks = 4;
    static constexpr std::uintptr_t runtime_bits = 3;
    static constexpr bool tracking = (Bits & tracks) != 0;

public:
    basic_executor_type(const basic_executor_type& other) noexcept
        : Allocator(static_cast<const Allocator&>(other)), target_(other.target_) {
        begin();
    }
    basic_executor_type(basic_executor_type&& other) noexcept
        : Allocator(static_cast<Allocator&&>(other)), target_(other.target_) {
        if (tracking) other.target_ = 0;
    }
    ~basic_executor_type() noexcept { end(); }
    basic_executor_type& operator=(const basic_executor_type& other) noexcept {
        if (this != &other) {
            basic_executor_type copy(other);
            swap(copy);
        }
        return *this;
    }
    basic_executor_type& operator=(basic_executor_type&& other) noexcept {
        if (this != &other) {
            basic_executor_type moved(static_cast<basic_executor_type&&>(other));
            swap(moved);
        }
        return *this;
    }

    basic_executor_type require(::DRYDOCK_NET::execution::blocking_t::possibly_t) const {
        return {context_pointer(), *this, bits() & ~never_blocks};
    }
    basic_executor_type require(::DRYDOCK_NET::execution::blocking_t::never_t) const {
        return {context_pointer(), *this, bits() | never_blocks};
    }
    basic_executor_type require(::DRYDOCK_NET::execution::relationship_t::fork_t) const {
        return {context_pointer(), *this, bits() & ~continues};
    }
    basic_executor_type require(::DRYDOCK_NET::execution::relationship_t::continuation_t) const {
        return {context_pointer(), *this, bits() | continues};
    }
    basic_executor_type<Allocator, (Bits | tracks)> require(
        ::DRYDOCK_NET::execution::outstanding_work_t::tracked_t) const {
        return {context_pointer(), *this, bits()};
    }
    basic_executor_type<Allocator, (Bits & ~tracks)> require(
        ::DRYDOCK_NET::execution::outstanding_work_t::untracked_t) const {
        return {context_pointer(), *this, bits()};
    }
    template <typename Other>
    basic_executor_type<Other, Bits> require(
        ::DRYDOCK_NET::execution::allocator_t<Other> memory) const {
        return {context_pointer(), memory.value(), bits()};
    }
    basic_executor_type<std::allocator<void>, Bits> require(
        ::DRYDOCK_NET::execution::allocator_t<void>) const {
        return {context_pointer(), std::allocator<void>(), bits()};
    }

    static constexpr ::DRYDOCK_NET::execution::mapping_t query(
        ::DRYDOCK_NET::execution::mapping_t) noexcept {
        return ::DRYDOCK_NET::execution::mapping.thread;
    }
    io_context& query(::DRYDOCK_NET::execution::context_t) const noexcept {
        return *context_pointer();
    }
    constexpr ::DRYDOCK_NET::execution::blocking_t query(
        ::DRYDOCK_NET::execution::blocking_t) const noexcept {
        using blocking_t = ::DRYDOCK_NET::execution::blocking_t;
        return (bits() & never_blocks) != 0
                   ? blocking_t(::DRYDOCK_NET::execution::blocking.never)
                   : blocking_t(::DRYDOCK_NET::execution::blocking.possibly);
    }
    constexpr ::DRYDOCK_NET::execution::relationship_t query(
        ::DRYDOCK_NET::execution::relationship_t) const noexcept {
        using relationship_t = ::DRYDOCK_NET::execution::relationship_t;
        return (bits() & continues) != 0
                   ? relationship_t(::DRYDOCK_NET::execution::relationship.continuation)
                   : relationship_t(::DRYDOCK_NET::execution::relationship.fork);
    }
    static constexpr ::DRYDOCK_NET::execution::outstanding_work_t query(
        ::DRYDOCK_NET::execution::outstanding_work_t) noexcept {
        using outstanding_work_t = ::DRYDOCK_NET::execution::outstanding_work_t;
        return tracking ? outstanding_work_t(::DRYDOCK_NET::execution::outstanding_work.tracked)
                        : outstanding_work_t(::DRYDOCK_NET::execution::outstanding_work.untracked);
    }
    template <typename Other>
    constexpr Allocator query(::DRYDOCK_NET::execution::allocator_t<Other>) const noexcept {
        return static_cast<const Allocator&>(*this);
    }
    constexpr Allocator query(::DRYDOCK_NET::execution::allocator_t<void>) const noexcept {
        return static_cast<const Allocator&>(*this);
    }

    bool running_in_this_thread() const noexcept {
        return context_pointer()->loop_.running_in_this_thread();
    }
    friend bool operator==(const basic_executor_type& a, const basic_executor_type& b) noexcept {
        return a.target_ == b.target_ &&
               static_cast<const Allocator&>(a) == static_cast<const Allocator&>(b);
    }
    friend bool operator!=(const basic_executor_type& a, const basic_executor_type& b) noexcept {
        return !(a == b);
    }

    template <typename Function>
    void execute(Function&& function) const;

#if !defined(DRYDOCK_NET_NO_TS_EXECUTORS)
    io_context& context() const noexcept { return *context_pointer(); }
    void on_work_started() const noexcept { context_pointer()->loop_.work_started(); }
    void on_work_finished() const noexcept { context_pointer()->loop_.work_finished(); }
    template <typename Function, typename Other>
    void dispatch(Function&& function, const Other& memory) const;
    template <typename Function, typename Other>
    void post(Function&& function, const Other& memory) const;
    template <typename Function, typename Other>
    void defer(Function&& function, const Other& memory) const;
#endif

private:
    friend class io_context;
    template <typename, std::uintptr_t>
    friend class basic_executor_type;

    basic_executor_type(io_context* target, const Allocator& memory,
                        std::uintptr_t target_bits) noexcept
        : Allocator(memory), target_(reinterpret_cast<std::uintptr_t>(target) | target_bits) {
        begin();
    }
    void swap(basic_executor_type& other) noexcept {
        std::swap(static_cast<Allocator&>(*this), static_cast<Allocator&>(other));
        std::swap(target_, other.target_);
    }
    void begin() const noexcept {
        if (tracking && context_pointer() != nullptr) context_pointer()->loop_.work_started();
    }
    void end() const noexcept {
        if (tracking && context_pointer() != nullptr) context_pointer()->loop_.work_finished();
    }
    io_context* context_pointer() const noexcept {
        return reinterpret_cast<io_context*>(target_ & ~runtime_bits);
    }
    std::uintptr_t bits() const noexcept { return target_ & runtime_bits; }

    std::uintptr_t target_;  // the context, and the bits of runtime_bits
};

inline io_context::executor_type io_context::get_executor() noexcept {
    return executor_type(this, std::allocator<void>(), 0);
}

#if !defined(DRYDOCK_NET_NO_DEPRECATED)
/// Asio's deprecated work guard of an io_context.
class io_context::work {
public:
    explicit work(io_context& context) : context_(context) { context_.loop_.work_started(); }
    work(const work& other) : context_(other.context_) { context_.loop_.work_started(); }
    work& operator=(const work&) = delete;
    ~work() { context_.loop_.work_finished(); }
    io_context& get_io_context() { return context_; }

private:
    io_context& context_;
};
#endif

/// Asio's base class of services that belong to an io_context.
class io_context::service : public ::DRYDOCK_NET::execution_context::service {
public:
    io_context& get_io_context() { return static_cast<io_context&>(context()); }

private:
    void shutdown() override {}

protected:
    explicit service(io_context& owner) : ::DRYDOCK_NET::execution_context::service(owner) {}
    ~service() override = default;
};

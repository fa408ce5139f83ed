// What is below tcp::iostream: Asio's basic_socket_streambuf calls the system itself, with the
// descriptor of its socket, and the sockets of the face have none. This one has the same public
// members. For each flavour, inside its namespace in drydock::asio_detail.

#if !defined(DRYDOCK_NET_NO_IOSTREAM)

/// A clock with these Traits of Asio, and what it has to do with that of a loop's queue.
template <typename Traits>
class QueueClock {
public:
    using time_type = typename Traits::time_type;

    static time_type now(const Loop& loop) {
        if (std::chrono::is_clock_v<typename time_type::clock> && is_virtual(loop)) {
            return time_type(std::chrono::duration_cast<typename time_type::duration>(
                loop.queue().now().time_since_epoch()));
        }
        return Traits::now();
    }
    /// The time on the queue's clock at which this clock will show `expiry`.
    static Time deadline(const Loop& loop, const time_type& expiry) {
        if (expiry == (time_type::max)()) return never;
        const Time queue_now = loop.queue().now();
        const time_type clock_now = now(loop);
        if (!Traits::less_than(clock_now, expiry)) return queue_now;
        constexpr auto longest = std::chrono::hours(24 * 365 * 200);
        const auto span = Traits::subtract(expiry, clock_now);
        return later(queue_now, span > longest ? longest : std::chrono::ceil<Duration>(span));
    }

private:
    /// Whether the time of this clock is that of a simulated world, whatever the clock itself says:
    /// outside of a simulated program, the standard clocks are the machine's.
    static bool is_virtual(const Loop& loop) {
        return loop.queue().has_virtual_time() && loop.surroundings() == nullptr;
    }
};

/// The context of a streambuf that makes its own socket. A base class, so that it exists before the
/// socket.
struct StreambufContext {
    std::shared_ptr<io_context> context;
};

/// Its buffers, which exist before the socket, too.
struct StreambufBuffers {
    static constexpr std::size_t size = 512;
    std::vector<char> get = std::vector<char>(size);
    std::vector<char> put = std::vector<char>(size);  // empty: unbuffered
};

/// The streambuf of a socket, with an expiry time for all of its operations.
template <typename Protocol, typename Clock, typename WaitTraits>
class SocketStreambuf : public std::streambuf,
                        private StreambufContext,
                        private StreambufBuffers,
#if defined(DRYDOCK_NET_NO_DEPRECATED)
                        private net::basic_socket<Protocol>
#else
                        public net::basic_socket<Protocol>
#endif
{
    using Helper = net::detail::chrono_time_traits<Clock, WaitTraits>;
    using Buffers = StreambufBuffers;
    static constexpr std::size_t putback = 8;

public:
    using protocol_type = Protocol;
    using endpoint_type = typename Protocol::endpoint;
    using clock_type = Clock;
    using time_point = typename Helper::time_type;
    using duration = typename Helper::duration_type;
#if !defined(DRYDOCK_NET_NO_DEPRECATED)
    using time_type = time_point;
    using duration_type = duration;
#endif

    SocketStreambuf()
        : StreambufContext{std::make_shared<io_context>()},
          net::basic_socket<Protocol>(*StreambufContext::context) {
        init_buffers();
    }
    explicit SocketStreambuf(net::basic_stream_socket<Protocol> socket)
        : net::basic_socket<Protocol>(std::move(socket)) {
        init_buffers();
    }
    SocketStreambuf(SocketStreambuf&& other)
        : StreambufContext(other), net::basic_socket<Protocol>(std::move(other.socket())) {
        take(other);
    }
    SocketStreambuf& operator=(SocketStreambuf&& other) {
        close();
        socket() = std::move(other.socket());
        StreambufContext::operator=(other);
        take(other);
        return *this;
    }
    /// Sends what is buffered.
    ~SocketStreambuf() override {
        if (pptr() != pbase()) overflow(traits_type::eof());
    }

    SocketStreambuf* connect(const endpoint_type& endpoint) {
        init_buffers();
        error_ = error_code();
        connect_to_endpoints(&endpoint, &endpoint + 1);
        return error_ ? nullptr : this;
    }
    template <typename... Arguments>
    SocketStreambuf* connect(Arguments... arguments) {
        init_buffers();
        typename Protocol::resolver resolver(socket().get_executor());
        const auto endpoints = resolver.resolve(arguments..., error_);
        if (!error_) connect_to_endpoints(endpoints.begin(), endpoints.end());
        return error_ ? nullptr : this;
    }
    SocketStreambuf* close() {
        sync();
        socket().close(error_);
        if (!error_) init_buffers();
        return error_ ? nullptr : this;
    }

    net::basic_socket<Protocol>& socket() { return *this; }
    const error_code& error() const { return error_; }
    time_point expiry() const { return expiry_; }
    void expires_at(const time_point& expiry) { expiry_ = expiry; }
    void expires_after(const duration& span) {
        expiry_ = Helper::add(QueueClock<Helper>::now(loop()), span);
    }
#if !defined(DRYDOCK_NET_NO_DEPRECATED)
    const error_code& puberror() const { return error(); }
    time_point expires_at() const { return expiry_; }
    duration expires_from_now() const {
        return Helper::subtract(expiry_, QueueClock<Helper>::now(loop()));
    }
    void expires_from_now(const duration& span) { expires_after(span); }
#endif

protected:
    int_type underflow() override {
        if (gptr() != egptr() || expired()) return traits_type::eof();
        const MutableBuffer buffer(
            std::as_writable_bytes(std::span(Buffers::get)).subspan(putback));
        const std::size_t bytes =
            service().receive_until(implementation(), buffer, deadline(), error_);
        if (bytes == 0) return traits_type::eof();
        char* const first = Buffers::get.data() + putback;
        setg(Buffers::get.data(), first, first + bytes);
        return traits_type::to_int_type(*gptr());
    }
    int_type overflow(int_type character) override {
        const bool flushes = traits_type::eq_int_type(character, traits_type::eof());
        const char last = traits_type::to_char_type(character);
        if (Buffers::put.empty()) {
            if (flushes) return traits_type::not_eof(character);
            return send({&last, 1}) ? character : traits_type::eof();
        }
        if (!send({pbase(), static_cast<std::size_t>(pptr() - pbase())})) {
            return traits_type::eof();
        }
        setp(Buffers::put.data(), Buffers::put.data() + Buffers::put.size());
        if (flushes) return traits_type::not_eof(character);
        *pptr() = last;
        pbump(1);
        return character;
    }
    int sync() override { return overflow(traits_type::eof()); }
    std::streambuf* setbuf(char* memory, std::streamsize length) override {
        if (pptr() != pbase() || memory != nullptr || length != 0) return nullptr;
        Buffers::put.clear();
        setp(nullptr, nullptr);
        return this;
    }

private:
    auto& service() { return this->impl_.get_service(); }
    auto& implementation() { return this->impl_.get_implementation(); }
    Loop& loop() const {
        auto& self = const_cast<SocketStreambuf&>(*this);  // get_executor() is not const
        return loop_of(net::query(self.socket().get_executor(), net::execution::context));
    }
    Time deadline() const { return QueueClock<Helper>::deadline(loop(), expiry_); }
    bool expired() {
        if (expiry_ == (time_point::max)()) return false;
        if (!Helper::less_than(expiry_, QueueClock<Helper>::now(loop()))) return false;
        error_ = net::error::timed_out;
        return true;
    }
    bool send(std::string_view text) {
        while (!text.empty()) {
            if (expired()) return false;
            const std::size_t bytes = service().send_until(
                implementation(), ConstBuffer(std::as_bytes(std::span(text))), deadline(), error_);
            if (error_) return false;
            text.remove_prefix(bytes);
        }
        return true;
    }
    template <typename Iterator>
    void connect_to_endpoints(Iterator first, Iterator last) {
        error_ = net::error::not_found;
        for (; first != last; ++first) {
            if (expired()) return;
            const endpoint_type endpoint(*first);
            socket().close(error_);
            socket().open(endpoint.protocol(), error_);
            if (error_) continue;
            service().connect_until(implementation(), endpoint, deadline(), error_);
            if (!error_) return;
        }
    }
    void init_buffers() {
        char* const first = Buffers::get.data() + putback;
        setg(Buffers::get.data(), first, first);
        if (Buffers::put.empty()) setp(nullptr, nullptr);
        else setp(Buffers::put.data(), Buffers::put.data() + Buffers::put.size());
    }
    void take(SocketStreambuf& other) {
        error_ = std::exchange(other.error_, error_code());
        expiry_ = std::exchange(other.expiry_, (time_point::max)());
        Buffers::get.swap(other.Buffers::get);
        Buffers::put.swap(other.Buffers::put);
        setg(other.eback(), other.gptr(), other.egptr());
        setp(other.pbase(), other.epptr());
        pbump(static_cast<int>(other.pptr() - other.pbase()));
        other.Buffers::put.resize(Buffers::size);
        other.init_buffers();
    }

    error_code error_;
    time_point expiry_ = (time_point::max)();
};

#endif

// The marks that make Asio's own class templates the face's: a protocol and wait traits. For each
// flavour, inside its namespace in drydock::asio_detail.

template <typename Executor = net::any_io_executor>
class stream_socket;
template <typename Executor = net::any_io_executor>
class socket_acceptor;

/// Asio's ip::tcp, on sockets of drydock.
class tcp {
public:
    using endpoint = net::ip::basic_endpoint<tcp>;
    using socket = stream_socket<>;
    using acceptor = socket_acceptor<>;
    using resolver = net::ip::basic_resolver<tcp>;
#if !defined(DRYDOCK_NET_NO_IOSTREAM)
    using iostream = net::basic_socket_iostream<tcp>;
#endif
    using no_delay = net::ip::tcp::no_delay;

    static tcp v4() noexcept { return tcp(net::ip::tcp::v4().family()); }
    static tcp v6() noexcept { return tcp(net::ip::tcp::v6().family()); }
    int type() const noexcept { return net::ip::tcp::v4().type(); }
    int protocol() const noexcept { return net::ip::tcp::v4().protocol(); }
    int family() const noexcept { return family_; }
    friend bool operator==(const tcp& a, const tcp& b) noexcept { return a.family_ == b.family_; }
    friend bool operator!=(const tcp& a, const tcp& b) noexcept { return a.family_ != b.family_; }

private:
    explicit tcp(int family) noexcept : family_(family) {}
    int family_;
};

/// Marks the timers of the face. What Asio asks of wait traits comes from Traits.
template <typename Traits>
struct timer_traits : Traits {};

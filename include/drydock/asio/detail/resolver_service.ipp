// What is below Asio's ip::basic_resolver. For each flavour, inside its namespace in
// drydock::asio_detail. On a real queue names are resolved by the system, as Asio does it; in a
// simulated world by what the scenario knows (names.hpp).

/// The service of the resolvers of one execution context.
template <typename Protocol>
class ResolverService
    : public net::detail::execution_context_service_base<ResolverService<Protocol>> {
public:
    using endpoint_type = typename Protocol::endpoint;
    using query_type = net::ip::basic_resolver_query<Protocol>;
    using results_type = net::ip::basic_resolver_results<Protocol>;
    /// What a resolver object holds: canceled operations are those that keep another value.
    using implementation_type = std::shared_ptr<std::atomic<bool>>;

    explicit ResolverService(net::execution_context& context)
        : net::detail::execution_context_service_base<ResolverService<Protocol>>(context),
          context_(context) {}
    void shutdown() override {
        for (std::thread& thread : threads_) thread.join();
        threads_.clear();
    }
    void notify_fork(net::execution_context::fork_event) override {}

    void construct(implementation_type& impl) { impl = std::make_shared<std::atomic<bool>>(false); }
    void destroy(implementation_type& impl) {
        if (impl) impl->store(true);
    }
    void move_construct(implementation_type& impl, implementation_type& other) {
        impl = std::move(other);
        construct(other);
    }
    void move_assign(implementation_type& impl, ResolverService&, implementation_type& other) {
        destroy(impl);
        move_construct(impl, other);
    }
    void converting_move_construct(implementation_type& impl, ResolverService&,
                                   implementation_type& other) {
        move_construct(impl, other);
    }
    void converting_move_assign(implementation_type& impl, ResolverService& service,
                                implementation_type& other) {
        move_assign(impl, service, other);
    }
    void cancel(implementation_type& impl) {
        destroy(impl);
        construct(impl);
    }

    results_type resolve(implementation_type&, const query_type& query, error_code& error) {
        return look_up(query, error);
    }
    results_type resolve(implementation_type&, const endpoint_type& endpoint, error_code& error) {
        return look_up(endpoint, error);
    }
    template <typename Query, typename Handler, typename IoExecutor>
    void async_resolve(implementation_type& impl, const Query& query, Handler& handler,
                       const IoExecutor& io_executor) {
        Loop& loop = this->loop();
        using Made = ResolveItem<Query, Handler, IoExecutor>;
        const auto allocator = net::get_associated_allocator(handler);
        Made* const made =
            Made::Memory::make(allocator, *this, impl, query, std::move(handler), io_executor);
        loop.work_started();
        if (loop.queue().has_virtual_time()) {
            loop.flight_begun();
            loop.queue().post(*made);
            return;
        }
        // A name server may take seconds; nothing else is to wait for it.
        threads_.emplace_back([made, &loop] {
            made->look_up();
            loop.add(*made);
        });
    }

private:
    template <typename Query, typename Handler, typename IoExecutor>
    class ResolveItem final : public Operation, public Item {
    public:
        using Allocator = net::associated_allocator_t<Handler>;
        using Memory = ObjectMemory<ResolveItem, Allocator>;

        ResolveItem(ResolverService& service, implementation_type canceled, const Query& query,
                    Handler&& handler, const IoExecutor& io_executor)
            : Operation(&ResolveItem::completed, associated_place<Handler>::get(handler,
                                                                               Place::current())),
              Item(&ResolveItem::run),
              service_(service),
              canceled_(std::move(canceled)),
              query_(query),
              work_(handler, io_executor, service.loop()),
              handler_(std::move(handler)) {}

        void look_up() {
            error_ = net::error::operation_aborted;
            if (!canceled_->load()) results_ = service_.look_up(query_, error_);
            if (canceled_->load()) error_ = net::error::operation_aborted;
        }

    private:
        static void completed(Operation& operation, const Result&) noexcept {
            auto& self = static_cast<ResolveItem&>(operation);
            Loop& loop = self.service_.loop();
            self.look_up();
            loop.add(self);
            loop.flight_ended();
        }
        static void run(Loop* loop, Item& item) {
            auto* const self = static_cast<ResolveItem*>(&item);
            const Allocator allocator = net::get_associated_allocator(self->handler_);
            Handler handler(std::move(self->handler_));
            if (loop == nullptr) return Memory::destroy(allocator, self);
            Work<Handler, IoExecutor> work(std::move(self->work_));
            std::tuple<error_code, results_type> results(self->error_, std::move(self->results_));
            if (self->error_) std::get<1>(results) = results_type();
            Memory::destroy(allocator, self);
            work.complete(std::move(handler), std::move(results));
        }

        ResolverService& service_;
        implementation_type canceled_;
        Query query_;
        Work<Handler, IoExecutor> work_;
        Handler handler_;
        error_code error_;
        results_type results_;
    };

    Loop& loop() const { return loop_of(context_); }

    results_type look_up(const query_type& query, error_code& error) {
        error = {};
        if (!loop().queue().has_virtual_time()) return ask_system(query, error);
        using base = net::ip::resolver_query_base;
        const auto hints = query.hints();
        NameQuery asked;
        const std::string host = query.host_name();
        const std::string service_name = query.service_name();
        asked.host = host;
        asked.service = service_name;
        asked.passive = (hints.ai_flags & static_cast<int>(base::passive)) != 0;
        asked.numeric_host = (hints.ai_flags & static_cast<int>(base::numeric_host)) != 0;
        asked.numeric_service = (hints.ai_flags & static_cast<int>(base::numeric_service)) != 0;
        asked.ipv4 = hints.ai_family == 0 || hints.ai_family == Protocol::v4().family();
        asked.ipv6 = hints.ai_family == 0 || hints.ai_family == Protocol::v6().family();
        std::vector<endpoint_type> endpoints;
        error_code none;
        const auto address = net::ip::make_address(host, none);
        if (!host.empty() && !none) {
            asked.host = {};
            std::vector<Endpoint> ports;
            asked.ipv4 = asked.ipv6 = true;
            error = to_error_code(asio_detail::resolve(loop(), asked, ports));
            if (!error) endpoints.emplace_back(address, ports.front().port());
        } else {
            std::vector<Endpoint> found;
            error = to_error_code(asio_detail::resolve(loop(), asked, found));
            for (const Endpoint& each : found) endpoints.push_back(to_asio<endpoint_type>(each));
        }
        if (error) return {};
        return results_type::create(endpoints.begin(), endpoints.end(), host, service_name);
    }
    results_type look_up(const endpoint_type& endpoint, error_code& error) {
        error = {};
        if (!loop().queue().has_virtual_time()) return ask_system(endpoint, error);
        const std::string host =
            endpoint.address().is_loopback() ? "localhost" : endpoint.address().to_string();
        return results_type::create(endpoint, host, std::to_string(endpoint.port()));
    }
    results_type ask_system(const query_type& query, error_code& error) {
        net::detail::addrinfo_type* addresses = nullptr;
        net::detail::socket_ops::getaddrinfo(query.host_name().c_str(),
                                             query.service_name().c_str(), query.hints(),
                                             &addresses, error);
        struct Free {
            ~Free() {
                if (addresses != nullptr) net::detail::socket_ops::freeaddrinfo(addresses);
            }
            net::detail::addrinfo_type* addresses;
        } free{addresses};
        if (error) return {};
        return results_type::create(addresses, query.host_name(), query.service_name());
    }
    results_type ask_system(const endpoint_type& endpoint, error_code& error) {
        char host[1025];   // NI_MAXHOST
        char service[32];  // NI_MAXSERV
        net::detail::socket_ops::sync_getnameinfo(endpoint.data(), endpoint.size(), host,
                                                  sizeof host, service, sizeof service,
                                                  endpoint.protocol().type(), error);
        if (error) return {};
        return results_type::create(endpoint, host, service);
    }

    net::execution_context& context_;
    std::vector<std::thread> threads_;
};

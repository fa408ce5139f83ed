// Resolvers and signal sets.
#include "tests/asio_face/face.hpp"

#include <csignal>

namespace face_test {
namespace {

FACE_SUITE(Resolver);

TEST_P(Resolver, numeric_addresses_and_ports_are_taken_as_they_are) {
    tcp::resolver resolver(context);
    const auto results = resolver.resolve("127.0.0.1", "8080");
    ASSERT_EQ(results.size(), 1U);
    EXPECT_EQ(results.begin()->endpoint(), tcp::endpoint(net::ip::make_address("127.0.0.1"), 8080));
    EXPECT_EQ(results.begin()->host_name(), "127.0.0.1");
    EXPECT_EQ(results.begin()->service_name(), "8080");
    const auto six = resolver.resolve("::1", "80");
    ASSERT_EQ(six.size(), 1U);
    EXPECT_TRUE(six.begin()->endpoint().address().is_v6());
}

TEST_P(Resolver, async_resolve_gives_the_same_through_run) {
    tcp::resolver resolver(context);
    tcp::endpoint got;
    int calls = 0;
    resolver.async_resolve("127.0.0.1", "8080",
                           [&](error_code error, const tcp::resolver::results_type& results) {
                               EXPECT_FALSE(error);
                               got = *results.begin();
                               ++calls;
                           });
    EXPECT_EQ(calls, 0);
    EXPECT_EQ(run(), 1U);
    EXPECT_EQ(calls, 1);
    EXPECT_EQ(got, tcp::endpoint(net::ip::make_address("127.0.0.1"), 8080));
}

TEST_P(Resolver, a_name_is_no_numeric_host) {
    tcp::resolver resolver(context);
    error_code error;
    const auto results = resolver.resolve("localhost", "80", tcp::resolver::numeric_host, error);
    EXPECT_EQ(error, net::error::host_not_found);
    EXPECT_EQ(error.category(), net::error::get_netdb_category());
    EXPECT_TRUE(results.empty());
    std::string what;
    EXPECT_EQ(thrown_by([&] { resolver.resolve("x", "80", tcp::resolver::numeric_host); }, &what),
              net::error::host_not_found);
    EXPECT_THAT(what, testing::StartsWith("resolve: Host not found"));
    int calls = 0;
    resolver.async_resolve("localhost", "80", tcp::resolver::numeric_host,
                           [&](error_code failed, const tcp::resolver::results_type& none) {
                               EXPECT_EQ(failed, net::error::host_not_found);
                               EXPECT_TRUE(none.empty());
                               ++calls;
                           });
    run();
    EXPECT_EQ(calls, 1);
}

TEST_P(Resolver, an_unknown_service_is_not_found) {
    tcp::resolver resolver(context);
    error_code error;
    resolver.resolve("127.0.0.1", "no-such-service", error);
    EXPECT_EQ(error, net::error::service_not_found);
    EXPECT_EQ(error.category(), net::error::get_addrinfo_category());
    resolver.resolve("127.0.0.1", "http", tcp::resolver::numeric_service, error);
    EXPECT_EQ(error, net::error::host_not_found) << "getaddrinfo() says no more";
}

TEST_P(Resolver, localhost_is_the_loopback) {
    tcp::resolver resolver(context);
    const auto results = resolver.resolve(tcp::v4(), "localhost", "80");
    ASSERT_FALSE(results.empty());
    for (const auto& result : results) {
        EXPECT_TRUE(result.endpoint().address().is_loopback());
        EXPECT_EQ(result.host_name(), "localhost");
    }
}

TEST_P(Resolver, an_empty_host_is_any_address_to_listen_and_the_loopback_to_connect) {
    tcp::resolver resolver(context);
    const auto passive = resolver.resolve(tcp::v4(), "", "80", tcp::resolver::passive);
    ASSERT_EQ(passive.size(), 1U);
    EXPECT_EQ(passive.begin()->endpoint(), tcp::endpoint(net::ip::address_v4::any(), 80));
    const auto active = resolver.resolve(tcp::v4(), "", "80");
    ASSERT_EQ(active.size(), 1U);
    EXPECT_EQ(active.begin()->endpoint(), tcp::endpoint(net::ip::address_v4::loopback(), 80));
}

TEST_P(Resolver, an_empty_service_is_port_zero) {
    tcp::resolver resolver(context);
    const auto results = resolver.resolve("127.0.0.1", "");
    ASSERT_EQ(results.size(), 1U);
    EXPECT_EQ(results.begin()->endpoint().port(), 0);
}

TEST_P(Resolver, an_address_resolves_to_names) {
    tcp::resolver resolver(context);
    const tcp::endpoint endpoint(net::ip::address_v4::loopback(), 80);
    error_code error;
    const auto names = resolver.resolve(endpoint, error);
    EXPECT_FALSE(error) << error.message();
    ASSERT_EQ(names.size(), 1U);
    EXPECT_EQ(names.begin()->endpoint(), endpoint);
    EXPECT_FALSE(names.begin()->host_name().empty());
    int calls = 0;
    resolver.async_resolve(endpoint,
                           [&](error_code failed, const tcp::resolver::results_type& found) {
                               EXPECT_FALSE(failed);
                               EXPECT_EQ(found.size(), 1U);
                               ++calls;
                           });
    run();
    EXPECT_EQ(calls, 1);
}

TEST_P(Resolver, cancel_calls_the_handler_once) {
    tcp::resolver resolver(context);
    int calls = 0;
    const auto handler = [&](error_code error, const tcp::resolver::results_type& results) {
        EXPECT_TRUE(!error || error == net::error::operation_aborted);
        EXPECT_EQ(results.empty(), static_cast<bool>(error));
        ++calls;
    };
    for (int i = 0; i < 3; ++i) resolver.async_resolve("127.0.0.1", "80", handler);
    resolver.cancel();
    EXPECT_EQ(calls, 0);
    run();
    EXPECT_EQ(calls, 3);
    resolver.async_resolve("127.0.0.1", "80", handler);
    run();
    EXPECT_EQ(calls, 4);
}

TEST_P(Resolver, results_can_be_connected_to) {
    tcp::acceptor acceptor = listening();
    tcp::resolver resolver(context);
    tcp::socket socket(context);
    error_code got = net::error::eof;
    const std::string port = std::to_string(acceptor.local_endpoint().port());
    resolver.async_resolve(
        "127.0.0.1", port, [&](error_code, const tcp::resolver::results_type& results) {
            net::async_connect(socket, results,
                               [&](error_code error, const tcp::endpoint&) { got = error; });
        });
    run();
    EXPECT_FALSE(got);
    EXPECT_EQ(socket.remote_endpoint(), acceptor.local_endpoint());
}

TEST_P(Resolver, a_resolver_can_be_moved_and_destroyed_with_work_pending) {
    int calls = 0;
    {
        tcp::resolver resolver(context);
        resolver.async_resolve("127.0.0.1", "80",
                               [&](error_code, const tcp::resolver::results_type&) { ++calls; });
        const tcp::resolver moved = std::move(resolver);
    }
    run();
    EXPECT_EQ(calls, 1);
}

FACE_SUITE(Signals);

/// A handler that keeps the signal's number.
struct Caught {
    int calls = 0;
    error_code error;
    int number = 0;
    auto handler() {
        return [this](error_code got, int signal) {
            ++calls;
            error = got;
            number = signal;
        };
    }
};

TEST_P(Signals, a_raised_signal_completes_the_wait) {
    NEEDS_REAL_QUEUE("signals");
    net::signal_set signals(context, SIGUSR1, SIGUSR2);
    Caught caught;
    signals.async_wait(caught.handler());
    context.poll();
    EXPECT_EQ(caught.calls, 0);
    std::raise(SIGUSR2);
    EXPECT_EQ(caught.calls, 0) << "not inline";
    run();
    EXPECT_EQ(caught.calls, 1);
    EXPECT_FALSE(caught.error);
    EXPECT_EQ(caught.number, SIGUSR2);
}

TEST_P(Signals, a_signal_that_came_before_the_wait_is_remembered) {
    NEEDS_REAL_QUEUE("signals");
    net::signal_set signals(context, SIGUSR1);
    std::raise(SIGUSR1);
    std::raise(SIGUSR1);
    net::steady_timer timer(context, 2ms);
    timer.async_wait([](error_code) {});
    run();
    Caught caught;
    for (int i = 1; i <= 2; ++i) {
        signals.async_wait(caught.handler());
        run();
        EXPECT_EQ(caught.calls, i) << "each of them";
        EXPECT_EQ(caught.number, SIGUSR1);
    }
}

TEST_P(Signals, one_signal_completes_one_wait_of_a_set) {
    NEEDS_REAL_QUEUE("signals");
    net::signal_set signals(context, SIGUSR1);
    Caught first;
    Caught second;
    signals.async_wait(first.handler());
    signals.async_wait(second.handler());
    std::raise(SIGUSR1);
    run_until([&] { return second.calls != 0; });
    // Asio gives the signal to all waits of the set.
    EXPECT_EQ(first.calls, 1);
    EXPECT_EQ(second.calls, 1);
    signals.cancel();
    run();
}

TEST_P(Signals, a_signal_reaches_every_set_that_has_it) {
    NEEDS_REAL_QUEUE("signals");
    net::signal_set first(context, SIGUSR1);
    net::signal_set second(context, SIGUSR1);
    net::signal_set third(context, SIGUSR2);
    Caught caught[3];
    first.async_wait(caught[0].handler());
    second.async_wait(caught[1].handler());
    third.async_wait(caught[2].handler());
    std::raise(SIGUSR1);
    run_until([&] { return caught[0].calls != 0 && caught[1].calls != 0; });
    EXPECT_EQ(caught[0].calls, 1);
    EXPECT_EQ(caught[1].calls, 1);
    EXPECT_EQ(caught[2].calls, 0);
    third.cancel();
    run();
    EXPECT_EQ(caught[2].error, net::error::operation_aborted);
    EXPECT_EQ(caught[2].number, 0);
}

TEST_P(Signals, cancel_and_the_destructor_abort_waits) {
    Caught caught;
    {
        net::signal_set signals(context, SIGUSR1);
        signals.async_wait(caught.handler());
        signals.cancel();
        EXPECT_EQ(caught.calls, 0);
        run();
        EXPECT_EQ(caught.error, net::error::operation_aborted);
        signals.async_wait(caught.handler());
    }
    run();
    EXPECT_EQ(caught.calls, 2);
    EXPECT_EQ(caught.error, net::error::operation_aborted);
}

TEST_P(Signals, signals_can_be_added_and_removed) {
    NEEDS_REAL_QUEUE("signals");
    net::signal_set signals(context);
    // Has the signal all the time, and is told of it after `signals`, which was made before.
    net::signal_set other(context, SIGUSR1);
    signals.add(SIGUSR1);
    signals.add(SIGUSR1);
    signals.remove(SIGUSR1);
    signals.remove(SIGUSR1);
    Caught caught;
    Caught elsewhere;
    signals.async_wait(caught.handler());
    other.async_wait(elsewhere.handler());
    std::raise(SIGUSR1);
    run_until([&] { return elsewhere.calls == 1; });
    EXPECT_EQ(caught.calls, 0);
    signals.add(SIGUSR1);
    std::raise(SIGUSR1);
    run();
    EXPECT_EQ(caught.calls, 1);
    EXPECT_EQ(caught.number, SIGUSR1);
}

TEST_P(Signals, clear_forgets_all_signals) {
    NEEDS_REAL_QUEUE("signals");
    net::signal_set signals(context, SIGUSR1, SIGUSR2);
    net::signal_set other(context, SIGUSR1, SIGUSR2);  // is told after `signals`
    signals.clear();
    Caught caught;
    signals.async_wait(caught.handler());
    for (const int number : {SIGUSR1, SIGUSR2}) {
        Caught elsewhere;
        other.async_wait(elsewhere.handler());
        std::raise(number);
        run_until([&] { return elsewhere.calls == 1; });
        EXPECT_EQ(elsewhere.number, number);
    }
    EXPECT_EQ(caught.calls, 0);
    signals.cancel();
    run();
}

TEST_P(Signals, a_number_that_is_no_signal_is_refused) {
    net::signal_set signals(context);
    error_code error;
    signals.add(-1, error);
    EXPECT_EQ(error, net::error::invalid_argument);
    signals.add(100'000, error);
    EXPECT_EQ(error, net::error::invalid_argument);
    EXPECT_EQ(thrown_by([&] { signals.add(-1); }), net::error::invalid_argument);
    signals.remove(-1, error);
    EXPECT_EQ(error, net::error::invalid_argument);
}

TEST_P(Signals, a_handler_may_stop_the_context) {
    NEEDS_REAL_QUEUE("signals");
    net::signal_set signals(context, SIGTERM);
    net::steady_timer timer(context, 1h);
    timer.async_wait([](error_code) {});
    signals.async_wait([&](error_code, int) { context.stop(); });
    std::raise(SIGTERM);
    context.run_for(patience);
    EXPECT_TRUE(context.stopped());
}

}  // namespace
}  // namespace face_test

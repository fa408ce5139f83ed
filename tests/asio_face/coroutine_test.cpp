// Coroutines and the other completion tokens.
#include "tests/asio_face/face.hpp"

#if defined(NET_BOOST)
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/experimental/channel.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#else
#include <asio/experimental/awaitable_operators.hpp>
#include <asio/experimental/channel.hpp>
#include <asio/experimental/deferred.hpp>
#include <asio/experimental/parallel_group.hpp>
#endif

namespace face_test {
namespace {

FACE_SUITE(Coroutine);

using net::awaitable;
using net::use_awaitable;
namespace experimental = net::experimental;

#if NET_VERSION >= 102400
inline constexpr auto as_tuple_awaitable = net::as_tuple(use_awaitable);
#else
inline constexpr auto as_tuple_awaitable = experimental::as_tuple(use_awaitable);
#endif

TEST_P(Coroutine, a_coroutine_starts_inside_run) {
    std::vector<std::string> lines;
    const auto task = [&]() -> awaitable<void> {
        lines.emplace_back("started");
        co_return;
    };
    net::co_spawn(context, task, net::detached);
    EXPECT_TRUE(lines.empty());
    run();
    EXPECT_THAT(lines, ElementsAre("started"));
}

TEST_P(Coroutine, it_runs_on_its_executor_and_knows_it) {
    int calls = 0;
    const auto task = [&]() -> awaitable<void> {
        const net::any_io_executor executor = co_await net::this_coro::executor;
        EXPECT_EQ(executor, net::any_io_executor(context.get_executor()));
        EXPECT_TRUE(context.get_executor().running_in_this_thread());
        ++calls;
    };
    net::co_spawn(context, task(), net::detached);
    run();
    EXPECT_EQ(calls, 1);
}

TEST_P(Coroutine, it_stays_on_its_strand) {
    const auto strand = net::make_strand(context);
    int calls = 0;
    const auto task = [&]() -> awaitable<void> {
        net::steady_timer timer(co_await net::this_coro::executor, 1ms);
        EXPECT_TRUE(strand.running_in_this_thread());
        co_await timer.async_wait(use_awaitable);
        EXPECT_TRUE(strand.running_in_this_thread());
        ++calls;
    };
    net::co_spawn(strand, task, net::detached);
    run();
    EXPECT_EQ(calls, 1);
}

awaitable<void> echo_once(tcp::acceptor& acceptor) {
    tcp::socket socket = co_await acceptor.async_accept(use_awaitable);
    char bytes[16];
    for (;;) {
        const auto [error, n] =
            co_await socket.async_read_some(net::buffer(bytes), as_tuple_awaitable);
        if (error) break;
        co_await net::async_write(socket, net::buffer(bytes, n), use_awaitable);
    }
}

TEST_P(Coroutine, a_server_and_a_client_talk) {
    tcp::acceptor acceptor = listening();
    std::string got;
    const auto client = [&]() -> awaitable<void> {
        tcp::socket socket(context);
        co_await socket.async_connect(acceptor.local_endpoint(), use_awaitable);
        char bytes[5];
        for (int i = 0; i < 3; ++i) {
            co_await net::async_write(socket, net::buffer("hello", 5), use_awaitable);
            co_await net::async_read(socket, net::buffer(bytes), use_awaitable);
            got.append(bytes, 5);
        }
    };
    net::co_spawn(context, echo_once(acceptor), net::detached);
    net::co_spawn(context, client, net::detached);
    run();
    EXPECT_EQ(got, "hellohellohello");
}

TEST_P(Coroutine, errors_are_thrown_as_system_errors) {
    error_code got;
    const tcp::endpoint target = nobody();
    const auto task = [&]() -> awaitable<void> {
        tcp::socket socket(context);
        try {
            co_await socket.async_connect(target, use_awaitable);
        } catch (const system_error& failed) {
            got = failed.code();
        }
    };
    net::co_spawn(context, task, net::detached);
    run();
    EXPECT_EQ(got, net::error::connection_refused);
}

TEST_P(Coroutine, redirect_error_stores_the_error) {
    error_code got;
    const tcp::endpoint target = nobody();
    const auto task = [&]() -> awaitable<void> {
        tcp::socket socket(context);
        co_await socket.async_connect(target, net::redirect_error(use_awaitable, got));
    };
    net::co_spawn(context, task, net::detached);
    run();
    EXPECT_EQ(got, net::error::connection_refused);
}

TEST_P(Coroutine, a_result_and_an_exception_reach_the_handler) {
    int value = 0;
    std::string thrown;
    const auto good = []() -> awaitable<int> { co_return 42; };
    const auto bad = []() -> awaitable<int> {
        throw std::runtime_error("thrown");
        co_return 1;
    };
    const auto handler = [&](const std::exception_ptr& error, int result) {
        if (!error) {
            value = result;
            return;
        }
        try {
            std::rethrow_exception(error);
        } catch (const std::runtime_error& caught) {
            thrown = caught.what();
        }
    };
    net::co_spawn(context, good, handler);
    net::co_spawn(context, bad, handler);
    run();
    EXPECT_EQ(value, 42);
    EXPECT_EQ(thrown, "thrown");
}

TEST_P(Coroutine, an_exception_of_a_detached_coroutine_is_dropped) {
    const auto bad = []() -> awaitable<void> {
        throw std::runtime_error("thrown");
        co_return;
    };
    net::co_spawn(context, bad, net::detached);
    EXPECT_NO_THROW(run());
}

TEST_P(Coroutine, a_handler_that_rethrows_lets_the_exception_out_of_run) {
    const auto bad = []() -> awaitable<void> {
        throw std::runtime_error("thrown");
        co_return;
    };
    net::co_spawn(context, bad, [](const std::exception_ptr& error) {
        if (error) std::rethrow_exception(error);
    });
    EXPECT_THROW(context.run(), std::runtime_error);
}

TEST_P(Coroutine, coroutines_call_coroutines) {
    int value = 0;
    const auto inner = [](int n) -> awaitable<int> {
        co_await net::post(co_await net::this_coro::executor, use_awaitable);
        co_return n * 2;
    };
    const auto outer = [&]() -> awaitable<void> { value = co_await inner(4) + co_await inner(5); };
    net::co_spawn(context, outer, net::detached);
    run();
    EXPECT_EQ(value, 18);
}

TEST_P(Coroutine, both_of_two_operations) {
    using namespace experimental::awaitable_operators;
    int value = 0;
    const auto after = [&](std::chrono::milliseconds time, int result) -> awaitable<int> {
        net::steady_timer timer(context, time);
        co_await timer.async_wait(use_awaitable);
        co_return result;
    };
    const auto task = [&]() -> awaitable<void> {
        const auto [a, b] = co_await (after(2ms, 1) && after(1ms, 2));
        value = a * 10 + b;
    };
    net::co_spawn(context, task, net::detached);
    run();
    EXPECT_EQ(value, 12);
}

TEST_P(Coroutine, the_first_of_two_operations_cancels_the_other) {
    using namespace experimental::awaitable_operators;
    Pair pair = connected();
    std::size_t winner = 7;
    std::chrono::milliseconds limit = 2ms;
    const auto task = [&]() -> awaitable<void> {
        char bytes[4];
        net::steady_timer timer(context, limit);
        const auto result =
            co_await (pair.server.async_read_some(net::buffer(bytes), use_awaitable) ||
                      timer.async_wait(use_awaitable));
        winner = result.index();
    };
    net::co_spawn(context, task, net::detached);
    run();
    EXPECT_EQ(winner, 1U) << "the timer";
    char bytes[4];
    Outcome read;
    net::write(pair.client, net::buffer("abc", 3));
    pair.server.async_read_some(net::buffer(bytes), Into(read));
    run();
    EXPECT_EQ(read.bytes, 3U) << "the cancelled read took nothing";
    limit = 1h;
    net::co_spawn(context, task, net::detached);
    net::write(pair.client, net::buffer("abc", 3));
    run();
    EXPECT_EQ(winner, 0U) << "the read";
}

TEST_P(Coroutine, a_cancellation_signal_ends_a_coroutine) {
    net::cancellation_signal signal;
    bool cancelled = false;
    error_code got;
    const auto task = [&]() -> awaitable<void> {
        net::steady_timer timer(context, 1h);
        co_await timer.async_wait(net::redirect_error(use_awaitable, got));
        const auto state = co_await net::this_coro::cancellation_state;
        cancelled = state.cancelled() != net::cancellation_type::none;
    };
    net::co_spawn(context, task, net::bind_cancellation_slot(signal.slot(), net::detached));
    net::steady_timer timer(context, 1ms);
    timer.async_wait([&](error_code) { signal.emit(net::cancellation_type::terminal); });
    run();
    EXPECT_EQ(got, net::error::operation_aborted);
    EXPECT_TRUE(cancelled);
}

TEST_P(Coroutine, the_next_await_after_a_cancel_throws) {
    net::cancellation_signal signal;
    std::vector<std::string> lines;
    const auto task = [&]() -> awaitable<void> {
        net::steady_timer timer(context, 1h);
        error_code error;
        co_await timer.async_wait(net::redirect_error(use_awaitable, error));
        lines.emplace_back(error ? "aborted" : "waited");
        timer.expires_after(1ms);
        co_await timer.async_wait(use_awaitable);
        lines.emplace_back("not reached");
    };
    std::exception_ptr thrown;
    net::co_spawn(context, task,
                  net::bind_cancellation_slot(
                      signal.slot(), [&](const std::exception_ptr& error) { thrown = error; }));
    net::steady_timer timer(context, 1ms);
    timer.async_wait([&](error_code) { signal.emit(net::cancellation_type::terminal); });
    run();
    EXPECT_THAT(lines, ElementsAre("aborted"));
    ASSERT_TRUE(thrown);
    EXPECT_EQ(thrown_by([&] { std::rethrow_exception(thrown); }), net::error::operation_aborted);
}

TEST_P(Coroutine, cancellation_can_be_reset_and_made_silent) {
    net::cancellation_signal signal;
    std::vector<std::string> lines;
    const auto task = [&]() -> awaitable<void> {
        co_await net::this_coro::throw_if_cancelled(false);
        co_await net::this_coro::reset_cancellation_state(net::enable_total_cancellation());
        net::steady_timer timer(context, 1h);
        error_code error;
        co_await timer.async_wait(net::redirect_error(use_awaitable, error));
        lines.emplace_back(error ? "aborted" : "waited");
        co_await net::this_coro::reset_cancellation_state();
        timer.expires_after(1ms);
        co_await timer.async_wait(net::redirect_error(use_awaitable, error));
        lines.emplace_back(error ? "aborted" : "waited");
    };
    net::co_spawn(context, task, net::bind_cancellation_slot(signal.slot(), net::detached));
    net::steady_timer timer(context, 1ms);
    timer.async_wait([&](error_code) { signal.emit(net::cancellation_type::total); });
    run();
    EXPECT_THAT(lines, ElementsAre("aborted", "waited"));
}

TEST_P(Coroutine, coroutines_are_destroyed_with_their_context) {
    const auto held = std::make_shared<int>(0);
    auto other = make_context();
    const auto task = [&](std::shared_ptr<int> mine) -> awaitable<void> {
        net::steady_timer timer(*other, 1h);
        co_await timer.async_wait(use_awaitable);
        ++*mine;
    };
    net::co_spawn(*other, task(held), net::detached);
    other->poll();
    EXPECT_EQ(held.use_count(), 2);
    other.reset();
    EXPECT_EQ(held.use_count(), 1);
    EXPECT_EQ(*held, 0);
}

TEST_P(Coroutine, co_spawn_is_work_until_the_coroutine_ends) {
    NEEDS_REAL_QUEUE("real time");
    net::steady_timer timer(context, 2ms);
    const auto task = [&]() -> awaitable<void> { co_await timer.async_wait(use_awaitable); };
    net::co_spawn(context, task, net::detached);
    context.run();
    EXPECT_TRUE(context.stopped());
    EXPECT_GE(net::steady_timer::clock_type::now(), timer.expiry());
}

TEST_P(Coroutine, an_io_object_may_use_awaitables_by_default) {
    using AwaitableSocket = net::use_awaitable_t<>::as_default_on_t<tcp::socket>;
    using AwaitableAcceptor = net::use_awaitable_t<>::as_default_on_t<tcp::acceptor>;
    AwaitableAcceptor acceptor(context, tcp::endpoint(net::ip::address_v4::loopback(), 0));
    std::string got;
    const auto server = [&]() -> awaitable<void> {
        auto socket = co_await acceptor.async_accept();
        char bytes[8];
        const std::size_t n = co_await socket.async_read_some(net::buffer(bytes));
        got.assign(bytes, n);
    };
    const auto client = [&]() -> awaitable<void> {
        AwaitableSocket socket(context);
        co_await socket.async_connect(acceptor.local_endpoint());
        co_await socket.async_write_some(net::buffer("abc", 3));
    };
    net::co_spawn(context, server, net::detached);
    net::co_spawn(context, client, net::detached);
    run();
    EXPECT_EQ(got, "abc");
}

FACE_SUITE(Token);

TEST_P(Token, a_future_holds_the_result_or_the_error) {
    Pair pair = connected();
    char bytes[4];
    net::steady_timer timer(context, 1ms);
    auto waited = timer.async_wait(net::use_future);
    auto read = pair.server.async_read_some(net::buffer(bytes), net::use_future);
    auto written = net::async_write(pair.client, net::buffer("abc", 3), net::use_future);
    run();
    EXPECT_NO_THROW(waited.get());
    EXPECT_EQ(read.get(), 3U);
    EXPECT_EQ(written.get(), 3U);
    auto refused = tcp::socket(context).async_connect(nobody(), net::use_future);
    run();
    EXPECT_EQ(thrown_by([&] { refused.get(); }), net::error::operation_aborted)
        << "the socket was destroyed";
}

TEST_P(Token, a_future_of_a_handler_that_was_destroyed_is_broken) {
    auto other = make_context();
    auto timer = std::make_unique<net::steady_timer>(*other, 1h);
    auto waited = timer->async_wait(net::use_future);
    timer.reset();
    other.reset();
    EXPECT_THROW(waited.get(), std::exception);
}

TEST_P(Token, a_posted_function_gives_a_future) {
    auto posted = net::post(context, net::use_future([] { return 7; }));
    run();
    EXPECT_EQ(posted.get(), 7);
}

TEST_P(Token, detached_ignores_the_result) {
    net::steady_timer timer(context, 1ms);
    timer.async_wait(net::detached);
    EXPECT_EQ(run(), 1U);
}

TEST_P(Token, deferred_starts_nothing_until_it_is_called) {
#if NET_VERSION >= 102400
    const auto deferred = net::deferred;
#else
    const auto deferred = experimental::deferred;
#endif
    net::steady_timer timer(context, 1ms);
    Outcome waited;
    auto operation = timer.async_wait(deferred);
    EXPECT_EQ(run(), 0U);
    std::move(operation)(Into(waited));
    EXPECT_EQ(run(), 1U);
    EXPECT_EQ(waited.calls, 1);
}

TEST_P(Token, a_parallel_group_waits_for_one_and_cancels_the_others) {
#if NET_VERSION >= 102400
    const auto deferred = net::deferred;
#else
    const auto deferred = experimental::deferred;
#endif
    net::steady_timer soon(context, 1ms);
    net::steady_timer late(context, 1h);
    std::vector<std::size_t> ended;
    error_code errors[2];
    experimental::make_parallel_group(soon.async_wait(deferred), late.async_wait(deferred))
        .async_wait(experimental::wait_for_one(),
                    [&](std::array<std::size_t, 2> order, error_code first, error_code second) {
                        ended.assign(order.begin(), order.end());
                        errors[0] = first;
                        errors[1] = second;
                    });
    run();
    EXPECT_THAT(ended, ElementsAre(0U, 1U));
    EXPECT_FALSE(errors[0]);
    EXPECT_EQ(errors[1], net::error::operation_aborted);
}

TEST_P(Token, a_channel_passes_messages_in_order) {
    experimental::channel<void(error_code, int)> channel(context, 2);
    std::vector<int> got;
    const auto sender = [&]() -> awaitable<void> {
        for (int i = 0; i < 5; ++i) {
            co_await channel.async_send(error_code(), i, use_awaitable);
        }
        channel.close();
    };
    const auto receiver = [&]() -> awaitable<void> {
        for (;;) {
            const auto [error, value] = co_await channel.async_receive(as_tuple_awaitable);
            if (error) {
                EXPECT_EQ(error, experimental::error::channel_closed);
                break;
            }
            got.push_back(value);
        }
    };
    net::co_spawn(context, sender, net::detached);
    net::co_spawn(context, receiver, net::detached);
    run();
    EXPECT_THAT(got, ElementsAre(0, 1, 2, 3, 4));
}

TEST_P(Token, an_operation_of_the_programs_own_is_composed) {
    net::steady_timer timer(context);
    int steps = 0;
    const auto twice = [&](auto&& token) {
        return net::async_compose<decltype(token), void(error_code)>(
            [&](auto& self, error_code error = {}) {
                if (steps++ == 2) return self.complete(error);
                timer.expires_after(1ms);
                timer.async_wait(std::move(self));
            },
            token, timer);
    };
    Outcome ended;
    twice(Into(ended));
    run();
    EXPECT_EQ(ended.calls, 1);
    EXPECT_EQ(steps, 3);
}

}  // namespace
}  // namespace face_test

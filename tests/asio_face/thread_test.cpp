// Contexts that several threads run.
#include "tests/asio_face/face.hpp"

#include <atomic>
#include <thread>

namespace face_test {
namespace {

FACE_SUITE(Threads);

void run_in(net::io_context& context, std::size_t count) {
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < count; ++i) {
        threads.emplace_back([&] { context.run_for(patience); });
    }
    for (std::thread& thread : threads) thread.join();
}

TEST_P(Threads, all_handlers_run_once) {
    NEEDS_REAL_QUEUE("threads");
    std::atomic<int> calls = 0;
    for (int i = 0; i < 1000; ++i) {
        net::post(context, [&] {
            ++calls;
            net::post(context, [&] { ++calls; });
        });
    }
    run_in(context, 4);
    EXPECT_EQ(calls, 2000);
    EXPECT_TRUE(context.stopped());
}

TEST_P(Threads, a_strand_keeps_its_handlers_apart_and_in_order) {
    NEEDS_REAL_QUEUE("threads");
    const auto strand = net::make_strand(context);
    std::vector<int> order;
    for (int i = 0; i < 2000; ++i) {
        net::post(strand, [&, i] {
            EXPECT_TRUE(strand.running_in_this_thread());
            order.push_back(i);
        });
        net::post(context, [] {});
    }
    run_in(context, 4);
    EXPECT_EQ(order.size(), 2000U);
    EXPECT_TRUE(std::is_sorted(order.begin(), order.end()));
}

TEST_P(Threads, timers_on_a_strand_do_not_overlap) {
    NEEDS_REAL_QUEUE("threads");
    const auto strand = net::make_strand(context);
    std::atomic<int> inside = 0;
    int calls = 0;
    std::vector<std::unique_ptr<net::steady_timer>> timers;
    for (int i = 0; i < 100; ++i) {
        timers.push_back(
            std::make_unique<net::steady_timer>(strand, std::chrono::microseconds(i * 20)));
        timers.back()->async_wait([&](error_code) {
            EXPECT_EQ(inside++, 0);
            ++calls;
            --inside;
        });
    }
    run_in(context, 4);
    EXPECT_EQ(calls, 100);
}

TEST_P(Threads, stop_from_another_thread_ends_every_run) {
    NEEDS_REAL_QUEUE("threads");
    const auto guard = net::make_work_guard(context);
    std::thread stopper([&] {
        std::this_thread::sleep_for(2ms);
        context.stop();
    });
    run_in(context, 3);
    stopper.join();
    EXPECT_TRUE(context.stopped());
}

TEST_P(Threads, a_post_from_another_thread_wakes_run) {
    NEEDS_REAL_QUEUE("threads");
    auto guard = net::make_work_guard(context);
    std::thread::id ran;
    std::thread poster([&] {
        std::this_thread::sleep_for(2ms);
        net::post(context, [&] {
            ran = std::this_thread::get_id();
            guard.reset();
        });
    });
    context.run_for(patience);
    EXPECT_TRUE(context.stopped());
    EXPECT_EQ(ran, std::this_thread::get_id());
    poster.join();
}

TEST_P(Threads, the_end_of_the_last_work_ends_every_run) {
    NEEDS_REAL_QUEUE("threads");
    auto guard = std::make_unique<net::executor_work_guard<net::io_context::executor_type>>(
        context.get_executor());
    std::thread releaser([&] {
        std::this_thread::sleep_for(2ms);
        guard.reset();
    });
    run_in(context, 3);
    releaser.join();
    EXPECT_TRUE(context.stopped());
}

TEST_P(Threads, dispatch_from_another_thread_is_queued) {
    NEEDS_REAL_QUEUE("threads");
    auto guard = net::make_work_guard(context);
    std::atomic<bool> inlined = false;
    std::thread dispatcher([&] {
        const std::thread::id own = std::this_thread::get_id();
        net::dispatch(context, [&, own] {
            inlined = std::this_thread::get_id() == own;
            guard.reset();
        });
    });
    context.run_for(patience);
    dispatcher.join();
    EXPECT_FALSE(inlined);
}

TEST_P(Threads, operations_may_be_started_from_another_thread) {
    NEEDS_REAL_QUEUE("threads");
    Pair pair = connected();
    auto guard = net::make_work_guard(context);
    char bytes[4];
    Outcome read;
    std::thread starter([&] {
        std::this_thread::sleep_for(1ms);
        pair.server.async_read_some(net::buffer(bytes), Into(read));
        std::this_thread::sleep_for(1ms);
        net::write(pair.client, net::buffer("abc", 3));
        guard.reset();
    });
    context.run_for(patience);
    starter.join();
    EXPECT_EQ(read.bytes, 3U);
}

TEST_P(Threads, many_connections_echo_on_several_threads) {
    NEEDS_REAL_QUEUE("threads");
    constexpr int connections = 20;
    constexpr int rounds = 50;
    tcp::acceptor acceptor = listening();
    std::atomic<int> echoed = 0;
    const auto serve = [](tcp::socket socket) -> net::awaitable<void> {
        char bytes[64];
        try {
            for (;;) {
                const std::size_t n =
                    co_await socket.async_read_some(net::buffer(bytes), net::use_awaitable);
                co_await net::async_write(socket, net::buffer(bytes, n), net::use_awaitable);
            }
        } catch (const system_error& error) {
            EXPECT_EQ(error.code(), net::error::eof);
        }
    };
    const auto accept = [&]() -> net::awaitable<void> {
        for (int i = 0; i < connections; ++i) {
            tcp::socket socket = co_await acceptor.async_accept(net::use_awaitable);
            net::co_spawn(context, serve(std::move(socket)), net::detached);
        }
    };
    const auto ask = [&]() -> net::awaitable<void> {
        tcp::socket socket(context);
        co_await socket.async_connect(acceptor.local_endpoint(), net::use_awaitable);
        char bytes[8];
        for (int i = 0; i < rounds; ++i) {
            co_await net::async_write(socket, net::buffer("12345678", 8), net::use_awaitable);
            co_await net::async_read(socket, net::buffer(bytes), net::use_awaitable);
            ++echoed;
        }
    };
    net::co_spawn(context, accept, net::detached);
    for (int i = 0; i < connections; ++i) net::co_spawn(context, ask, net::detached);
    run_in(context, 4);
    EXPECT_EQ(echoed, connections * rounds);
}

TEST_P(Threads, futures_wait_for_another_threads_run) {
    NEEDS_REAL_QUEUE("threads");
    auto guard = net::make_work_guard(context);
    std::thread runner([&] { context.run_for(patience); });
    net::steady_timer timer(context, 1ms);
    EXPECT_NO_THROW(timer.async_wait(net::use_future).get());
    EXPECT_EQ(net::post(context, net::use_future([] { return 3; })).get(), 3);
    guard.reset();
    runner.join();
}

TEST_P(Threads, an_exception_leaves_one_run_and_the_others_go_on) {
    NEEDS_REAL_QUEUE("threads");
    std::atomic<int> caught = 0;
    std::atomic<int> calls = 0;
    for (int i = 0; i < 3; ++i) net::post(context, [] { throw 7; });
    for (int i = 0; i < 100; ++i) net::post(context, [&] { ++calls; });
    std::vector<std::thread> threads;
    for (int i = 0; i < 3; ++i) {
        threads.emplace_back([&] {
            while (!context.stopped()) {
                try {
                    context.run();
                } catch (int) {
                    ++caught;
                }
            }
        });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(caught, 3);
    EXPECT_EQ(calls, 100);
}

}  // namespace
}  // namespace face_test

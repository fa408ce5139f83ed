// What older programs still use, and what newer versions of Asio have added.
#include "tests/asio_face/face.hpp"

namespace face_test {
namespace {

FACE_SUITE(Versions);

TEST_P(Versions, members_of_the_context_post_and_dispatch) {
    std::vector<std::string> lines;
    context.post(Log(lines, "post"));
    context.dispatch([&] {
        lines.emplace_back("dispatch");
        context.dispatch(Log(lines, "inline"));
        lines.emplace_back("end");
    });
    EXPECT_EQ(context.run(), 2U);
    EXPECT_THAT(lines, ElementsAre("post", "dispatch", "inline", "end"));
}

TEST_P(Versions, a_wrapped_handler_is_dispatched_to_its_context) {
    std::vector<std::string> lines;
    auto wrapped = context.wrap(Log(lines, "wrapped"));
    wrapped();
    EXPECT_TRUE(lines.empty());
    run();
    EXPECT_THAT(lines, ElementsAre("wrapped"));
}

TEST_P(Versions, reset_is_restart) {
    EXPECT_EQ(context.run(), 0U);
    context.reset();
    EXPECT_FALSE(context.stopped());
}

TEST_P(Versions, io_service_is_io_context) {
    EXPECT_TRUE((std::is_same_v<net::io_service, net::io_context>));
}

TEST_P(Versions, timers_take_their_time_by_the_old_names) {
    net::steady_timer timer(context);
    EXPECT_EQ(timer.expires_from_now(1ms), 0U);
    EXPECT_EQ(timer.expires_at(), timer.expiry());
    Outcome waited;
    timer.async_wait(Into(waited));
    run();
    EXPECT_FALSE(waited.error);
    EXPECT_LE(timer.expires_from_now(), net::steady_timer::duration::zero());
}

TEST_P(Versions, run_takes_an_error_code) {
    error_code error = net::error::eof;
    net::post(context, [] {});
    EXPECT_EQ(context.run(error), 1U);
    EXPECT_FALSE(error);
    EXPECT_EQ(context.poll(error), 0U);
}

TEST_P(Versions, resolver_queries_and_iterators) {
    tcp::acceptor acceptor = listening();
    tcp::resolver resolver(context);
    const tcp::resolver::query query("127.0.0.1", std::to_string(acceptor.local_endpoint().port()));
    tcp::resolver::iterator iterator = resolver.resolve(query);
    ASSERT_NE(iterator, tcp::resolver::iterator());
    tcp::socket socket(context);
    net::connect(socket, iterator);
    EXPECT_EQ(socket.remote_endpoint(), acceptor.local_endpoint());
    tcp::socket other(context);
    error_code got = net::error::eof;
    iterator = resolver.resolve(query);
    net::async_connect(other, iterator,
                       [&](error_code error, const tcp::resolver::iterator&) { got = error; });
    run();
    EXPECT_FALSE(got);
}

TEST_P(Versions, addresses_from_strings) {
    EXPECT_EQ(net::ip::address::from_string("127.0.0.1"), net::ip::make_address("127.0.0.1"));
}

TEST_P(Versions, null_buffers_wait_without_reading) {
    Pair pair = connected();
    Outcome waited;
    pair.server.async_read_some(net::null_buffers(), Into(waited));
    context.poll();
    EXPECT_EQ(waited.calls, 0);
    net::write(pair.client, net::buffer("abc", 3));
    run();
    EXPECT_FALSE(waited.error);
    EXPECT_EQ(waited.bytes, 0U);
    EXPECT_EQ(pair.server.available(), 3U);
}

TEST_P(Versions, a_coroutine_of_the_old_kind_runs_its_steps) {
    struct Echo : net::coroutine {
        void operator()(error_code error = {}, std::size_t n = 0) {
            if (error) return;
            switch (step++) {
                case 0:
                    return pair->server.async_read_some(net::buffer(bytes, 4), *this);
                case 1:
                    return net::async_write(pair->server, net::buffer(bytes, n), *this);
                default:
                    return;
            }
        }
        Pair* pair;
        char* bytes;
        int step = 0;
    };
    Pair pair = connected();
    char bytes[4];
    Echo echo;
    echo.pair = &pair;
    echo.bytes = bytes;
    echo();
    net::write(pair.client, net::buffer("abc", 3));
    run();
    char answer[3];
    EXPECT_EQ(net::read(pair.client, net::buffer(answer)), 3U);
}

TEST_P(Versions, notify_fork_may_be_called) {
    context.notify_fork(net::io_context::fork_prepare);
    context.notify_fork(net::io_context::fork_parent);
    int calls = 0;
    net::post(context, [&] { ++calls; });
    run();
    EXPECT_EQ(calls, 1);
}

#if NET_VERSION >= 102600
TEST_P(Versions, append_prepend_and_consign) {
    net::steady_timer timer(context, 1ms);
    int calls = 0;
    const auto held = std::make_shared<int>(0);
    timer.async_wait(net::append([&](error_code, int value) { calls += value; }, 1));
    timer.async_wait(net::prepend([&](int value, error_code) { calls += value; }, 10));
    timer.async_wait(net::consign([&](error_code) { calls += 100; }, held));
    EXPECT_EQ(held.use_count(), 2);
    run();
    EXPECT_EQ(calls, 111);
    EXPECT_EQ(held.use_count(), 1);
}

TEST_P(Versions, any_completion_handler_holds_any) {
    Pair pair = connected();
    Outcome read;
    char bytes[4];
    net::any_completion_handler<void(error_code, std::size_t)> handler = Into(read);
    pair.server.async_read_some(net::buffer(bytes), std::move(handler));
    net::write(pair.client, net::buffer("abc", 3));
    run();
    EXPECT_EQ(read.bytes, 3U);
}

TEST_P(Versions, bound_allocators_are_used) {
    net::steady_timer timer(context, 1ms);
    Outcome waited;
    timer.async_wait(net::bind_allocator(std::allocator<char>(), Into(waited)));
    run();
    EXPECT_EQ(waited.calls, 1);
}
#endif

}  // namespace
}  // namespace face_test

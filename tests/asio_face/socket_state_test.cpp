// TCP sockets: opening, connecting, options, closing with operations pending, moving.
#include "tests/asio_face/face.hpp"

#include <sys/socket.h>
#include <unistd.h>

namespace face_test {
namespace {

FACE_SUITE(SocketState);

TEST_P(SocketState, a_new_socket_is_closed) {
    tcp::socket socket(context);
    EXPECT_FALSE(socket.is_open());
    socket.close();
    socket.close();
    EXPECT_FALSE(socket.is_open());
}

TEST_P(SocketState, open_twice_is_already_open) {
    tcp::socket socket(context);
    socket.open(tcp::v4());
    EXPECT_TRUE(socket.is_open());
    error_code error;
    socket.open(tcp::v4(), error);
    EXPECT_EQ(error, net::error::already_open);
    EXPECT_EQ(error.category(), net::error::get_misc_category());
    EXPECT_EQ(thrown_by([&] { socket.open(tcp::v6()); }), net::error::already_open);
    socket.close();
    socket.open(tcp::v4());
    EXPECT_TRUE(socket.is_open());
}

TEST_P(SocketState, an_exception_says_the_operation) {
    tcp::socket socket(context, tcp::v4());
    std::string what;
    EXPECT_EQ(thrown_by([&] { socket.open(tcp::v4()); }, &what), net::error::already_open);
    EXPECT_THAT(what, testing::StartsWith("open: Already open"));
    socket.close();
    EXPECT_EQ(thrown_by([&] { (void)socket.remote_endpoint(); }, &what),
              net::error::bad_descriptor);
    EXPECT_THAT(what, testing::StartsWith("remote_endpoint: Bad file descriptor"));
}

TEST_P(SocketState, calls_on_a_closed_socket_fail_with_bad_descriptor) {
    tcp::socket socket(context);
    error_code error;
    char byte[1];
    const auto expect_bad = [&](const char* what) {
        EXPECT_EQ(error, net::error::bad_descriptor) << what;
        error = {};
    };
    socket.shutdown(tcp::socket::shutdown_both, error);
    expect_bad("shutdown");
    socket.cancel(error);
    expect_bad("cancel");
    socket.bind(tcp::endpoint(tcp::v4(), 0), error);
    expect_bad("bind");
    (void)socket.local_endpoint(error);
    expect_bad("local_endpoint");
    (void)socket.remote_endpoint(error);
    expect_bad("remote_endpoint");
    (void)socket.available(error);
    expect_bad("available");
    socket.set_option(tcp::no_delay(true), error);
    expect_bad("set_option");
    tcp::no_delay option;
    socket.get_option(option, error);
    expect_bad("get_option");
    socket.non_blocking(true, error);
    expect_bad("non_blocking");
    (void)socket.read_some(net::buffer(byte), error);
    expect_bad("read_some");
    (void)socket.write_some(net::buffer(byte), error);
    expect_bad("write_some");
    socket.wait(tcp::socket::wait_read, error);
    expect_bad("wait");
    socket.close(error);
    EXPECT_FALSE(error);
}

TEST_P(SocketState, the_endpoints_of_a_connection_mirror_each_other) {
    const Pair pair = connected();
    EXPECT_EQ(pair.client.local_endpoint(), pair.server.remote_endpoint());
    EXPECT_EQ(pair.client.remote_endpoint(), pair.server.local_endpoint());
    EXPECT_TRUE(pair.client.remote_endpoint().address().is_loopback());
}

TEST_P(SocketState, a_socket_that_is_not_connected_has_no_remote_endpoint) {
    tcp::socket socket(context, tcp::v4());
    error_code error;
    const tcp::endpoint remote = socket.remote_endpoint(error);
    EXPECT_EQ(error, net::error::not_connected);
    EXPECT_EQ(remote, tcp::endpoint());
    EXPECT_EQ(socket.local_endpoint(), tcp::endpoint(tcp::v4(), 0));
    socket.shutdown(tcp::socket::shutdown_both, error);
    EXPECT_EQ(error, net::error::not_connected);
}

TEST_P(SocketState, a_bound_socket_has_a_port_and_connects_from_it) {
    FACE_DIFFERS("a connect chooses its own port");
    tcp::acceptor acceptor = listening();
    tcp::socket socket(context, tcp::endpoint(net::ip::address_v4::loopback(), 0));
    const auto port = socket.local_endpoint().port();
    EXPECT_NE(port, 0);
    socket.connect(acceptor.local_endpoint());
    EXPECT_EQ(socket.local_endpoint().port(), port);
}

TEST_P(SocketState, bind_to_a_port_in_use_fails) {
    tcp::acceptor acceptor = listening();
    tcp::socket socket(context, tcp::v4());
    error_code error;
    socket.bind(acceptor.local_endpoint(), error);
    EXPECT_EQ(error, net::error::address_in_use);
    EXPECT_TRUE(is_system_error(error, EADDRINUSE));
}

TEST_P(SocketState, async_connect_opens_the_socket) {
    tcp::acceptor acceptor = listening();
    tcp::socket socket(context);
    Outcome connected;
    socket.async_connect(acceptor.local_endpoint(), Into(connected));
    EXPECT_TRUE(socket.is_open());
    EXPECT_EQ(connected.calls, 0);
    EXPECT_GE(run(), 1U) << "real Asio counts an event that completes nothing, too";
    EXPECT_EQ(connected.calls, 1);
    EXPECT_FALSE(connected.error);
    EXPECT_EQ(socket.remote_endpoint(), acceptor.local_endpoint());
}

TEST_P(SocketState, async_connect_to_a_port_without_listener_is_refused) {
    tcp::socket socket(context);
    Outcome connected;
    socket.async_connect(nobody(), Into(connected));
    EXPECT_EQ(connected.calls, 0);
    run();
    EXPECT_EQ(connected.error, net::error::connection_refused);
    EXPECT_TRUE(is_system_error(connected.error, ECONNREFUSED));
    EXPECT_TRUE(socket.is_open()) << "the socket stays open";
}

TEST_P(SocketState, a_refused_socket_connects_again_at_the_second_attempt) {
    FACE_DIFFERS("a queue makes a new connection at once");
    tcp::acceptor acceptor = listening();
    tcp::socket socket(context);
    Outcome connected;
    socket.async_connect(nobody(), Into(connected));
    run();
    EXPECT_EQ(connected.error, net::error::connection_refused);
    socket.async_connect(acceptor.local_endpoint(), Into(connected));
    run();
    EXPECT_EQ(connected.error, net::error::connection_aborted) << "Linux reports the first failure";
    socket.async_connect(acceptor.local_endpoint(), Into(connected));
    run();
    EXPECT_FALSE(connected.error);
}

TEST_P(SocketState, connect_twice_is_already_connected) {
    tcp::acceptor acceptor = listening();
    tcp::socket socket(context);
    socket.connect(acceptor.local_endpoint());
    error_code error;
    socket.connect(acceptor.local_endpoint(), error);
    EXPECT_EQ(error, net::error::already_connected);
    Outcome connected;
    socket.async_connect(acceptor.local_endpoint(), Into(connected));
    run();
    EXPECT_EQ(connected.error, net::error::already_connected);
}

TEST_P(SocketState, connect_of_a_range_takes_the_first_that_accepts) {
    tcp::acceptor acceptor = listening();
    const std::vector<tcp::endpoint> endpoints = {nobody(), acceptor.local_endpoint()};
    tcp::socket socket(context);
    error_code got;
    tcp::endpoint used;
    net::async_connect(socket, endpoints, [&](error_code error, const tcp::endpoint& endpoint) {
        got = error;
        used = endpoint;
    });
    run();
    EXPECT_FALSE(got);
    EXPECT_EQ(used, acceptor.local_endpoint());
    tcp::socket second(context);
    EXPECT_EQ(net::connect(second, endpoints), acceptor.local_endpoint());
}

TEST_P(SocketState, connect_of_a_range_ends_with_the_last_error) {
    const std::vector<tcp::endpoint> none;
    const std::vector<tcp::endpoint> refusing = {nobody(), nobody()};
    tcp::socket socket(context);
    error_code got;
    const auto handler = [&](error_code error, const tcp::endpoint&) { got = error; };
    net::async_connect(socket, none, handler);
    run();
    EXPECT_EQ(got, net::error::not_found);
    net::async_connect(socket, refusing, handler);
    run();
    EXPECT_EQ(got, net::error::connection_refused);
    EXPECT_EQ(thrown_by([&] { net::connect(socket, refusing); }), net::error::connection_refused);
}

TEST_P(SocketState, connect_of_iterators_gives_the_iterator) {
    tcp::acceptor acceptor = listening();
    const std::vector<tcp::endpoint> endpoints = {nobody(), acceptor.local_endpoint()};
    using Iterator = std::vector<tcp::endpoint>::const_iterator;
    tcp::socket socket(context);
    Iterator used;
    net::async_connect(socket, endpoints.begin(), endpoints.end(),
                       [&](error_code, Iterator at) { used = at; });
    run();
    EXPECT_EQ(used, endpoints.begin() + 1);
}

TEST_P(SocketState, a_connect_condition_skips_endpoints) {
    tcp::acceptor acceptor = listening();
    tcp::acceptor skipped = listening();
    const std::vector<tcp::endpoint> endpoints = {skipped.local_endpoint(),
                                                  acceptor.local_endpoint()};
    tcp::socket socket(context);
    tcp::endpoint used;
    net::async_connect(
        socket, endpoints,
        [&](const error_code&, const tcp::endpoint& next) {
            return next != skipped.local_endpoint();
        },
        [&](error_code, const tcp::endpoint& endpoint) { used = endpoint; });
    run();
    EXPECT_EQ(used, acceptor.local_endpoint());
}

TEST_P(SocketState, close_aborts_what_is_pending_through_run) {
    Pair pair = connected();
    fill(pair.client);
    char bytes[4];
    Outcome read;
    Outcome written;
    Outcome waited;
    pair.client.async_read_some(net::buffer(bytes), Into(read));
    pair.client.async_write_some(net::buffer(bytes), Into(written));
    pair.client.async_wait(tcp::socket::wait_error, Into(waited));
    context.poll();
    EXPECT_EQ(read.calls + written.calls + waited.calls, 0);
    pair.client.close();
    EXPECT_FALSE(pair.client.is_open());
    EXPECT_EQ(read.calls + written.calls + waited.calls, 0) << "not inline";
    EXPECT_EQ(run(), 3U);
    for (const Outcome& outcome : {read, written, waited}) {
        EXPECT_EQ(outcome.calls, 1);
        EXPECT_EQ(outcome.error, net::error::operation_aborted);
        EXPECT_TRUE(is_system_error(outcome.error, ECANCELED));
        EXPECT_EQ(outcome.bytes, 0U);
    }
}

TEST_P(SocketState, close_and_cancel_abort_the_read_before_the_write) {
    FACE_DIFFERS("operations that are aborted together complete in any order");
    Pair pair = connected();
    fill(pair.client);
    char bytes[4];
    std::vector<std::string> lines;
    for (int i = 0; i < 2; ++i) {
        pair.client.async_write_some(net::buffer("x", 1), Log(lines, "write"));
        pair.client.async_read_some(net::buffer(bytes), Log(lines, "read"));
        context.poll();
        if (i == 0) pair.client.cancel();
        if (i == 1) pair.client.close();
        run();
        EXPECT_THAT(lines, ElementsAre("read aborted", "write aborted"));
        lines.clear();
        context.restart();
    }
}

TEST_P(SocketState, a_closed_socket_may_be_opened_while_its_aborted_handlers_wait) {
    Pair pair = connected();
    tcp::acceptor acceptor = listening();
    char bytes[4];
    Outcome read;
    Outcome connected;
    pair.client.async_read_some(net::buffer(bytes), Into(read));
    context.poll();
    pair.client.close();
    pair.client.async_connect(acceptor.local_endpoint(), Into(connected));
    run();
    EXPECT_EQ(read.error, net::error::operation_aborted);
    EXPECT_FALSE(connected.error);
    EXPECT_EQ(pair.client.remote_endpoint(), acceptor.local_endpoint());
}

TEST_P(SocketState, what_completed_before_close_is_not_aborted) {
    Pair pair = connected();
    net::write(pair.client, net::buffer("abc", 3));
    until_unread(pair.server, 3);
    char bytes[4];
    Outcome read;
    Outcome written;
    pair.server.async_read_some(net::buffer(bytes), Into(read));
    pair.server.async_write_some(net::buffer("x", 1), Into(written));
    pair.server.close();
    run();
    EXPECT_FALSE(read.error) << "the bytes were there when it started";
    EXPECT_EQ(read.bytes, 3U);
    EXPECT_FALSE(written.error);
}

TEST_P(SocketState, cancel_aborts_reads_and_writes_and_the_socket_goes_on) {
    Pair pair = connected();
    const std::size_t filled = fill(pair.client);
    char bytes[4];
    Outcome read;
    Outcome written;
    pair.client.async_read_some(net::buffer(bytes), Into(read));
    pair.client.async_write_some(net::buffer(bytes), Into(written));
    context.poll();
    pair.client.cancel();
    EXPECT_EQ(read.calls + written.calls, 0);
    run();
    EXPECT_EQ(read.error, net::error::operation_aborted);
    EXPECT_EQ(written.error, net::error::operation_aborted);
    std::string in(filled, '\0');
    net::async_read(pair.server, net::buffer(in), Into(read));
    net::async_write(pair.server, net::buffer("on", 2), Into(written));
    run();
    EXPECT_EQ(read.bytes, filled) << "the cancelled write sent nothing";
    pair.client.async_read_some(net::buffer(bytes), Into(read));
    run();
    EXPECT_FALSE(read.error);
    EXPECT_EQ(read.bytes, 2U);
}

TEST_P(SocketState, cancel_without_operations_does_nothing) {
    Pair pair = connected();
    pair.client.cancel();
    char bytes[4];
    Outcome read;
    pair.client.async_read_some(net::buffer(bytes), Into(read));
    net::write(pair.server, net::buffer("abc", 3));
    run();
    EXPECT_FALSE(read.error) << "a cancel is not remembered";
    EXPECT_EQ(read.bytes, 3U);
}

TEST_P(SocketState, a_composed_read_reports_its_bytes_when_it_is_cancelled) {
    Pair pair = connected();
    char bytes[8];
    Outcome read;
    std::size_t got = 0;
    const auto all = [&](error_code error, std::size_t n) {
        got = n;
        return error ? 0 : sizeof bytes - n;
    };
    net::async_read(pair.server, net::buffer(bytes), all, Into(read));
    net::write(pair.client, net::buffer("abc", 3));
    run_until([&] { return got == 3; });
    pair.server.cancel();
    run();
    EXPECT_EQ(read.error, net::error::operation_aborted);
    EXPECT_EQ(read.bytes, 3U);
}

TEST_P(SocketState, the_destructor_aborts_what_is_pending) {
    Pair pair = connected();
    char bytes[4];
    Outcome read;
    {
        const tcp::socket socket = std::move(pair.server);
        const_cast<tcp::socket&>(socket).async_read_some(net::buffer(bytes), Into(read));
        context.poll();
    }
    EXPECT_EQ(read.calls, 0);
    EXPECT_EQ(run(), 1U);
    EXPECT_EQ(read.error, net::error::operation_aborted);
}

TEST_P(SocketState, a_peer_sees_the_end_when_a_socket_is_closed) {
    Pair pair = connected();
    char bytes[4];
    Outcome read;
    pair.client.async_read_some(net::buffer(bytes), Into(read));
    context.poll();
    pair.server.close();
    run();
    EXPECT_EQ(read.error, net::error::eof);
}

TEST_P(SocketState, a_moved_socket_keeps_its_pending_operations) {
    Pair pair = connected();
    char bytes[4];
    Outcome read;
    pair.server.async_read_some(net::buffer(bytes), Into(read));
    context.poll();
    tcp::socket moved = std::move(pair.server);
    EXPECT_FALSE(pair.server.is_open());
    EXPECT_TRUE(moved.is_open());
    net::write(pair.client, net::buffer("abc", 3));
    run();
    EXPECT_FALSE(read.error);
    EXPECT_EQ(read.bytes, 3U);
}

TEST_P(SocketState, a_moved_from_socket_can_be_used_again) {
    Pair pair = connected();
    const tcp::socket moved = std::move(pair.server);
    pair.server.open(tcp::v4());
    EXPECT_TRUE(pair.server.is_open());
}

TEST_P(SocketState, move_assignment_closes_the_old_socket_and_aborts_what_it_had_pending) {
    Pair first = connected();
    Pair second = connected();
    char bytes[4];
    Outcome old;
    Outcome peer;
    Outcome kept;
    char more[4];
    first.server.async_read_some(net::buffer(bytes), Into(old));
    second.server.async_read_some(net::buffer(more), Into(kept));
    first.client.async_wait(tcp::socket::wait_read, Into(peer));
    context.poll();
    first.server = std::move(second.server);
    run_until([&] { return old.calls == 1; });
    EXPECT_EQ(old.error, net::error::operation_aborted);
    EXPECT_EQ(kept.calls, 0);
    net::write(second.client, net::buffer("abc", 3));
    run();
    EXPECT_EQ(kept.bytes, 3U);
    EXPECT_EQ(peer.calls, 1) << "the end of the stream";
}

TEST_P(SocketState, a_socket_converts_to_one_with_any_executor) {
    Pair pair = connected();
    using Narrow = net::basic_stream_socket<tcp, net::strand<net::io_context::executor_type>>;
    Narrow narrow(net::make_strand(context.get_executor()));
    EXPECT_FALSE(narrow.is_open());
    net::basic_stream_socket<tcp, net::io_context::executor_type> plain(context.get_executor());
    tcp::acceptor acceptor = listening();
    plain.connect(acceptor.local_endpoint());
    tcp::socket any = std::move(plain);
    EXPECT_TRUE(any.is_open());
    EXPECT_EQ(any.remote_endpoint(), acceptor.local_endpoint());
    EXPECT_EQ(any.get_executor(), net::any_io_executor(context.get_executor()));
}

TEST_P(SocketState, rebind_executor_changes_the_executor_type) {
    using Rebound = tcp::socket::rebind_executor<net::io_context::executor_type>::other;
    Rebound socket(context);
    EXPECT_TRUE(socket.get_executor() == context.get_executor());
}

TEST_P(SocketState, release_gives_a_descriptor_that_assign_takes) {
    FACE_DIFFERS("a socket of a queue has no descriptor to give away");
    Pair pair = connected();
    const auto native = pair.client.release();
    EXPECT_FALSE(pair.client.is_open());
    tcp::socket socket(context);
    socket.assign(tcp::v4(), native);
    EXPECT_TRUE(socket.is_open());
    EXPECT_EQ(socket.remote_endpoint(), pair.server.local_endpoint());
    char bytes[4];
    Outcome read;
    socket.async_read_some(net::buffer(bytes), Into(read));
    net::write(pair.server, net::buffer("abc", 3));
    run();
    EXPECT_EQ(read.bytes, 3U);
}

TEST_P(SocketState, release_aborts_what_is_pending) {
    FACE_DIFFERS("a socket of a queue has no descriptor to give away");
    Pair pair = connected();
    char bytes[4];
    Outcome read;
    pair.client.async_read_some(net::buffer(bytes), Into(read));
    context.poll();
    const auto native = pair.client.release();
    EXPECT_EQ(read.calls, 0);
    EXPECT_EQ(run(), 1U);
    EXPECT_EQ(read.error, net::error::operation_aborted);
    tcp::socket socket(context, tcp::v4(), native);
    net::write(pair.server, net::buffer("abc", 3));
    EXPECT_EQ(net::read(socket, net::buffer(bytes, 3)), 3U) << "the connection lives on";
}

TEST_P(SocketState, release_of_a_closed_socket_gives_no_descriptor) {
    tcp::socket socket(context);
    error_code error;
    EXPECT_EQ(socket.release(error), -1);
    EXPECT_EQ(error, net::error::bad_descriptor);
}

TEST_P(SocketState, assign_to_an_open_socket_fails) {
    Pair pair = connected();
    tcp::socket socket(context, tcp::v4());
    const auto native = pair.client.release();
    error_code error;
    socket.assign(tcp::v4(), native, error);
    EXPECT_EQ(error, net::error::already_open);
    pair.client.assign(tcp::v4(), native);
    EXPECT_TRUE(pair.client.is_open());
}

TEST_P(SocketState, native_handle_is_minus_one_when_closed) {
    tcp::socket socket(context);
    EXPECT_EQ(socket.native_handle(), -1);
    socket.open(tcp::v4());
    EXPECT_GE(socket.native_handle(), 0);
}

TEST_P(SocketState, options_can_be_set_and_read) {
    Pair pair = connected();
    tcp::socket& socket = pair.client;
    tcp::no_delay no_delay;
    socket.get_option(no_delay);
    EXPECT_FALSE(no_delay.value());
    socket.set_option(tcp::no_delay(true));
    socket.get_option(no_delay);
    EXPECT_TRUE(no_delay.value());
    net::socket_base::keep_alive keep_alive;
    socket.set_option(net::socket_base::keep_alive(true));
    socket.get_option(keep_alive);
    EXPECT_TRUE(keep_alive.value());
    net::socket_base::reuse_address reuse;
    socket.set_option(net::socket_base::reuse_address(true));
    socket.get_option(reuse);
    EXPECT_TRUE(reuse.value());
    net::socket_base::linger linger;
    socket.get_option(linger);
    EXPECT_FALSE(linger.enabled());
    socket.set_option(net::socket_base::linger(true, 7));
    socket.get_option(linger);
    EXPECT_TRUE(linger.enabled());
    EXPECT_EQ(linger.timeout(), 7);
}

TEST_P(SocketState, buffer_sizes_can_be_set_and_read) {
    Pair pair = connected();
    net::socket_base::send_buffer_size send;
    net::socket_base::receive_buffer_size receive;
    net::socket_base::receive_low_watermark watermark;
    pair.client.set_option(net::socket_base::send_buffer_size(20'000));
    pair.client.set_option(net::socket_base::receive_buffer_size(30'000));
    pair.client.get_option(send);
    pair.client.get_option(receive);
    EXPECT_GE(send.value(), 20'000);
    EXPECT_GE(receive.value(), 30'000);
    pair.client.get_option(watermark);
    EXPECT_EQ(watermark.value(), 1);
}

TEST_P(SocketState, options_survive_a_connect) {
    tcp::acceptor acceptor = listening();
    tcp::socket socket(context, tcp::v4());
    socket.set_option(tcp::no_delay(true));
    socket.set_option(net::socket_base::keep_alive(true));
    socket.connect(acceptor.local_endpoint());
    tcp::no_delay no_delay;
    net::socket_base::keep_alive keep_alive;
    socket.get_option(no_delay);
    socket.get_option(keep_alive);
    EXPECT_TRUE(no_delay.value());
    EXPECT_TRUE(keep_alive.value());
}

TEST_P(SocketState, non_blocking_says_what_was_set) {
    Pair pair = connected();
    EXPECT_FALSE(pair.client.non_blocking());
    pair.client.non_blocking(true);
    EXPECT_TRUE(pair.client.non_blocking());
    EXPECT_TRUE(pair.client.native_non_blocking());
    pair.client.non_blocking(false);
    EXPECT_FALSE(pair.client.non_blocking());
}

TEST_P(SocketState, at_mark_is_false_without_urgent_data) {
    const Pair pair = connected();
    EXPECT_FALSE(pair.client.at_mark());
}

TEST_P(SocketState, ipv6_connections_work_alike) {
    error_code error;
    tcp::acceptor acceptor(context);
    acceptor.open(tcp::v6(), error);
    if (!error) {
        acceptor.bind(tcp::endpoint(net::ip::address_v6::loopback(), 0), error);
    }
    if (error) GTEST_SKIP() << "no IPv6: " << error.message();
    acceptor.listen();
    tcp::socket socket(context);
    socket.connect(acceptor.local_endpoint());
    EXPECT_TRUE(socket.remote_endpoint().address().is_v6());
    EXPECT_EQ(socket.remote_endpoint(), acceptor.local_endpoint());
}

TEST_P(SocketState, a_cancelled_connect_to_a_silent_address_is_aborted) {
    NEEDS_REAL_QUEUE("a backlog that is full");
    // A listener whose queue is full answers no further connection.
    tcp::acceptor acceptor(context, tcp::v4());
    acceptor.bind(tcp::endpoint(net::ip::address_v4::loopback(), 0));
    acceptor.listen(1);
    std::vector<std::unique_ptr<tcp::socket>> sockets;
    std::vector<Outcome> outcomes(8);
    for (Outcome& outcome : outcomes) {
        sockets.push_back(std::make_unique<tcp::socket>(context));
        sockets.back()->async_connect(acceptor.local_endpoint(), Into(outcome));
    }
    context.run_for(5ms);
    for (const auto& socket : sockets) socket->close();
    run();
    int aborted = 0;
    for (const Outcome& outcome : outcomes) {
        EXPECT_EQ(outcome.calls, 1);
        if (outcome.error == net::error::operation_aborted) ++aborted;
    }
    EXPECT_GE(aborted, 1);
}

TEST_P(SocketState, close_right_after_async_connect_calls_its_handler_once) {
    tcp::acceptor acceptor = listening();
    tcp::socket socket(context);
    Outcome connected;
    socket.async_connect(acceptor.local_endpoint(), Into(connected));
    socket.close();
    EXPECT_EQ(connected.calls, 0);
    EXPECT_EQ(run(), 1U);
    EXPECT_EQ(connected.calls, 1);
}

// Overlapping operations of one kind. Asio queues them; drydock reports them unless it is told to
// queue them, so that these cases are for real Asio, and for the option.
#if defined(NET_REAL)
TEST_P(SocketState, overlapping_reads_are_served_in_order) {
    Pair pair = connected();
    char first[2];
    char second[2];
    std::vector<std::string> lines;
    pair.server.async_read_some(net::buffer(first), Log(lines, "first"));
    pair.server.async_read_some(net::buffer(second), Log(lines, "second"));
    net::write(pair.client, net::buffer("abcd", 4));
    run();
    EXPECT_THAT(lines, ElementsAre("first ok", "second ok"));
    EXPECT_EQ(std::string(first, 2) + std::string(second, 2), "abcd");
}

TEST_P(SocketState, overlapping_writes_are_served_in_order) {
    Pair pair = connected();
    std::vector<std::string> lines;
    pair.client.async_write_some(net::buffer("ab", 2), Log(lines, "first"));
    pair.client.async_write_some(net::buffer("cd", 2), Log(lines, "second"));
    run();
    EXPECT_THAT(lines, ElementsAre("first ok", "second ok"));
    char bytes[4];
    net::read(pair.server, net::buffer(bytes));
    EXPECT_EQ(std::string(bytes, 4), "abcd");
}

TEST_P(SocketState, cancel_aborts_all_overlapping_operations_in_order) {
    Pair pair = connected();
    char first[2];
    char second[2];
    std::vector<std::string> lines;
    pair.server.async_read_some(net::buffer(first), Log(lines, "first"));
    pair.server.async_read_some(net::buffer(second), Log(lines, "second"));
    context.poll();
    pair.server.cancel();
    run();
    EXPECT_THAT(lines, ElementsAre("first aborted", "second aborted"));
}
#endif

}  // namespace
}  // namespace face_test

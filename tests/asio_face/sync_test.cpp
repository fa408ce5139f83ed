// Synchronous calls, with error codes and with exceptions.
#include "tests/asio_face/face.hpp"

#include <istream>

namespace face_test {
namespace {

FACE_SUITE(Synchronous);

TEST_P(Synchronous, write_and_read_move_bytes) {
    Pair pair = connected();
    EXPECT_EQ(net::write(pair.client, net::buffer("hello", 5)), 5U);
    char bytes[5];
    EXPECT_EQ(net::read(pair.server, net::buffer(bytes)), 5U);
    EXPECT_EQ(std::string(bytes, 5), "hello");
}

TEST_P(Synchronous, read_some_takes_what_is_there) {
    Pair pair = connected();
    EXPECT_EQ(pair.client.write_some(net::buffer("hello", 5)), 5U);
    until_unread(pair.server, 5);
    char bytes[16];
    error_code error = net::error::eof;
    EXPECT_EQ(pair.server.read_some(net::buffer(bytes), error), 5U);
    EXPECT_FALSE(error) << "a call that succeeds clears the error";
}

TEST_P(Synchronous, connect_waits_for_a_connection) {
    tcp::acceptor acceptor = listening();
    tcp::socket client(context);
    client.connect(acceptor.local_endpoint());
    EXPECT_EQ(client.remote_endpoint(), acceptor.local_endpoint());
    EXPECT_EQ(acceptor.accept().remote_endpoint(), client.local_endpoint());
}

TEST_P(Synchronous, connect_to_a_port_without_listener_is_refused) {
    tcp::socket client(context);
    error_code error;
    client.connect(nobody(), error);
    EXPECT_EQ(error, net::error::connection_refused);
    EXPECT_TRUE(client.is_open());
    std::string what;
    tcp::socket second(context);
    EXPECT_EQ(thrown_by([&] { second.connect(nobody()); }, &what), net::error::connection_refused);
    EXPECT_THAT(what, testing::StartsWith("connect: Connection refused"));
}

TEST_P(Synchronous, reads_end_with_eof_again_and_again) {
    Pair pair = connected();
    net::write(pair.client, net::buffer("ab", 2));
    pair.client.close();
    char bytes[16];
    error_code error;
    EXPECT_EQ(net::read(pair.server, net::buffer(bytes), error), 2U);
    EXPECT_EQ(error, net::error::eof);
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(pair.server.read_some(net::buffer(bytes), error), 0U);
        EXPECT_EQ(error, net::error::eof);
    }
    std::string what;
    EXPECT_EQ(thrown_by([&] { (void)pair.server.read_some(net::buffer(bytes)); }, &what),
              net::error::eof);
    EXPECT_THAT(what, testing::StartsWith("read_some: End of file"));
    EXPECT_EQ(thrown_by([&] { net::read(pair.server, net::buffer(bytes)); }, &what),
              net::error::eof);
    EXPECT_THAT(what, testing::StartsWith("read: End of file"));
}

TEST_P(Synchronous, an_empty_buffer_is_nothing_to_do) {
    Pair pair = connected();
    error_code error;
    EXPECT_EQ(pair.server.read_some(net::mutable_buffer(), error), 0U);
    EXPECT_FALSE(error);
    EXPECT_EQ(pair.server.write_some(net::const_buffer(), error), 0U);
    EXPECT_FALSE(error);
    pair.client.close();
    until_over(pair.server);
    EXPECT_EQ(pair.server.read_some(net::mutable_buffer(), error), 0U);
    EXPECT_FALSE(error) << "the end of the stream is not seen";
}

TEST_P(Synchronous, a_non_blocking_read_would_block) {
    Pair pair = connected();
    pair.server.non_blocking(true);
    char bytes[16];
    error_code error;
    EXPECT_EQ(pair.server.read_some(net::buffer(bytes), error), 0U);
    EXPECT_EQ(error, net::error::would_block);
    EXPECT_TRUE(is_system_error(error, EAGAIN));
    EXPECT_EQ(thrown_by([&] { (void)pair.server.read_some(net::buffer(bytes)); }),
              net::error::would_block);
    net::write(pair.client, net::buffer("abc", 3));
    until_unread(pair.server, 3);
    EXPECT_EQ(pair.server.read_some(net::buffer(bytes), error), 3U);
    EXPECT_FALSE(error);
    pair.client.close();
    until_over(pair.server);
    EXPECT_EQ(pair.server.read_some(net::buffer(bytes), error), 0U);
    EXPECT_EQ(error, net::error::eof);
}

TEST_P(Synchronous, a_non_blocking_socket_still_waits_in_asynchronous_calls) {
    Pair pair = connected();
    pair.server.non_blocking(true);
    char bytes[16];
    Outcome read;
    pair.server.async_read_some(net::buffer(bytes), Into(read));
    context.poll();
    EXPECT_EQ(read.calls, 0);
    net::write(pair.client, net::buffer("abc", 3));
    run();
    EXPECT_EQ(read.bytes, 3U);
}

TEST_P(Synchronous, a_non_blocking_write_would_block_when_the_buffers_are_full) {
    Pair pair = connected();
    const std::size_t filled = fill(pair.client);
    EXPECT_GT(filled, 0U);
    std::string in(filled, '\0');
    EXPECT_EQ(net::read(pair.server, net::buffer(in)), filled);
}

TEST_P(Synchronous, send_and_receive_take_flags) {
    Pair pair = connected();
    EXPECT_EQ(pair.client.send(net::buffer("abc", 3), 0), 3U);
    char bytes[8];
    EXPECT_EQ(pair.server.receive(net::buffer(bytes), net::socket_base::message_peek), 3U);
    EXPECT_EQ(pair.server.receive(net::buffer(bytes)), 3U);
    error_code error;
    EXPECT_EQ(pair.client.send(net::buffer("d", 1), 0, error), 1U);
    EXPECT_EQ(pair.server.receive(net::buffer(bytes), 0, error), 1U);
    EXPECT_FALSE(error);
}

TEST_P(Synchronous, urgent_data_is_marked) {
    FACE_DIFFERS("queues have no urgent data");
    Pair pair = connected();
    Outcome waited;
    pair.server.async_wait(tcp::socket::wait_error, Into(waited));
    EXPECT_EQ(pair.client.send(net::buffer("!", 1), net::socket_base::message_out_of_band), 1U);
    run();
    EXPECT_EQ(waited.calls, 1);
    EXPECT_FALSE(waited.error);
    EXPECT_TRUE(pair.server.at_mark());
    char byte[1];
    error_code error;
    EXPECT_EQ(pair.server.receive(net::buffer(byte), net::socket_base::message_out_of_band, error),
              1U);
    EXPECT_FALSE(error);
    EXPECT_EQ(byte[0], '!');
}

TEST_P(Synchronous, writes_fail_after_shutdown_send) {
    Pair pair = connected();
    pair.client.shutdown(tcp::socket::shutdown_send);
    error_code error;
    EXPECT_EQ(pair.client.write_some(net::buffer("x", 1), error), 0U);
    EXPECT_EQ(error, net::error::broken_pipe);
    std::string what;
    EXPECT_EQ(thrown_by([&] { net::write(pair.client, net::buffer("x", 1)); }, &what),
              net::error::broken_pipe);
    EXPECT_THAT(what, testing::StartsWith("write: Broken pipe"));
}

TEST_P(Synchronous, a_reset_is_reported_once) {
    Pair pair = connected();
    pair.client.set_option(net::socket_base::linger(true, 0));
    pair.client.close();
    until_over(pair.server);
    char bytes[4];
    error_code error;
    EXPECT_EQ(pair.server.read_some(net::buffer(bytes), error), 0U);
    EXPECT_EQ(error, net::error::connection_reset);
    EXPECT_EQ(pair.server.read_some(net::buffer(bytes), error), 0U);
    EXPECT_EQ(error, net::error::eof);
    EXPECT_EQ(pair.server.write_some(net::buffer("x", 1), error), 0U);
    EXPECT_EQ(error, net::error::broken_pipe);
}

TEST_P(Synchronous, shutdown_of_a_connection_that_was_reset_is_not_connected) {
    FACE_DIFFERS("a reset is known when an operation has reported it");
    Pair pair = connected();
    pair.client.set_option(net::socket_base::linger(true, 0));
    pair.client.close();
    until_over(pair.server);
    error_code error;
    pair.server.shutdown(tcp::socket::shutdown_both, error);
    EXPECT_EQ(error, net::error::not_connected);
}

TEST_P(Synchronous, wait_returns_when_the_socket_is_ready) {
    Pair pair = connected();
    pair.client.wait(tcp::socket::wait_write);
    net::write(pair.server, net::buffer("abc", 3));
    pair.client.wait(tcp::socket::wait_read);
    EXPECT_EQ(pair.client.available(), 3U);
}

TEST_P(Synchronous, a_non_blocking_wait_would_block) {
    Pair pair = connected();
    pair.client.non_blocking(true);
    error_code error;
    pair.client.wait(tcp::socket::wait_read, error);
    EXPECT_EQ(error, net::error::would_block);
}

TEST_P(Synchronous, synchronous_calls_run_no_handlers) {
    Pair pair = connected();
    int calls = 0;
    net::post(context, [&] { ++calls; });
    net::write(pair.client, net::buffer("abc", 3));
    char bytes[3];
    net::read(pair.server, net::buffer(bytes));
    EXPECT_EQ(calls, 0);
    run();
    EXPECT_EQ(calls, 1);
}

TEST_P(Synchronous, synchronous_calls_work_in_a_stopped_context) {
    Pair pair = connected();
    context.stop();
    net::write(pair.client, net::buffer("abc", 3));
    char bytes[3];
    EXPECT_EQ(net::read(pair.server, net::buffer(bytes)), 3U);
}

TEST_P(Synchronous, a_handler_may_call_synchronously) {
    Pair pair = connected();
    std::string got;
    char first[1];
    pair.server.async_read_some(net::buffer(first), [&](error_code, std::size_t) {
        char rest[4];
        net::read(pair.server, net::buffer(rest));
        got = std::string(first, 1) + std::string(rest, 4);
        net::write(pair.server, net::buffer("ok", 2));
    });
    net::write(pair.client, net::buffer("hello", 5));
    run();
    EXPECT_EQ(got, "hello");
    char answer[2];
    EXPECT_EQ(net::read(pair.client, net::buffer(answer)), 2U);
}

TEST_P(Synchronous, read_until_leaves_the_rest_in_the_buffer) {
    Pair pair = connected();
    net::write(pair.client, net::buffer("one\ntwo\nthr", 11));
    pair.client.close();
    net::streambuf buffer;
    EXPECT_EQ(net::read_until(pair.server, buffer, '\n'), 4U);
    std::istream lines(&buffer);
    std::string line;
    std::getline(lines, line);
    EXPECT_EQ(line, "one");
    EXPECT_EQ(net::read_until(pair.server, buffer, '\n'), 4U);
    std::getline(lines, line);
    EXPECT_EQ(line, "two");
    error_code error;
    EXPECT_EQ(net::read_until(pair.server, buffer, '\n', error), 0U);
    EXPECT_EQ(error, net::error::eof);
    EXPECT_EQ(buffer.size(), 3U);
}

TEST_P(Synchronous, sequences_of_buffers_are_gathered_and_scattered) {
    Pair pair = connected();
    const std::vector<net::const_buffer> out = {net::buffer("ab", 2), net::buffer("cde", 3)};
    EXPECT_EQ(net::write(pair.client, out), 5U);
    char first[1];
    char second[4];
    const std::vector<net::mutable_buffer> in = {net::buffer(first), net::buffer(second)};
    EXPECT_EQ(net::read(pair.server, in), 5U);
    EXPECT_EQ(std::string(first, 1) + std::string(second, 4), "abcde");
}

TEST_P(Synchronous, buffered_streams_read_ahead) {
    Pair pair = connected();
    net::buffered_read_stream<tcp::socket&> buffered(pair.server);
    net::write(pair.client, net::buffer("abcdef", 6));
    until_unread(pair.server, 6);
    char bytes[2];
    EXPECT_EQ(net::read(buffered, net::buffer(bytes)), 2U);
    EXPECT_EQ(buffered.in_avail(), 4U);
    EXPECT_EQ(pair.server.available(), 0U);
}

// tcp::iostream has a context of its own, on the queue that a context without one opens.
TEST_P(Synchronous, an_iostream_reads_and_writes_lines) {
    NEEDS_REAL_QUEUE("sockets that a context of its own finds");
    tcp::acceptor acceptor = listening();
    tcp::iostream client(acceptor.local_endpoint());
    ASSERT_TRUE(client);
    tcp::socket server = acceptor.accept();
    net::write(server, net::buffer("hello\nbye\n", 10));
    server.shutdown(tcp::socket::shutdown_send);
    std::string line;
    std::getline(client, line);
    EXPECT_EQ(line, "hello");
    std::getline(client, line);
    EXPECT_EQ(line, "bye");
    client << "answer" << std::flush;
    char bytes[6];
    EXPECT_EQ(net::read(server, net::buffer(bytes)), 6U);
    EXPECT_FALSE(std::getline(client, line));
    EXPECT_TRUE(client.eof());
}

TEST_P(Synchronous, an_iostream_times_out) {
    NEEDS_REAL_QUEUE("sockets that a context of its own finds");
    tcp::acceptor acceptor = listening();
    tcp::iostream client;
    client.expires_after(patience);
    client.connect(acceptor.local_endpoint());
    ASSERT_TRUE(client);
    client.expires_after(3ms);
    std::string line;
    EXPECT_FALSE(std::getline(client, line));
    EXPECT_EQ(client.error(), net::error::timed_out);
}

TEST_P(Synchronous, an_iostream_says_why_it_did_not_connect) {
    NEEDS_REAL_QUEUE("sockets that a context of its own finds");
    tcp::iostream client(nobody());
    EXPECT_FALSE(client);
    EXPECT_EQ(client.error(), net::error::connection_refused);
}

}  // namespace
}  // namespace face_test

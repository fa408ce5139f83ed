// TCP sockets: reads, writes, and the end of a connection.
#include "tests/asio_face/face.hpp"

namespace face_test {
namespace {

FACE_SUITE(Socket);

TEST_P(Socket, reads_what_was_written) {
    Pair pair = connected();
    Outcome written;
    Outcome read;
    char bytes[16];
    pair.server.async_read_some(net::buffer(bytes), Into(read));
    pair.client.async_write_some(net::buffer("hello", 5), Into(written));
    EXPECT_GE(run(), 2U) << "real Asio counts an event that completes nothing, too";
    EXPECT_EQ(written.bytes, 5U);
    EXPECT_FALSE(written.error);
    EXPECT_FALSE(read.error);
    EXPECT_EQ(std::string(bytes, read.bytes), "hello");
}

TEST_P(Socket, handlers_are_not_called_inside_the_call_that_starts_the_operation) {
    Pair pair = connected();
    Outcome written;
    pair.client.async_write_some(net::buffer("hello", 5), Into(written));
    EXPECT_EQ(written.calls, 0);
    run();
    until_unread(pair.server, 5);
    Outcome read;
    char bytes[16];
    pair.server.async_read_some(net::buffer(bytes), Into(read));
    EXPECT_EQ(read.calls, 0) << "though the bytes are there";
    run();
    EXPECT_EQ(read.calls, 1);
}

TEST_P(Socket, an_empty_buffer_reads_nothing_at_once) {
    Pair pair = connected();
    Outcome read;
    pair.server.async_read_some(net::mutable_buffer(), Into(read));
    EXPECT_EQ(read.calls, 0);
    EXPECT_EQ(run(), 1U);
    EXPECT_EQ(read.calls, 1);
    EXPECT_FALSE(read.error);
    EXPECT_EQ(read.bytes, 0U);
}

TEST_P(Socket, an_empty_buffer_writes_nothing_at_once) {
    Pair pair = connected();
    Outcome written;
    pair.server.async_write_some(net::const_buffer(), Into(written));
    EXPECT_EQ(run(), 1U);
    EXPECT_EQ(written.calls, 1);
    EXPECT_FALSE(written.error);
    EXPECT_EQ(written.bytes, 0U);
}

TEST_P(Socket, an_empty_read_completes_though_nothing_comes_and_another_read_is_pending) {
    Pair pair = connected();
    Outcome pending;
    Outcome empty;
    char bytes[16];
    pair.server.async_read_some(net::buffer(bytes), Into(pending));
    pair.server.async_read_some(net::mutable_buffer(), Into(empty));
    context.poll();
    EXPECT_EQ(empty.calls, 1);
    EXPECT_EQ(pending.calls, 0);
    pair.client.close();
    run();
    EXPECT_EQ(pending.error, net::error::eof);
}

TEST_P(Socket, a_sequence_of_buffers_is_gathered_and_scattered) {
    Pair pair = connected();
    const std::vector<net::const_buffer> out = {net::buffer("ab", 2), net::buffer("", 0),
                                                net::buffer("cdef", 4), net::buffer("g", 1)};
    char first[3];
    char second[4];
    const std::vector<net::mutable_buffer> in = {net::buffer(first), net::buffer(second)};
    Outcome written;
    Outcome read;
    net::async_write(pair.client, out, Into(written));
    net::async_read(pair.server, in, Into(read));
    run();
    EXPECT_EQ(written.bytes, 7U);
    EXPECT_EQ(read.bytes, 7U);
    EXPECT_EQ(std::string(first, 3), "abc");
    EXPECT_EQ(std::string(second, 4), "defg");
}

TEST_P(Socket, more_buffers_than_one_system_call_takes_are_written_in_order) {
    Pair pair = connected();
    std::string expected;
    for (int i = 0; i < 200; ++i) expected += static_cast<char>('a' + i % 26);
    std::vector<net::const_buffer> out;
    for (const char& byte : expected) out.push_back(net::buffer(&byte, 1));
    std::string got(200, '\0');
    Outcome written;
    Outcome read;
    net::async_write(pair.client, out, Into(written));
    net::async_read(pair.server, net::buffer(got), Into(read));
    run();
    EXPECT_EQ(written.bytes, 200U);
    EXPECT_EQ(got, expected);
}

TEST_P(Socket, async_write_writes_all_of_what_does_not_fit_at_once) {
    Pair pair = connected();
    const std::string out(3 << 20, 'y');
    std::string in(out.size(), '\0');
    Outcome written;
    Outcome read;
    net::async_write(pair.client, net::buffer(out), Into(written));
    net::async_read(pair.server, net::buffer(in), Into(read));
    run();
    EXPECT_EQ(written.bytes, out.size());
    EXPECT_EQ(read.bytes, out.size());
    EXPECT_EQ(in, out);
}

TEST_P(Socket, async_read_into_a_dynamic_buffer_reads_until_the_end) {
    Pair pair = connected();
    Outcome written;
    Outcome read;
    std::string out = "hello";
    std::string in;
    std::vector<char> bytes;
    net::async_write(pair.client, net::dynamic_buffer(out), Into(written));
    net::async_read(pair.server, net::dynamic_buffer(in), net::transfer_exactly(5), Into(read));
    run();
    EXPECT_EQ(written.bytes, 5U);
    EXPECT_TRUE(out.empty()) << "what was written is taken out";
    EXPECT_EQ(in, "hello");
    net::async_read(pair.server, net::dynamic_buffer(in), Into(read));
    net::async_read(pair.client, net::dynamic_buffer(bytes), Into(written));
    net::write(pair.client, net::buffer(" again", 6));
    pair.client.shutdown(tcp::socket::shutdown_send);
    net::write(pair.server, net::buffer("xyz", 3));
    pair.server.shutdown(tcp::socket::shutdown_send);
    run();
    EXPECT_EQ(read.error, net::error::eof);
    EXPECT_EQ(in, "hello again");
    EXPECT_EQ(written.error, net::error::eof);
    EXPECT_EQ(std::string(bytes.begin(), bytes.end()), "xyz");
}

TEST_P(Socket, async_read_into_a_streambuf_reads_until_the_end) {
    Pair pair = connected();
    Outcome written;
    Outcome read;
    net::streambuf out;
    net::streambuf in;
    std::ostream(&out) << "hello";
    net::async_write(pair.client, out, Into(written));
    net::async_read(pair.server, in, net::transfer_exactly(5), Into(read));
    run();
    EXPECT_EQ(written.bytes, 5U);
    EXPECT_EQ(out.size(), 0U);
    EXPECT_EQ(read.bytes, 5U);
    net::async_read(pair.server, in, Into(read));
    pair.client.close();
    run();
    EXPECT_EQ(read.error, net::error::eof);
    EXPECT_EQ(in.size(), 5U);
}

TEST_P(Socket, async_read_until_gives_the_length_with_the_delimiter) {
    Pair pair = connected();
    Outcome written;
    Outcome read;
    std::string text;
    net::async_write(pair.client, net::buffer("one\ntwo\n", 8), Into(written));
    net::async_read_until(pair.server, net::dynamic_buffer(text), '\n', Into(read));
    run();
    EXPECT_EQ(read.bytes, 4U);
    EXPECT_EQ(text.substr(0, 4), "one\n");
    text.erase(0, 4);
    net::async_read_until(pair.server, net::dynamic_buffer(text), "\n", Into(read));
    run();
    EXPECT_EQ(read.bytes, 4U);
    EXPECT_EQ(text, "two\n");
}

TEST_P(Socket, async_read_until_fails_when_the_delimiter_does_not_come_in_the_limit) {
    Pair pair = connected();
    Outcome written;
    Outcome read;
    net::streambuf text(4);
    net::async_write(pair.client, net::buffer("abcdefgh", 8), Into(written));
    net::async_read_until(pair.server, text, '\n', Into(read));
    run();
    EXPECT_EQ(read.error, net::error::not_found);
    EXPECT_EQ(read.bytes, 0U);
    EXPECT_EQ(text.size(), 4U);
}

TEST_P(Socket, completion_conditions_say_when_a_read_is_enough) {
    Pair pair = connected();
    Outcome written;
    Outcome exactly;
    Outcome at_least;
    char bytes[16];
    net::async_write(pair.client, net::buffer("abcdefgh", 8), Into(written));
    run();
    until_unread(pair.server, 8);
    net::async_read(pair.server, net::buffer(bytes), net::transfer_exactly(3), Into(exactly));
    run();
    EXPECT_EQ(exactly.bytes, 3U);
    net::async_read(pair.server, net::buffer(bytes), net::transfer_at_least(1), Into(at_least));
    run();
    EXPECT_EQ(at_least.bytes, 5U);
    net::async_read(pair.server, net::buffer(bytes), net::transfer_exactly(0), Into(exactly));
    run();
    EXPECT_EQ(exactly.calls, 2);
    EXPECT_EQ(exactly.bytes, 0U);
}

TEST_P(Socket, async_read_ends_with_eof_and_what_it_has) {
    Pair pair = connected();
    Outcome read;
    char bytes[16];
    net::async_read(pair.server, net::buffer(bytes), Into(read));
    net::write(pair.client, net::buffer("abc", 3));
    pair.client.close();
    run();
    EXPECT_EQ(read.error, net::error::eof);
    EXPECT_EQ(read.bytes, 3U);
}

TEST_P(Socket, eof_is_of_the_category_misc) {
    Pair pair = connected();
    pair.client.shutdown(tcp::socket::shutdown_send);
    char bytes[16];
    Outcome read;
    pair.server.async_read_some(net::buffer(bytes), Into(read));
    run();
    EXPECT_EQ(read.error, net::error::eof);
    EXPECT_EQ(read.error.category(), net::error::get_misc_category());
    EXPECT_EQ(read.error.value(), 2);
    EXPECT_EQ(read.bytes, 0U);
}

// On Linux an asynchronous read that ended without bytes makes Asio's next one wait for another
// event of epoll, which may not come: it reads eof again, or waits until it is cancelled.
TEST_P(Socket, an_asynchronous_read_after_eof_gives_eof_or_waits) {
    Pair pair = connected();
    pair.client.shutdown(tcp::socket::shutdown_send);
    char bytes[16];
    Outcome first;
    Outcome second;
    pair.server.async_read_some(net::buffer(bytes), Into(first));
    run();
    EXPECT_EQ(first.error, net::error::eof);
    pair.server.async_read_some(net::buffer(bytes), Into(second));
    context.restart();
    context.run_for(3ms);
    if (second.calls != 0) {
        EXPECT_EQ(second.error, net::error::eof);
    }
    pair.server.close();
    run();
    EXPECT_EQ(second.calls, 1);
}

TEST_P(Socket, bytes_come_before_the_end) {
    Pair pair = connected();
    net::write(pair.client, net::buffer("abc", 3));
    pair.client.close();
    until_over(pair.server);
    char bytes[16];
    Outcome read;
    pair.server.async_read_some(net::buffer(bytes), Into(read));
    run();
    EXPECT_FALSE(read.error);
    EXPECT_EQ(read.bytes, 3U);
    pair.server.async_read_some(net::buffer(bytes), Into(read));
    run();
    EXPECT_EQ(read.error, net::error::eof);
}

TEST_P(Socket, a_half_closed_peer_still_receives) {
    Pair pair = connected();
    pair.client.shutdown(tcp::socket::shutdown_send);
    Outcome written;
    Outcome read;
    char bytes[16];
    net::async_write(pair.server, net::buffer("late", 4), Into(written));
    pair.client.async_read_some(net::buffer(bytes), Into(read));
    run();
    EXPECT_EQ(written.bytes, 4U);
    EXPECT_EQ(std::string(bytes, read.bytes), "late");
}

TEST_P(Socket, a_reset_ends_a_pending_read) {
    Pair pair = connected();
    Outcome read;
    char bytes[16];
    pair.server.async_read_some(net::buffer(bytes), Into(read));
    context.poll();
    pair.client.set_option(net::socket_base::linger(true, 0));
    pair.client.close();
    run();
    EXPECT_EQ(read.error, net::error::connection_reset);
    EXPECT_TRUE(is_system_error(read.error, ECONNRESET));
    EXPECT_EQ(read.bytes, 0U);
}

TEST_P(Socket, after_a_reset_was_reported_reads_end_and_writes_fail) {
    Pair pair = connected();
    Outcome read;
    char bytes[16];
    pair.client.set_option(net::socket_base::linger(true, 0));
    pair.client.close();
    until_over(pair.server);
    pair.server.async_read_some(net::buffer(bytes), Into(read));
    run();
    EXPECT_EQ(read.error, net::error::connection_reset);
    error_code error;
    EXPECT_EQ(pair.server.read_some(net::buffer(bytes), error), 0U);
    EXPECT_EQ(error, net::error::eof) << "the system reports a reset once";
    Outcome written;
    pair.server.async_write_some(net::buffer("x", 1), Into(written));
    run();
    EXPECT_EQ(written.error, net::error::broken_pipe);
    EXPECT_TRUE(is_system_error(written.error, EPIPE));
    EXPECT_EQ(written.bytes, 0U);
}

TEST_P(Socket, a_write_meets_a_reset_first) {
    Pair pair = connected();
    pair.client.set_option(net::socket_base::linger(true, 0));
    pair.client.close();
    until_over(pair.server);
    Outcome written;
    pair.server.async_write_some(net::buffer("x", 1), Into(written));
    run();
    EXPECT_EQ(written.error, net::error::connection_reset);
    pair.server.async_write_some(net::buffer("x", 1), Into(written));
    run();
    EXPECT_EQ(written.error, net::error::broken_pipe);
}

TEST_P(Socket, closing_with_unread_bytes_resets_the_peer) {
    Pair pair = connected();
    net::write(pair.client, net::buffer("unread", 6));
    until_unread(pair.server, 6);
    pair.server.close();
    until_over(pair.client);
    char bytes[16];
    Outcome read;
    pair.client.async_read_some(net::buffer(bytes), Into(read));
    run();
    EXPECT_EQ(read.error, net::error::connection_reset);
}

TEST_P(Socket, a_write_after_shutdown_send_fails) {
    Pair pair = connected();
    pair.client.shutdown(tcp::socket::shutdown_send);
    Outcome written;
    pair.client.async_write_some(net::buffer("x", 1), Into(written));
    EXPECT_EQ(written.calls, 0);
    run();
    EXPECT_EQ(written.error, net::error::broken_pipe);
}

TEST_P(Socket, shutdown_receive_ends_reads_with_eof) {
    Pair pair = connected();
    Outcome pending;
    char bytes[16];
    pair.server.async_read_some(net::buffer(bytes), Into(pending));
    context.poll();
    pair.server.shutdown(tcp::socket::shutdown_receive);
    run();
    EXPECT_EQ(pending.error, net::error::eof);
    error_code error;
    EXPECT_EQ(pair.server.read_some(net::buffer(bytes), error), 0U);
    EXPECT_EQ(error, net::error::eof);
    Outcome written;
    pair.server.async_write_some(net::buffer("x", 1), Into(written));
    run();
    EXPECT_FALSE(written.error) << "the other direction goes on";
}

TEST_P(Socket, shutdown_send_leaves_a_pending_read_alone) {
    Pair pair = connected();
    Outcome pending;
    char bytes[16];
    pair.server.async_read_some(net::buffer(bytes), Into(pending));
    context.poll();
    pair.server.shutdown(tcp::socket::shutdown_send);
    context.poll();
    EXPECT_EQ(pending.calls, 0);
    net::write(pair.client, net::buffer("abc", 3));
    run();
    EXPECT_FALSE(pending.error);
    EXPECT_EQ(pending.bytes, 3U);
}

TEST_P(Socket, shutdown_both_ends_both_directions) {
    Pair pair = connected();
    Outcome pending;
    char bytes[16];
    pair.server.async_read_some(net::buffer(bytes), Into(pending));
    context.poll();
    pair.server.shutdown(tcp::socket::shutdown_both);
    run();
    EXPECT_EQ(pending.error, net::error::eof);
    Outcome written;
    pair.server.async_write_some(net::buffer("x", 1), Into(written));
    run();
    EXPECT_EQ(written.error, net::error::broken_pipe);
    Outcome peer;
    pair.client.async_read_some(net::buffer(bytes), Into(peer));
    run();
    EXPECT_EQ(peer.error, net::error::eof);
}

TEST_P(Socket, shutdown_send_fails_a_write_that_waits) {
    Pair pair = connected();
    fill(pair.client);
    const std::string more(1 << 20, 'z');
    Outcome written;
    pair.client.async_write_some(net::buffer(more), Into(written));
    context.poll();
    EXPECT_EQ(written.calls, 0);
    pair.client.shutdown(tcp::socket::shutdown_send);
    run();
    EXPECT_EQ(written.error, net::error::broken_pipe);
}

TEST_P(Socket, what_was_sent_before_shutdown_send_arrives) {
    NEEDS_REAL_QUEUE("a buffer that holds all that is sent");
    Pair pair = connected();
    const std::string out(5'000, 'q');
    std::string in(out.size() + 1, '\0');
    Outcome read;
    net::write(pair.client, net::buffer(out));
    pair.client.shutdown(tcp::socket::shutdown_send);
    net::async_read(pair.server, net::buffer(in), Into(read));
    run();
    EXPECT_EQ(read.error, net::error::eof);
    EXPECT_EQ(read.bytes, out.size());
}

TEST_P(Socket, a_read_and_a_write_may_be_pending_together) {
    Pair pair = connected();
    fill(pair.client);
    char bytes[16];
    Outcome read;
    Outcome written;
    pair.client.async_read_some(net::buffer(bytes), Into(read));
    pair.client.async_write_some(net::buffer("x", 1), Into(written));
    context.poll();
    EXPECT_EQ(read.calls + written.calls, 0);
    net::write(pair.server, net::buffer("abc", 3));
    run_until([&] { return read.calls != 0; });
    EXPECT_EQ(read.bytes, 3U);
    EXPECT_EQ(written.calls, 0);
    pair.client.close();
    run();
    EXPECT_EQ(written.error, net::error::operation_aborted);
}

TEST_P(Socket, async_wait_read_completes_when_bytes_are_there) {
    Pair pair = connected();
    Outcome waited;
    pair.server.async_wait(tcp::socket::wait_read, Into(waited));
    context.poll();
    EXPECT_EQ(waited.calls, 0);
    net::write(pair.client, net::buffer("abc", 3));
    run();
    EXPECT_EQ(waited.calls, 1);
    EXPECT_FALSE(waited.error);
    EXPECT_EQ(pair.server.available(), 3U) << "it takes no bytes";
}

TEST_P(Socket, async_wait_read_completes_at_the_end_of_the_stream) {
    Pair pair = connected();
    Outcome waited;
    pair.server.async_wait(tcp::socket::wait_read, Into(waited));
    context.poll();
    pair.client.close();
    run();
    EXPECT_FALSE(waited.error);
    char bytes[4];
    error_code error;
    EXPECT_EQ(pair.server.read_some(net::buffer(bytes), error), 0U);
    EXPECT_EQ(error, net::error::eof);
}

TEST_P(Socket, a_wait_and_then_a_read_both_complete) {
    Pair pair = connected();
    Outcome waited;
    Outcome read;
    char bytes[8];
    pair.server.async_wait(tcp::socket::wait_read, Into(waited));
    pair.server.async_read_some(net::buffer(bytes), Into(read));
    context.poll();
    EXPECT_EQ(waited.calls + read.calls, 0);
    net::write(pair.client, net::buffer("abc", 3));
    run();
    EXPECT_EQ(waited.calls, 1);
    EXPECT_FALSE(waited.error);
    EXPECT_EQ(read.calls, 1);
    EXPECT_EQ(std::string(bytes, read.bytes), "abc");
}

TEST_P(Socket, a_read_and_then_waits_all_complete) {
    Pair pair = connected();
    std::vector<std::string> lines;
    char bytes[8];
    pair.server.async_read_some(net::buffer(bytes), Log(lines, "read"));
    pair.server.async_wait(tcp::socket::wait_read, Log(lines, "first"));
    pair.server.async_wait(tcp::socket::wait_read, Log(lines, "second"));
    context.poll();
    EXPECT_THAT(lines, ElementsAre());
    net::write(pair.client, net::buffer("abc", 3));
    run();
    EXPECT_THAT(lines, ElementsAre("read ok", "first ok", "second ok"));
    EXPECT_EQ(std::string(bytes, 3), "abc");
}

TEST_P(Socket, waits_of_one_socket_complete_together) {
    Pair pair = connected();
    std::vector<std::string> lines;
    pair.server.async_wait(tcp::socket::wait_read, Log(lines, "first"));
    pair.server.async_wait(tcp::socket::wait_read, Log(lines, "second"));
    context.poll();
    net::write(pair.client, net::buffer("abc", 3));
    run();
    EXPECT_THAT(lines, ElementsAre("first ok", "second ok"));
    EXPECT_EQ(pair.server.available(), 3U);
}

TEST_P(Socket, a_composed_read_goes_on_beside_a_wait) {
    Pair pair = connected();
    Outcome waited;
    Outcome read;
    char bytes[6];
    pair.server.async_wait(tcp::socket::wait_read, Into(waited));
    net::async_read(pair.server, net::buffer(bytes), Into(read));
    net::write(pair.client, net::buffer("abc", 3));
    run_until([&] { return waited.calls != 0; });
    EXPECT_EQ(read.calls, 0);
    pair.server.async_wait(tcp::socket::wait_read, Into(waited));
    net::write(pair.client, net::buffer("def", 3));
    run_until([&] { return read.calls != 0 && waited.calls == 2; });
    EXPECT_EQ(std::string(bytes, read.bytes), "abcdef");
}

TEST_P(Socket, cancel_aborts_a_wait_and_a_read_in_either_order) {
    for (const bool wait_first : {true, false}) {
        Pair pair = connected();
        Outcome waited;
        Outcome read;
        char bytes[8];
        if (wait_first) pair.server.async_wait(tcp::socket::wait_read, Into(waited));
        pair.server.async_read_some(net::buffer(bytes), Into(read));
        if (!wait_first) pair.server.async_wait(tcp::socket::wait_read, Into(waited));
        context.poll();
        pair.server.cancel();
        run();
        EXPECT_EQ(waited.error, net::error::operation_aborted);
        EXPECT_EQ(read.error, net::error::operation_aborted);
        pair.server.async_wait(tcp::socket::wait_read, Into(waited));
        pair.server.async_read_some(net::buffer(bytes), Into(read));
        net::write(pair.client, net::buffer("abc", 3));
        run();
        EXPECT_FALSE(waited.error);
        EXPECT_EQ(read.bytes, 3U) << "the socket goes on";
        EXPECT_EQ(waited.calls + read.calls, 4);
    }
}

TEST_P(Socket, what_is_started_right_after_cancel_completes) {
    Pair pair = connected();
    std::vector<std::string> lines;
    char bytes[8];
    pair.server.async_wait(tcp::socket::wait_read, Log(lines, "old"));
    context.poll();
    pair.server.cancel();
    pair.server.async_read_some(net::buffer(bytes), Log(lines, "read"));
    pair.server.async_wait(tcp::socket::wait_read, Log(lines, "wait"));
    net::write(pair.client, net::buffer("abc", 3));
    run();
    EXPECT_THAT(lines, ElementsAre("old aborted", "read ok", "wait ok"));
}

TEST_P(Socket, close_aborts_a_wait_and_a_read) {
    Pair pair = connected();
    std::vector<std::string> lines;
    char bytes[8];
    pair.server.async_wait(tcp::socket::wait_read, Log(lines, "wait"));
    pair.server.async_read_some(net::buffer(bytes), Log(lines, "read"));
    pair.server.async_wait(tcp::socket::wait_read, Log(lines, "more"));
    context.poll();
    pair.server.close();
    run();
    EXPECT_THAT(lines,
                testing::UnorderedElementsAre("wait aborted", "read aborted", "more aborted"));
}

TEST_P(Socket, a_wait_and_a_read_see_the_end_of_the_stream) {
    Pair pair = connected();
    Outcome waited;
    Outcome read;
    char bytes[8];
    pair.server.async_wait(tcp::socket::wait_read, Into(waited));
    pair.server.async_read_some(net::buffer(bytes), Into(read));
    context.poll();
    pair.client.close();
    run();
    EXPECT_EQ(waited.calls, 1);
    EXPECT_FALSE(waited.error);
    EXPECT_EQ(read.error, net::error::eof);
}

// Only in this order: Asio's read that meets a reset first ends no wait.
TEST_P(Socket, a_wait_leaves_a_reset_to_the_read) {
    Pair pair = connected();
    Outcome waited;
    Outcome read;
    char bytes[8];
    pair.server.async_wait(tcp::socket::wait_read, Into(waited));
    pair.server.async_read_some(net::buffer(bytes), Into(read));
    context.poll();
    pair.client.set_option(net::socket_base::linger(true, 0));
    pair.client.close();
    run();
    EXPECT_EQ(waited.calls, 1);
    EXPECT_FALSE(waited.error);
    EXPECT_EQ(read.error, net::error::connection_reset);
}

TEST_P(Socket, shutdown_receive_ends_a_wait_and_a_read) {
    Pair pair = connected();
    Outcome waited;
    Outcome read;
    char bytes[8];
    pair.server.async_wait(tcp::socket::wait_read, Into(waited));
    pair.server.async_read_some(net::buffer(bytes), Into(read));
    context.poll();
    pair.server.shutdown(tcp::socket::shutdown_receive);
    run();
    EXPECT_EQ(waited.calls, 1);
    EXPECT_EQ(read.error, net::error::eof);
}

TEST_P(Socket, async_wait_write_completes_when_there_is_room) {
    Pair pair = connected();
    Outcome waited;
    pair.client.async_wait(tcp::socket::wait_write, Into(waited));
    EXPECT_EQ(waited.calls, 0);
    run();
    EXPECT_EQ(waited.calls, 1);
    EXPECT_FALSE(waited.error);
    const std::size_t filled = fill(pair.client);
    Outcome full;
    pair.client.async_wait(tcp::socket::wait_write, Into(full));
    context.poll();
    EXPECT_EQ(full.calls, 0);
    std::string in(filled, '\0');
    Outcome read;
    net::async_read(pair.server, net::buffer(in), Into(read));
    run();
    EXPECT_EQ(full.calls, 1);
    EXPECT_FALSE(full.error);
}

TEST_P(Socket, async_wait_error_is_aborted_by_close) {
    Pair pair = connected();
    Outcome waited;
    pair.client.async_wait(tcp::socket::wait_error, Into(waited));
    context.poll();
    EXPECT_EQ(waited.calls, 0);
    pair.client.close();
    run();
    EXPECT_EQ(waited.error, net::error::operation_aborted);
}

TEST_P(Socket, available_says_how_many_bytes_can_be_read) {
    Pair pair = connected();
    EXPECT_EQ(pair.server.available(), 0U);
    net::write(pair.client, net::buffer("abcde", 5));
    until_unread(pair.server, 5);
    EXPECT_EQ(pair.server.available(), 5U);
    char bytes[2];
    net::read(pair.server, net::buffer(bytes));
    EXPECT_EQ(pair.server.available(), 3U);
}

TEST_P(Socket, peeked_bytes_are_read_again) {
    Pair pair = connected();
    net::write(pair.client, net::buffer("abc", 3));
    char bytes[8] = {};
    Outcome peeked;
    pair.server.async_receive(net::buffer(bytes), net::socket_base::message_peek, Into(peeked));
    run();
    EXPECT_EQ(peeked.bytes, 3U);
    EXPECT_EQ(pair.server.available(), 3U);
    Outcome read;
    pair.server.async_receive(net::buffer(bytes), Into(read));
    run();
    EXPECT_EQ(std::string(bytes, read.bytes), "abc");
}

TEST_P(Socket, an_operation_on_a_closed_socket_fails_with_bad_descriptor) {
    tcp::socket socket(context);
    char bytes[4];
    Outcome read;
    Outcome written;
    Outcome waited;
    socket.async_read_some(net::buffer(bytes), Into(read));
    socket.async_write_some(net::buffer(bytes), Into(written));
    socket.async_wait(tcp::socket::wait_read, Into(waited));
    EXPECT_EQ(read.calls, 0);
    EXPECT_EQ(run(), 3U);
    EXPECT_EQ(read.error, net::error::bad_descriptor);
    EXPECT_TRUE(is_system_error(read.error, EBADF));
    EXPECT_EQ(written.error, net::error::bad_descriptor);
    EXPECT_EQ(waited.error, net::error::bad_descriptor);
}

TEST_P(Socket, a_read_on_a_socket_that_is_not_connected_fails) {
    tcp::socket socket(context, tcp::v4());
    char bytes[4];
    Outcome read;
    socket.async_read_some(net::buffer(bytes), Into(read));
    run();
    EXPECT_EQ(read.error, net::error::not_connected);
    EXPECT_TRUE(is_system_error(read.error, ENOTCONN));
    Outcome written;
    socket.async_write_some(net::buffer("x", 1), Into(written));
    run();
    EXPECT_EQ(written.error, net::error::broken_pipe);
}

#if defined(NET_BOOST)  // in standalone 1.22.1 Asio's category has no conditions
TEST_P(Socket, an_error_converts_to_the_portable_condition) {
    const error_code reset = net::error::connection_reset;
    const error_code aborted = net::error::operation_aborted;
    EXPECT_TRUE(reset == boost::system::errc::connection_reset);
    EXPECT_TRUE(aborted == boost::system::errc::operation_canceled);
}
#endif

TEST_P(Socket, a_handler_may_destroy_its_socket) {
    Pair pair = connected();
    auto socket = std::make_unique<tcp::socket>(std::move(pair.server));
    char bytes[16];
    int calls = 0;
    socket->async_read_some(net::buffer(bytes), [&](error_code, std::size_t) {
        socket.reset();
        ++calls;
    });
    net::write(pair.client, net::buffer("abc", 3));
    run();
    EXPECT_EQ(calls, 1);
}

TEST_P(Socket, an_echo_runs_until_its_client_leaves) {
    Pair pair = connected();
    char bytes[64];
    std::string echoed;
    std::size_t rounds = 0;
    std::function<void()> serve = [&] {
        pair.server.async_read_some(net::buffer(bytes), [&](error_code error, std::size_t n) {
            if (error) return;
            net::async_write(pair.server, net::buffer(bytes, n),
                             [&](error_code failed, std::size_t) {
                                 if (!failed) serve();
                             });
        });
    };
    char answer[5];
    std::function<void()> ask = [&] {
        if (rounds++ == 20) return pair.client.close();
        net::async_write(pair.client, net::buffer("hello", 5), [&](error_code, std::size_t) {
            net::async_read(pair.client, net::buffer(answer), [&](error_code, std::size_t n) {
                echoed.append(answer, n);
                ask();
            });
        });
    };
    serve();
    ask();
    run();
    EXPECT_EQ(echoed.size(), 100U);
}

}  // namespace
}  // namespace face_test

// Cancelling one operation, by its cancellation slot.
#include "tests/asio_face/face.hpp"

namespace face_test {
namespace {

FACE_SUITE(Cancellation);

using net::cancellation_type;
constexpr cancellation_type every_type[] = {cancellation_type::terminal, cancellation_type::partial,
                                            cancellation_type::total};

template <class Handler>
auto slotted(net::cancellation_signal& signal, Handler handler) {
    return net::bind_cancellation_slot(signal.slot(), std::move(handler));
}

TEST_P(Cancellation, a_read_is_aborted_by_every_type) {
    Pair pair = connected();
    for (const cancellation_type type : every_type) {
        net::cancellation_signal signal;
        char bytes[4];
        Outcome read;
        pair.server.async_read_some(net::buffer(bytes), slotted(signal, Into(read)));
        context.poll();
        signal.emit(type);
        EXPECT_EQ(read.calls, 0) << "not inline";
        run();
        EXPECT_EQ(read.calls, 1);
        EXPECT_EQ(read.error, net::error::operation_aborted);
        EXPECT_EQ(read.bytes, 0U);
    }
}

TEST_P(Cancellation, the_type_none_aborts_nothing) {
    Pair pair = connected();
    net::cancellation_signal signal;
    char bytes[4];
    Outcome read;
    pair.server.async_read_some(net::buffer(bytes), slotted(signal, Into(read)));
    signal.emit(cancellation_type::none);
    context.poll();
    EXPECT_EQ(read.calls, 0);
    net::write(pair.client, net::buffer("abc", 3));
    run();
    EXPECT_EQ(read.bytes, 3U);
}

TEST_P(Cancellation, a_cancelled_read_takes_no_bytes) {
    Pair pair = connected();
    net::cancellation_signal signal;
    char bytes[4];
    Outcome cancelled;
    Outcome read;
    pair.server.async_read_some(net::buffer(bytes), slotted(signal, Into(cancelled)));
    context.poll();
    signal.emit(cancellation_type::terminal);
    run();
    net::write(pair.client, net::buffer("abc", 3));
    pair.server.async_read_some(net::buffer(bytes), Into(read));
    run();
    EXPECT_EQ(std::string(bytes, read.bytes), "abc");
}

TEST_P(Cancellation, a_write_alone_is_aborted) {
    Pair pair = connected();
    fill(pair.client);
    net::cancellation_signal signal;
    char bytes[4];
    Outcome read;
    Outcome written;
    pair.client.async_read_some(net::buffer(bytes), Into(read));
    pair.client.async_write_some(net::buffer("x", 1), slotted(signal, Into(written)));
    context.poll();
    signal.emit(cancellation_type::total);
    run_until([&] { return written.calls == 1; });
    EXPECT_EQ(written.error, net::error::operation_aborted);
    EXPECT_EQ(read.calls, 0);
    net::write(pair.server, net::buffer("abc", 3));
    run();
    EXPECT_EQ(read.bytes, 3U);
}

TEST_P(Cancellation, a_wait_for_a_socket_is_aborted) {
    Pair pair = connected();
    net::cancellation_signal signal;
    Outcome waited;
    pair.client.async_wait(tcp::socket::wait_read, slotted(signal, Into(waited)));
    context.poll();
    signal.emit(cancellation_type::total);
    run();
    EXPECT_EQ(waited.error, net::error::operation_aborted);
}

TEST_P(Cancellation, one_accept_of_two_is_aborted) {
    tcp::acceptor acceptor = listening();
    tcp::socket first(context);
    tcp::socket second(context);
    net::cancellation_signal signal;
    std::vector<std::string> lines;
    acceptor.async_accept(first, slotted(signal, Log(lines, "first")));
    acceptor.async_accept(second, Log(lines, "second"));
    context.poll();
    signal.emit(cancellation_type::terminal);
    run_until([&] { return !lines.empty(); });
    EXPECT_THAT(lines, ElementsAre("first aborted"));
    tcp::socket client(context);
    client.connect(acceptor.local_endpoint());
    run();
    EXPECT_THAT(lines, ElementsAre("first aborted", "second ok"));
    EXPECT_FALSE(first.is_open());
    EXPECT_EQ(second.remote_endpoint(), client.local_endpoint());
}

TEST_P(Cancellation, the_second_accept_of_two_is_aborted) {
    tcp::acceptor acceptor = listening();
    tcp::socket first(context);
    tcp::socket second(context);
    net::cancellation_signal signal;
    std::vector<std::string> lines;
    acceptor.async_accept(first, Log(lines, "first"));
    acceptor.async_accept(second, slotted(signal, Log(lines, "second")));
    context.poll();
    signal.emit(cancellation_type::total);
    run_until([&] { return !lines.empty(); });
    EXPECT_THAT(lines, ElementsAre("second aborted"));
    acceptor.close();
    run();
}

TEST_P(Cancellation, a_wait_is_aborted_and_the_read_beside_it_goes_on) {
    for (const bool wait_first : {true, false}) {
        Pair pair = connected();
        net::cancellation_signal signal;
        char bytes[4];
        std::vector<std::string> lines;
        const auto wait = [&] {
            pair.server.async_wait(tcp::socket::wait_read, slotted(signal, Log(lines, "wait")));
        };
        if (wait_first) wait();
        pair.server.async_read_some(net::buffer(bytes), Log(lines, "read"));
        if (!wait_first) wait();
        context.poll();
        signal.emit(cancellation_type::total);
        run_until([&] { return !lines.empty(); });
        EXPECT_THAT(lines, ElementsAre("wait aborted"));
        net::write(pair.client, net::buffer("abc", 3));
        run();
        EXPECT_THAT(lines, ElementsAre("wait aborted", "read ok"));
    }
}

TEST_P(Cancellation, a_read_is_aborted_and_the_wait_beside_it_goes_on) {
    for (const bool wait_first : {true, false}) {
        Pair pair = connected();
        net::cancellation_signal signal;
        char bytes[4];
        std::vector<std::string> lines;
        const auto wait = [&] {
            pair.server.async_wait(tcp::socket::wait_read, Log(lines, "wait"));
        };
        if (wait_first) wait();
        pair.server.async_read_some(net::buffer(bytes), slotted(signal, Log(lines, "read")));
        if (!wait_first) wait();
        context.poll();
        signal.emit(cancellation_type::total);
        run_until([&] { return !lines.empty(); });
        EXPECT_THAT(lines, ElementsAre("read aborted"));
        net::write(pair.client, net::buffer("abc", 3));
        run();
        EXPECT_THAT(lines, ElementsAre("read aborted", "wait ok"));
        EXPECT_EQ(pair.server.available(), 3U);
    }
}

TEST_P(Cancellation, one_wait_of_a_timer_is_aborted) {
    net::steady_timer timer(context, 30ms);
    net::cancellation_signal signal;
    std::vector<std::string> lines;
    timer.async_wait(Log(lines, "first"));
    timer.async_wait(slotted(signal, Log(lines, "second")));
    timer.async_wait(Log(lines, "third"));
    signal.emit(cancellation_type::partial);
    EXPECT_EQ(context.run_one(), 1U) << "whether the timer has expired meanwhile or not";
    EXPECT_THAT(lines, ElementsAre("second aborted"));
    run();
    EXPECT_THAT(lines, ElementsAre("second aborted", "first ok", "third ok"));
}

TEST_P(Cancellation, a_connect_is_aborted_by_terminal_and_partial_cancellation) {
    NEEDS_REAL_QUEUE("a backlog that is full");
    // A listener whose queue is full answers no further connection.
    tcp::acceptor acceptor(context, tcp::v4());
    acceptor.bind(tcp::endpoint(net::ip::address_v4::loopback(), 0));
    acceptor.listen(1);
    std::vector<net::cancellation_signal> signals(8);
    std::vector<Outcome> outcomes(8);
    std::vector<std::unique_ptr<tcp::socket>> sockets;
    for (std::size_t i = 0; i < 8; ++i) {
        sockets.push_back(std::make_unique<tcp::socket>(context));
        sockets[i]->async_connect(acceptor.local_endpoint(),
                                  slotted(signals[i], Into(outcomes[i])));
    }
    context.run_for(5ms);
    std::size_t aborted = 0;
    for (std::size_t i = 0; i < 8; ++i) {
        signals[i].emit(i % 2 == 0 ? cancellation_type::terminal : cancellation_type::partial);
    }
    run();
    for (const Outcome& outcome : outcomes) {
        EXPECT_EQ(outcome.calls, 1);
        if (outcome.error == net::error::operation_aborted) ++aborted;
    }
    EXPECT_GE(aborted, 1U);
}

TEST_P(Cancellation, a_signal_after_the_end_does_nothing_to_the_next_operation) {
    Pair pair = connected();
    net::cancellation_signal signal;
    char bytes[4];
    Outcome read;
    pair.server.async_read_some(net::buffer(bytes), slotted(signal, Into(read)));
    net::write(pair.client, net::buffer("abc", 3));
    run();
    EXPECT_EQ(read.bytes, 3U);
    EXPECT_TRUE(signal.slot().has_handler()) << "that of the operation that has ended";
    signal.emit(cancellation_type::terminal);
    pair.server.async_read_some(net::buffer(bytes), Into(read));
    context.restart();
    context.poll();
    signal.emit(cancellation_type::terminal);
    context.poll();
    EXPECT_EQ(read.calls, 1);
    net::write(pair.client, net::buffer("abc", 3));
    run();
    EXPECT_FALSE(read.error);
    EXPECT_EQ(read.calls, 2);
}

TEST_P(Cancellation, a_signal_comes_too_late_for_what_has_completed) {
    Pair pair = connected();
    net::write(pair.client, net::buffer("abc", 3));
    until_unread(pair.server, 3);
    net::cancellation_signal signal;
    char bytes[4];
    Outcome read;
    pair.server.async_read_some(net::buffer(bytes), slotted(signal, Into(read)));
    signal.emit(cancellation_type::terminal);
    run();
    EXPECT_FALSE(read.error) << "the bytes were there when it started";
    EXPECT_EQ(read.bytes, 3U);
}

TEST_P(Cancellation, a_slot_serves_one_operation_after_another) {
    Pair pair = connected();
    net::cancellation_signal signal;
    char bytes[4];
    for (int i = 0; i < 3; ++i) {
        Outcome read;
        pair.server.async_read_some(net::buffer(bytes), slotted(signal, Into(read)));
        context.poll();
        signal.emit(cancellation_type::terminal);
        run();
        EXPECT_EQ(read.error, net::error::operation_aborted);
    }
}

TEST_P(Cancellation, a_composed_read_takes_terminal_and_partial_cancellation) {
    Pair pair = connected();
    net::write(pair.client, net::buffer("abc", 3));
    net::cancellation_signal signal;
    char bytes[8];
    Outcome read;
    std::size_t got = 0;
    const auto all = [&](error_code error, std::size_t n) {
        got = n;
        return error ? 0 : sizeof bytes - n;
    };
    net::async_read(pair.server, net::buffer(bytes), all, slotted(signal, Into(read)));
    run_until([&] { return got == 3; });
    signal.emit(cancellation_type::total);
    context.poll();
    EXPECT_EQ(read.calls, 0) << "bytes were read already, so that it cannot be as if nothing was";
    signal.emit(cancellation_type::partial);
    run();
    EXPECT_EQ(read.error, net::error::operation_aborted);
    EXPECT_EQ(read.bytes, 3U);
}

TEST_P(Cancellation, a_composed_write_takes_terminal_cancellation) {
    Pair pair = connected();
    const std::string out(8 << 20, 'x');
    net::cancellation_signal signal;
    Outcome written;
    std::size_t sent = 0;
    const auto all = [&](error_code error, std::size_t n) {
        sent = n;
        return error ? 0 : out.size() - n;
    };
    net::async_write(pair.client, net::buffer(out), all, slotted(signal, Into(written)));
    run_until([&] { return sent > 0; });
    EXPECT_EQ(written.calls, 0);
    signal.emit(cancellation_type::terminal);
    run();
    EXPECT_EQ(written.error, net::error::operation_aborted);
    EXPECT_LT(written.bytes, out.size());
    EXPECT_GT(written.bytes, 0U);
}

TEST_P(Cancellation, a_signal_may_be_emitted_by_a_handler_of_the_same_socket) {
    Pair pair = connected();
    fill(pair.client);
    net::cancellation_signal signal;
    char bytes[4];
    Outcome written;
    pair.client.async_write_some(net::buffer("x", 1), slotted(signal, Into(written)));
    pair.client.async_read_some(net::buffer(bytes), [&](error_code, std::size_t) {
        signal.emit(cancellation_type::terminal);
        EXPECT_EQ(written.calls, 0);
    });
    net::write(pair.server, net::buffer("abc", 3));
    run();
    EXPECT_EQ(written.error, net::error::operation_aborted);
}

TEST_P(Cancellation, a_signal_set_and_its_wait) {
    net::signal_set signals(context, SIGUSR1);
    net::cancellation_signal signal;
    error_code got;
    signals.async_wait(slotted(signal, [&](error_code error, int) { got = error; }));
    context.poll();
    signal.emit(cancellation_type::total);
    run();
    EXPECT_EQ(got, net::error::operation_aborted);
}

TEST_P(Cancellation, a_posted_handler_cannot_be_cancelled) {
    net::cancellation_signal signal;
    int calls = 0;
    net::post(context, slotted(signal, [&] { ++calls; }));
    signal.emit(cancellation_type::terminal);
    run();
    EXPECT_EQ(calls, 1);
}

}  // namespace
}  // namespace face_test

// What a send does: order, gather, short sends, back-pressure, half close, a peer that is gone.
#include <algorithm>
#include <array>

#include "tests/conformance/suite.hpp"

namespace drydock::conformance {

DRYDOCK_CONFORMANCE_SUITE(Send, backends());

TEST_P(Send, of_no_bytes_completes_with_0_bytes) {
    Connection connection = connect();
    ASSERT_NE(connection.client, nullptr);
    const Result result = connection.client->send("");
    EXPECT_TRUE(result.ok() && result.bytes == 0) << name(result.error) << ", " << result.bytes;
    EXPECT_EQ(connection.client->send_all("x").bytes, 1u);
    EXPECT_EQ(connection.server->receive_exactly(1), "x");
}

TEST_P(Send, gathers_its_buffers_in_order) {
    Connection connection = connect();
    ASSERT_NE(connection.client, nullptr);
    const std::array<ConstBuffer, 5> pieces{ConstBuffer("one,"), ConstBuffer(""),
                                            ConstBuffer("two,"), ConstBuffer("six,"),
                                            ConstBuffer("ten")};
    TestOperation& sending = connection.client->sending();
    (*connection.client)->send(sending, pieces);
    ASSERT_TRUE(driver().finish(sending));
    ASSERT_TRUE(sending.result().ok()) << name(sending.result().error);
    const std::string all = "one,two,six,ten";
    ASSERT_GT(sending.result().bytes, 0u);
    EXPECT_EQ(connection.server->receive_exactly(sending.result().bytes),
              all.substr(0, sending.result().bytes))
        << "a gather send is one stretch of bytes, in the order of its buffers";
}

TEST_P(Send, of_very_many_buffers_goes_through_in_one_or_several_short_sends) {
    Connection connection = connect();
    ASSERT_NE(connection.client, nullptr);
    const std::string text = pattern(5000);
    std::vector<ConstBuffer> pieces;
    for (std::size_t i = 0; i < text.size(); ++i) {
        pieces.push_back(ConstBuffer());  // empty ones must not make a send of 0 bytes
        pieces.push_back(ConstBuffer(std::string_view(text).substr(i, 1)));
    }
    TestOperation& sending = connection.client->sending();
    TestSocket& server = *connection.server;
    std::size_t sent = 0;
    std::string received;
    bool failed = false;
    const auto go_on = [&] {
        if (!sending.in_flight() && sent < text.size()) {
            failed = failed || (sending.completions() > 0 && sending.result().bytes == 0);
            sent += sending.result().bytes;
            if (sent < text.size()) {
                (*connection.client)->send(sending, std::span(pieces).subspan(2 * sent));
            }
        }
        if (!server.receiving().in_flight()) {
            const int receives = server.receiving().completions();
            failed = failed || (receives > 0 && server.receiving().result().bytes == 0);
            received += server.received();
            if (received.size() < text.size()) {
                server.start_receive(4096);
            }
        }
        return failed || received.size() >= text.size();
    };
    ASSERT_TRUE(driver().run_until(go_on)) << received.size() << " bytes came";
    EXPECT_FALSE(failed) << "a send may be short, but neither it nor a receive may be empty: "
                         << name(sending.result().error);
    EXPECT_EQ(received, text);
    EXPECT_TRUE(driver().finish(connection.client->sending()));
}

TEST_P(Send, of_very_many_bytes_arrives_whole_however_it_is_cut) {
    Connection connection = connect();
    ASSERT_NE(connection.client, nullptr);
    const std::string text = pattern(GetParam().very_many);
    const std::string received =
        transfer(driver(), *connection.client, *connection.server, text, 256 * 1024);
    ASSERT_EQ(received.size(), text.size());
    EXPECT_TRUE(received == text) << "the bytes are not those that were sent";
}

TEST_P(Send, goes_both_ways_at_the_same_time) {
    Connection connection = connect();
    ASSERT_NE(connection.client, nullptr);
    connection.client->start_send(pattern(fits, 1));
    connection.server->start_send(pattern(fits, 2));
    ASSERT_TRUE(driver().finish(connection.client->sending()));
    ASSERT_TRUE(driver().finish(connection.server->sending()));
    const std::size_t up = connection.client->sending().result().bytes;
    const std::size_t down = connection.server->sending().result().bytes;
    EXPECT_EQ(connection.server->receive_exactly(up), pattern(fits, 1).substr(0, up));
    EXPECT_EQ(connection.client->receive_exactly(down), pattern(fits, 2).substr(0, down));
}

// Permitted difference: how much a system takes before it makes a sender wait; whether the send
// that waits is canceled with bytes taken or with none, or wins the race.
TEST_P(Send, to_a_reader_that_stopped_waits_until_it_is_canceled) {
    Connection connection = connect();
    ASSERT_NE(connection.client, nullptr);
    const std::string piece = pattern(std::min(GetParam().very_many, std::size_t{1} << 20));
    const std::size_t taken = fill(driver(), *connection.client, piece);
    TestOperation& sending = connection.client->sending();
    ASSERT_TRUE(sending.in_flight()) << "no send ever had to wait for a reader that does not read";
    const int before = sending.completions();
    (*connection.client)->cancel();
    ASSERT_TRUE(driver().finish(sending)) << "cancel() did not complete the pending send";
    EXPECT_EQ(sending.completions(), before + 1);
    EXPECT_TRUE(sending.result().error == Error::canceled || sending.result().ok())
        << name(sending.result().error);
    EXPECT_LE(sending.result().bytes, piece.size());
    EXPECT_GT(taken + sending.result().bytes, 0u);
}

TEST_P(Send, that_is_canceled_has_sent_just_the_bytes_that_it_tells) {
    Connection connection = connect();
    ASSERT_NE(connection.client, nullptr);
    const std::string piece = pattern(std::min(GetParam().very_many, std::size_t{1} << 20));
    std::size_t taken = fill(driver(), *connection.client, piece);
    const TestOperation& sending = connection.client->sending();
    ASSERT_TRUE(sending.in_flight()) << "no send ever had to wait for a reader that does not read";
    (*connection.client)->cancel();
    ASSERT_TRUE(driver().finish(sending));
    EXPECT_TRUE(sending.result().error == Error::canceled || sending.result().ok())
        << name(sending.result().error);
    taken += sending.result().bytes;
    connection.client->close();
    const std::string received = connection.server->receive_rest();
    EXPECT_EQ(connection.server->receiving().result().error, Error::ok)
        << "a cancel and a close end the stream in order";
    ASSERT_EQ(received.size(), taken)
        << "the sends told of " << taken << " bytes, the last of them, which was canceled, of "
        << sending.result().bytes;
    for (std::size_t at = 0; at < taken; at += piece.size()) {
        ASSERT_TRUE(received.compare(at, piece.size(), piece, 0, taken - at) == 0)
            << "the bytes are not those that were sent";
    }
}

TEST_P(Send, that_waits_goes_on_when_the_reader_reads_again) {
    Connection connection = connect();
    ASSERT_NE(connection.client, nullptr);
    const std::string piece = pattern(std::min(GetParam().very_many, std::size_t{1} << 20));
    std::size_t taken = fill(driver(), *connection.client, piece);
    TestOperation& sending = connection.client->sending();
    ASSERT_TRUE(sending.in_flight());
    TestReceive& receiving = connection.server->receiving();
    std::size_t received = 0;
    const auto all_came = [&] {
        return !sending.in_flight() && received >= taken + sending.result().bytes;
    };
    while (!all_came()) {
        const int before = receiving.completions();
        connection.server->start_receive(1 << 16);
        ASSERT_TRUE(driver().run_until([&] { return !receiving.in_flight() || all_came(); }));
        if (receiving.completions() == before) {
            break;
        }
        ASSERT_TRUE(receiving.result().ok() && receiving.result().bytes > 0)
            << name(receiving.result().error);
        received += receiving.result().bytes;
    }
    ASSERT_TRUE(sending.result().ok() && sending.result().bytes > 0);
    taken += sending.result().bytes;
    EXPECT_EQ(received, taken) << "more arrived than the sends said they had taken";
}

// --- half close ----------------------------------------------------------------------------------

TEST_P(Send, shutdown_ends_the_stream_and_leaves_the_other_direction_open) {
    Connection connection = connect();
    ASSERT_NE(connection.client, nullptr);
    ASSERT_EQ(connection.client->send_all("question").bytes, 8u);
    (*connection.client)->shutdown_send();
    EXPECT_EQ(connection.server->receive_rest(), "question");
    EXPECT_EQ(connection.server->receiving().result().error, Error::ok);
    const Result again = connection.server->receive();
    EXPECT_TRUE(again.ok() && again.bytes == 0) << "the end of the stream repeats";
    EXPECT_EQ(connection.server->send_all("answer").bytes, 6u)
        << "the peer's half close must not end sending to it";
    EXPECT_EQ(connection.client->receive_exactly(6), "answer");
}

TEST_P(Send, shutdown_completes_a_receive_that_is_pending_at_the_peer) {
    Connection connection = connect();
    ASSERT_NE(connection.client, nullptr);
    connection.server->start_receive(16);
    (*connection.client)->shutdown_send();
    ASSERT_TRUE(driver().finish(connection.server->receiving()));
    EXPECT_TRUE(connection.server->receiving().result().ok());
    EXPECT_EQ(connection.server->receiving().result().bytes, 0u);
}

TEST_P(Send, shutdown_from_both_ends_ends_both_streams) {
    Connection connection = connect();
    ASSERT_NE(connection.client, nullptr);
    (*connection.client)->shutdown_send();
    ASSERT_EQ(connection.server->receive_rest(), "");
    ASSERT_EQ(connection.server->send_all("bye").bytes, 3u);
    (*connection.server)->shutdown_send();
    EXPECT_EQ(connection.client->receive_rest(), "bye");
    EXPECT_EQ(connection.client->receiving().result().error, Error::ok);
}

TEST_P(Send, shutdown_of_a_connection_that_is_gone_does_nothing) {
    Connection connection = connect();
    ASSERT_NE(connection.client, nullptr);
    connection.client->start_receive(16);
    (*connection.server)->set_abortive_close();
    connection.server->close();
    ASSERT_TRUE(driver().finish(connection.client->receiving()));
    (*connection.client)->shutdown_send();
    (*connection.client)->shutdown_send();
}

TEST_P(Send, before_a_close_is_still_delivered) {
    Connection connection = connect();
    ASSERT_NE(connection.client, nullptr);
    const std::string text = pattern(fits);
    ASSERT_EQ(connection.server->send_all(text).bytes, text.size());
    connection.server->close();
    EXPECT_EQ(connection.client->receive_rest(), text)
        << "closing with nothing unread must not throw away what was sent";
    EXPECT_EQ(connection.client->receiving().result().error, Error::ok);
}

// Permitted difference: how many sends succeed before the news arrives, and by which of the two
// names it comes.
TEST_P(Send, to_a_peer_that_has_gone_fails_with_reset_or_broken) {
    Connection connection = connect();
    ASSERT_NE(connection.client, nullptr);
    (*connection.server)->set_abortive_close();
    connection.server->close();
    Result result;
    const Time end = later(queue().now(), patience);
    while (result.ok() && queue().now() < end) {
        result = connection.client->send_all("anybody there?");
        driver().run_for(1ms);
    }
    EXPECT_TRUE(result.error == Error::reset || result.error == Error::broken)
        << "sending to a peer that has gone gave " << name(result.error);
    result = connection.client->send("again");
    EXPECT_TRUE(result.error == Error::reset || result.error == Error::broken)
        << "and again, " << name(result.error);
}

}  // namespace drydock::conformance

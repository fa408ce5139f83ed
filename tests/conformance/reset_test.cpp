// What a reset leaves behind: a beginning of the bytes, then reset and reset again; never an end.
#include "tests/conformance/suite.hpp"

namespace drydock::conformance {

DRYDOCK_CONFORMANCE_SUITE(Reset, backends());

namespace {

void abort(TestSocket& socket) {
    socket->set_abortive_close();
    socket.close();
}

bool is_gone(Error error) { return error == Error::reset || error == Error::broken; }

/// Sends single bytes until one fails; its error, or ok if none did in all of `patience`.
Error send_until_it_fails(Driver& driver, TestSocket& socket) {
    const Time end = later(driver.queue().now(), patience);
    while (driver.queue().now() < end) {
        const Result result = socket.send("?");
        if (!result.ok()) {
            return result.error;
        }
        driver.run_for(1ms);
    }
    return Error::ok;
}

}  // namespace

// Permitted difference: the bytes that arrived first are delivered (Linux), or lost (Winsock).
TEST_P(Reset, after_bytes_with_no_receive_in_flight_leaves_a_beginning_of_them) {
    Connection connection = connect();
    ASSERT_NE(connection.client, nullptr);
    ASSERT_EQ(connection.server->send_all("abcdefgh").bytes, 8u);
    ASSERT_TRUE(connection.client->receive(0).ok()) << "the bytes have not arrived";
    abort(*connection.server);
    driver().run_for(2 * glance);
    std::string received;
    while (connection.client->receive(3).ok()) {
        ASSERT_GT(connection.client->receiving().result().bytes, 0u)
            << "a reset connection must not look as if it had ended in order";
        received += connection.client->received();
    }
    EXPECT_EQ(received, std::string("abcdefgh").substr(0, received.size()));
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(connection.client->receiving().result().error, Error::reset);
        connection.client->receive(3);
    }
}

TEST_P(Reset, of_a_sender_that_the_reader_kept_waiting_leaves_a_beginning_of_its_bytes) {
    Connection connection = connect();
    ASSERT_NE(connection.client, nullptr);
    const std::string text = pattern(GetParam().very_many);
    connection.server->start_send(text);
    ASSERT_FALSE(connection.client->receive_exactly(1).empty());
    driver().run_for(glance);
    abort(*connection.server);  // cancels what waits
    std::string received = text.substr(0, 1);
    received += connection.client->receive_rest();
    EXPECT_EQ(connection.client->receiving().result().error, Error::reset);
    EXPECT_LT(received.size(), text.size());
    EXPECT_TRUE(text.compare(0, received.size(), received) == 0) << "these are other bytes";
}

TEST_P(Reset, is_told_to_both_directions_whichever_asks_first) {
    for (const bool send_first : {false, true}) {
        Connection connection = connect();
        ASSERT_NE(connection.client, nullptr);
        abort(*connection.server);
        driver().run_for(2 * glance);
        for (int i = 0; i < 2; ++i) {
            if (send_first || i > 0) {
                EXPECT_TRUE(is_gone(send_until_it_fails(driver(), *connection.client)));
            }
            EXPECT_EQ(connection.client->receive().error, Error::reset)
                << "asked " << (send_first ? "after" : "before") << " a send";
        }
    }
}

TEST_P(Reset, completes_a_receive_and_a_send_that_are_pending) {
    Connection connection = connect();
    ASSERT_NE(connection.client, nullptr);
    TestSocket& client = *connection.client;
    const std::string text = pattern(GetParam().very_many);
    client.start_receive(16);
    for (std::size_t taken = 0; !client.sending().in_flight();) {
        ASSERT_LT(taken, text.size()) << "no send ever had to wait";
        client.start_send(std::string_view(text).substr(taken));
        driver().run_for(glance);
        taken += client.sending().in_flight() ? 0 : client.sending().result().bytes;
    }
    const int sends = client.sending().completions();
    ASSERT_TRUE(client.receiving().in_flight());
    abort(*connection.server);
    ASSERT_TRUE(driver().finish(client.receiving())) << "the reset did not complete the receive";
    ASSERT_TRUE(driver().finish(client.sending())) << "the reset did not complete the send";
    EXPECT_EQ(client.receiving().result().error, Error::reset);
    EXPECT_TRUE(is_gone(client.sending().result().error)) << name(client.sending().result().error);
    driver().run_for(glance);
    EXPECT_EQ(client.receiving().completions(), 1);
    EXPECT_EQ(client.sending().completions(), sends + 1);
}

TEST_P(Reset, that_comes_after_the_end_was_told_does_not_take_it_back) {
    Connection connection = connect();
    ASSERT_NE(connection.client, nullptr);
    (*connection.server)->shutdown_send();
    for (int i = 0; i < 3; ++i) {
        const Result result = connection.client->receive();
        EXPECT_TRUE(result.ok() && result.bytes == 0)
            << "the end of the stream repeats; it was told, and then came " << name(result.error);
        if (i == 0) {
            abort(*connection.server);
        }
        driver().run_for(2 * glance);
    }
    EXPECT_TRUE(is_gone(send_until_it_fails(driver(), *connection.client)));
    const Result again = connection.client->receive();
    EXPECT_TRUE(again.ok() && again.bytes == 0) << name(again.error);
}

// Permitted difference: whether a receive that asks late is told the end, which came first (Linux),
// or the reset (Windows). Whichever it is, it repeats.
TEST_P(Reset, that_answers_bytes_for_a_closed_end_leaves_one_answer_to_receives) {
    Connection connection = connect();
    ASSERT_NE(connection.client, nullptr);
    connection.server->close();
    EXPECT_TRUE(is_gone(send_until_it_fails(driver(), *connection.client)))
        << "sends to a peer that has gone go on succeeding";
    const Result first = connection.client->receive();
    EXPECT_TRUE(first.error == Error::reset || first.ok()) << name(first.error);
    EXPECT_EQ(first.bytes, 0u);
    for (int i = 0; i < 2; ++i) {
        EXPECT_EQ(connection.client->receive().error, first.error);
        EXPECT_TRUE(is_gone(connection.client->send("?").error));
    }
}

TEST_P(Reset, of_one_connection_leaves_others_alone) {
    const auto listener = listen();
    ASSERT_NE(listener, nullptr);
    Connection first = connect(*listener);
    Connection second = connect(*listener);
    ASSERT_TRUE(first.client && second.client);
    first.client->start_receive(16);
    second.client->start_receive(16);
    abort(*first.server);
    ASSERT_TRUE(driver().finish(first.client->receiving()));
    driver().run_for(glance);
    ASSERT_TRUE(second.client->receiving().in_flight());
    ASSERT_EQ(second.server->send_all("x").bytes, 1u);
    ASSERT_TRUE(driver().finish(second.client->receiving()));
    EXPECT_EQ(second.client->received(), "x");
}

}  // namespace drydock::conformance

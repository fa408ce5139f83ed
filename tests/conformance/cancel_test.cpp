// Canceling a socket, and what closing it leaves behind: nothing.
#include "tests/conformance/suite.hpp"

namespace drydock::conformance {

DRYDOCK_CONFORMANCE_SUITE(Cancel, backends());

TEST_P(Cancel, completes_a_pending_receive_as_canceled) {
    Connection connection = connect();
    ASSERT_NE(connection.client, nullptr);
    connection.client->start_receive(16);
    driver().run_for(glance);
    (*connection.client)->cancel();
    ASSERT_TRUE(driver().finish(connection.client->receiving()))
        << "cancel() did not complete the pending receive";
    EXPECT_EQ(connection.client->receiving().result().error, Error::canceled);
    EXPECT_EQ(connection.client->receiving().result().bytes, 0u);
    driver().run_for(glance);
    EXPECT_EQ(connection.client->receiving().completions(), 1)
        << "an operation completes once, not once more";
}

TEST_P(Cancel, makes_later_starts_complete_as_canceled) {
    Connection connection = connect();
    ASSERT_NE(connection.client, nullptr);
    ASSERT_EQ(connection.server->send_all("something").bytes, 9u);
    (*connection.client)->cancel();
    for (int i = 0; i < 2; ++i) {
        EXPECT_EQ(connection.client->receive().error, Error::canceled);
        EXPECT_EQ(connection.client->receive(0).error, Error::canceled);
        EXPECT_EQ(connection.client->send("no").error, Error::canceled);
        EXPECT_EQ(connection.client->send("").error, Error::canceled);
    }
}

TEST_P(Cancel, may_be_repeated) {
    Connection connection = connect();
    ASSERT_NE(connection.client, nullptr);
    connection.client->start_receive(16);
    (*connection.client)->cancel();
    (*connection.client)->cancel();
    ASSERT_TRUE(driver().finish(connection.client->receiving()));
    (*connection.client)->cancel();
    EXPECT_EQ(connection.client->receiving().completions(), 1);
    EXPECT_EQ(connection.client->receive().error, Error::canceled);
}

// Permitted: either may win.
TEST_P(Cancel, against_a_receive_that_has_its_bytes_gives_one_of_both) {
    for (int round = 0; round < 20; ++round) {
        Connection connection = connect();
        ASSERT_NE(connection.client, nullptr);
        connection.client->start_receive(16);
        ASSERT_EQ(connection.server->send_all("x").bytes, 1u);
        (*connection.client)->cancel();
        ASSERT_TRUE(driver().finish(connection.client->receiving()));
        const Result& result = connection.client->receiving().result();
        EXPECT_TRUE((result.ok() && result.bytes == 1) || result.error == Error::canceled)
            << name(result.error) << ", " << result.bytes;
        EXPECT_EQ(connection.client->receiving().completions(), 1);
    }
}

TEST_P(Cancel, that_loses_leaves_the_bytes_to_the_receive_and_cancels_the_next) {
    for (unsigned round = 0; round < 20; ++round) {
        Connection connection = connect();
        ASSERT_NE(connection.client, nullptr);
        const std::string sent = pattern(8, round);
        if (round % 2 == 0) {
            ASSERT_EQ(connection.server->send_all(sent).bytes, 8u);
            ASSERT_TRUE(connection.client->receive(0).ok());  // they are there
            connection.client->start_receive(3);
        } else {
            connection.client->start_receive(3);
            ASSERT_EQ(connection.server->send_all(sent).bytes, 8u);
        }
        (*connection.client)->cancel();
        ASSERT_TRUE(driver().finish(connection.client->receiving()));
        const Result result = connection.client->receiving().result();
        if (result.ok()) {
            ASSERT_TRUE(result.bytes >= 1 && result.bytes <= 3) << result.bytes;
            EXPECT_EQ(connection.client->received(), sent.substr(0, result.bytes));
        } else {
            EXPECT_EQ(result.error, Error::canceled) << name(result.error);
            EXPECT_EQ(result.bytes, 0u) << "bytes that were received are not to be lost";
        }
        const Result next = connection.client->receive();
        EXPECT_EQ(next.error, Error::canceled) << name(next.error);
        EXPECT_EQ(next.bytes, 0u);
    }
}

TEST_P(Cancel, does_not_reach_the_peer_before_the_close) {
    Connection connection = connect();
    ASSERT_NE(connection.client, nullptr);
    connection.server->start_receive(16);
    (*connection.client)->cancel();
    driver().run_for(glance);
    EXPECT_TRUE(connection.server->receiving().in_flight())
        << "cancel() is local: the peer sees nothing of it";
    connection.client->close();
    ASSERT_TRUE(driver().finish(connection.server->receiving()));
    EXPECT_TRUE(connection.server->receiving().result().ok()) << "the close is an orderly one";
    EXPECT_EQ(connection.server->receiving().result().bytes, 0u);
}

TEST_P(Cancel, of_one_socket_leaves_others_alone) {
    const auto listener = listen();
    ASSERT_NE(listener, nullptr);
    Connection first = connect(*listener);
    Connection second = connect(*listener);
    ASSERT_TRUE(first.client && second.client);
    first.client->start_receive(16);
    second.client->start_receive(16);
    (*first.client)->cancel();
    ASSERT_TRUE(driver().finish(first.client->receiving()));
    ASSERT_EQ(second.server->send_all("for you").bytes, 7u);
    ASSERT_TRUE(driver().finish(second.client->receiving()));
    EXPECT_TRUE(second.client->receiving().result().ok());
}

}  // namespace drydock::conformance

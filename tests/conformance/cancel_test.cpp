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
    ASSERT_EQ(connection.server->send_all("there is something to receive").bytes, 29u);
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

// The system gives the next socket the handle that was just closed: nothing of the old one's may
// find its way there.
TEST_P(Cancel, and_close_leave_nothing_to_the_next_socket_of_the_same_handle) {
    const auto listener = listen();
    ASSERT_NE(listener, nullptr);
    for (unsigned round = 0; round < 50; ++round) {
        Connection connection = connect(*listener);
        ASSERT_NE(connection.client, nullptr);
        const std::string question = pattern(10, round);
        ASSERT_EQ(connection.client->send_all(question).bytes, 10u);
        ASSERT_EQ(connection.server->receive_exactly(10), question)
            << "round " << round << ": these are another connection's bytes";
        connection.client->start_receive(16);
        connection.server->start_receive(16);
        if (round % 2 == 0) {
            connection.client->close();  // cancels and drains
        } else {
            connection.server->send_all("unread");
            connection.server->close();
        }
    }
}

}  // namespace drydock::conformance

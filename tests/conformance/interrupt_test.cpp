// Interrupts of sends and of accepts: each cancels one operation, and what follows goes on.
// (Interrupts of receives are in receive_test.cpp.)
#include <algorithm>
#include <memory>
#include <vector>

#include "tests/conformance/suite.hpp"

namespace drydock::conformance {

DRYDOCK_CONFORMANCE_SUITE(InterruptSend, backends());

namespace {

std::string told(const TestOperation& sending) {
    return std::string(name(sending.result().error)) + ", " +
           std::to_string(sending.result().bytes) + " bytes";
}

}  // namespace

// Permitted difference: whether the send that waits is canceled with bytes taken or with none, or
// wins the race.
TEST_P(InterruptSend, of_a_send_that_waits_tells_what_was_sent_and_the_stream_goes_on) {
    Connection connection = connect();
    ASSERT_NE(connection.client, nullptr);
    TestSocket& client = *connection.client;
    const std::string piece = pattern(std::min(GetParam().very_many, std::size_t{1} << 20));
    std::size_t sent = fill(driver(), client, piece);
    ASSERT_TRUE(client.sending().in_flight()) << "no send ever had to wait";
    const int before = client.sending().completions();
    client->interrupt_send();
    ASSERT_TRUE(driver().finish(client.sending())) << "the interrupt completed no send";
    EXPECT_EQ(client.sending().completions(), before + 1);
    const Result interrupted = client.sending().result();
    EXPECT_TRUE(interrupted.error == Error::canceled || interrupted.ok()) << told(client.sending());
    sent += interrupted.bytes;

    const std::string received = connection.server->receive_exactly(sent);
    ASSERT_EQ(received.size(), sent) << "the sends have told of more bytes than arrive";
    for (std::size_t at = 0; at < sent; at += piece.size()) {
        ASSERT_TRUE(received.compare(at, piece.size(), piece, 0, sent - at) == 0)
            << "the bytes are not those that were sent";
    }
    if (interrupted.ok()) {
        EXPECT_EQ(client.send("?").error, Error::canceled) << "the interrupt was for one send";
    }
    const std::string rest = pattern(GetParam().very_many, 2);
    EXPECT_TRUE(transfer(driver(), client, *connection.server, rest, 1 << 16) == rest)
        << "the stream does not go on where the interrupted send has stopped";
}

TEST_P(InterruptSend, with_none_in_flight_cancels_the_next_and_only_that_one) {
    Connection connection = connect();
    ASSERT_NE(connection.client, nullptr);
    (*connection.client)->interrupt_send();
    const Result next = connection.client->send("never sent");
    EXPECT_EQ(next.error, Error::canceled) << name(next.error);
    EXPECT_EQ(next.bytes, 0u) << "a send that is canceled before its start sends nothing";
    EXPECT_EQ(connection.client->send_all("sent").bytes, 4u);
    EXPECT_EQ(connection.server->receive_exactly(4), "sent");
}

TEST_P(InterruptSend, with_none_in_flight_cancels_a_send_of_no_bytes_too) {
    Connection connection = connect();
    ASSERT_NE(connection.client, nullptr);
    (*connection.client)->interrupt_send();
    EXPECT_EQ(connection.client->send("").error, Error::canceled);
    EXPECT_TRUE(connection.client->send("").ok());
}

TEST_P(InterruptSend, does_not_accumulate) {
    Connection connection = connect();
    ASSERT_NE(connection.client, nullptr);
    for (int i = 0; i < 3; ++i) {
        (*connection.client)->interrupt_send();
    }
    EXPECT_EQ(connection.client->send("x").error, Error::canceled);
    EXPECT_TRUE(connection.client->send("x").ok()) << "at most one interrupt is pending";
}

// Permitted: the send or the interrupt may win. What was sent arrives once, and nothing else does.
TEST_P(InterruptSend, against_a_send_that_has_room_cancels_this_one_or_the_next) {
    Connection connection = connect();
    ASSERT_NE(connection.client, nullptr);
    for (unsigned round = 0; round < 20; ++round) {
        const std::string text = pattern(8, round);
        std::size_t sent = 0;
        int canceled = 0;
        connection.client->start_send(text);
        if (round % 2 == 0) {
            driver().run_for(1ms);
        }
        (*connection.client)->interrupt_send();
        for (;;) {
            ASSERT_TRUE(driver().finish(connection.client->sending()));
            const Result& result = connection.client->sending().result();
            ASSERT_TRUE(result.ok() ? result.bytes > 0 : result.error == Error::canceled)
                << told(connection.client->sending());
            sent += result.bytes;
            canceled += result.ok() ? 0 : 1;
            if (sent == text.size()) {
                break;
            }
            connection.client->start_send(std::string_view(text).substr(sent));
        }
        if (canceled == 0) {
            EXPECT_EQ(connection.client->send("?").error, Error::canceled) << "round " << round;
        }
        EXPECT_LE(canceled, 1) << "one interrupt cancels exactly one send";
        ASSERT_EQ(connection.server->receive_exactly(text.size()), text) << "round " << round;
    }
}

TEST_P(InterruptSend, leaves_receives_alone) {
    Connection connection = connect();
    ASSERT_NE(connection.client, nullptr);
    connection.client->start_receive(16);
    (*connection.client)->interrupt_send();
    driver().run_for(glance);
    EXPECT_TRUE(connection.client->receiving().in_flight());
    ASSERT_EQ(connection.server->send_all("x").bytes, 1u);
    ASSERT_TRUE(driver().finish(connection.client->receiving()));
    EXPECT_TRUE(connection.client->receiving().result().ok());
    (*connection.client)->interrupt_receive();
    EXPECT_EQ(connection.client->send("y").error, Error::canceled) << "the interrupt of the sends";
    EXPECT_TRUE(connection.client->send("y").ok())
        << "an interrupt of a receive does not concern sends";
    EXPECT_EQ(connection.client->receive().error, Error::canceled);
}

// --- accepts -------------------------------------------------------------------------------------

DRYDOCK_CONFORMANCE_SUITE(InterruptAccept, backends());

namespace {

/// Connects; the connection waits at the listener or is given to an accept.
std::unique_ptr<TestSocket> dial(Driver& driver, TestListener& listener) {
    TestConnect connecting(driver);
    driver.queue().connect(connecting, listener->local_endpoint());
    if (!driver.finish(connecting) || !connecting.result().ok()) {
        return nullptr;
    }
    return std::make_unique<TestSocket>(driver, connecting.take_socket());
}

/// Whether the accept has succeeded with the connection of this client.
testing::AssertionResult serves(TestSocketOperation& accepting, TestSocket& client) {
    if (!accepting.result().ok()) {
        return testing::AssertionFailure() << name(accepting.result().error);
    }
    const auto socket = accepting.take_socket();
    if (socket == nullptr || socket->peer_endpoint() != client->local_endpoint()) {
        return testing::AssertionFailure() << "the connection is another client's, or none";
    }
    return testing::AssertionSuccess();
}

}  // namespace

TEST_P(InterruptAccept, cancels_the_accept_that_waits_and_the_listener_goes_on) {
    const auto listener = listen();
    ASSERT_NE(listener, nullptr);
    const TestSocketOperation& accepting = listener->start_accept();
    driver().run_for(glance);
    (*listener)->interrupt_accept();
    ASSERT_TRUE(driver().finish(accepting)) << "the interrupt completed no accept";
    EXPECT_EQ(accepting.result().error, Error::canceled);
    Connection connection = connect(*listener);
    ASSERT_NE(connection.server, nullptr) << "the listener accepts no more";
    driver().run_for(glance);
    EXPECT_EQ(accepting.completions(), 1);
}

TEST_P(InterruptAccept, cancels_the_oldest_of_several) {
    const auto listener = listen();
    ASSERT_NE(listener, nullptr);
    std::vector<TestSocketOperation*> accepts;
    for (int i = 0; i < 3; ++i) {
        accepts.push_back(&listener->start_accept());
    }
    driver().run_for(glance);
    for (std::size_t i = 0; i < 2; ++i) {
        (*listener)->interrupt_accept();
        ASSERT_TRUE(driver().finish(*accepts[i])) << "accept " << i << " is the oldest";
        EXPECT_EQ(accepts[i]->result().error, Error::canceled);
        driver().run_for(glance);
        EXPECT_TRUE(accepts[2]->in_flight());
    }
    const auto client = dial(driver(), *listener);
    ASSERT_NE(client, nullptr);
    ASSERT_TRUE(driver().finish(*accepts[2]));
    EXPECT_TRUE(serves(*accepts[2], *client));
}

TEST_P(InterruptAccept, of_an_operation_cancels_that_one_and_no_other) {
    for (std::size_t chosen = 0; chosen < 3; ++chosen) {
        const auto listener = listen();
        ASSERT_NE(listener, nullptr);
        std::vector<TestSocketOperation*> accepts;
        for (int i = 0; i < 3; ++i) {
            accepts.push_back(&listener->start_accept());
        }
        (*listener)->interrupt_accept(*accepts[chosen]);
        ASSERT_TRUE(driver().finish(*accepts[chosen]));
        EXPECT_EQ(accepts[chosen]->result().error, Error::canceled);
        driver().run_for(glance);
        for (std::size_t i = 0; i < 3; ++i) {
            if (i == chosen) {
                continue;
            }
            EXPECT_TRUE(accepts[i]->in_flight()) << "accept " << i << " was not meant";
            const auto client = dial(driver(), *listener);
            ASSERT_NE(client, nullptr);
            ASSERT_TRUE(driver().finish(*accepts[i]));
            EXPECT_TRUE(serves(*accepts[i], *client));
        }
    }
}

TEST_P(InterruptAccept, with_none_in_flight_cancels_the_next_and_only_that_one) {
    const auto listener = listen();
    ASSERT_NE(listener, nullptr);
    for (int i = 0; i < 3; ++i) {
        (*listener)->interrupt_accept();  // at most one is pending
    }
    const auto client = dial(driver(), *listener);
    ASSERT_NE(client, nullptr);
    const TestSocketOperation& canceled = listener->start_accept();
    ASSERT_TRUE(driver().finish(canceled));
    EXPECT_EQ(canceled.result().error, Error::canceled);
    TestSocketOperation& next = listener->start_accept();
    ASSERT_TRUE(driver().finish(next));
    EXPECT_TRUE(serves(next, *client)) << "the connection was there, and must not be lost";
}

TEST_P(InterruptAccept, of_an_operation_that_is_not_started_cancels_its_start_and_no_other) {
    const auto listener = listen();
    ASSERT_NE(listener, nullptr);
    TestSocketOperation& meant = listener->make_accept();
    (*listener)->interrupt_accept(meant);
    (*listener)->interrupt_accept(meant);
    TestSocketOperation& other = listener->start_accept();
    driver().run_for(glance);
    EXPECT_TRUE(other.in_flight()) << "the interrupt is for another operation";
    (*listener)->accept(meant);
    ASSERT_TRUE(driver().finish(meant)) << "the interrupt of the operation is lost";
    EXPECT_EQ(meant.result().error, Error::canceled);
    const auto first = dial(driver(), *listener);
    ASSERT_NE(first, nullptr);
    ASSERT_TRUE(driver().finish(other));
    EXPECT_TRUE(serves(other, *first));
    (*listener)->accept(meant);
    const auto second = dial(driver(), *listener);
    ASSERT_NE(second, nullptr);
    ASSERT_TRUE(driver().finish(meant));
    EXPECT_TRUE(serves(meant, *second)) << "at most one interrupt is pending for an operation";
}

// Permitted: either may win. One interrupt, one accept canceled, one connection served.
TEST_P(InterruptAccept, against_an_accept_that_has_its_connection_loses_neither) {
    const auto listener = listen();
    ASSERT_NE(listener, nullptr);
    for (int round = 0; round < 20; ++round) {
        TestSocketOperation& accepting = listener->make_accept();
        TestConnect connecting(driver());
        const bool of_the_operation = round % 2 == 0;
        if (round % 4 < 2) {
            (*listener)->accept(accepting);
        }
        queue().connect(connecting, (*listener)->local_endpoint());
        ASSERT_TRUE(driver().finish(connecting));
        ASSERT_TRUE(connecting.result().ok()) << name(connecting.result().error);
        TestSocket client(driver(), connecting.take_socket());
        if (round % 4 >= 2) {
            (*listener)->accept(accepting);
        }
        if (of_the_operation) {
            (*listener)->interrupt_accept(accepting);
        } else {
            (*listener)->interrupt_accept();
        }
        int canceled = 0;
        int served = 0;
        while (canceled == 0 || served == 0) {
            ASSERT_TRUE(driver().finish(accepting)) << "round " << round;
            if (accepting.result().error == Error::canceled) {
                ++canceled;
            } else {
                EXPECT_TRUE(serves(accepting, client)) << "round " << round;
                ++served;
            }
            ASSERT_LE(canceled, 1) << "one interrupt cancels exactly one accept";
            ASSERT_LE(served, 1);
            if (canceled == 0 || served == 0) {
                (*listener)->accept(accepting);
            }
        }
    }
}

TEST_P(InterruptAccept, after_a_cancel_changes_nothing) {
    const auto listener = listen();
    ASSERT_NE(listener, nullptr);
    TestSocketOperation& accepting = listener->start_accept();
    (*listener)->cancel();
    (*listener)->interrupt_accept();
    (*listener)->interrupt_accept(accepting);
    ASSERT_TRUE(driver().finish(accepting));
    EXPECT_EQ(accepting.result().error, Error::canceled);
    EXPECT_EQ(accepting.completions(), 1);
    const TestSocketOperation& later_one = listener->start_accept();
    ASSERT_TRUE(driver().finish(later_one));
    EXPECT_EQ(later_one.result().error, Error::canceled);
}

}  // namespace drydock::conformance

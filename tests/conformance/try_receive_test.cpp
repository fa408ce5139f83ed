// Receiving without waiting: what is there, the end of the stream, errors, or would_block.
#include <vector>

#include "tests/conformance/suite.hpp"

namespace drydock::conformance {

DRYDOCK_CONFORMANCE_SUITE(TryReceive, backends());

namespace {

std::string told(const Result& result) {
    return std::string(name(result.error)) + ", " + std::to_string(result.bytes) + " bytes";
}

/// One call; what it gives is added to `all`.
Result try_receive(TestSocket& socket, std::size_t size, std::string& all) {
    std::vector<std::byte> buffer(size, std::byte{'?'});
    const Result result = socket->try_receive(buffer);
    all += as_text(std::span(buffer).first(result.bytes));
    return result;
}

/// Calls until something other than would_block comes; time passes between the calls.
Result try_until_told(Driver& driver, TestSocket& socket, std::size_t size, std::string& all) {
    Result result = try_receive(socket, size, all);
    const Time end = later(driver.queue().now(), patience);
    while (result.error == Error::would_block && driver.queue().now() < end) {
        driver.run_for(1ms);
        result = try_receive(socket, size, all);
    }
    return result;
}

/// Tries until it has this many bytes, the stream ends or a call fails.
std::string try_exactly(Driver& driver, TestSocket& socket, std::size_t size) {
    std::string all;
    while (all.size() < size) {
        const Result result = try_until_told(driver, socket, size - all.size(), all);
        if (!result.ok() || result.bytes == 0) {
            break;
        }
    }
    return all;
}

}  // namespace

TEST_P(TryReceive, gives_would_block_while_nothing_is_there) {
    Connection connection = connect();
    ASSERT_NE(connection.client, nullptr);
    std::string none;
    for (const std::size_t size : {16u, 0u, 1u}) {
        const Result result = try_receive(*connection.client, size, none);
        EXPECT_EQ(result.error, Error::would_block) << size << " bytes wanted: " << told(result);
        EXPECT_EQ(result.bytes, 0u);
        driver().run_for(glance);
    }
}

TEST_P(TryReceive, gives_what_has_arrived) {
    Connection connection = connect();
    ASSERT_NE(connection.client, nullptr);
    ASSERT_EQ(connection.server->send_all("hello").bytes, 5u);
    EXPECT_EQ(try_exactly(driver(), *connection.client, 5), "hello");
    std::string none;
    EXPECT_EQ(try_receive(*connection.client, 16, none).error, Error::would_block);
}

TEST_P(TryReceive, has_bytes_after_a_receive_into_an_empty_buffer_has_told_of_them) {
    Connection connection = connect();
    ASSERT_NE(connection.client, nullptr);
    for (unsigned i = 0; i < 20; ++i) {
        const std::string text = pattern(fits, i);
        connection.client->start_receive(0);
        ASSERT_EQ(connection.server->send_all(text).bytes, fits);
        ASSERT_TRUE(driver().finish(connection.client->receiving()));
        std::string received;
        const Result first = try_receive(*connection.client, fits, received);
        ASSERT_TRUE(first.ok() && first.bytes > 0) << told(first);
        received += try_exactly(driver(), *connection.client, fits - received.size());
        ASSERT_EQ(received, text);
    }
}

TEST_P(TryReceive, never_gives_more_than_the_buffer_holds_and_keeps_the_rest_in_order) {
    Connection connection = connect();
    ASSERT_NE(connection.client, nullptr);
    for (unsigned i = 0; i < 20; ++i) {
        const std::string text = pattern(fits, i);
        ASSERT_EQ(connection.server->send_all(text).bytes, fits);
        std::string received;
        while (received.size() < fits) {
            const Result result = try_until_told(driver(), *connection.client, 3, received);
            ASSERT_TRUE(result.ok() && result.bytes >= 1 && result.bytes <= 3) << told(result);
        }
        ASSERT_EQ(received, text);
    }
}

TEST_P(TryReceive, and_receives_take_turns_at_one_stream) {
    Connection connection = connect();
    ASSERT_NE(connection.client, nullptr);
    for (unsigned i = 0; i < 50; ++i) {
        const std::string text = pattern(fits, i);
        ASSERT_EQ(connection.server->send_all(text).bytes, fits);
        std::string received = connection.client->receive_exactly(1 + i % 5);
        received += try_exactly(driver(), *connection.client, 1 + i % 7);
        received += connection.client->receive_exactly(fits - received.size());
        ASSERT_EQ(received, text);
    }
}

// A backend that counts on being told of bytes once must not count on it for bytes that were taken.
TEST_P(TryReceive, that_takes_everything_leaves_the_next_receive_to_wait_for_more) {
    Connection connection = connect();
    ASSERT_NE(connection.client, nullptr);
    for (unsigned i = 0; i < 20; ++i) {
        ASSERT_EQ(connection.server->send_all("first").bytes, 5u);
        ASSERT_EQ(try_exactly(driver(), *connection.client, 5), "first");
        connection.client->start_receive(16);
        driver().run_for(1ms);
        ASSERT_TRUE(connection.client->receiving().in_flight()) << "there is nothing to receive";
        ASSERT_EQ(connection.server->send_all("x").bytes, 1u);
        ASSERT_TRUE(driver().finish(connection.client->receiving()))
            << "the receive was not completed by bytes that arrived after its start";
        ASSERT_EQ(connection.client->received(), "x");
    }
}

TEST_P(TryReceive, that_finds_nothing_leaves_the_bytes_to_the_receive_that_follows) {
    Connection connection = connect();
    ASSERT_NE(connection.client, nullptr);
    for (unsigned i = 0; i < 50; ++i) {
        const std::string text = pattern(fits, i);
        connection.server->start_send(text);
        std::string received;
        if (i % 2 == 0) {
            driver().run_for(1ms);
        }
        const Result result = try_receive(*connection.client, fits, received);
        ASSERT_TRUE(result.ok() || result.error == Error::would_block) << told(result);
        ASSERT_TRUE(driver().finish(connection.server->sending()));
        const std::size_t sent = connection.server->sending().result().bytes;
        received += connection.client->receive_exactly(sent - received.size());
        ASSERT_EQ(received, text.substr(0, sent));
        ASSERT_EQ(connection.server->send_all(text.substr(sent)).bytes, fits - sent);
        ASSERT_EQ(connection.client->receive_exactly(fits - sent), text.substr(sent));
    }
}

TEST_P(TryReceive, gives_0_bytes_at_the_end_of_the_stream_and_repeats_it) {
    Connection connection = connect();
    ASSERT_NE(connection.client, nullptr);
    ASSERT_EQ(connection.server->send_all("last words").bytes, 10u);
    connection.server->close();
    EXPECT_EQ(try_exactly(driver(), *connection.client, 10), "last words");
    std::string none;
    for (int i = 0; i < 3; ++i) {
        const Result result = try_until_told(driver(), *connection.client, 16, none);
        EXPECT_TRUE(result.ok() && result.bytes == 0) << told(result);
    }
    const Result result = connection.client->receive();
    EXPECT_TRUE(result.ok() && result.bytes == 0)
        << "the end of the stream is the same for receives: " << told(result);
    EXPECT_TRUE(try_receive(*connection.client, 16, none).ok()) << "and for a call after those";
}

TEST_P(TryReceive, into_an_empty_buffer_looks_and_takes_nothing) {
    Connection connection = connect();
    ASSERT_NE(connection.client, nullptr);
    std::string none;
    EXPECT_EQ(try_receive(*connection.client, 0, none).error, Error::would_block);
    ASSERT_EQ(connection.server->send_all("data").bytes, 4u);
    for (int i = 0; i < 2; ++i) {
        const Result result = try_until_told(driver(), *connection.client, 0, none);
        EXPECT_TRUE(result.ok() && result.bytes == 0) << told(result);
    }
    std::string received;
    const Result first = try_receive(*connection.client, 4, received);
    EXPECT_TRUE(first.ok() && first.bytes > 0)
        << "a look has told of bytes, and they are gone: " << told(first);
    received += connection.client->receive_exactly(4 - received.size());
    EXPECT_EQ(received, "data");
    connection.server->close();
    for (int i = 0; i < 2; ++i) {
        const Result result = try_until_told(driver(), *connection.client, 0, none);
        EXPECT_TRUE(result.ok() && result.bytes == 0)
            << "the end of the stream is something to receive, too: " << told(result);
    }
    const Result end = connection.client->receive();
    EXPECT_TRUE(end.ok() && end.bytes == 0) << told(end);
}

TEST_P(TryReceive, is_reset_by_a_reset_and_so_is_all_that_follows) {
    for (const bool by_a_receive : {false, true}) {
        Connection connection = connect();
        ASSERT_NE(connection.client, nullptr);
        if (by_a_receive) {
            connection.client->start_receive(16);
        }
        (*connection.server)->set_abortive_close();
        connection.server->close();
        ASSERT_TRUE(driver().finish(connection.client->receiving()));
        std::string none;
        for (const std::size_t size : {16u, 0u, 16u}) {
            const Result result = try_until_told(driver(), *connection.client, size, none);
            EXPECT_EQ(result.error, Error::reset) << size << " bytes wanted: " << told(result);
        }
        EXPECT_EQ(connection.client->receive().error, Error::reset);
    }
}

TEST_P(TryReceive, is_canceled_after_a_cancel_whatever_is_there) {
    Connection connection = connect();
    ASSERT_NE(connection.client, nullptr);
    ASSERT_EQ(connection.server->send_all("something").bytes, 9u);
    ASSERT_TRUE(connection.client->receive(0).ok());  // it is there
    (*connection.client)->cancel();
    std::string none;
    for (const std::size_t size : {16u, 0u, 1u}) {
        const Result result = try_receive(*connection.client, size, none);
        EXPECT_EQ(result.error, Error::canceled) << told(result);
        EXPECT_EQ(result.bytes, 0u);
    }
}

TEST_P(TryReceive, leaves_an_interrupt_to_the_next_receive) {
    Connection connection = connect();
    ASSERT_NE(connection.client, nullptr);
    (*connection.client)->interrupt_receive();
    std::string none;
    EXPECT_EQ(try_receive(*connection.client, 16, none).error, Error::would_block);
    ASSERT_EQ(connection.server->send_all("abcdef").bytes, 6u);
    EXPECT_EQ(try_exactly(driver(), *connection.client, 3), "abc");
    EXPECT_EQ(connection.client->receive().error, Error::canceled)
        << "the interrupt was for a receive, and none came before this one";
    EXPECT_EQ(connection.client->receive_exactly(3), "def");
}

// Permitted: the receive or the interrupt may win.
TEST_P(TryReceive, after_an_interrupted_receive_loses_no_byte_and_repeats_none) {
    Connection connection = connect();
    ASSERT_NE(connection.client, nullptr);
    for (unsigned round = 0; round < 20; ++round) {
        const std::string text = pattern(8, round);
        connection.client->start_receive(3);
        if (round % 2 == 0) {
            driver().run_for(1ms);
        }
        connection.server->start_send(text);
        (*connection.client)->interrupt_receive();
        ASSERT_TRUE(driver().finish(connection.client->receiving()));
        std::string received = connection.client->received();
        const bool won = connection.client->receiving().result().ok();
        ASSERT_TRUE(driver().finish(connection.server->sending()));
        const std::size_t sent = connection.server->sending().result().bytes;
        received += try_exactly(driver(), *connection.client, sent - received.size());
        ASSERT_EQ(received, text.substr(0, sent)) << "round " << round;
        if (won) {
            ASSERT_EQ(connection.client->receive().error, Error::canceled);
        }
        ASSERT_EQ(connection.server->send_all(text.substr(sent)).bytes, 8 - sent);
        ASSERT_EQ(connection.client->receive_exactly(8 - sent), text.substr(sent));
    }
}

TEST_P(TryReceive, makes_room_for_a_send_that_waits) {
    Connection connection = connect();
    ASSERT_NE(connection.client, nullptr);
    const std::string piece = pattern(std::min(GetParam().very_many, std::size_t{1} << 20));
    std::size_t taken = fill(driver(), *connection.server, piece);
    const TestOperation& sending = connection.server->sending();
    ASSERT_TRUE(sending.in_flight()) << "no send ever had to wait for a reader that does not read";
    std::string received;
    const Time end = later(queue().now(), patience);
    while (sending.in_flight() && queue().now() < end) {
        const Result result = try_receive(*connection.client, 1 << 16, received);
        ASSERT_TRUE(result.bytes > 0 || result.error == Error::would_block) << told(result);
        driver().run_for(1ms);
    }
    ASSERT_TRUE(sending.result().ok() && sending.result().bytes > 0) << told(sending.result());
    taken += sending.result().bytes;
    received += try_exactly(driver(), *connection.client, taken - received.size());
    ASSERT_EQ(received.size(), taken);
    for (std::size_t at = 0; at < taken; at += piece.size()) {
        ASSERT_TRUE(received.compare(at, piece.size(), piece, 0, taken - at) == 0)
            << "the bytes are not those that were sent";
    }
}

}  // namespace drydock::conformance

// Systems give the next socket the handle that was just closed: nothing of the old connection may
// find its way to the new one, be it a completion, a byte, an end or a reset.
#include <vector>

#include "tests/conformance/suite.hpp"

namespace drydock::conformance {

DRYDOCK_CONFORMANCE_SUITE(Reuse, backends());

namespace {

/// How the old connection's client comes to its close, with a receive in flight until then.
enum class Way { canceled, peer_sends, peer_resets, peer_ends, aborts };

constexpr Way ways[] = {Way::canceled, Way::peer_sends, Way::peer_resets, Way::peer_ends,
                        Way::aborts};

/// Ends the client's side of it. What the peer does is not awaited: it is to meet the new one.
void leave(Connection& old, Way way) {
    TestSocket& client = *old.client;
    client.start_receive(16);
    switch (way) {
        case Way::canceled:
            break;
        case Way::peer_sends:
            old.server->start_send(pattern(5000, 9));
            break;
        case Way::peer_resets:
            (*old.server)->set_abortive_close();
            old.server->close();
            break;
        case Way::peer_ends:
            old.server->close();
            break;
        case Way::aborts:
            client->set_abortive_close();
            break;
    }
    client.close();  // cancels, drains, closes
}

void expect_untouched(TestSocket& socket, Way way) {
    EXPECT_TRUE(socket.receiving().in_flight())
        << "after way " << static_cast<int>(way) << " the next connection was told "
        << name(socket.receiving().result().error) << ", '" << socket.received() << "'";
}

}  // namespace

TEST_P(Reuse, of_a_handle_shows_the_new_connection_nothing_of_the_old) {
    const auto listener = listen();
    ASSERT_NE(listener, nullptr);
    for (unsigned round = 0; round < 4 * std::size(ways); ++round) {
        const Way way = ways[round % std::size(ways)];
        Connection old = connect(*listener);
        ASSERT_NE(old.client, nullptr);
        leave(old, way);
        Connection next = connect(*listener);
        ASSERT_NE(next.client, nullptr);
        next.client->start_receive(16);
        next.server->start_receive(16);
        driver().run_for(2ms);
        // The old peer, if it is still there, goes on, and is told what became of its client.
        if (way != Way::peer_resets && way != Way::peer_ends) {
            old.server->receive_rest();
        }
        expect_untouched(*next.client, way);
        expect_untouched(*next.server, way);
        if (HasFailure()) {
            return;
        }
        ASSERT_EQ(next.client->send_all(pattern(1, round)).bytes, 1u);
        ASSERT_EQ(next.server->send_all(pattern(1, round + 1)).bytes, 1u);
        ASSERT_TRUE(driver().finish(next.client->receiving()));
        ASSERT_TRUE(driver().finish(next.server->receiving()));
        EXPECT_EQ(next.server->received(), pattern(1, round));
        EXPECT_EQ(next.client->received(), pattern(1, round + 1));
        next.server->close();
        EXPECT_EQ(next.client->receive_rest(), "");
        EXPECT_EQ(next.client->receiving().result().error, Error::ok) << "an end of its own";
    }
}

TEST_P(Reuse, of_handles_while_old_peers_still_send_mixes_no_streams) {
    const auto listener = listen();
    ASSERT_NE(listener, nullptr);
    std::vector<Connection> left;  // their servers go on sending to clients that have gone
    for (unsigned round = 0; round < 10; ++round) {
        Connection& old = left.emplace_back(connect(*listener));
        ASSERT_NE(old.client, nullptr);
        old.server->start_send(pattern(20000, 100 + round));
        ASSERT_FALSE(old.client->receive_exactly(1).empty());
        old.client->start_receive(64);
        old.client->close();
        Connection next = connect(*listener);
        ASSERT_NE(next.client, nullptr);
        const std::string text = pattern(600, round);
        ASSERT_EQ(transfer(driver(), *next.server, *next.client, text, 100), text)
            << "round " << round << ": these are another connection's bytes";
        ASSERT_EQ(transfer(driver(), *next.client, *next.server, text, 100), text);
    }
}

TEST_P(Reuse, of_handles_after_a_close_with_receives_in_flight_gives_each_its_own_bytes) {
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

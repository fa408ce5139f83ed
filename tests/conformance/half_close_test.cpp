// Half closes while the other direction goes on, in either order.
#include <algorithm>
#include <utility>

#include "tests/conformance/suite.hpp"

namespace drydock::conformance {

DRYDOCK_CONFORMANCE_SUITE(HalfClose, backends());

namespace {

/// One direction: sends all of a text, then half-closes; receives until the end or an error.
class Flow {
public:
    Flow(TestSocket& from, TestSocket& to, std::string text)
        : from_(from), to_(to), text_(std::move(text)) {}

    const std::string& text() const noexcept { return text_; }
    const std::string& received() const noexcept { return received_; }
    Error error() const noexcept { return to_.receiving().result().error; }

    /// Takes up what has completed and starts what comes next. True: the stream has ended.
    bool advance() {
        if (!from_.sending().in_flight()) {
            go_on_sending();
        }
        if (!to_.receiving().in_flight() && !ended_) {
            go_on_receiving();
        }
        return ended_;
    }

private:
    void go_on_sending() {
        if (std::exchange(sending_, false)) {
            sent_ += from_.sending().result().bytes;
        }
        if (sent_ < text_.size()) {
            sending_ = true;
            from_.start_send(std::string_view(text_).substr(sent_, 20000));
        } else if (!std::exchange(half_closed_, true)) {
            from_->shutdown_send();
        }
    }

    void go_on_receiving() {
        if (std::exchange(receiving_, true)) {
            received_ += to_.received();
            ended_ = to_.receiving().result().bytes == 0;
        }
        if (!ended_) {
            to_.start_receive(5000);
        }
    }

    TestSocket& from_;
    TestSocket& to_;
    std::string text_;
    std::string received_;
    std::size_t sent_ = 0;
    bool sending_ = false;
    bool receiving_ = false;
    bool half_closed_ = false;
    bool ended_ = false;
};

void expect_whole(const Flow& flow) {
    EXPECT_EQ(flow.error(), Error::ok) << name(flow.error());
    EXPECT_EQ(flow.received().size(), flow.text().size());
    EXPECT_TRUE(flow.received() == flow.text()) << "the bytes are not those that were sent";
}

void expect_end(const Result& result) {
    EXPECT_TRUE(result.ok() && result.bytes == 0) << name(result.error) << ", " << result.bytes;
}

}  // namespace

// From one that ends at once, while the other has all to send yet, to two that end together.
TEST_P(HalfClose, of_either_end_first_leaves_the_bytes_of_the_other_flowing) {
    const std::size_t many = std::min(GetParam().very_many, std::size_t{300'000});
    const std::pair<std::size_t, std::size_t> amounts[] = {{0, many},  {many, 0},    {10, many},
                                                           {many, 10}, {many, many}, {0, 0}};
    for (const auto& [from_client, from_server] : amounts) {
        Connection connection = connect();
        ASSERT_NE(connection.client, nullptr);
        Flow up(*connection.client, *connection.server, pattern(from_client, 1));
        Flow down(*connection.server, *connection.client, pattern(from_server, 2));
        const bool both = driver().run_until([&] {
            const bool up_ended = up.advance();
            return down.advance() && up_ended;
        });
        ASSERT_TRUE(both) << up.received().size() << " of " << from_client << " bytes came up, "
                          << down.received().size() << " of " << from_server << " came down";
        expect_whole(up);
        expect_whole(down);
        expect_end(connection.client->receive());
        expect_end(connection.server->receive());
    }
}

TEST_P(HalfClose, is_seen_by_an_end_whose_own_send_waits) {
    for (const bool client_first : {true, false}) {
        Connection connection = connect();
        ASSERT_NE(connection.client, nullptr);
        TestSocket& first = client_first ? *connection.client : *connection.server;
        TestSocket& other = client_first ? *connection.server : *connection.client;
        Flow flow(other, first, pattern(GetParam().very_many));
        driver().run_until([&] { return flow.advance() || flow.received().size() > 100; });
        driver().run_for(glance);
        first->shutdown_send();
        expect_end(other.receive());
        ASSERT_TRUE(driver().run_until([&] { return flow.advance(); }))
            << "the bytes stopped at " << flow.received().size();
        expect_whole(flow);
        expect_end(other.receive());
        // Both directions have ended: what remains is to close, in any order.
        first.close();
        expect_end(other.receive());
    }
}

TEST_P(HalfClose, then_close_still_delivers_what_the_peer_asks_for_last) {
    Connection connection = connect();
    ASSERT_NE(connection.client, nullptr);
    ASSERT_EQ(connection.client->send_all("last question").bytes, 13u);
    (*connection.client)->shutdown_send();
    EXPECT_EQ(connection.server->receive_rest(), "last question");
    ASSERT_EQ(connection.server->send_all("last answer").bytes, 11u);
    connection.server->close();
    EXPECT_EQ(connection.client->receive_rest(), "last answer");
    expect_end(connection.client->receiving().result());
}

}  // namespace drydock::conformance

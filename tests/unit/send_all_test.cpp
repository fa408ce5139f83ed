// send_all: short sends at every place of a gather, empty pieces, and errors in the middle.
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <drydock/io.hpp>
#include <drydock/task_group.hpp>

#include "tests/support/mocks.hpp"

namespace drydock {
namespace {

using test::MockQueue;
using test::MockSocket;
using test::Wire;
using testing::NiceMock;

class SendAll : public testing::Test {
protected:
    /// Starts sending the pieces. The texts stay where they are until the test's end.
    void start(std::vector<std::string> texts) {
        texts_ = std::move(texts);
        for (const std::string& text : texts_) pieces_.emplace_back(std::string_view(text));
        group_.spawn(send_pieces());
        queue_.pump();
    }

    void take(std::size_t count) {
        wire_.take(count);
        queue_.pump();
    }

    NiceMock<MockQueue> queue_;
    Wire wire_{queue_};
    NiceMock<MockSocket> socket_{wire_};
    TaskGroup group_{queue_};
    std::vector<std::string> texts_;
    std::vector<ConstBuffer> pieces_;
    std::optional<Result> result_;

private:
    Task<void> send_pieces() { result_ = co_await send_all(socket_, std::span(pieces_)); }
};

TEST_F(SendAll, IsOneSendWhereThatTakesAll) {
    start({"gather ", "of ", "three"});
    EXPECT_EQ(wire_.offered(), "gather of three") << "all pieces should go in one gather";
    take(15);
    ASSERT_TRUE(result_.has_value());
    EXPECT_TRUE(result_->ok());
    EXPECT_EQ(result_->bytes, 15U);
    EXPECT_FALSE(wire_.sending());
}

class SendAllSplit : public SendAll, public testing::WithParamInterface<std::size_t> {};

TEST_P(SendAllSplit, GoesOnWithExactlyTheRest) {
    const std::size_t split = GetParam();
    start({"ab", "", "cde", "f"});
    take(split);
    ASSERT_TRUE(wire_.sending()) << "after a short send it should send again";
    EXPECT_EQ(wire_.offered(), std::string("abcdef").substr(split));
    EXPECT_FALSE(result_.has_value()) << "the coroutine is resumed once, in the end";
    take(6 - split);
    ASSERT_TRUE(result_.has_value());
    EXPECT_EQ(result_->bytes, 6U);
    EXPECT_EQ(wire_.sent(), "abcdef");
}

INSTANTIATE_TEST_SUITE_P(AtEachByte, SendAllSplit, testing::Range<std::size_t>(1, 6));

TEST_F(SendAll, CanBeTakenByteByByte) {
    start({"", "ab", "", "", "cd", ""});
    for (int i = 0; i < 4; ++i) take(1);
    ASSERT_TRUE(result_.has_value());
    EXPECT_EQ(result_->bytes, 4U);
    EXPECT_EQ(wire_.sent(), "abcd");
}

TEST_F(SendAll, OfNothingIsOneSendOfNothing) {
    start({"", ""});
    ASSERT_TRUE(wire_.sending());
    take(0);
    ASSERT_TRUE(result_.has_value());
    EXPECT_TRUE(result_->ok());
    EXPECT_EQ(result_->bytes, 0U);
    EXPECT_FALSE(wire_.sending()) << "there is nothing to go on with";
}

TEST_F(SendAll, TellsHowManyBytesWentBeforeAnError) {
    start({"abc", "def"});
    take(4);
    wire_.fail_send(Error::reset);
    queue_.pump();
    ASSERT_TRUE(result_.has_value());
    EXPECT_EQ(result_->error, Error::reset);
    EXPECT_EQ(result_->bytes, 4U) << "the bytes of the sends before the error";
}

TEST_F(SendAll, CountsWhatACanceledSendStillSent) {
    start({"abcdef"});
    take(1);
    wire_.fail_send(Error::canceled, 3);
    queue_.pump();
    ASSERT_TRUE(result_.has_value());
    EXPECT_EQ(result_->error, Error::canceled);
    EXPECT_EQ(result_->bytes, 4U) << "a canceled send may have sent a part, which counts";
}

}  // namespace
}  // namespace drydock

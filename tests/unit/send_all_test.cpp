// send_all: short sends at every place of a gather, empty pieces, errors in the middle, progress,
// and what can be sent.
#include <array>
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <drydock/io.hpp>
#include <drydock/task_group.hpp>

#include "tests/support/mocks.hpp"

namespace drydock {
namespace {

using test::MockQueue;
using test::MockSocket;
using test::Wire;
using testing::ElementsAre;
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

    /// The same with progress, which goes into `parts_`.
    void start_in_parts(std::vector<std::string> texts, std::size_t most) {
        texts_ = std::move(texts);
        for (const std::string& text : texts_) pieces_.emplace_back(text);
        group_.spawn(send_in_parts(most));
        queue_.pump();
    }

    NiceMock<MockQueue> queue_;
    Wire wire_{queue_};
    NiceMock<MockSocket> socket_{wire_};
    TaskGroup group_{queue_};
    std::vector<std::string> texts_;
    std::vector<std::size_t> parts_;
    std::vector<ConstBuffer> pieces_;
    std::optional<Result> result_;

private:
    Task<void> send_pieces() { result_ = co_await send_all(socket_, std::span(pieces_)); }
    Task<void> send_in_parts(std::size_t most) {
        const auto note = [this](std::size_t bytes) noexcept { parts_.push_back(bytes); };
        result_ = co_await send_all(socket_, std::span(pieces_), note, most);
    }
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

// --- progress ------------------------------------------------------------------------------------

TEST_F(SendAll, TellsOfEachPartBeforeItSendsTheRest) {
    start_in_parts({"abc", "def"}, 100);
    EXPECT_EQ(wire_.offered(), "abcdef");
    take(2);
    EXPECT_THAT(parts_, ElementsAre(2));
    EXPECT_FALSE(result_.has_value());
    take(4);
    EXPECT_THAT(parts_, ElementsAre(2, 4)) << "the last part counts, too";
    ASSERT_TRUE(result_.has_value());
    EXPECT_EQ(result_->bytes, 6U);
}

TEST_F(SendAll, TellsOfThePartThatAFailedSendHasSent) {
    start_in_parts({"abcdef"}, 100);
    wire_.fail_send(Error::canceled, 3);
    queue_.pump();
    EXPECT_THAT(parts_, ElementsAre(3));
    ASSERT_TRUE(result_.has_value());
    EXPECT_EQ(result_->error, Error::canceled);
}

TEST_F(SendAll, TellsOfNoPartWhereNothingWasSent) {
    start_in_parts({"abcdef"}, 100);
    wire_.fail_send(Error::reset);
    queue_.pump();
    EXPECT_THAT(parts_, ElementsAre());
}

TEST_F(SendAll, OffersNoMoreThanTheLimitAtOnce) {
    start_in_parts({"", "ab", "c", "defgh", "i"}, 3);
    EXPECT_EQ(wire_.offered(), "abc") << "whole pieces go together, as far as they fit";
    take(3);
    EXPECT_EQ(wire_.offered(), "def") << "a piece over the limit is sent in parts";
    take(1);
    EXPECT_EQ(wire_.offered(), "efg") << "a short send goes on with exactly the rest";
    take(3);
    EXPECT_EQ(wire_.offered(), "hi");
    take(2);
    ASSERT_TRUE(result_.has_value());
    EXPECT_EQ(wire_.sent(), "abcdefghi");
    EXPECT_THAT(parts_, ElementsAre(3, 1, 3, 2));
}

// --- what can be sent ----------------------------------------------------------------------------

// Longer than a string keeps inside itself, so that AddressSanitizer sees a use after its end.
std::string long_text() { return std::string(100, 'x'); }

TEST_F(SendAll, KeepsATemporaryStringUntilAllIsSent) {
    const auto body = [](AsyncSocket& socket, std::optional<Result>& result) -> Task<void> {
        result = co_await send_all(socket, long_text() + "\n");
    };
    group_.spawn(body(socket_, result_));
    queue_.pump();
    take(40);
    EXPECT_EQ(wire_.offered(), std::string(60, 'x') + "\n");
    take(61);
    ASSERT_TRUE(result_.has_value());
    EXPECT_EQ(wire_.sent(), long_text() + "\n");
}

TEST_F(SendAll, TakesTextsAndBytesOfEachKind) {
    const auto body = [](AsyncSocket& socket) -> Task<void> {
        const std::string text = "string ";
        co_await send_all(socket, text);
        co_await send_all(socket, std::string_view("view "));
        co_await send_all(socket, "literal ");
        co_await send_some(socket, text);
        co_await send_some(socket, "some ");
        const std::array<std::byte, 1> array = {std::byte{'a'}};
        std::vector<std::byte> bytes = {std::byte{'b'}, std::byte{'c'}};
        co_await send_all(socket, array);
        co_await send_all(socket, bytes);
        co_await send_all(socket, MutableBuffer(bytes));
        co_await send_all(socket, "last", [](std::size_t) noexcept {});
    };
    group_.spawn(body(socket_));
    queue_.pump();
    while (wire_.sending()) take(wire_.offered().size());
    EXPECT_EQ(wire_.sent(), "string view literal string some abcbclast");
    EXPECT_EQ(group_.size(), 0U);
}

}  // namespace
}  // namespace drydock

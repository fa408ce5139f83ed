// RESP2: what is written for a command, what is read of replies, what is refused, and how long it
// takes.
#include <ctime>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "src/relay/resp.hpp"
#include "tests/support/replies.hpp"
#include "tests/support/scale.hpp"

namespace drydock::relay {
namespace {

using namespace std::string_view_literals;
using test::Read;
using test::read_replies;

// --- writing -------------------------------------------------------------------------------------

TEST(Command, IsAnArrayOfBulkStringsOfAnyBytes) {
    std::string text = "before";
    append_command(text, {"SET", "", "a\0\r\nb"sv});
    EXPECT_EQ(text, "before*3\r\n$3\r\nSET\r\n$0\r\n\r\n$5\r\na\0\r\nb\r\n"sv);
}

TEST(Command, FollowsAnotherInAPipeline) {
    std::string text;
    append_command(text, {"PING"});
    append_command(text, {"XLEN", "key"});
    EXPECT_EQ(text, "*1\r\n$4\r\nPING\r\n*2\r\n$4\r\nXLEN\r\n$3\r\nkey\r\n");
}

// --- reading -------------------------------------------------------------------------------------

Reply only_reply(std::string_view text) {
    const Read read = read_replies(text);
    EXPECT_EQ(read.refusal, Refusal::none) << describe(read.refusal);
    EXPECT_EQ(read.replies.size(), 1U);
    return read.replies.empty() ? Reply() : read.replies.front();
}

TEST(ReplyReader, ReadsSimpleStringsAndErrors) {
    EXPECT_TRUE(only_reply("+OK\r\n").root().is_simple("OK"));
    EXPECT_EQ(only_reply("+a\rb\nc\r\r\n").root().text(), "a\rb\nc\r") << "CR LF alone ends it";
    const Reply error = only_reply("-NOAUTH Authentication required.\r\n");
    EXPECT_TRUE(error.root().is_error());
    EXPECT_EQ(error.root().text(), "NOAUTH Authentication required.");
    EXPECT_FALSE(error.root().is_simple("NOAUTH Authentication required."));
}

TEST(ReplyReader, ReadsIntegersOf64Bits) {
    EXPECT_EQ(only_reply(":0\r\n").root().integer(), 0);
    EXPECT_EQ(only_reply(":-17\r\n").root().integer(), -17);
    EXPECT_EQ(only_reply(":9223372036854775807\r\n").root().integer(), INT64_MAX);
    EXPECT_EQ(only_reply(":-9223372036854775808\r\n").root().integer(), INT64_MIN);
}

TEST(ReplyReader, ReadsBulkStringsOfAnyBytes) {
    EXPECT_EQ(only_reply("$6\r\na\0\r\n$9\r\n"sv).root().text(), "a\0\r\n$9"sv);
    EXPECT_EQ(only_reply("$0\r\n\r\n").root().kind(), ReplyKind::bulk);
}

TEST(ReplyReader, TellsTheNullsFromEmptyOnes) {
    EXPECT_EQ(only_reply("$-1\r\n").root().kind(), ReplyKind::null_bulk);
    EXPECT_EQ(only_reply("*-1\r\n").root().kind(), ReplyKind::null_array);
    EXPECT_EQ(only_reply("*0\r\n").root().kind(), ReplyKind::array);
    EXPECT_EQ(only_reply("*0\r\n").root().begin(), only_reply("*0\r\n").root().end());
}

TEST(ReplyReader, ReadsNestedArrays) {
    const Reply reply = only_reply("*4\r\n*2\r\n:1\r\n*1\r\n$1\r\na\r\n*0\r\n*-1\r\n+last\r\n");
    const ReplyView root = reply.root();
    ASSERT_EQ(root.size(), 4U);
    EXPECT_EQ(root[0].size(), 2U);
    EXPECT_EQ(root[0][0].integer(), 1);
    EXPECT_EQ(root[0][1][0].text(), "a");
    EXPECT_EQ(root[1].size(), 0U);
    EXPECT_TRUE(root[2].is_null());
    EXPECT_EQ(root[3].text(), "last");
    std::size_t count = 0;
    for (const ReplyView element : root) count += element.is_array() ? 1U : 10U;
    EXPECT_EQ(count, 22U) << "two arrays, a null and a string";
}

TEST(ReplyReader, GivesRepliesOfOneChunkOneByOne) {
    ReplyReader reader;
    std::string_view chunk = "+a\r\n:2\r\n$3\r\nc";
    const Reply* reply = reader.feed(chunk);
    ASSERT_NE(reply, nullptr);
    EXPECT_EQ(reply->root().text(), "a");
    EXPECT_EQ(chunk, ":2\r\n$3\r\nc") << "what follows stays with the caller";
    EXPECT_FALSE(reader.in_reply());
    ASSERT_NE(reply = reader.feed(chunk), nullptr);
    EXPECT_EQ(reply->root().integer(), 2);
    EXPECT_EQ(reader.feed(chunk), nullptr);
    EXPECT_TRUE(chunk.empty());
    EXPECT_TRUE(reader.in_reply());
}

TEST(ReplyReader, KeepsWhatACopyHolds) {
    ReplyReader reader;
    std::string_view chunk = "$5\r\nfirst\r\n$6\r\nsecond\r\n";
    const Reply kept = *reader.feed(chunk);
    EXPECT_EQ(reader.feed(chunk)->root().text(), "second");
    EXPECT_EQ(kept.root().text(), "first");
}

TEST(ReplyReader, GivesTheSameByteByByte) {
    const std::string_view text = "+a\r\r\n*2\r\n$-1\r\n$2\r\n\r\n\r\n:-5\r\n-no\r\n";
    EXPECT_EQ(read_replies(text, {1}), read_replies(text));
    EXPECT_EQ(read_replies(text, {1}).bytes, text);
}

// --- what is refused -----------------------------------------------------------------------------

Refusal refusal_of(std::string_view text, const ReplyLimits& limits = {}) {
    const Refusal whole = read_replies(text, {}, limits).refusal;
    EXPECT_EQ(read_replies(text, {1}, limits).refusal, whole) << "byte by byte: " << text;
    return whole;
}

TEST(ReplyReader, RefusesWhatIsNoRESP2) {
    for (const std::string_view text : {"x", "\r\n", "%1\r\n", "_\r\n", "*1\r\nx"}) {
        EXPECT_EQ(refusal_of(text), Refusal::unknown_type) << text;
    }
    for (const std::string_view text :
         {":\r\n", ":+5\r\n", ":-0\r\n", ":00\r\n", ":-\r\n", ": 1\r\n", ":1a\r\n", ":1\r\r\n",
          ":9223372036854775808\r\n", ":-9223372036854775809\r\n", ":123456789012345678901"}) {
        EXPECT_EQ(refusal_of(text), Refusal::bad_integer) << text;
    }
    for (const std::string_view text : {"$\r\n", "$-2\r\n", "$01\r\na\r\n", "$9x\r\n"}) {
        EXPECT_EQ(refusal_of(text), Refusal::bad_bulk_length) << text;
    }
    for (const std::string_view text :
         {"*\r\n", "*-2\r\n", "*01\r\n", "*9223372036854775808\r\n"}) {
        EXPECT_EQ(refusal_of(text), Refusal::bad_array_length) << text;
    }
    for (const std::string_view text : {"$1\r\nab", "$1\r\na\rb", "$0\r\n+"}) {
        EXPECT_EQ(refusal_of(text), Refusal::unended_bulk) << text;
    }
}

TEST(ReplyReader, TakesTheLimitsThemselvesAndNoMore) {
    const ReplyLimits text{.max_text = 3};
    EXPECT_EQ(refusal_of("$3\r\nabc\r\n+abc\r\n-abc\r\n", text), Refusal::none);
    for (const std::string_view longer : {"$4\r\n", "+abcd", "-abc\rd", "+abcd\r\n"}) {
        EXPECT_EQ(refusal_of(longer, text), Refusal::text_too_long) << longer;
    }
    const ReplyLimits elements{.max_elements = 3};
    EXPECT_EQ(refusal_of("*2\r\n*1\r\n:1\r\n:2\r\n*3\r\n", elements), Refusal::none);
    for (const std::string_view more : {"*4\r\n", "*2\r\n*2\r\n", "*9223372036854775807\r\n"}) {
        EXPECT_EQ(refusal_of(more, elements), Refusal::too_many_elements) << more;
    }
    const ReplyLimits depth{.max_depth = 2};
    EXPECT_EQ(refusal_of("*1\r\n*2\r\n:1\r\n:1\r\n*0\r\n", depth), Refusal::none);
    EXPECT_EQ(refusal_of("*1\r\n*1\r\n*", depth), Refusal::too_deep);
    const ReplyLimits bytes{.max_bytes = 12};
    EXPECT_EQ(refusal_of("*2\r\n:1\r\n:2\r\n$6\r\n123456\r\n", bytes), Refusal::none)
        << "it is the limit of one reply";
    for (const std::string_view larger :
         {"*2\r\n:1\r\n:22\r\n", "$7\r\n", "+1234567890\r\n", "*3\r\n:1\r\n:2\r\n:3\r\n"}) {
        EXPECT_EQ(refusal_of(larger, bytes), Refusal::reply_too_large) << larger;
    }
    EXPECT_EQ(refusal_of("+\r\n", {.max_bytes = 2}), Refusal::reply_too_large);
}

TEST(ReplyReader, TakesNothingAfterARefusal) {
    ReplyReader reader;
    std::string_view chunk = "+good\r\nx+OK\r\n";
    ASSERT_NE(reader.feed(chunk), nullptr) << "what came before is given";
    EXPECT_EQ(reader.feed(chunk), nullptr);
    EXPECT_EQ(reader.refusal(), Refusal::unknown_type);
    chunk = "+OK\r\n";
    EXPECT_EQ(reader.feed(chunk), nullptr);
    EXPECT_EQ(chunk, "+OK\r\n");
}

TEST(ReplyReader, SaysASentenceForEachRefusal) {
    for (int number = 0; number <= static_cast<int>(Refusal::reply_too_large); ++number) {
        EXPECT_FALSE(describe(static_cast<Refusal>(number)).empty()) << number;
    }
}

// --- time ----------------------------------------------------------------------------------------

double seconds_for(std::string_view text, std::size_t chunk_size) {
    const std::clock_t begin = std::clock();
    ReplyReader reader({.max_text = text.size(), .max_bytes = text.size()});
    while (!text.empty()) {
        std::string_view chunk = text.substr(0, chunk_size);
        text.remove_prefix(chunk.size());
        while (reader.feed(chunk) != nullptr) {}
    }
    EXPECT_EQ(reader.refusal(), Refusal::none) << describe(reader.refusal());
    return static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
}

// What rescans takes a thousand times as long for the long text, not eight times.
TEST(ReplyReader, TakesTimeInProportionToTheBytesWhateverTheChunks) {
    const auto size = static_cast<std::size_t>(test::scaled(400'000));
    const auto line = [](std::size_t length) { return "+" + std::string(length, '\r') + "\r\n"; };
    const auto bulk = [](std::size_t length) {
        return "*1\r\n$" + std::to_string(length) + "\r\n" + std::string(length, 'b') + "\r\n";
    };
    for (const std::size_t chunk : {std::size_t{1}, std::size_t{7}}) {
        const double once = seconds_for(line(size), chunk) + seconds_for(bulk(size), chunk);
        const double more = seconds_for(line(8 * size), chunk) + seconds_for(bulk(8 * size), chunk);
        EXPECT_LT(more, 40 * (once + 0.005)) << "chunks of " << chunk;
    }
}

}  // namespace
}  // namespace drydock::relay

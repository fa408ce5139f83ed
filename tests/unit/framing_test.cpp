// The framer: what it gives of each chunk, what it copies, where a line is too long, and how long
// it takes.
#include <algorithm>
#include <cstddef>
#include <ctime>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "src/chat/framing.hpp"
#include "tests/support/scale.hpp"

namespace drydock::chat {
namespace {

using namespace std::string_view_literals;

constexpr std::size_t no_limit = std::numeric_limits<std::size_t>::max();

std::string text(const Lines& lines) { return std::string(lines.head).append(lines.body); }

bool is_nothing(const Lines& lines) {
    return lines.count == 0 && lines.head.empty() && lines.body.empty() && !lines.too_long;
}

// --- lines and chunks ----------------------------------------------------------------------------

TEST(LineFramer, GivesWholeLinesAsOneViewOfTheChunk) {
    LineFramer framer(100);
    const std::string chunk = "one\ntwo\nthree\n";
    const Lines lines = framer.feed(chunk);
    EXPECT_EQ(lines.count, 3U);
    EXPECT_EQ(lines.head, "");
    EXPECT_EQ(lines.body, chunk);
    EXPECT_EQ(lines.body.data(), chunk.data()) << "a view, not a copy";
    EXPECT_FALSE(lines.too_long);
    EXPECT_EQ(framer.unfinished(), "");
}

TEST(LineFramer, KeepsWhatFollowsTheLastNewline) {
    LineFramer framer(100);
    std::string chunk = "one\ntw";
    EXPECT_EQ(text(framer.feed(chunk)), "one\n");
    std::fill(chunk.begin(), chunk.end(), '#');
    EXPECT_EQ(framer.unfinished(), "tw") << "the chunk's memory is the caller's again";
}

TEST(LineFramer, JoinsALineThatBeganInAnEarlierChunk) {
    LineFramer framer(100);
    EXPECT_TRUE(is_nothing(framer.feed("on")));
    const std::string chunk = "e\ntwo\nth";
    const Lines lines = framer.feed(chunk);
    EXPECT_EQ(lines.count, 2U);
    EXPECT_EQ(lines.head, "on") << "what was held, and no more than that";
    EXPECT_EQ(lines.body, "e\ntwo\n");
    EXPECT_EQ(lines.body.data(), chunk.data());
    EXPECT_EQ(framer.unfinished(), "th");
}

TEST(LineFramer, JoinsALineOfManyChunks) {
    LineFramer framer(100);
    for (const std::string_view piece : {"a"sv, "bc"sv, ""sv, "def"sv}) {
        EXPECT_TRUE(is_nothing(framer.feed(piece)));
    }
    EXPECT_EQ(framer.unfinished(), "abcdef");
    const Lines lines = framer.feed("\n");
    EXPECT_EQ(lines.count, 1U);
    EXPECT_EQ(text(lines), "abcdef\n");
    EXPECT_EQ(framer.unfinished(), "");
}

TEST(LineFramer, GivesTheSameLinesByteByByte) {
    LineFramer framer(100);
    const std::string all = "one\n\ntwo\n\n\nthree\n";
    std::string given;
    std::size_t count = 0;
    for (const char byte : all) {
        const Lines lines = framer.feed({&byte, 1});
        EXPECT_EQ(lines.count, byte == '\n' ? 1U : 0U);
        given += text(lines);
        count += lines.count;
    }
    EXPECT_EQ(given, all);
    EXPECT_EQ(count, 6U);
}

TEST(LineFramer, TakesAnEmptyChunkForNothing) {
    LineFramer framer(0);
    EXPECT_TRUE(is_nothing(framer.feed({})));
    EXPECT_TRUE(is_nothing(framer.feed("")));
    EXPECT_EQ(framer.unfinished(), "");
}

TEST(LineFramer, GivesTheHeadOfALineOnlyOnce) {
    LineFramer framer(100);
    framer.feed("on");
    EXPECT_EQ(text(framer.feed("e\n")), "one\n");
    EXPECT_EQ(text(framer.feed("two\n")), "two\n");
    EXPECT_TRUE(is_nothing(framer.feed("")));
}

TEST(LineFramer, GivesEmptyLines) {
    LineFramer framer(0);
    const Lines first = framer.feed("\n");
    EXPECT_EQ(first.count, 1U);
    EXPECT_EQ(text(first), "\n");
    const Lines second = framer.feed("\n\n");
    EXPECT_EQ(second.count, 2U) << "nor is one lost where two chunks meet";
    EXPECT_EQ(text(second), "\n\n");
}

TEST(LineFramer, GivesAMillionEmptyLinesOfOneChunkAtOnce) {
    LineFramer framer(0);
    const std::string chunk(1'000'000, '\n');
    const Lines lines = framer.feed(chunk);
    EXPECT_EQ(lines.count, chunk.size());
    EXPECT_EQ(lines.body.size(), chunk.size());
    EXPECT_FALSE(lines.too_long);
}

TEST(LineFramer, KeepsWhatLacksItsNewlineForTheEndOfTheStream) {
    LineFramer framer(100);
    framer.feed("one\ntwo");
    framer.feed(", and more");
    EXPECT_EQ(framer.unfinished(), "two, and more");
}

// --- bytes ---------------------------------------------------------------------------------------

TEST(LineFramer, LeavesEveryByteButTheNewlineAlone) {
    std::string chunk;
    for (int byte = 0; byte < 256; ++byte) {
        if (byte != '\n') chunk += static_cast<char>(byte);
    }
    chunk += '\n';
    LineFramer framer(255);
    const Lines lines = framer.feed(chunk);
    EXPECT_EQ(lines.count, 1U) << "NUL, \\r, \\v, \\f, 0x85 and the like end no line";
    EXPECT_EQ(text(lines), chunk);
}

TEST(LineFramer, LeavesACarriageReturnToTheLine) {
    LineFramer framer(4);
    EXPECT_EQ(text(framer.feed("one\r\n")), "one\r\n");
    EXPECT_TRUE(is_nothing(framer.feed("two\r")));
    EXPECT_EQ(text(framer.feed("\n")), "two\r\n");
    EXPECT_TRUE(framer.feed("four\r\n").too_long) << "it counts as any other byte";
}

TEST(LineFramer, LeavesInvalidUtf8AndCutUtf8AsItIs) {
    LineFramer framer(100);
    EXPECT_TRUE(is_nothing(framer.feed("\xe2\x82"sv)));
    EXPECT_EQ(text(framer.feed("\xac\n\xff\xfe\xc0\x8a\n"sv)), "\xe2\x82\xac\n\xff\xfe\xc0\x8a\n");
}

// --- the limit -----------------------------------------------------------------------------------

/// A line and the ways it may come: whole, cut in two at each place, byte by byte.
std::vector<std::vector<std::string>> ways_to_cut(const std::string& all) {
    std::vector<std::vector<std::string>> ways = {{all}, {}};
    for (std::size_t cut = 1; cut < all.size(); ++cut) {
        ways.push_back({all.substr(0, cut), all.substr(cut)});
    }
    for (const char byte : all) ways[1].emplace_back(1, byte);
    return ways;
}

TEST(LineFramer, TakesALineOfJustTheLimit) {
    for (const auto& chunks : ways_to_cut("12345\n")) {
        LineFramer framer(5);
        std::string given;
        for (const std::string& chunk : chunks) {
            const Lines lines = framer.feed(chunk);
            EXPECT_FALSE(lines.too_long) << chunks.size() << " chunks, the first " << chunks[0];
            given += text(lines);
        }
        EXPECT_EQ(given, "12345\n");
    }
}

TEST(LineFramer, HoldsAnUnfinishedLineOfJustTheLimit) {
    for (const auto& chunks : ways_to_cut("12345")) {
        LineFramer framer(5);
        for (const std::string& chunk : chunks) EXPECT_TRUE(is_nothing(framer.feed(chunk)));
        EXPECT_EQ(framer.unfinished(), "12345");
    }
}

TEST(LineFramer, RefusesALineThatIsOneByteLongerInTheChunkThatBringsThatByte) {
    for (const std::string all : {"123456\n", "123456"}) {
        for (const auto& chunks : ways_to_cut(all)) {
            LineFramer framer(5);
            std::size_t fed = 0;
            for (const std::string& chunk : chunks) {
                fed += chunk.size();
                const Lines lines = framer.feed(chunk);
                EXPECT_EQ(lines.too_long, fed > 5) << "after " << fed << " bytes of " << all;
                EXPECT_EQ(text(lines), "");
                EXPECT_LE(framer.unfinished().size(), 5U);
                if (lines.too_long) break;
            }
            EXPECT_GT(fed, 5U);
        }
    }
}

TEST(LineFramer, GivesTheLinesBeforeTheOneThatIsTooLong) {
    LineFramer framer(3);
    EXPECT_TRUE(is_nothing(framer.feed("on")));
    const Lines lines = framer.feed("e\ntwo\nthree\nend\n");
    EXPECT_TRUE(lines.too_long);
    EXPECT_EQ(lines.count, 2U);
    EXPECT_EQ(text(lines), "one\ntwo\n");
}

TEST(LineFramer, CountsEachLineAnew) {
    LineFramer framer(3);
    for (int i = 0; i < 100; ++i) {
        EXPECT_TRUE(is_nothing(framer.feed("ab")));
        const Lines lines = framer.feed("c\nde");
        EXPECT_EQ(lines.count, 1U);
        EXPECT_EQ(text(framer.feed("f\n")), "def\n");
    }
}

TEST(LineFramer, WithALimitOfNothingTakesEmptyLinesAlone) {
    LineFramer framer(0);
    EXPECT_EQ(text(framer.feed("\n\n")), "\n\n");
    const Lines lines = framer.feed("\nx");
    EXPECT_EQ(text(lines), "\n");
    EXPECT_TRUE(lines.too_long);
    EXPECT_EQ(framer.unfinished(), "");
}

TEST(LineFramer, WithTheGreatestLimitTakesAnyLine) {
    LineFramer framer(no_limit);
    const std::string half(100'000, 'x');
    EXPECT_TRUE(is_nothing(framer.feed(half)));
    EXPECT_TRUE(is_nothing(framer.feed(half)));
    EXPECT_EQ(text(framer.feed("\n")), half + half + "\n");
}

// --- time ----------------------------------------------------------------------------------------

/// Feeds one line in chunks of that size. Gives up, and says false, after half a minute of
/// processor time (Windows' clock() tells the time that passes): more than ten times of what linear
/// work takes, and a small part of what quadratic work does.
bool is_framed_in_time(std::size_t line, std::size_t chunk_size) {
    const std::clock_t limit = std::clock() + 30 * CLOCKS_PER_SEC;
    const std::string chunk(chunk_size, 'x');
    LineFramer framer(line);
    for (std::size_t fed = 0; fed < line; fed += chunk.size()) {
        if (framer.feed(chunk).count > 0) return false;
        if (fed % (64 * 1024) == 0 && std::clock() > limit) return false;
    }
    const Lines lines = framer.feed("\n");
    return lines.count == 1 && lines.head.size() == line;
}

TEST(LineFramer, TakesTimeInProportionToALongLineWhateverTheChunks) {
    const std::size_t megabyte = static_cast<std::size_t>(test::scaled(1024)) * 1024;
    // What is quadratic in the number of chunks shows the sooner the smaller they are.
    EXPECT_TRUE(is_framed_in_time(8 * megabyte, 1)) << "bytes, one by one";
    EXPECT_TRUE(is_framed_in_time(64 * megabyte, 64)) << "in chunks of 64";
    EXPECT_TRUE(is_framed_in_time(64 * megabyte, 4096)) << "in chunks of 4096";
}

}  // namespace
}  // namespace drydock::chat

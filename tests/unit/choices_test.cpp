// The choice sources: the published generator's values, fairness, replay, and a fuzzer's bytes.
#include <array>
#include <cstdint>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <drydock/sim/choices.hpp>

namespace drydock::sim {
namespace {

using testing::ElementsAre;

std::vector<std::uint32_t> draw(ChoiceSource& source, std::uint32_t options, int count) {
    std::vector<std::uint32_t> values;
    for (int i = 0; i < count; ++i) values.push_back(source.choose(options, "test"));
    return values;
}

// Made with an independent implementation of the published algorithms: SplitMix64 fills the state,
// xoshiro256** 1.0 draws, and its upper 32 bits go through Lemire's multiply-shift with rejection.
// Seed 0's first raw draws are 0x99ec5f36cb75f2b4 and 0xbf6e1f784956452a, as in the literature.
TEST(SeedChoices, AreThePublishedGeneratorsValues) {
    SeedChoices zero(0);
    EXPECT_THAT(draw(zero, 1000, 12),
                ElementsAre(601, 747, 103, 416, 732, 999, 422, 535, 855, 918, 114, 67));
    SeedChoices one(1);
    EXPECT_THAT(draw(one, 1000, 12),
                ElementsAre(702, 520, 574, 391, 697, 143, 71, 381, 867, 551, 932, 957));
    SeedChoices other(12345);
    EXPECT_THAT(draw(other, 0xffffffff, 6),
                ElementsAre(3194631734, 558541317, 4137490141, 207619211, 2384492205, 45861915))
        << "over nearly all of 32 bits the generator's upper halves show";
}

// 3 * 2^30 + 1 options: a quarter of the draws must be rejected, or some options were twice as
// likely.
TEST(SeedChoices, RejectDrawsThatWouldMakeThemBiased) {
    SeedChoices zero(0);
    EXPECT_THAT(draw(zero, 0xc0000001, 8),
                ElementsAre(2408748954, 331850613, 3220415128, 1360038514, 1725465099, 2959848836,
                            368177903, 216569079));
}

TEST(SeedChoices, AreAboutEquallyLikelyAndInRange) {
    SeedChoices source(42);
    std::array<int, 7> counts{};
    constexpr int draws = 70'000;
    for (int i = 0; i < draws; ++i) {
        const std::uint32_t value = source.choose(7, "test");
        ASSERT_LT(value, 7U);
        ++counts[value];
    }
    for (const int count : counts) {
        EXPECT_NEAR(count, draws / 7, 500) << "5 standard deviations are 463";
    }
}

TEST(SeedChoices, FlipOnceInSoManyTimes) {
    for (const std::uint32_t one_in : {2U, 16U, 256U}) {
        SeedChoices source(7);
        int hits = 0;
        for (int i = 0; i < 100'000; ++i) hits += static_cast<int>(source.flip(one_in, "test"));
        const double expected = 100'000.0 / one_in;
        EXPECT_NEAR(hits, expected, expected / 4) << "one in " << one_in;
    }
}

TEST(SeedChoices, DifferFromSeedToSeed) {
    SeedChoices one(1);
    SeedChoices two(2);
    EXPECT_NE(draw(one, 1000, 10), draw(two, 1000, 10));
}

TEST(ReplayChoices, GiveTheRecordAndThenTheBenignOption) {
    const std::vector<std::uint32_t> record = {3, 0, 2};
    ReplayChoices source(record);
    EXPECT_THAT(draw(source, 4, 6), ElementsAre(3, 0, 2, 0, 0, 0));
}

TEST(ReplayChoices, ReduceWhatDoesNotFitTheOptions) {
    const std::vector<std::uint32_t> record = {7, 4294967295, 5};
    ReplayChoices source(record);
    EXPECT_EQ(source.choose(4, "test"), 3U);
    EXPECT_EQ(source.choose(10, "test"), 5U);
    EXPECT_EQ(source.flip(1000, "test"), 1U) << "a flip is a choice between two";
    EXPECT_EQ(source.flip(2, "test"), 0U) << "past the end nothing happens";
}

TEST(ByteChoices, TakeOneByteWhereThatIsEnough) {
    const std::vector<std::uint8_t> bytes = {0, 1, 255, 9};
    ByteChoices source(bytes);
    EXPECT_THAT(draw(source, 4, 4), ElementsAre(0, 1, 3, 1));
    EXPECT_THAT(draw(source, 4, 2), ElementsAre(0, 0)) << "past the end everything is benign";
}

TEST(ByteChoices, TakeMoreBytesWhereThereAreMoreOptions) {
    const std::vector<std::uint8_t> bytes = {1, 2, 3, 4, 5, 0xff};
    ByteChoices source(bytes);
    EXPECT_EQ(source.choose(256, "test"), 1U) << "256 options are told apart by one byte";
    EXPECT_EQ(source.choose(257, "test"), 2U * 256 + 3 - 2 * 257) << "257 take two";
    EXPECT_EQ(source.choose((1U << 24) + 1, "test"), 0U)
        << "bytes that run out in the middle of a choice leave it benign";
}

TEST(ByteChoices, FlipFromOneByteWhateverTheOdds) {
    const std::vector<std::uint8_t> bytes = {0, 1, 2, 1};
    ByteChoices source(bytes);
    EXPECT_EQ(source.flip(3, "test"), 0U);
    EXPECT_EQ(source.flip(3, "test"), 1U);
    EXPECT_EQ(source.flip(3, "test"), 0U);
    EXPECT_EQ(source.flip(100'000, "test"), 1U)
        << "even rare events are one byte away for a fuzzer";
    EXPECT_EQ(source.flip(2, "test"), 0U);
}

}  // namespace
}  // namespace drydock::sim

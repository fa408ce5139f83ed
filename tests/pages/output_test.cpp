// What counts as the output that a page shows, and how a page gets the real one.
#include "tests/pages/output.hpp"

#include <gtest/gtest.h>

namespace drydock::pages {
namespace {

TEST(ShownOutput, IsTheRealOneToTheLetter) {
    EXPECT_TRUE(is_shown_by({"a", "b"}, {"a", "b"}));
    EXPECT_TRUE(is_shown_by({}, {}));
    EXPECT_FALSE(is_shown_by({"a", "b"}, {"a", "c"}));
    EXPECT_FALSE(is_shown_by({"a"}, {"a "}));
    EXPECT_FALSE(is_shown_by({"a"}, {"a", "b"}));
    EXPECT_FALSE(is_shown_by({"a", "b"}, {"a"}));
    EXPECT_FALSE(is_shown_by({}, {"a"}));
}

TEST(ShownOutput, LeavesLinesOut) {
    EXPECT_TRUE(is_shown_by({"..."}, {}));
    EXPECT_TRUE(is_shown_by({"..."}, {"a", "b"}));
    EXPECT_TRUE(is_shown_by({"a", "...", "d"}, {"a", "b", "c", "d"}));
    EXPECT_TRUE(is_shown_by({"...", "b", "...", "b"}, {"b", "a", "b"}));
    EXPECT_FALSE(is_shown_by({"a", "...", "d"}, {"a", "d", "e"}));
    EXPECT_FALSE(is_shown_by({"...", "b", "...", "a"}, {"a", "b"}));
}

TEST(ShownOutput, HasAnyDurationAndSpeed) {
    EXPECT_TRUE(is_shown_by({"9 completions in 0.02 s (8.70 million a second)"},
                            {"9 completions in 12.00 s (0.51 million a second)"}));
    EXPECT_TRUE(is_shown_by({"   Passed    0.05 sec"}, {"   Passed   10.05 sec"}));
    EXPECT_FALSE(is_shown_by({"9 completions in 0.02 s"}, {"8 completions in 0.02 s"}));
}

TEST(ShownOutput, HasAnyLineOfASourceOfDrydock) {
    EXPECT_TRUE(is_shown_by({"post started at src/server/server.cpp:98: ok"},
                            {"post started at src/server/server.cpp:101: ok"}));
    EXPECT_FALSE(is_shown_by({"post started at src/server/server.cpp:98: ok"},
                             {"post started at src/server/listeners.cpp:98: ok"}));
    EXPECT_FALSE(is_shown_by({"started at /home/ada/seats/hall.hpp:18"},
                             {"started at /home/ada/seats/hall.hpp:19"}));
}

TEST(ShownOutput, HasAnyNumberOfSeedsThatFail) {
    EXPECT_TRUE(is_shown_by({"stuck FAILED in 3 of 2000 seeds, first in seed 98"},
                            {"stuck FAILED in 12 of 2000 seeds, first in seed 4"}));
    EXPECT_FALSE(is_shown_by({"stuck FAILED in 3 of 2000 seeds, first in seed 98"},
                             {"crash FAILED in 3 of 2000 seeds, first in seed 98"}));
    EXPECT_FALSE(is_shown_by({"stuck FAILED in 3 of 2000 seeds, first in seed 98"},
                             {"stuck FAILED in 3 of 3000 seeds, first in seed 98"}));
}

TEST(ShownOutput, HasTheRealVirtualTimes) {
    EXPECT_FALSE(is_shown_by({"0.700 virtual seconds"}, {"0.800 virtual seconds"}));
    EXPECT_FALSE(is_shown_by({"0.000 ms  post"}, {"0.001 ms  post"}));
}

TEST(UpdatedOutput, StaysWhereItIsRight) {
    EXPECT_EQ(updated({"a", "..."}, {"a", "b"}), (Lines{"a", "..."}));
    EXPECT_EQ(updated({"in 0.01 s"}, {"in 0.02 s"}), Lines{"in 0.01 s"});
}

TEST(UpdatedOutput, IsTheRealOneWithoutElisions) {
    EXPECT_EQ(updated({"a"}, {"b", "c"}), (Lines{"b", "c"}));
    EXPECT_EQ(updated({"a"}, {}), Lines{});
}

TEST(UpdatedOutput, KeepsItsElisions) {
    EXPECT_EQ(updated({"a", "...", "z"}, {"A", "b", "c", "Z"}), (Lines{"A", "...", "Z"}));
    EXPECT_EQ(updated({"...", "seeds 1", "..."}, {"x", "seeds 2", "y"}),
              (Lines{"...", "seeds 2", "..."}));
    EXPECT_EQ(updated({"...", "z"}, {"a", "b"}), (Lines{"...", "b"}));
}

TEST(UpdatedOutput, IsShownByItself) {
    const Lines real = {"a 1", "b 1", "c 1", "d 1", "e 1"};
    for (const Lines& shown : {Lines{"a", "...", "c", "d", "..."}, Lines{"...", "d", "e"},
                               Lines{"x", "...", "y", "...", "z"}, Lines{"...", "d", "c", "..."}}) {
        EXPECT_TRUE(is_shown_by(updated(shown, real), real)) << text_of(updated(shown, real));
    }
}

TEST(UpdatedOutput, IsWholeWhereItHasBecomeShorter) {
    EXPECT_EQ(updated({"a", "b", "...", "c"}, {"a", "c"}), (Lines{"a", "c"}));
}

}  // namespace
}  // namespace drydock::pages

// Text of others on its way to a terminal: UTF-8, widths, and nothing that a terminal obeys.
#include "src/console/safe_text.hpp"

#include <string>

#include <gtest/gtest.h>

#include "src/console/utf8.hpp"
#include "src/console/width.hpp"

namespace drydock::console {
namespace {

std::string safe(std::string_view text) {
    SafeText safe_text;
    return safe_text.feed(text) + safe_text.finish();
}

TEST(SafeText, LeavesTextAsItIs) {
    EXPECT_EQ(safe("[amy] hello\tthere\n"), "[amy] hello\tthere\n");
    EXPECT_EQ(safe("\u00e4\u4e2d\U0001f600e\u0301\n"), "\u00e4\u4e2d\U0001f600e\u0301\n");
    EXPECT_EQ(safe("\n\n"), "\n\n");
}

TEST(SafeText, ShowsWhatATerminalWouldObeyAsQuestionMarks) {
    EXPECT_EQ(safe("\x1b[2J\x1b]0;title\x07\n"), "?[2J?]0;title?\n");
    EXPECT_EQ(safe(std::string_view("\0\b\x7f\v\x0e\n", 6)), "?????\n");
    EXPECT_EQ(safe("a\rb\n"), "a?b\n") << "back to the row's beginning, over somebody's name";
    EXPECT_EQ(safe("\xc2\x9b"
                   "2J\xc2\x80\n"),
              "?2J?\n")
        << "the control characters of eight bits";
    EXPECT_EQ(safe("\u202etxt.exe\u2066\u2028\n"), "?txt.exe??\n") << "text that runs backwards";
    EXPECT_EQ(safe("\u200ea\u200fb\u061c\n"), "?a?b?\n") << "marks that turn the direction";
}

TEST(SafeText, ShowsBytesThatAreNoUtf8AsQuestionMarks) {
    EXPECT_EQ(safe("\x9b"
                   "2J\xff\n"),
              "?2J?\n")
        << "a terminal that knows no UTF-8 obeys them";
    EXPECT_EQ(safe("\xc3\n"), "?\n");
    EXPECT_EQ(safe("\xe4\xb8\n"), "?\n") << "a character cut short";
}

TEST(SafeText, DropsTheReturnBeforeANewline) { EXPECT_EQ(safe("one\r\ntwo\r\n"), "one\ntwo\n"); }

TEST(SafeText, HoldsALineUntilItIsWholeOrTheEnd) {
    SafeText text;
    EXPECT_EQ(text.feed("[amy] h"), "");
    EXPECT_EQ(text.feed("\xc3"), "");
    EXPECT_EQ(text.feed("\xa4\n[amy] b\n[a"), "[amy] h\u00e4\n[amy] b\n");
    EXPECT_EQ(text.feed("my]"), "");
    EXPECT_EQ(text.finish(), "[amy]\n");
    EXPECT_EQ(text.finish(), "");
}

TEST(SafeText, BreaksALineThatNeverEnds) {
    SafeText text;
    const std::string chunk(4096, 'x');
    std::size_t shown = 0;
    for (std::size_t fed = 0; fed < 10 * SafeText::most_held; fed += chunk.size()) {
        shown += text.feed(chunk).size();
    }
    EXPECT_GE(shown, 9 * SafeText::most_held) << "memory has an end";
}

TEST(Utf8, TellsCharactersFromBytesThatAreNone) {
    using Kind = Decoded::Kind;
    const auto expect = [](std::string_view text, Kind kind, char32_t code, std::size_t size) {
        const Decoded decoded = decode(text);
        EXPECT_EQ(decoded.kind, kind) << testing::PrintToString(text);
        EXPECT_EQ(decoded.code, code) << testing::PrintToString(text);
        EXPECT_EQ(decoded.size, size) << testing::PrintToString(text);
    };
    expect("a", Kind::character, 'a', 1);
    expect("\u00e4x", Kind::character, 0xe4, 2);
    expect("\u4e2d", Kind::character, 0x4e2d, 3);
    expect("\U0010ffff", Kind::character, 0x10ffff, 4);
    expect("\xe4\xb8", Kind::unfinished, 0, 2);
    expect("\xf0\x9f\x98", Kind::unfinished, 0, 3);
    expect("\x80", Kind::wrong, 0, 1);
    expect("\xc0\x80", Kind::wrong, 0, 1);          // overlong
    expect("\xe0\x80\x80", Kind::wrong, 0, 1);      // overlong
    expect("\xed\xa0\x80", Kind::wrong, 0, 1);      // a surrogate
    expect("\xf4\x90\x80\x80", Kind::wrong, 0, 1);  // over the last one
    expect("\xe4x", Kind::wrong, 0, 1);
}

TEST(Width, KnowsWhatTakesNoColumnAndWhatTakesTwo) {
    for (const char32_t one : {U'a', U'\u00e4', U'\u0416', U'\u05d0', U'\u20ac', U'\u2500'}) {
        EXPECT_EQ(width(one), 1U) << static_cast<unsigned>(one);
    }
    for (const char32_t none : {U'\u0301', U'\u200d', U'\ufe0f', U'\u05b0', U'\u20e3'}) {
        EXPECT_EQ(width(none), 0U) << static_cast<unsigned>(none);
    }
    for (const char32_t two : {U'\u4e2d', U'\uac00', U'\u3042', U'\uff21', U'\U0001f600',
                               U'\U0001f680', U'\U00020000', U'\u1100'}) {
        EXPECT_EQ(width(two), 2U) << static_cast<unsigned>(two);
    }
}

}  // namespace
}  // namespace drydock::console

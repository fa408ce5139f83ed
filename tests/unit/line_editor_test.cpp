// The line editor: keys in, and what is on the screen and in the entered line after them.
#include "src/console/line_editor.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "src/console/width.hpp"
#include "tests/support/screen.hpp"

namespace drydock::console {
namespace {

using Lines = std::vector<std::string>;

constexpr std::string_view left = "\x1b[D";
constexpr std::string_view right = "\x1b[C";
constexpr std::string_view home = "\x1b[H";
constexpr std::string_view end = "\x1b[F";
constexpr std::string_view delete_key = "\x1b[3~";
constexpr std::string_view backspace = "\x7f";

/// An editor at a terminal, 20 columns wide.
class LineEditorTest : public testing::Test {
protected:
    static constexpr std::size_t columns = 20;

    void type(std::string_view keys) {
        const LineEditor::Typed typed = editor_.type(keys);
        screen_.show(typed.screen);
        lines_.insert(lines_.end(), typed.lines.begin(), typed.lines.end());
        ended_ = ended_ || typed.end;
    }
    void arrive(std::string_view text) {
        // The terminal makes "\r\n" of it.
        std::string shown;
        for (const char c : editor_.above(text)) shown += c == '\n' ? "\r\n" : std::string(1, c);
        screen_.show(shown);
    }
    /// What is entered when these keys and then Enter are pressed.
    std::string entered(std::string_view keys) {
        type(std::string(keys) + "\r");
        return lines_.empty() ? "nothing was entered" : lines_.back();
    }
    std::string entered(std::initializer_list<std::string_view> keys) {
        std::string all;
        for (const std::string_view key : keys) all += key;
        return entered(all);
    }

    LineEditor editor_{"> ", columns};
    test::Screen screen_{columns, &width};
    Lines lines_;
    bool ended_ = false;
};

// --- lines ---------------------------------------------------------------------------------------

TEST_F(LineEditorTest, ShowsWhatIsTypedAndEntersIt) {
    screen_.show(editor_.draw());
    EXPECT_EQ(screen_.row(0), ">");
    EXPECT_EQ(screen_.cursor_column(), 2U);
    type("hel");
    type("lo");
    EXPECT_EQ(screen_.row(0), "> hello");
    EXPECT_EQ(screen_.cursor_column(), 7U);
    EXPECT_EQ(lines_, Lines{});
    type("\r");
    EXPECT_EQ(lines_, Lines{"hello"});
    EXPECT_EQ(screen_.row(0), ">") << "the entered line leaves the row";
    EXPECT_EQ(screen_.rows(), 1U);
}

TEST_F(LineEditorTest, TakesSeveralLinesAtOnce) {
    type("one\rtwo\nthree\r\nfour\n\nfive");
    EXPECT_EQ(lines_, (Lines{"one", "two", "three", "four", ""})) << "\\r\\n is one Enter";
    EXPECT_EQ(screen_.row(0), "> five");
}

TEST_F(LineEditorTest, TakesAReturnAndANewlineInTwoPiecesAsOneEnter) {
    type("one\r");
    type("\ntwo\r");
    EXPECT_EQ(lines_, (Lines{"one", "two"}));
}

TEST_F(LineEditorTest, TakesALongPasteWhole) {
    std::string line;
    for (int i = 0; i < 100'000; ++i) line += static_cast<char>('a' + i % 23);
    for (std::size_t at = 0; at < line.size(); at += 1000) type(line.substr(at, 1000));
    EXPECT_EQ(screen_.rows(), 1U);
    type("\r");
    ASSERT_EQ(lines_.size(), 1U);
    EXPECT_TRUE(lines_[0] == line);
}

// --- moving and deleting -------------------------------------------------------------------------

TEST_F(LineEditorTest, DeletesToTheLeft) {
    EXPECT_EQ(entered({"abc", backspace}), "ab");
    EXPECT_EQ(entered({"abc", "\b"}), "ab");
    EXPECT_EQ(entered({"abc", left, backspace}), "ac");
    EXPECT_EQ(entered({"a", backspace, backspace, "b"}), "b") << "nothing to delete is no error";
}

TEST_F(LineEditorTest, MovesAndInserts) {
    EXPECT_EQ(entered({"ac", left, "b"}), "abc");
    EXPECT_EQ(entered({"bc", home, "a", end, "d"}), "abcd");
    EXPECT_EQ(entered({"bc", "\x01", "a", "\x05", "d"}), "abcd");
    EXPECT_EQ(entered({"ab", left, left, left, right, "x"}), "axb");
    EXPECT_EQ(entered({"ab", right, "c"}), "abc");
    EXPECT_EQ(entered({"ab", "\x02", "x", "\x06", "c"}), "axbc");
}

TEST_F(LineEditorTest, DeletesUnderTheCursor) {
    EXPECT_EQ(entered({"abc", home, delete_key}), "bc");
    EXPECT_EQ(entered({"abc", home, "\x04"}), "bc") << "Ctrl-D deletes where there is something";
    EXPECT_EQ(entered({"abc", delete_key}), "abc");
    EXPECT_FALSE(ended_);
}

TEST_F(LineEditorTest, DeletesWordsAndSides) {
    EXPECT_EQ(entered({"one two", left, left, "\x0b"}), "one t");
    EXPECT_EQ(entered({"one two", left, left, "\x15"}), "wo");
    EXPECT_EQ(entered({"one two  ", "\x17"}), "one ");
    EXPECT_EQ(entered({"one", "\x17\x17", "x"}), "x");
}

TEST_F(LineEditorTest, KnowsTheKeysOfOtherTerminals) {
    EXPECT_EQ(entered({"b", "\x1bOH", "a", "\x1bOF", "c"}), "abc");
    EXPECT_EQ(entered({"b", "\x1b[1~", "a", "\x1b[4~", "c"}), "abc");
    EXPECT_EQ(entered({"b", "\x1b[7~", "a", "\x1b[8~", "c"}), "abc");
    EXPECT_EQ(entered({"ac", "\x1b[1;5D", "b"}), "abc") << "with Ctrl held";
}

TEST_F(LineEditorTest, SwallowsOtherSequencesWhole) {
    // Up, page down, F5, F1 of two kinds, Alt-x, a paste's bracket, a report of the mouse.
    const std::string keys =
        "a\x1b[A\x1b[6~\x1b[15~\x1bOP\x1b[[A\x1bx\x1b[200~\x1b[<0;10;20M\x1b]11;rgb:0/0/0\x1b\\"
        "\x1b]0;t\x07z";
    EXPECT_EQ(entered(keys), "az");
    std::string one_by_one = "a";
    for (const char c : keys.substr(1)) {
        type(std::string(1, c));
    }
    EXPECT_EQ(entered(""), "z") << "also when they come in pieces";
}

TEST_F(LineEditorTest, EntersALineAfterALoneEscape) {
    EXPECT_EQ(entered("abc\x1b"), "abc");
    EXPECT_EQ(entered("abc\x1b["), "abc");
    EXPECT_EQ(entered("abc\x1b]"), "abc");
}

TEST_F(LineEditorTest, IgnoresOtherControlCharacters) {
    EXPECT_EQ(entered(std::string_view("a\0\x03\x07\x0c\x1f\xc2\x9b"
                                       "b",
                                       9)),
              "ab");
}

// --- the end of input ----------------------------------------------------------------------------

TEST_F(LineEditorTest, EndsAtCtrlDInAnEmptyLineOnly) {
    type("a\x04");
    EXPECT_FALSE(ended_);
    type("\x7f\x04never seen\r");
    EXPECT_TRUE(ended_);
    EXPECT_EQ(lines_, Lines{});
}

TEST_F(LineEditorTest, EndsAtCtrlZInAnEmptyLineAsOnWindows) {
    type("a\x1a\r\x1a");
    EXPECT_TRUE(ended_);
    EXPECT_EQ(lines_, Lines{"a"});
}

// --- characters ----------------------------------------------------------------------------------

TEST_F(LineEditorTest, CountsColumnsAndNotBytes) {
    type("\u00e4\u4e2d\U0001f600");
    EXPECT_EQ(screen_.row(0), "> \u00e4\u4e2d\U0001f600");
    EXPECT_EQ(screen_.cursor_column(), 2U + 1 + 2 + 2);
    type(left);
    EXPECT_EQ(screen_.cursor_column(), 2U + 1 + 2);
    type(backspace);
    EXPECT_EQ(screen_.row(0), "> \u00e4\U0001f600");
    EXPECT_EQ(screen_.cursor_column(), 3U);
    EXPECT_EQ(entered("\u0416"), "\u00e4\u0416\U0001f600");
}

TEST_F(LineEditorTest, TakesWhatCombinesForOneCharacter) {
    type("xe\u0301\u0323");
    EXPECT_EQ(screen_.cursor_column(), 4U);
    type(left);
    EXPECT_EQ(screen_.cursor_column(), 3U);
    EXPECT_EQ(entered({end, backspace}), "x");
}

TEST_F(LineEditorTest, TakesCharactersThatComeInPieces) {
    for (const char c : std::string("\U0001f600\u4e2d")) type(std::string(1, c));
    EXPECT_EQ(screen_.row(0), "> \U0001f600\u4e2d");
    EXPECT_EQ(entered(""), "\U0001f600\u4e2d");
}

TEST_F(LineEditorTest, SendsBytesThatAreNoUtf8AsTheyWereTyped) {
    type(
        "a\xe4"
        "b\xff");
    EXPECT_EQ(screen_.row(0), "> a?b?");
    EXPECT_EQ(entered(""),
              "a\xe4"
              "b\xff");
}

TEST_F(LineEditorTest, ShowsATabAsASpace) {
    type("a\tb");
    EXPECT_EQ(screen_.row(0), "> a b");
    EXPECT_EQ(entered(""), "a\tb");
}

// --- a row that is too narrow --------------------------------------------------------------------

TEST_F(LineEditorTest, ScrollsALineThatIsWiderThanTheRow) {
    type("0123456789abcdefghij");
    EXPECT_EQ(screen_.rows(), 1U) << "one row is enough";
    EXPECT_EQ(screen_.row(0), "> 3456789abcdefghij");
    EXPECT_EQ(screen_.cursor_column(), columns - 1);
    type(home);
    EXPECT_EQ(screen_.row(0), "> 0123456789abcdefg");
    EXPECT_EQ(screen_.cursor_column(), 2U);
    type(std::string(left) + "X");
    EXPECT_EQ(screen_.row(0), "> X0123456789abcdef");
    EXPECT_EQ(screen_.cursor_column(), 3U);
    type(std::string(end) + std::string(5, '\x7f'));
    EXPECT_EQ(screen_.row(0), "> X0123456789abcde") << "what fits is shown whole again";
    EXPECT_EQ(entered(""), "X0123456789abcde");
}

TEST_F(LineEditorTest, KeepsTheCursorInARowOfWideCharacters) {
    std::string line;
    for (int i = 0; i < 30; ++i) {
        const std::string typed = i % 3 == 0 ? "\u4e2d" : i % 3 == 1 ? "x" : "e\u0301";
        line += typed;
        type(typed);
        ASSERT_TRUE(screen_.row(0).ends_with(typed)) << "after " << i;
        ASSERT_LT(screen_.cursor_column(), columns);
    }
    for (int i = 0; i < 30; ++i) {
        type(left);
        ASSERT_LT(screen_.cursor_column(), columns);
    }
    EXPECT_EQ(screen_.cursor_column(), 2U);
    EXPECT_EQ(screen_.rows(), 1U);
    EXPECT_EQ(entered(""), line);
}

TEST_F(LineEditorTest, FitsItselfToANewWidth) {
    type("0123456789abcdef");
    editor_.resize(10);
    test::Screen narrow(10);
    narrow.show(editor_.draw());
    EXPECT_EQ(narrow.row(0), "> 9abcdef");
    EXPECT_EQ(narrow.rows(), 1U);
    editor_.resize(0);
    EXPECT_NE(editor_.draw(), "") << "a terminal that does not know its width";
    editor_.resize(40);
    test::Screen wide(40);
    wide.show(editor_.draw());
    EXPECT_EQ(wide.row(0), "> 0123456789abcdef");
}

// --- text that arrives ---------------------------------------------------------------------------

TEST_F(LineEditorTest, ShowsArrivedLinesAboveTheRow) {
    type("half a");
    type(left);
    arrive("[amy] hello\n[cat] hi\n");
    EXPECT_EQ(screen_.row(0), "[amy] hello");
    EXPECT_EQ(screen_.row(1), "[cat] hi");
    EXPECT_EQ(screen_.row(2), "> half a");
    EXPECT_EQ(screen_.cursor_row(), 2U);
    EXPECT_EQ(screen_.cursor_column(), 7U);
    EXPECT_EQ(entered("the"), "half thea");
}

TEST_F(LineEditorTest, LetsArrivedLinesTakeSeveralRows) {
    type("typed");
    arrive("0123456789012345678901234567\n");
    EXPECT_EQ(screen_.row(0), "01234567890123456789");
    EXPECT_EQ(screen_.row(1), "01234567");
    EXPECT_EQ(screen_.row(2), "> typed");
}

TEST_F(LineEditorTest, LeavesNothingBehind) {
    type("typed");
    screen_.show(LineEditor::erase());
    EXPECT_EQ(screen_.row(0), "");
    EXPECT_EQ(screen_.cursor_column(), 0U);
}

}  // namespace
}  // namespace drydock::console

// The blocks of a page: which are files, which are commands, and what is a mistake.
#include "tests/pages/page.hpp"

#include <gtest/gtest.h>

namespace drydock::pages {
namespace {

Page page_of(const std::string& text) { return parse_page(lines_of(text)); }

TEST(PageBlocks, AreFilesAfterTheirNames) {
    const Page page = page_of("Text.\n\n`a.hpp`:\n\n```cpp\nint a;\n\nint b;\n```\n");
    EXPECT_EQ(page.mistake, "");
    ASSERT_EQ(page.steps.size(), 1u);
    EXPECT_EQ(page.steps[0].kind, Step::Kind::write);
    EXPECT_EQ(page.steps[0].file, "a.hpp");
    EXPECT_EQ(page.steps[0].text, "int a;\n\nint b;\n");
    EXPECT_EQ(page.steps[0].line, 6u);
}

TEST(PageBlocks, AreAddedToFiles) {
    const Page page = page_of("Add to `CMakeLists.txt`:\n\n```cmake\nadd()\n```\n");
    ASSERT_EQ(page.steps.size(), 1u);
    EXPECT_EQ(page.steps[0].kind, Step::Kind::append);
    EXPECT_EQ(page.steps[0].file, "CMakeLists.txt");
    EXPECT_EQ(page.steps[0].text, "add()\n");
}

TEST(PageBlocks, ReplaceOneTextByAnother) {
    const Page page = page_of(
        "Lines are cut. In `a.hpp`, replace\n\n```cpp\nold\n```\n\nby\n\n```cpp\nnew\n```\n");
    EXPECT_EQ(page.mistake, "");
    ASSERT_EQ(page.steps.size(), 1u);
    EXPECT_EQ(page.steps[0].kind, Step::Kind::replace);
    EXPECT_EQ(page.steps[0].file, "a.hpp");
    EXPECT_EQ(page.steps[0].old_text, "old\n");
    EXPECT_EQ(page.steps[0].text, "new\n");
}

TEST(PageBlocks, HaveCommandsWithTheirOutputs) {
    const Page page = page_of("```console\n$ one    # exit status 2\nsays\nthis\n$ two &\n```\n");
    ASSERT_EQ(page.steps.size(), 1u);
    ASSERT_EQ(page.steps[0].commands.size(), 2u);
    const ShownCommand& one = page.steps[0].commands[0];
    EXPECT_EQ(one.line, 2u);
    EXPECT_EQ(one.text, "one    # exit status 2");
    EXPECT_EQ(one.status, 2);
    EXPECT_FALSE(one.in_background);
    EXPECT_EQ(one.output, (Lines{"says", "this"}));
    const ShownCommand& two = page.steps[0].commands[1];
    EXPECT_EQ(two.line, 5u);
    EXPECT_EQ(two.status, 0);
    EXPECT_TRUE(two.in_background);
    EXPECT_EQ(two.output, Lines{});
}

TEST(PageBlocks, AreOnlyShownWithoutALanguage) {
    const Page page = page_of("`a.hpp` prints:\n\n```\nshown\n```\n\nand\n\n```text\nshown\n```\n");
    EXPECT_EQ(page.mistake, "");
    EXPECT_TRUE(page.steps.empty());
}

TEST(PageBlocks, DoNotTakeANameFromBeforeTheLastBlock) {
    const Page page = page_of("`a.hpp`:\n\n```cpp\na\n```\n\n```cpp\nb\n```\n");
    EXPECT_EQ(page.mistake, "line 8: the line before this block does not say which file it is for");
}

TEST(PageBlocks, OfAnUnknownFileAreAMistake) {
    const Page page = page_of("The file a.hpp:\n\n```cpp\na\n```\n");
    EXPECT_EQ(page.mistake, "line 4: the line before this block does not say which file it is for");
}

TEST(PageBlocks, WithoutAnEndAreAMistake) {
    EXPECT_EQ(page_of("`a.hpp`:\n\n```cpp\na\n").mistake, "line 3: this block has no end");
}

TEST(PageBlocks, ThatReplaceWithoutASecondBlockAreAMistake) {
    const std::string sentence =
        "line 4: after what is replaced, the page should say 'by' and show a block";
    EXPECT_EQ(page_of("In `a.hpp`, replace\n\n```cpp\na\n```\n").mistake, sentence);
    EXPECT_EQ(page_of("In `a.hpp`, replace\n\n```cpp\na\n```\n\n`b`:\n\n```cpp\nb\n```\n").mistake,
              sentence);
}

TEST(PageBlocks, OfAConsoleThatDoNotBeginWithACommandAreAMistake) {
    EXPECT_EQ(page_of("```console\nsays\n$ one\n```\n").mistake,
              "line 2: a console block should begin with a command ('$ ...')");
}

}  // namespace
}  // namespace drydock::pages

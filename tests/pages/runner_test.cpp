// Small pages, followed: each way in which a page can be wrong is reported with its line.
#include "tests/pages/runner.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <memory>
#include <string>

#include "tests/support/tcp.hpp"

namespace drydock::pages {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

/// A folder, and the pages that are followed in it.
struct Desk {
    Followed follow(const std::string& page, std::uint16_t port = 0) const {
        return pages::follow(page, {.folder = folder.path(),
                                    .shown_folder = "/home/ada/project",
                                    .variables = {{"COLOR", "green"}},
                                    .port = port,
                                    .page_name = "page"});
    }
    test::TemporaryFolder folder;
};

std::string console(const std::string& lines) { return "```console\n" + lines + "```\n"; }

constexpr const char* hello_file = "`hello.txt`:\n\n```text\nhello\n```\n";

TEST(FollowedPage, WritesAddsAndReplaces) {
    const Desk desk;
    const Followed followed = desk.follow(
        std::string(hello_file) + "\nAdd to `hello.txt`:\n\n```text\nyou\n```\n\n" +
        "In `hello.txt`, replace\n\n```text\nhello\n```\n\nby\n\n```text\nbye\n```\n\n" +
        console("$ cat hello.txt\nbye\nyou\n"));
    EXPECT_THAT(followed.complaints, IsEmpty());
}

TEST(FollowedPage, RunsItsCommandsInOneShell) {
    const Desk desk;
    const Followed followed =
        desk.follow(console("$ name=Ada; echo $COLOR\ngreen\n$ echo $name >&2\nAda\n$ cat\n$ "
                            "pwd\n/home/ada/project\n"));
    EXPECT_THAT(followed.complaints, IsEmpty());
}

TEST(FollowedPage, ComplainsOfAnotherOutputAndGoesOn) {
    const Desk desk;
    const Followed followed =
        desk.follow(console("$ echo one\ntwo\n$ echo three\nthree\n$ echo\n"));
    EXPECT_THAT(followed.complaints,
                ElementsAre("page, line 2: 'echo one' should print\n  | two\nand prints\n  | one\n",
                            "page, line 6: 'echo' should print\n  (nothing)\nand prints\n  | \n"));
    EXPECT_EQ(followed.updated_text, console("$ echo one\none\n$ echo three\nthree\n$ echo\n\n"));
}

TEST(FollowedPage, ComplainsOfAnotherStatusAndStops) {
    const Desk desk;
    EXPECT_THAT(desk.follow(console("$ (exit 3)    # exit status 3\n")).complaints, IsEmpty());
    EXPECT_THAT(
        desk.follow(console("$ echo no; (exit 3)\nno\n$ echo one\ntwo\n")).complaints,
        ElementsAre(
            "page, line 2: 'echo no; (exit 3)' should end with status 0 and ends with 3; it "
            "prints\n  | no\n"));
}

TEST(FollowedPage, ComplainsOfAFileThatIsNotThere) {
    const Desk desk;
    EXPECT_THAT(desk.follow("Add to `no.txt`:\n\n```text\na\n```\n").complaints,
                ElementsAre("page, line 4: there is no file no.txt to change"));
    EXPECT_THAT(desk.follow("`no/no.txt`:\n\n```text\na\n```\n").complaints,
                ElementsAre("page, line 4: the file no/no.txt cannot be written"));
}

TEST(FollowedPage, ComplainsOfATextThatIsNotThereOnce) {
    const Desk desk;
    const std::string replacement =
        "In `hello.txt`, replace\n\n```text\nhello\n```\n\nby\n\n```text\nhello\nhello\n```\n\n";
    EXPECT_THAT(desk.follow(hello_file + replacement).complaints, IsEmpty());
    EXPECT_THAT(desk.follow(replacement).complaints,
                ElementsAre("page, line 4: the text to replace should be in hello.txt once"));
}

TEST(FollowedPage, ComplainsOfItsMistakes) {
    const Desk desk;
    EXPECT_THAT(desk.follow("`a`:\n\n```cpp\n").complaints,
                ElementsAre("page, line 3: this block has no end"));
}

TEST(FollowedPage, WaitsForWhatAProgramInTheBackgroundPrints) {
    const Desk desk;
    const Followed followed =
        desk.follow(console("$ (sleep 0.1; echo ready; exec sleep 60) &\nready\n$ kill $!\n$ wait "
                            "$!  # exit status 143\n"));
    EXPECT_THAT(followed.complaints, IsEmpty());
}

TEST(FollowedPage, LeavesNothingRunning) {
    const Desk desk;
    desk.follow(console("$ sleep 60 &\n$ echo $! >id\n"));
    const int id = std::stoi("0" + desk.folder.read("id"));
    ASSERT_GT(id, 0);
    for (int i = 0; i < 1000 && ::kill(id, 0) == 0; ++i)
        test::run_program({{"/bin/sleep", "0.01"}});
    EXPECT_NE(::kill(id, 0), 0) << "the program that the page has started still runs";
}

TEST(FollowedPage, UsesAnotherPortWhereItsOwnIsTaken) {
    const Desk desk;
    auto listener = std::make_unique<test::TcpListener>();
    const std::uint16_t port = listener->port();
    const std::string name = std::to_string(port);
    const std::string page =
        "`port.txt`:\n\n```text\n" + name + "\n```\n\n" +
        console("$ cat port.txt; echo " + name + "\n" + name + "\n" + name + "\n");
    EXPECT_THAT(desk.follow(page, port).complaints, IsEmpty());
    EXPECT_NE(desk.folder.read("port.txt"), name + "\n");
    listener.reset();
    EXPECT_THAT(desk.follow(page, port).complaints, IsEmpty());
    EXPECT_EQ(desk.folder.read("port.txt"), name + "\n");
}

}  // namespace
}  // namespace drydock::pages

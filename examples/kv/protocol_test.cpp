// Lines and commands, as plain unit tests.
#include "protocol.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace kv {
namespace {

constexpr Limits limits{.key = 4, .value = 6, .line = 20};

/// All lines of a text that comes in pieces of `size` bytes; "<too long>" for those that are.
std::vector<std::string> lines_of(std::string_view text, std::size_t size) {
    LineSplitter splitter(limits.line);
    std::vector<std::string> lines;
    for (; !text.empty(); text.remove_prefix(std::min(size, text.size()))) {
        splitter.add(text.substr(0, size));
        while (const auto line = splitter.next()) {
            lines.push_back(line->too_long ? "<too long>" : std::string(line->text));
        }
    }
    return lines;
}

TEST(LineSplitter, GivesTheSameLinesHoweverTheyAreCut) {
    const std::string longest(20, 'a');
    const std::string text = "GET a\n\nGET b\r\n" + longest + "\n" + longest + "\r\n" + longest +
                             "b\nx\n" + std::string(90, 'y') + "\nGET c\nunfinished";
    const std::vector<std::string> expected = {"GET a",      "",  "GET b",      longest, longest,
                                               "<too long>", "x", "<too long>", "GET c"};
    for (std::size_t size = 1; size <= text.size(); ++size) {
        EXPECT_EQ(lines_of(text, size), expected) << "in pieces of " << size << " bytes";
    }
}

TEST(LineSplitter, SaysWhetherALineHasBegun) {
    LineSplitter splitter(limits.line);
    EXPECT_FALSE(splitter.in_line());
    splitter.add("a\nb");
    EXPECT_TRUE(splitter.next());
    EXPECT_FALSE(splitter.next());
    EXPECT_TRUE(splitter.in_line());
    splitter.add(std::string(100, 'b'));
    EXPECT_FALSE(splitter.next());
    EXPECT_TRUE(splitter.in_line());
    splitter.add("\n");
    EXPECT_TRUE(splitter.next()->too_long);
    EXPECT_FALSE(splitter.in_line());
}

TEST(Parser, TakesTheCommands) {
    const Parsed set = parse("SET key a b c ", limits);
    ASSERT_TRUE(set.command);
    EXPECT_EQ(set.command->verb, Verb::set);
    EXPECT_EQ(set.command->key, "key");
    EXPECT_EQ(set.command->value, "a b c ") << "spaces are a part of the value";
    EXPECT_EQ(parse("SET key ", limits).command.value().value, "");
    EXPECT_EQ(parse("GET key", limits).command.value().key, "key");
    EXPECT_EQ(parse("DEL key", limits).command.value().verb, Verb::del);
    EXPECT_EQ(parse("INCR key", limits).command.value().verb, Verb::incr);
    EXPECT_EQ(parse("QUIT", limits).command.value().verb, Verb::quit);
}

TEST(Parser, RefusesEverythingElse) {
    for (const char* line : {"", " ", "get a", "GETS a", "\tGET a", " GET a"}) {
        EXPECT_EQ(parse(line, limits).error, answers::unknown_command) << line;
    }
    for (const char* line :
         {"GET", "GET ", "GET a b", "GET a ", "SET", "SET a", "SET  b", "QUIT now", "QUIT "}) {
        EXPECT_EQ(parse(line, limits).error, answers::wrong_arguments) << line;
    }
    EXPECT_EQ(parse("GET 12345", limits).error, answers::key_too_long);
    EXPECT_TRUE(parse("SET 1234 123456", limits).command);
    EXPECT_EQ(parse("SET 1234 1234567", limits).error, answers::value_too_long);
}

}  // namespace
}  // namespace kv

// The store, as plain unit tests.
#include "store.hpp"

#include <string>

#include <gtest/gtest.h>

namespace kv {
namespace {

class StoreTest : public testing::Test {
protected:
    std::string ask(std::string_view line) { return store_.execute(*parse(line, {}).command); }

    Store store_{3 * Store::cost_of("k", "1")};
};

TEST_F(StoreTest, KeepsValues) {
    EXPECT_EQ(ask("GET k"), "NONE\n");
    EXPECT_EQ(ask("SET k 1"), "OK\n");
    EXPECT_EQ(ask("SET k 2"), "OK\n");
    EXPECT_EQ(ask("GET k"), "VALUE 2\n");
    EXPECT_EQ(ask("DEL k"), "OK\n");
    EXPECT_EQ(ask("DEL k"), "NONE\n");
    EXPECT_EQ(store_.used(), 0U);
}

TEST_F(StoreTest, Counts) {
    EXPECT_EQ(ask("INCR k"), "VALUE 1\n");
    EXPECT_EQ(ask("INCR k"), "VALUE 2\n");
    EXPECT_EQ(ask("SET k 18446744073709551614"), "OK\n");
    EXPECT_EQ(ask("INCR k"), "VALUE 18446744073709551615\n");
    EXPECT_EQ(ask("INCR k"), "ERROR number too large\n");
    EXPECT_EQ(ask("GET k"), "VALUE 18446744073709551615\n");
    for (const char* text : {"", "x", "1x", "-1", "+1", " 1"}) {
        ask(std::string("SET k ") + text);
        EXPECT_EQ(ask("INCR k"), "ERROR not a number\n") << text;
    }
}

TEST_F(StoreTest, RefusesWhatDoesNotFit) {
    EXPECT_EQ(ask("SET a 9"), "OK\n");
    EXPECT_EQ(ask("SET b 9"), "OK\n");
    EXPECT_EQ(ask("SET c 10"), "ERROR store full\n");
    EXPECT_EQ(ask("GET c"), "NONE\n");
    EXPECT_EQ(ask("SET c 1"), "OK\n");
    EXPECT_EQ(ask("INCR a"), "ERROR store full\n") << "10 takes a byte more than 9";
    EXPECT_EQ(ask("GET a"), "VALUE 9\n") << "it keeps its old value";
    EXPECT_EQ(ask("SET a 8"), "OK\n") << "a value of the same size replaces the old one";
    EXPECT_EQ(ask("DEL b"), "OK\n");
    EXPECT_EQ(ask("SET a 10"), "OK\n");
    EXPECT_EQ(store_.used(), Store::cost_of("a", "10") + Store::cost_of("c", "1"));
}

}  // namespace
}  // namespace kv

// The drawing of the includes in docs/ARCHITECTURE.md is that of the sources, and shows the layers
// that it must.
#include "tests/tidy/include_graph.hpp"

#include <cstdlib>
#include <fstream>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace drydock::tidy {
namespace {

using testing::AnyOf;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

const IncludeGraph& real_graph() {
    static const IncludeGraph graph = include_graph(read_tree(DRYDOCK_SOURCE_DIR));
    return graph;
}

TEST(IncludeGraph, NamesThePartOfAFile) {
    EXPECT_EQ(part_of("sim/world.cpp"), "sim");
    EXPECT_EQ(part_of("sim/tool/report.cpp"), "sim/tool");
    EXPECT_EQ(part_of("include/drydock/sim/run.hpp"), "include/drydock/sim");
    EXPECT_EQ(part_of("include/drydock/io.hpp"), "include/drydock");
    EXPECT_EQ(part_of("include/drydock/server.hpp"), "src/server");
    EXPECT_EQ(part_of("tests/unit/task_test.cpp"), "");
    EXPECT_EQ(part_of("simple/world.cpp"), "");
}

TEST(IncludeGraph, HasAnArrowForEachInclude) {
    const std::vector<Source> sources = {
        Source("sim/world.cpp", "#include <vector>\n#include <drydock/queue.hpp>\n"),
        Source("sim/tool/a.cpp", "#include \"sim/world.hpp\"\n// #include \"src/echo/a.hpp\"\n"),
    };
    const IncludeGraph expected = {{"sim", {"include/drydock"}}, {"sim/tool", {"sim"}}};
    EXPECT_EQ(include_graph(sources), expected);
}

TEST(IncludeGraph, LeavesOutArrowsThatFollowFromOthers) {
    const IncludeGraph graph = {{"a", {"b", "c", "d"}}, {"b", {"c"}}, {"c", {}}, {"d", {}}};
    const IncludeGraph expected = {{"a", {"b", "d"}}, {"b", {"c"}}, {"c", {}}, {"d", {}}};
    EXPECT_EQ(without_implied_arrows(graph), expected);
}

TEST(IncludeGraph, FindsACycle) {
    EXPECT_THAT(find_cycle({{"a", {"b"}}, {"b", {"c"}}, {"c", {"b"}}}),
                ElementsAre("a", "b", "c", "b"));
    EXPECT_THAT(find_cycle({{"a", {"b", "c"}}, {"b", {"c"}}, {"c", {}}}), IsEmpty());
}

TEST(IncludeGraph, OfTheRepositoryHasTheContractAtTheGround) {
    EXPECT_THAT(real_graph().at("include/drydock"), IsEmpty());
    EXPECT_THAT(find_cycle(real_graph()), IsEmpty());
}

TEST(IncludeGraph, OfTheRepositoryHasNoArrowFromTheSimulatorToAServer) {
    int arrows = 0;
    for (const auto& [part, to] : real_graph()) {
        if (part != "include/drydock/sim" && part.rfind("sim", 0) != 0) continue;
        for (const std::string& other : to) {
            ++arrows;
            EXPECT_THAT(other, Not(AnyOf("src/echo", "src/chat", "src/server", "tests/scenarios",
                                         "tests/zoo")))
                << part;
        }
    }
    EXPECT_GT(arrows, 0);
}

TEST(IncludeGraph, OfTheRepositoryHasNoServerAboveTheSimulatorOrABackend) {
    for (const char* server : {"src/echo", "src/chat", "src/server", "src/runtime"}) {
        for (const std::string& other : real_graph().at(server)) {
            EXPECT_THAT(
                other, Not(AnyOf(StartsWith("sim"), StartsWith("platform"), "include/drydock/sim")))
                << server;
        }
    }
}

TEST(IncludeGraph, IsDrawnInArchitecture) {
    const std::string path = DRYDOCK_SOURCE_DIR "/docs/ARCHITECTURE.md";
    std::stringstream file;
    file << std::ifstream(path, std::ios::binary).rdbuf();
    std::string page = file.str();
    const std::string begin = "```mermaid\n";
    const std::size_t from = page.find(begin);
    ASSERT_NE(from, std::string::npos);
    const std::size_t drawing = from + begin.size();
    const std::size_t to = page.find("```", drawing);
    ASSERT_NE(to, std::string::npos);
    const std::string expected = drawn(without_implied_arrows(real_graph()));
    if (std::getenv("DRYDOCK_UPDATE_GOLDEN") != nullptr) {
        page.replace(drawing, to - drawing, expected);
        ASSERT_TRUE(std::ofstream(path, std::ios::binary) << page);
        return;
    }
    EXPECT_EQ(page.substr(drawing, to - drawing), expected)
        << "DRYDOCK_UPDATE_GOLDEN=1 build/dev/tests/tidy_tests --gtest_filter=IncludeGraph.* "
           "writes the drawing anew";
}

}  // namespace
}  // namespace drydock::tidy

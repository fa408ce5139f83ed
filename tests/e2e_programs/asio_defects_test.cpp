// The defects that are usual in servers on Asio: the simulator names each within 1,000 seeds, with
// the line of the program's own file (tests/programs/asio_defects.cpp).
#include <algorithm>
#include <fstream>
#include <set>

#include "tests/e2e_sim/programs.hpp"

namespace drydock::e2e {
namespace {

const Words asio_defects = {DRYDOCK_ASIO_DEFECTS_PROGRAM};

/// The lines of the program that are marked with this defect, as reports name them.
std::set<std::string> marked_lines(const std::string& defect) {
    std::ifstream file(DRYDOCK_ASIO_DEFECTS_SOURCE);
    std::set<std::string> lines;
    std::string text;
    for (int number = 1; std::getline(file, text); ++number) {
        if (text.find("DEFECT " + defect) == std::string::npos) continue;
        lines.insert("asio_defects.cpp:" + std::to_string(number));
    }
    return lines;
}

Json farm(const std::string& defect, int status) {
    const Outcome result =
        run(asio_defects, {"farm", defect, "--seeds", "1000", "--no-shrink", "--json"});
    EXPECT_EQ(result.ending, Ending::exited(status)) << result.errors << result.output;
    Json object = Json::parse(result.output, nullptr, false);
    EXPECT_TRUE(object.is_object()) << result.output;
    return object;
}

struct Planted {
    std::string defect;
    std::string property;  // that names it
};

void PrintTo(const Planted& planted, std::ostream* out) { *out << planted.defect; }

class AsioDefect : public testing::TestWithParam<Planted> {};

TEST_P(AsioDefect, is_named_with_its_line) {
    const Json summary = farm(GetParam().defect, 1);
    std::string sentence;
    for (const Json& group : summary["failed"]) {
        if (group.value("property", "") == GetParam().property) sentence = group["sentence"];
    }
    ASSERT_NE(sentence, "") << summary;
    const std::set<std::string> lines = marked_lines(GetParam().defect);
    ASSERT_FALSE(lines.empty());
    bool named = false;
    for (const std::string& line : lines) {
        named = named || sentence.find(line) != std::string::npos;
    }
    EXPECT_TRUE(named) << sentence;
}

INSTANTIATE_TEST_SUITE_P(Planted, AsioDefect,
                         testing::Values(Planted{"two-writes", "second-send"},
                                         Planted{"buffer-ends-early", "send-buffer-changed"},
                                         Planted{"shared-buffer", "send-buffer-changed"},
                                         Planted{"short-write", "short-send-ignored"},
                                         Planted{"reads-past-end", "receive-past-end"},
                                         Planted{"closed-under-handler", "send-buffer-changed"},
                                         Planted{"timer-outlives-session", "object-used-after-end"},
                                         Planted{"dies-of-one-accept", "stuck"}),
                         [](const auto& planted) {
                             std::string name = planted.param.defect;
                             std::replace(name.begin(), name.end(), '-', '_');
                             return name;
                         });

TEST(AsioServer, without_a_defect_holds) { EXPECT_EQ(farm("none", 0).value("failures", 1), 0); }

TEST(AsioServer, posts_in_order_unless_the_scenario_permutes_them) {
    EXPECT_EQ(farm("posts-in-order", 0).value("failures", 1), 0);
    const Json permuted = farm("posts-permuted", 1);
    ASSERT_EQ(permuted["failed"].size(), 1U) << permuted;
    EXPECT_EQ(permuted["failed"][0].value("property", ""), "in-order");
}

TEST(AsioServer, may_read_twice_at_once_if_the_scenario_queues_it) {
    const Json reported = farm("two-reads", 1);
    EXPECT_EQ(reported["failed"][0].value("property", ""), "second-receive") << reported;
    EXPECT_EQ(farm("two-reads-queued", 0).value("failures", 1), 0);
}

}  // namespace
}  // namespace drydock::e2e

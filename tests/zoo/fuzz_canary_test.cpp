// The fuzz target's harness fails on broken servers, already on its seed corpus; on the real one it
// does not.
#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "fuzz/echo_input.hpp"
#include "tests/zoo/canaries/canaries.hpp"

namespace drydock::zoo {
namespace {

std::vector<std::vector<std::uint8_t>> corpus() {
    std::vector<std::filesystem::path> paths;
    for (const auto& entry :
         std::filesystem::directory_iterator(std::string(DRYDOCK_FUZZ_CORPUS) + "/echo")) {
        paths.push_back(entry.path());
    }
    std::sort(paths.begin(), paths.end());
    std::vector<std::vector<std::uint8_t>> inputs;
    for (const std::filesystem::path& path : paths) {
        std::ifstream file(path, std::ios::binary);
        const std::string text{std::istreambuf_iterator<char>(file), {}};
        inputs.emplace_back(text.begin(), text.end());
    }
    return inputs;
}

int failures(sim::MakeEchoServer make) {
    int count = 0;
    for (const std::vector<std::uint8_t>& input : corpus()) {
        count += fuzz::run_echo(input, make).passed ? 0 : 1;
    }
    return count;
}

TEST(FuzzHarness, PassesTheRealServerOnItsCorpus) {
    EXPECT_GT(corpus().size(), 0U) << "the seed corpus should be there";
    EXPECT_EQ(failures(&sim::make_echo_server), 0);
}

TEST(FuzzHarness, FailsBrokenServersOnItsCorpus) {
    EXPECT_GT(failures(&make_ignores_short_sends), 0);
    EXPECT_GT(failures(&make_reads_past_the_end), 0);
    EXPECT_GT(failures(&make_frees_with_a_send_in_flight), 0);
    EXPECT_GT(failures(&make_receives_before_it_has_sent), 0);
    EXPECT_GT(failures(&make_closes_before_it_has_sent), 0);
    EXPECT_GT(failures(&make_keeps_the_last_length), 0);
    EXPECT_GT(failures(&make_stops_accepting_after_a_failure), 0);
}

}  // namespace
}  // namespace drydock::zoo

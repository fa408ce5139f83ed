// The commands of a tool: what each is told, and its main function.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "src/cli/manual.hpp"

namespace drydock::app {

struct Tool;

struct CommonArguments {
    const Tool* tool = nullptr;  // the program that was given the command; never null
    bool json = false;
};

/// How runs that may crash or hang are kept apart from the tool.
struct ApartArguments : CommonArguments {
    bool in_process = false;
    double seed_timeout = 30;  // seconds
};

/// What every command knows about the runs that it makes.
struct ScenarioArguments : ApartArguments {
    std::string scenario;
    std::vector<std::pair<std::string, std::uint64_t>> settings;
    std::string faults;            // empty: all, or the explored ones
    std::uint64_t calm_after = 0;  // 0: as the simulator has it
    std::uint32_t pct_depth = 0;
};

struct RunArguments : ScenarioArguments {
    std::uint64_t seed = 1;
    std::uint64_t trace = 0;
    std::string record;
    std::string view;  // a page; empty: none
};

struct FarmArguments : ScenarioArguments {
    std::uint64_t seeds = 1000;
    std::uint64_t first = 1;
    unsigned jobs = 0;
    bool twice = false;
    bool digests = false;
    bool until_failure = false;
    double time = 0;      // seconds; 0: no limit
    std::string shard;    // "i/n", or "auto"
    std::string summary;  // a file, or a folder; empty: none
    std::string out = "drydock-failures";
    bool keep_failures = true;  // shrink them and write them down
    bool view = true;           // and draw them
};

struct MergeArguments : CommonArguments {
    std::vector<std::string> files;  // also folders, and "@" with a file of names
    bool partial = false;
};

struct ExploreArguments : ScenarioArguments {
    std::string reduction = "states";
    bool symmetry = true;
    bool all_failures = false;
    double time = 0;
    unsigned jobs = 0;         // 0: one for each processor
    std::uint64_t memory = 0;  // megabytes; 0: no limit
    // Bounds; no_bound: none.
    static constexpr std::uint64_t no_bound = ~std::uint64_t{0};
    std::uint64_t overtakings = no_bound;
    std::uint64_t strikes = no_bound;
    std::uint64_t depth = no_bound;
    std::string grow;        // the bound that is iterated
    bool unbounded = false;  // without the bounds that the scenario has by default
    // How many of these strike in a run.
    std::uint64_t most_resets = 1;
    std::uint64_t most_crashes = 1;
    std::uint64_t most_partitions = 1;
    std::string record;
};

struct ReplayArguments : ApartArguments {
    std::string file;
    std::uint64_t trace = 0;
    std::string view;              // a page; empty: none
    std::uint64_t calm_after = 0;  // 0: as the file has it
    std::vector<std::pair<std::string, std::uint64_t>> settings;
};

struct ShrinkArguments : ApartArguments {
    std::string file;
    std::string out;  // empty: beside the file
    double time = 10;
};

struct ViewArguments : ApartArguments {
    std::vector<std::string> files;  // one, or two to compare
    std::string out;                 // empty: beside the first file
    std::string format = "html";
    std::string sources;  // a folder; empty: as compiled
    bool beside_benign = false;
    bool explain = false;
    double time = 5;  // seconds, for explain
};

struct ExplainArguments : ApartArguments {
    std::string file;
    double time = 5;  // seconds
};

Manual manual_of(const Tool& tool);

int run_one(const RunArguments& arguments);
int run_replay(const ReplayArguments& arguments);
int run_shrink(const ShrinkArguments& arguments);
int run_farm(const FarmArguments& arguments);
int run_merge(const MergeArguments& arguments);
int run_explore(const ExploreArguments& arguments);
int run_view(const ViewArguments& arguments);
int run_explain(const ExplainArguments& arguments);
int run_list(const CommonArguments& arguments);

}  // namespace drydock::app

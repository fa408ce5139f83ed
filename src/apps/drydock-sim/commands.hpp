// The commands of drydock-sim: what each is told, and its main function.
#pragma once

#include <cstdint>
#include <string>

namespace drydock::app {

/// A farm of at least this many seeds must have reached every probe.
inline constexpr std::uint64_t standard_farm = 20000;

struct CommonArguments {
    bool json = false;
    std::uint64_t calm_after = 0;  // 0: as the simulator has it
};

struct RunArguments : CommonArguments {
    std::string scenario;
    std::uint64_t seed = 1;
    std::uint64_t trace = 0;
    std::string record;
};

struct FarmArguments : CommonArguments {
    std::string scenario;
    std::uint64_t seeds = 1000;
    std::uint64_t first = 1;
    unsigned jobs = 0;
    bool twice = false;
    bool digests = false;
};

struct ReplayArguments : CommonArguments {
    std::string file;
    std::uint64_t trace = 0;
};

int run_one(const RunArguments& arguments);
int run_farm(const FarmArguments& arguments);
int run_replay(const ReplayArguments& arguments);
int run_list(const CommonArguments& arguments);

}  // namespace drydock::app

// The seed corpus of a fuzz target, for the tests that show what its harness catches.
#pragma once

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace drydock::zoo {

inline std::vector<std::vector<std::uint8_t>> corpus(const std::string& target) {
    std::vector<std::filesystem::path> paths;
    for (const auto& entry :
         std::filesystem::directory_iterator(std::string(DRYDOCK_FUZZ_CORPUS) + "/" + target)) {
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

}  // namespace drydock::zoo

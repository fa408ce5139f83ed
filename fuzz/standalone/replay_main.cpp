// Runs a fuzz target once on every file it is given (or found in a folder it is given): the main
// function for builds without libFuzzer, so that a corpus is replayed by every compiler and system.
// Files are taken in the order of their names, and no file at all is a failure.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

namespace fs = std::filesystem;

std::vector<fs::path> files_named_by(int count, char** arguments) {
    std::vector<fs::path> files;
    for (int i = 1; i < count; ++i) {
        const fs::path argument = arguments[i];
        if (!fs::is_directory(argument)) {
            files.push_back(argument);
            continue;
        }
        for (const auto& entry : fs::directory_iterator(argument)) {
            if (entry.is_regular_file()) {
                files.push_back(entry.path());
            }
        }
    }
    std::sort(files.begin(), files.end());
    return files;
}

std::vector<std::uint8_t> bytes_of(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    return {text.begin(), text.end()};
}

}  // namespace

int main(int count, char** arguments) {
    const std::vector<fs::path> files = files_named_by(count, arguments);
    for (const fs::path& file : files) {
        // Said first and at once: if the target crashes, the last line names the file.
        std::printf("replaying %s\n", file.string().c_str());
        std::fflush(stdout);
        const std::vector<std::uint8_t> bytes = bytes_of(file);
        LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
    }
    std::printf("%zu files replayed\n", files.size());
    return files.empty() ? 1 : 0;
}

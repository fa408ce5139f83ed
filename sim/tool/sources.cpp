// The source lines of a picture, from the files that the program was compiled from.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>

#include "sim/tool/recording.hpp"

namespace drydock::app {
namespace {

constexpr std::uint32_t lines_around = 6;
constexpr std::size_t longest_line = 400;
constexpr std::size_t most_lines_of_file = 200'000;

/// Where the file is. None: it may not be looked for.
std::optional<std::filesystem::path> path_of(const std::string& file, const SourceFolder& sources) {
    const std::filesystem::path path(file);
    if (sources.folder.empty()) return path;
    const std::filesystem::path folder =
        std::filesystem::absolute(sources.folder).lexically_normal();
    const std::filesystem::path whole = (folder / path).lexically_normal();  // path, if absolute
    const std::filesystem::path below = whole.lexically_relative(folder);
    if (below.empty() || *below.begin() == "..") return std::nullopt;
    return whole;
}

/// The lines [1, last] of the file, or fewer; none if it cannot be read.
std::vector<std::string> read_lines(const std::filesystem::path& path, std::uint32_t last) {
    std::error_code none;
    if (!std::filesystem::is_regular_file(path, none)) return {};
    std::ifstream file(path, std::ios::binary);
    std::vector<std::string> lines;
    std::string line;
    while (lines.size() < std::min<std::size_t>(last, most_lines_of_file) &&
           std::getline(file, line)) {
        if (line.ends_with('\r')) line.pop_back();
        lines.push_back(line.substr(0, longest_line));
    }
    return lines;
}

/// Cuts the lines around the `numbers` out of a file.
void add_ranges(const std::string& file, const std::set<std::uint32_t>& numbers,
                const std::vector<std::string>& lines, std::vector<sim::SourceLines>& found) {
    const auto count = static_cast<std::uint32_t>(lines.size());
    std::uint32_t done = 0;  // lines up to here are in a range
    for (const std::uint32_t number : numbers) {
        if (number > count) break;
        const std::uint32_t first = number > lines_around ? number - lines_around : 1;
        const std::uint32_t last = std::min(number + lines_around, count);
        if (done == 0 || first > done + 1) found.push_back({file, first, {}});
        sim::SourceLines& range = found.back();
        for (std::uint32_t at = std::max(first, done + 1); at <= last; ++at) {
            range.lines.push_back(lines[at - 1]);
        }
        done = std::max(done, last);
    }
}

}  // namespace

std::vector<sim::SourceLines> source_lines(const sim::RecordedRun& run,
                                           const SourceFolder& sources) {
    std::map<std::string, std::set<std::uint32_t>> numbers;
    for (const sim::RecordedPlace& place : run.places) numbers[place.file].insert(place.line);
    std::vector<sim::SourceLines> found;
    for (const auto& [file, of_file] : numbers) {
        const std::optional<std::filesystem::path> path = path_of(file, sources);
        if (!path) continue;
        add_ranges(file, of_file, read_lines(*path, *of_file.rbegin() + lines_around), found);
    }
    return found;
}

}  // namespace drydock::app

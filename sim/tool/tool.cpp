// tool_main(): a program for scenarios that their user has written.
#include <drydock/sim/tool.hpp>

#include <algorithm>

#include "sim/tool/program.hpp"

namespace drydock::sim {
namespace {

constexpr std::string_view name_without_argv = "sim-tool";

/// "kv-sim" of "build/kv-sim" or "C:\build\kv-sim.exe".
std::string name_of_program(std::string_view path) {
#ifdef _WIN32
    constexpr std::string_view separators = "/\\";
#else
    constexpr std::string_view separators = "/";
#endif
    const std::size_t folder = path.find_last_of(separators);
    if (folder != std::string_view::npos) path.remove_prefix(folder + 1);
    if (path.ends_with(".exe") || path.ends_with(".EXE")) path.remove_suffix(4);
    return std::string(path.empty() ? name_without_argv : path);
}

bool is_plain(char c) {
    const auto letter = static_cast<unsigned char>(c);
    return (letter >= '0' && letter <= '9') || (letter >= 'A' && letter <= 'Z') ||
           (letter >= 'a' && letter <= 'z') || letter >= 0x80 ||
           std::string_view("-_./+:@%,=\\").find(c) != std::string_view::npos;
}

/// As one word for a shell.
std::string quoted(std::string_view word) {
    if (std::all_of(word.begin(), word.end(), is_plain)) return std::string(word);
#ifdef _WIN32
    return '"' + std::string(word) + '"';
#else
    std::string text = "'";
    for (const char c : word) text += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return text + "'";
#endif
}

}  // namespace

int tool_main(int argc, char** argv, std::span<const ScenarioInfo* const> scenarios) {
    const std::string_view path = argc > 0 && argv[0] != nullptr ? argv[0] : name_without_argv;
    return app::run_tool({name_of_program(path), quoted(path), scenarios}, argc, argv);
}

}  // namespace drydock::sim

// Who may include whom: the layers of the house, and OS headers only under platform/.

#include "tests/tidy/includes.hpp"

#include <algorithm>
#include <array>
#include <optional>

namespace drydock::tidy {
namespace {

constexpr std::string_view std_headers[] = {
    "algorithm",
    "any",
    "array",
    "atomic",
    "barrier",
    "bit",
    "bitset",
    "cassert",
    "cctype",
    "cerrno",
    "cfenv",
    "cfloat",
    "charconv",
    "chrono",
    "cinttypes",
    "climits",
    "clocale",
    "cmath",
    "codecvt",
    "compare",
    "complex",
    "concepts",
    "condition_variable",
    "coroutine",
    "csetjmp",
    "csignal",
    "cstdarg",
    "cstddef",
    "cstdint",
    "cstdio",
    "cstdlib",
    "cstring",
    "ctime",
    "cuchar",
    "cwchar",
    "cwctype",
    "deque",
    "exception",
    "execution",
    "filesystem",
    "format",
    "forward_list",
    "fstream",
    "functional",
    "future",
    "initializer_list",
    "iomanip",
    "ios",
    "iosfwd",
    "iostream",
    "istream",
    "iterator",
    "latch",
    "limits",
    "list",
    "locale",
    "map",
    "memory",
    "memory_resource",
    "mutex",
    "new",
    "numbers",
    "numeric",
    "optional",
    "ostream",
    "queue",
    "random",
    "ranges",
    "ratio",
    "regex",
    "scoped_allocator",
    "semaphore",
    "set",
    "shared_mutex",
    "source_location",
    "span",
    "sstream",
    "stack",
    "stdexcept",
    "stop_token",
    "streambuf",
    "string",
    "string_view",
    "syncstream",
    "system_error",
    "thread",
    "tuple",
    "type_traits",
    "typeindex",
    "typeinfo",
    "unordered_map",
    "unordered_set",
    "utility",
    "valarray",
    "variant",
    "vector",
    "version",
};

constexpr std::string_view os_folders[] = {
    "sys/",       "netinet/", "arpa/", "linux/", "net/",
    "netpacket/", "asm/",     "mach/", "bits/",  "sanitizer/",
};

// In lower case: Windows finds <WinSock2.h> as well.
constexpr std::string_view os_headers[] = {
    "unistd.h",       "fcntl.h",      "poll.h",     "signal.h",    "netdb.h",
    "pthread.h",      "dlfcn.h",      "spawn.h",    "termios.h",   "sched.h",
    "semaphore.h",    "ifaddrs.h",    "liburing.h", "windows.h",   "winsock.h",
    "winsock2.h",     "ws2tcpip.h",   "mswsock.h",  "ws2def.h",    "ws2ipdef.h",
    "windef.h",       "winbase.h",    "winnt.h",    "winternl.h",  "ntstatus.h",
    "ntdef.h",        "io.h",         "process.h",  "handleapi.h", "ioapiset.h",
    "mstcpip.h",      "iphlpapi.h",   "conio.h",    "synchapi.h",  "processthreadsapi.h",
    "namedpipeapi.h", "consoleapi.h", "shellapi.h",
};

bool starts_with(std::string_view text, std::string_view start) {
    return text.substr(0, start.size()) == start;
}

template <class List>
bool contains(const List& list, std::string_view wanted) {
    return std::find(std::begin(list), std::end(list), wanted) != std::end(list);
}

bool is_os_header(std::string_view name) {
    std::string lower(name);
    std::transform(lower.begin(), lower.end(), lower.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    return contains(os_headers, lower) ||
           std::any_of(std::begin(os_folders), std::end(os_folders),
                       [&](std::string_view folder) { return starts_with(lower, folder); });
}

// "src/echo" of "src/echo/server.hpp": the part of the house that a file lives in.
std::string_view two_parts(std::string_view path) {
    return path.substr(0, path.find('/', path.find('/') + 1));
}

struct Layer {
    std::vector<std::string_view> may_include;  // beginnings of names
    bool os = false;
    bool everything = false;
    std::string_view says;
    std::vector<std::string_view> but_not{};  // exceptions from may_include
};

// The ground of the house: what neither the simulator nor a server is part of.
constexpr std::string_view simulator_headers = "drydock/sim/";
constexpr std::string_view server_headers = "drydock/server";
// What main functions and the tool have, and neither a server nor the simulated world.
constexpr std::string_view host_header = "drydock/host.hpp";
constexpr std::string_view backend_header = "drydock/backend.hpp";

std::optional<Layer> layer_of_the_simulator(const Source& source) {
    if (source.path == "include/drydock/sim/gtest.hpp") {
        return Layer{{"drydock/", "gtest/"},
                     false,
                     false,
                     "runs in a GoogleTest: std, <drydock/...> and GoogleTest, and no server",
                     {server_headers}};
    }
    if (source.path == "include/drydock/sim/rapidcheck.hpp") {
        return Layer{{"drydock/", "rapidcheck.h"},
                     false,
                     false,
                     "runs by RapidCheck: std, <drydock/...> and RapidCheck, and no server",
                     {server_headers}};
    }
    if (source.is_under("include/drydock/sim")) {
        return Layer{{"drydock/"},
                     false,
                     false,
                     "the simulator: std and <drydock/...>, no server and no host",
                     {server_headers, host_header, backend_header}};
    }
    if (source.is_under("sim/tool")) {
        return Layer{
            {"drydock/", "sim/", "src/cli/", "platform/host/", "fmt/", "nlohmann/", "CLI/"},
            false,
            false,
            "the tool: std, <drydock/...>, sim/, src/cli/, platform/host/, fmt, nlohmann-json "
            "and CLI11, and no server",
            {server_headers}};
    }
    if (source.is_under("sim/picture")) {
        return Layer{{"drydock/", "sim/", "fmt/", "nlohmann/"},
                     false,
                     false,
                     "pictures of runs: std, <drydock/...>, sim/, fmt and nlohmann-json, and no "
                     "server and no host",
                     {server_headers, host_header, backend_header}};
    }
    if (source.is_under("sim/farming")) {
        return Layer{{"drydock/", "sim/", "platform/host/"},
                     false,
                     false,
                     "farms: std, <drydock/...>, sim/ and platform/host/, and no server",
                     {server_headers}};
    }
    if (source.is_under("sim/program")) {
        return Layer{{"drydock/", "sim/", "cxxabi.h", "unwind.h", "ucontext.h", "elf.h", "link.h",
                      "malloc.h", "stdio_ext.h"},
                     true,
                     false,
                     "beneath a simulated program: std, <drydock/...>, sim/, OS headers and those "
                     "of the C library and the C++ ABI, and no server",
                     {server_headers}};
    }
    if (source.is_under("sim")) {  // also sim/harness, which knows no test framework
        return Layer{{"drydock/", "sim/"},
                     false,
                     false,
                     "the simulator: std, <drydock/...> and sim/, no server and no host",
                     {server_headers, host_header, backend_header}};
    }
    return std::nullopt;
}

// Asio's face. It knows queues and no simulator: a simulated program brings its Surroundings.
std::optional<Layer> layer_of_the_face(const Source& source) {
    if (source.is_under("src/asio")) {
        return Layer{{"drydock/"},
                     false,
                     false,
                     "the face below its headers: std and <drydock/...>, no simulator, no server "
                     "and no Asio",
                     {simulator_headers, server_headers, host_header}};
    }
    const bool has_asio = source.is_under("include/drydock/asio/detail") ||
                          source.path.starts_with("include/drydock/asio_replace.") ||
                          source.path.starts_with("include/drydock/boost_asio") ||
                          source.path == "include/drydock/asio.hpp";
    if (!has_asio) return std::nullopt;
    return Layer{{"drydock/", "asio.hpp", "asio/", "boost/"},
                 false,
                 false,
                 "the face: std, <drydock/...>, Asio and Boost, no simulator and no server",
                 {simulator_headers, server_headers, host_header, backend_header}};
}

Layer layer_of(const Source& source) {
    if (const std::optional<Layer> layer = layer_of_the_simulator(source)) return *layer;
    if (const std::optional<Layer> layer = layer_of_the_face(source)) return *layer;
    if (source.path.starts_with("include/drydock/server")) {
        return {{"drydock/"},
                false,
                false,
                "what servers are made with: std and <drydock/...> without the simulator",
                {simulator_headers}};
    }
    if (source.is_under("include/drydock")) {
        return {{"drydock/"},
                false,
                false,
                "the contract: std and <drydock/...> without the simulator and servers",
                {simulator_headers, server_headers}};
    }
    if (source.is_under("src/apps") || source.is_under("src/cli")) {
        return {{}, false, true, ""};
    }
    if (source.is_under("src/relay")) {
        return {{"drydock/", "src/relay/", "src/chat/relay.hpp"},
                false,
                false,
                "the relay: std, <drydock/...> without the simulator, its own folder and the seam "
                "src/chat/relay.hpp",
                {simulator_headers, host_header, backend_header}};
    }
    if (source.is_under("src")) {
        return {
            {"drydock/", "src/runtime/", "src/console/", two_parts(source.path), "fmt/"},
            false,
            false,
            "server logic: std, <drydock/...> without the simulator, src/runtime/, src/console/, "
            "its own folder and fmt",
            {simulator_headers, host_header, backend_header}};
    }
    if (source.path == "platform/backends.cpp") {
        return {{"drydock/", "platform/"},
                false,
                false,
                "the list of the backends: std, <drydock/...> and platform/"};
    }
    if (source.is_under("platform")) {
        return {{"drydock/", "platform/common/", two_parts(source.path)},
                true,
                false,
                "a backend: std, <drydock/...>, OS headers, platform/common/ and its own folder"};
    }
    if (source.is_under("tests/scenarios")) {
        return {{"drydock/", "src/", "tests/broker/", "tests/scenarios/"},
                false,
                false,
                "a scenario: std, <drydock/...>, src/, tests/broker/ and tests/scenarios/, as a "
                "user's scenarios have nothing else"};
    }
    return {{}, true, true, ""};  // tests/, fuzz/ and bench/ see everything
}

bool may_include(const Layer& layer, std::string_view name) {
    if (contains(std_headers, name) || (layer.os && is_os_header(name))) {
        return true;
    }
    const auto is_below = [&](std::string_view start) { return starts_with(name, start); };
    return std::any_of(layer.may_include.begin(), layer.may_include.end(), is_below) &&
           std::none_of(layer.but_not.begin(), layer.but_not.end(), is_below);
}

}  // namespace

std::optional<std::string_view> included_name(const Source& source, std::size_t line_index) {
    // The blanked line tells an #include from a comment about one; the name is in the full line.
    std::string_view code = trimmed(source.code[line_index]);
    if (code.empty() || code.front() != '#' || !starts_with(trimmed(code.substr(1)), "include")) {
        return std::nullopt;
    }
    const std::string_view line = source.lines[line_index];
    const std::size_t open = line.find_first_of("<\"");
    if (open == std::string_view::npos) {
        return std::nullopt;
    }
    const std::size_t close = line.find_first_of(">\"", open + 1);
    return line.substr(open + 1, close - open - 1);
}

void check_layers(const Source& source, std::vector<Finding>& findings) {
    const Layer layer = layer_of(source);
    if (layer.everything) {
        return;
    }
    for (std::size_t i = 0; i < source.lines.size(); ++i) {
        const std::optional<std::string_view> name = included_name(source, i);
        // An OS header in the wrong place is the other rule's finding.
        if (name && !may_include(layer, *name) && !is_os_header(*name)) {
            findings.push_back({source.path, i + 1, "layers",
                                "<" + std::string(*name) + "> may not be included here; " +
                                    std::string(layer.says) +
                                    " (own files by their path from the repository's root)"});
        }
    }
}

void check_os_headers(const Source& source, std::vector<Finding>& findings) {
    const bool watched =
        !source.is_under("sim/program") &&
        (source.is_under("include") || source.is_under("src") || source.is_under("sim"));
    for (std::size_t i = 0; watched && i < source.lines.size(); ++i) {
        const std::optional<std::string_view> name = included_name(source, i);
        if (name && is_os_header(*name)) {
            findings.push_back({source.path, i + 1, "os-headers",
                                "OS header <" + std::string(*name) +
                                    ">; reach the system through the contract or platform/host"});
        }
    }
}

}  // namespace drydock::tidy

// Making the graph of includes, and drawing it.
#include "tests/tidy/include_graph.hpp"

#include <algorithm>
#include <functional>

#include "tests/tidy/includes.hpp"

namespace drydock::tidy {
namespace {

bool begins_with(std::string_view text, std::string_view start) {
    return text.substr(0, start.size()) == start;
}

// The longest name that a path begins with is its part.
constexpr std::string_view parts[] = {
    "include/drydock/sim",
    "include/drydock",
    "src/asio",
    "src/runtime",
    "src/server",
    "src/echo",
    "src/chat",
    "src/relay",
    "src/console",
    "src/cli",
    "src/apps/drydock-sim",
    "src/apps/drydock",
    "platform/common",
    "platform/host",
    "platform/iocp",
    "platform/apc",
    "platform/uring",
    "platform/epoll",
    "platform",
    "sim/tool",
    "sim/harness",
    "sim/farming",
    "sim/picture",
    "sim/program",
    "sim",
    "tests/broker",
    "tests/scenarios",
    "tests/zoo",
};

constexpr std::string_view public_header = "drydock/";

// The public headers of src/server stand beside the contract, and are no part of it.
constexpr std::string_view public_server = "include/drydock/server";
// Asio's face is headers, and what src/asio has below them.
constexpr std::string_view public_faces[] = {"include/drydock/asio", "include/drydock/boost_asio"};

// The parts that a part reaches.
std::set<std::string> reached(const IncludeGraph& graph, const std::string& from) {
    std::set<std::string> seen;
    std::vector<std::string> open = {from};
    while (!open.empty()) {
        const std::string part = open.back();
        open.pop_back();
        const auto arrows = graph.find(part);
        if (arrows == graph.end()) continue;
        for (const std::string& next : arrows->second) {
            if (seen.insert(next).second) open.push_back(next);
        }
    }
    return seen;
}

// A name that Mermaid takes for a node.
std::string node(std::string_view part) {
    std::string name(part);
    std::replace_if(
        name.begin(), name.end(), [](char c) { return c == '/' || c == '-'; }, '_');
    return name;
}

}  // namespace

std::string part_of(std::string_view path) {
    if (begins_with(path, public_server)) return "src/server";
    for (const std::string_view face : public_faces) {
        if (begins_with(path, face)) return "src/asio";
    }
    std::string_view best;
    for (const std::string_view part : parts) {
        const bool inside = begins_with(path, part) && path.size() > part.size() &&
                            path[part.size()] == '/' && part.size() > best.size();
        if (inside) best = part;
    }
    return std::string(best);
}

IncludeGraph include_graph(const std::vector<Source>& sources) {
    IncludeGraph graph;
    for (const Source& source : sources) {
        const std::string from = part_of(source.path);
        if (from.empty()) continue;
        graph[from];
        for (std::size_t i = 0; i < source.lines.size(); ++i) {
            const auto name = included_name(source, i);
            if (!name) continue;
            const std::string to = begins_with(*name, public_header)
                                       ? part_of("include/" + std::string(*name))
                                       : part_of(*name);
            if (!to.empty() && to != from) graph[from].insert(to);
        }
    }
    return graph;
}

std::vector<std::string> find_cycle(const IncludeGraph& graph) {
    std::vector<std::string> path;
    std::set<std::string> done;
    const std::function<bool(const std::string&)> visit = [&](const std::string& part) {
        const bool closed = std::find(path.begin(), path.end(), part) != path.end();
        path.push_back(part);
        if (closed) return true;
        const auto arrows = graph.find(part);
        if (arrows != graph.end() && !done.contains(part)) {
            for (const std::string& next : arrows->second) {
                if (visit(next)) return true;
            }
        }
        done.insert(part);
        path.pop_back();
        return false;
    };
    for (const auto& [part, arrows] : graph) {
        if (visit(part)) return path;
    }
    return {};
}

IncludeGraph without_implied_arrows(const IncludeGraph& graph) {
    IncludeGraph reduced;
    for (const auto& [part, arrows] : graph) {
        std::set<std::string>& kept = reduced[part];
        for (const std::string& to : arrows) {
            const bool implied =
                std::any_of(arrows.begin(), arrows.end(), [&](const std::string& other) {
                    return other != to && reached(graph, other).contains(to);
                });
            if (!implied) kept.insert(to);
        }
    }
    return reduced;
}

std::string drawn(const IncludeGraph& graph) {
    std::string text = "flowchart TD\n";
    for (const auto& [part, arrows] : graph) {
        text += "    " + node(part) + "[\"" + part + "\"]\n";
    }
    for (const auto& [part, arrows] : graph) {
        for (const std::string& to : arrows)
            text += "    " + node(part) + " --> " + node(to) + "\n";
    }
    return text;
}

}  // namespace drydock::tidy

// docs/PROPERTIES.md explains every name that a report can print: each property, rule, fault,
// probe, manner and option has a row there. A new name in the code fails here until it has one.

#include <fstream>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <drydock/server_probes.hpp>
#include <drydock/sim/faults.hpp>
#include <drydock/violation.hpp>

#include "src/chat/probes.hpp"
#include "src/echo/probes.hpp"
#include "tests/scenarios/chat.hpp"
#include "tests/scenarios/echo.hpp"
#include "tests/tidy/source.hpp"

namespace drydock::tidy {
namespace {

using Names = std::set<std::string>;

std::string page() {
    std::ifstream file(DRYDOCK_SOURCE_DIR "/docs/PROPERTIES.md", std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

/// The names without a row of their own, which begins with the name.
std::string without_row(const Names& names) {
    const std::string text = page();
    std::string missing;
    for (const std::string& name : names) {
        if (text.find("\n| `" + name + "` |") == std::string::npos) missing += name + "\n";
    }
    return missing;
}

/// What the first group of `pattern` matches in the sources below `folder`.
Names found_in_sources(std::string_view folder, const char* pattern) {
    const std::regex expression(pattern);
    static const std::vector<Source> sources = read_tree(DRYDOCK_SOURCE_DIR);
    Names names;
    for (const Source& source : sources) {
        if (!source.is_under(folder)) continue;
        for (const std::string& line : source.lines) {
            if (line.find('"') == std::string::npos) continue;
            for (std::sregex_iterator match(line.begin(), line.end(), expression), end;
                 match != end; ++match) {
                names.insert((*match)[1].str());
            }
        }
    }
    return names;
}

template <typename Probes>
void add(Names& names, const Probes& probes) {
    for (const std::string_view name : probes) names.emplace(name);
}

TEST(PropertiesPage, HasARowForEachProperty) {
    // A scenario's property is a literal such as "echo-prefix", also if it is not passed to fail()
    // directly.
    Names names = found_in_sources("tests/scenarios", "\"([a-z]+(-[a-z]+)+)\"");
    names.merge(found_in_sources("sim", "^    \\{\"([a-z-]+)\",?"));
    names.merge(found_in_sources("sim", "property = \"([a-z-]+)\""));
    ASSERT_TRUE(names.contains("echo-prefix") && names.contains("chat-gap") &&
                names.contains("stuck") && names.contains("determinism"))
        << "the properties were not found in the sources";
    EXPECT_EQ(without_row(names), "");
}

TEST(PropertiesPage, HasARowForEachRule) {
    const std::string text = page();
    for (int i = 0; i < rule_count; ++i) {
        const std::string rule(drydock::name(static_cast<drydock::Rule>(i)));
        EXPECT_NE(text.find("\n| `" + rule + "` | "), std::string::npos) << rule;
    }
}

TEST(PropertiesPage, HasARowForEachFault) {
    Names names;
    for (int i = 0; i < sim::fault_count; ++i) {
        const std::string_view probe = sim::name(static_cast<sim::Fault>(i));
        names.emplace(probe.substr(std::string_view("fault.").size()));
    }
    EXPECT_EQ(without_row(names), "");
}

TEST(PropertiesPage, HasARowForEachProbe) {
    Names names;
    add(names, server::probes::all);
    add(names, echo::probes::all);
    add(names, chat::probes::all);
    EXPECT_EQ(without_row(names), "");
}

TEST(PropertiesPage, HasARowForEachManner) {
    Names names;
    for (std::uint32_t i = 0; i < sim::manner_count; ++i) {
        names.emplace(sim::name(static_cast<sim::Manner>(i)));
    }
    for (std::uint32_t i = 0; i < sim::chat_manner_count; ++i) {
        names.emplace(sim::name(static_cast<sim::ChatManner>(i)));
    }
    EXPECT_EQ(without_row(names), "");
}

TEST(PropertiesPage, HasEachOptionOfASimulatorCommand) {
    Names names = found_in_sources("sim/tool", "\"!?(--[a-z][a-z-]*)\"");
    names.erase("--version");
    for (const auto& parameter : sim::echo_parameters) {
        names.insert("--" + std::string(parameter.name));
    }
    for (const auto& parameter : sim::chat_parameters) {
        names.insert("--" + std::string(parameter.name));
    }
    ASSERT_TRUE(names.contains("--seed")) << "the options were not found in the sources";
    const std::string text = page();
    for (const std::string& name : names) {
        const bool there = text.find("`" + name + " ") != std::string::npos ||
                           text.find("`" + name + "`") != std::string::npos;
        EXPECT_TRUE(there) << name;
    }
}

}  // namespace
}  // namespace drydock::tidy

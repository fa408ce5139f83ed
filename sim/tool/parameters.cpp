// Options for parameters, which several scenarios may share: by name, with the text of each.
#include "sim/tool/parameters.hpp"

#include <algorithm>
#include <cctype>
#include <vector>

#include <fmt/format.h>

#include "src/cli/command_line.hpp"
#include "src/cli/help.hpp"

namespace drydock::app {
namespace {

struct Owner {
    const sim::ScenarioInfo* scenario;
    const sim::Parameter* parameter;
};

/// A name of parameters, and the scenarios that have one of that name.
struct Shared {
    std::string name;
    std::vector<Owner> owners;
};

std::vector<Shared> by_name(const Tool& tool) {
    std::vector<Shared> all;
    for (const sim::ScenarioInfo* scenario : tool.scenarios) {
        for (const sim::Parameter& parameter : scenario->parameters) {
            const auto has_name = [&](const Shared& each) { return each.name == parameter.name; };
            auto found = std::find_if(all.begin(), all.end(), has_name);
            if (found == all.end()) {
                all.push_back({std::string(parameter.name), {}});
                found = std::prev(all.end());
            }
            found->owners.push_back({scenario, &parameter});
        }
    }
    return all;
}

/// "Size of a small world, for echo and chat".
std::string heading(const Tool& tool, const Shared& shared) {
    constexpr std::size_t most = 4;  // names in a heading
    const std::size_t count = shared.owners.size();
    if (count > most) {
        return fmt::format("Size of a small world, for {} scenarios ({} list)", count, tool.name);
    }
    std::string names;
    for (std::size_t i = 0; i < count; ++i) {
        names += i == 0 ? "" : i + 1 == count ? " and " : ", ";
        names += shared.owners[i].scenario->name;
    }
    const std::string heading = "Size of a small world, for " + names;
    if (tool.extras.scenarios.empty()) return heading;
    const char* const whose = count == 1 ? "its" : "their";
    return heading + fmt::format(" and {} kind in {}", whose, tool.extras.collection);
}

/// What `text_of` says of the parameter; where it differs, of each scenario's.
template <typename TextOf>
std::string for_each_owner(const Shared& shared, TextOf text_of) {
    const std::string first = text_of(*shared.owners.front().parameter);
    const bool same =
        std::all_of(shared.owners.begin(), shared.owners.end(),
                    [&](const Owner& owner) { return text_of(*owner.parameter) == first; });
    if (same) return first;
    std::string text;
    for (const auto& [scenario, parameter] : shared.owners) {
        if (!text.empty()) text += "; ";
        text += fmt::format("{} (for {})", text_of(*parameter), scenario->name);
    }
    return text;
}

std::string meaning(const Shared& shared) {
    std::string text = for_each_owner(shared, [](const sim::Parameter& parameter) {
        const std::string summary(parameter.summary);
        return (summary.empty() ? "" : summary + ", ") +
               range_text(parameter.least, parameter.most);
    });
    text.front() = static_cast<char>(std::toupper(static_cast<unsigned char>(text.front())));
    return text;
}

std::string default_text(const Shared& shared, Unset unset) {
    if (unset == Unset::from_file) return "as in the file";
    if (unset == Unset::chosen_by_run) return "chosen by each run";
    return for_each_owner(
        shared, [](const sim::Parameter& parameter) { return std::to_string(parameter.explored); });
}

bool has_option(const CLI::App& app, std::string_view name) {
    const auto options = app.get_options();
    return std::any_of(options.begin(), options.end(), [&](const CLI::Option* option) {
        const auto& names = option->get_lnames();
        return std::find(names.begin(), names.end(), name) != names.end();
    });
}

}  // namespace

void add_setting_options(CLI::App& command, const Tool& tool, sim::Settings& settings,
                         Unset unset) {
    for (const Shared& shared : by_name(tool)) {
        const auto take = [&settings, name = shared.name](const std::uint64_t& value) {
            settings.emplace_back(name, value);
        };
        // The scenario checks the range: its error message names the scenario.
        CLI::Option* const option =
            command.add_option_function<std::uint64_t>("--" + shared.name, take, meaning(shared));
        option->type_name("N")->check(whole_number(0, no_most));
        option->default_str(default_text(shared, unset))->group(heading(tool, shared));
    }
}

std::string objection_to_options(std::span<const sim::ScenarioInfo* const> scenarios,
                                 const CLI::App& app) {
    std::vector<const CLI::App*> apps = {&app};
    for (const CLI::App* command : app.get_subcommands({})) apps.push_back(command);
    for (const sim::ScenarioInfo* scenario : scenarios) {
        for (const sim::Parameter& parameter : scenario->parameters) {
            const bool taken = std::any_of(apps.begin(), apps.end(), [&](const CLI::App* each) {
                return has_option(*each, parameter.name);
            });
            if (!taken) continue;
            return fmt::format(
                "the parameter '{}' of the scenario '{}' needs another name: the "
                "commands have an option --{}",
                parameter.name, scenario->name, parameter.name);
        }
    }
    return {};
}

}  // namespace drydock::app

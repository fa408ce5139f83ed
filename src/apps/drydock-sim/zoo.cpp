// zoo: how soon the harness finds each specimen, and how short it makes what it has found.
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <drydock/sim/farm.hpp>
#include "sim/tool/common.hpp"
#include "src/apps/drydock-sim/zoo.hpp"
#include "src/cli/output.hpp"
#include "tests/scenarios/scenarios.hpp"
#include "tests/zoo/specimens/zoo.hpp"

namespace drydock::app {
namespace {

constexpr double seconds_allowed = 10;       // to the first failure
constexpr std::uint64_t sound_seeds = 5000;  // of each sound server

struct Catch {
    const zoo::Specimen* specimen = nullptr;
    std::uint64_t seed = 0;  // 0: not caught
    double seconds = 0;      // to the first failure
    double shrink_seconds = 0;
    std::string property;
    std::size_t found_length = 0;
    std::size_t length = 0;

    bool good() const noexcept {
        return seed != 0 && seconds <= seconds_allowed && length <= specimen->most_choices();
    }
};

Catch hunt(const zoo::Specimen& specimen) {
    Catch caught;
    caught.specimen = &specimen;
    sim::FarmOptions options;
    options.run.record = true;
    const Stopwatch stopwatch;
    const std::uint64_t end = specimen.from + specimen.budget;
    for (std::uint64_t seed = specimen.from; seed < end; ++seed) {
        const sim::Report report = sim::run_seed(specimen.scenario, options, seed);
        if (report.passed) continue;
        caught.seed = seed;
        caught.property = report.property;
        caught.found_length = sim::not_benign(report.schedule);
        break;
    }
    caught.seconds = stopwatch.seconds();
    if (caught.seed == 0) return caught;
    const Stopwatch shrinking;
    const sim::Shrunk shrunk = sim::shrink_seed(specimen.scenario, options, caught.seed);
    caught.shrink_seconds = shrinking.seconds();
    caught.length = sim::not_benign(shrunk.report.schedule);
    return caught;
}

/// The full name of a server of the zoo, which may be given without "zoo/". Empty: there is none.
std::string full_name(const std::string& name) {
    for (const std::string& full : {name, "zoo/" + name}) {
        if (zoo::find_specimen(full) != nullptr) return full;
        for (const sim::ScenarioInfo& server : zoo::sound_servers()) {
            if (server.name == full) return full;
        }
    }
    return {};
}

/// Complains if one of the names is unknown.
std::optional<std::vector<std::string>> full_names(const ZooArguments& arguments) {
    std::vector<std::string> names;
    for (const std::string& name : arguments.names) {
        names.push_back(full_name(name));
        if (!names.back().empty()) continue;
        complain(fmt::format("there is no server '{}' in the zoo; drydock-sim list names them",
                             shown(name)));
        return std::nullopt;
    }
    return names;
}

bool is_wanted(const std::vector<std::string>& names, std::string_view name) {
    return names.empty() || std::find(names.begin(), names.end(), name) != names.end();
}

void print_catch(const Catch& caught) {
    const std::string_view name = caught.specimen->scenario.name;
    if (caught.seed == 0) {
        print("{:<40} NOT CAUGHT within {} seeds from {}\n", name, caught.specimen->budget,
              caught.specimen->from);
        return;
    }
    print("{:<40} {:>6} {:>8.3f} {:>8.2f}  {:>4} -> {:<3} {}{}\n", name, caught.seed,
          caught.seconds, caught.shrink_seconds, caught.found_length, caught.length,
          caught.property, caught.good() ? "" : "  TOO LATE OR TOO LONG");
}

nlohmann::ordered_json to_json(const Catch& caught) {
    const zoo::Specimen& specimen = *caught.specimen;
    return {{"name", specimen.scenario.name},
            {"defect", specimen.scenario.summary},
            {"origin", specimen.origin},
            {"caught", caught.seed != 0},
            {"first_tried", specimen.from},
            {"seeds", caught.seed},
            {"seconds", caught.seconds},
            {"property", caught.property},
            {"length_found", caught.found_length},
            {"length", caught.length},
            {"shrink_seconds", caught.shrink_seconds}};
}

void print_impossible() {
    print("\nDefects that the contract makes impossible to write:\n");
    for (const zoo::ImpossibleDefect& defect : zoo::impossible_defects()) {
        print("  {} ({})\n    {}\n", defect.defect, defect.origin, defect.reason);
    }
}

}  // namespace

namespace {

/// What was found, of the servers that are wanted; printed on the way, unless as JSON.
struct Visit {
    const std::vector<std::string>& names;  // empty: all
    bool json = false;
    bool good = true;
    nlohmann::ordered_json specimens = nlohmann::ordered_json::array();
    nlohmann::ordered_json sound = nlohmann::ordered_json::array();
};

void visit_specimens(Visit& visit) {
    if (!visit.json) {
        print("{:<40} {:>6} {:>8} {:>8}  {:<11} {}\n", "specimen", "seed", "seconds", "shrink s",
              "choices", "caught by");
    }
    for (const zoo::Specimen& specimen : zoo::specimens()) {
        if (!standard_output().works()) break;  // the rest would take seconds, and nobody see it
        if (!is_wanted(visit.names, specimen.scenario.name)) continue;
        const Catch caught = hunt(specimen);
        visit.good = visit.good && caught.good();
        if (visit.json) {
            visit.specimens.push_back(to_json(caught));
        } else {
            print_catch(caught);
        }
    }
}

void visit_sound_servers(Visit& visit) {
    for (const sim::ScenarioInfo& server : zoo::sound_servers()) {
        if (!standard_output().works()) break;
        if (!is_wanted(visit.names, server.name)) continue;
        sim::FarmOptions options;
        options.count = sound_seeds;
        sim::Farm farm(server, options);
        farm.work();
        const std::uint64_t failures = farm.summary().failures;
        visit.good = visit.good && failures == 0;
        visit.sound.push_back(
            {{"name", server.name}, {"seeds", sound_seeds}, {"failures", failures}});
        if (!visit.json) {
            print("{:<40} {} seeds, {}\n", server.name, sound_seeds, count_of(failures, "failure"));
        }
    }
}

nlohmann::ordered_json impossible_json() {
    nlohmann::ordered_json impossible = nlohmann::ordered_json::array();
    for (const zoo::ImpossibleDefect& defect : zoo::impossible_defects()) {
        impossible.push_back(
            {{"defect", defect.defect}, {"origin", defect.origin}, {"reason", defect.reason}});
    }
    return impossible;
}

}  // namespace

std::vector<OtherScenario> zoo_scenarios() {
    std::vector<OtherScenario> others;
    for (const sim::ScenarioInfo& server : zoo::sound_servers()) {
        if (sim::find_scenario(server.name) == nullptr) others.push_back({&server, "sound"});
    }
    for (const zoo::Specimen& specimen : zoo::specimens()) {
        others.push_back({&specimen.scenario, "specimen"});
    }
    return others;
}

int run_zoo(const ZooArguments& arguments) {
    const std::optional<std::vector<std::string>> names = full_names(arguments);
    if (!names) return exit_wrong_usage;
    const Stopwatch stopwatch;
    Visit visit{.names = *names, .json = arguments.json};
    visit_specimens(visit);
    visit_sound_servers(visit);
    if (arguments.json) {
        const nlohmann::ordered_json object = {{"specimens", visit.specimens},
                                               {"sound", visit.sound},
                                               {"impossible", impossible_json()},
                                               {"seconds", stopwatch.seconds()}};
        print("{}\n", object.dump());
    } else {
        if (names->empty()) print_impossible();
        print("{:.1f} s in all\n", stopwatch.seconds());
    }
    return visit.good ? exit_ok : exit_failed;
}

}  // namespace drydock::app

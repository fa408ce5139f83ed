// The simulator for the page: a request as JSON in, an answer as JSON out.
//
// The page writes its request to where drydock_request() says, calls drydock_answer(), and reads
// the answer of drydock_answer_size() bytes. A program that aborts ends the module (a trap of
// WebAssembly). drydock_seed() then says which seed ran, and the page starts a new module.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include <drydock/sim/farm.hpp>
#include <drydock/sim/run.hpp>
#include <drydock/sim/schedule.hpp>
#include <drydock/sim/shrink.hpp>
#include <drydock/version.hpp>

#include "sim/picture/encoding.hpp"
#include "sim/picture/json.hpp"
#include "sim/picture/recording.hpp"
#include "tests/scenarios/scenarios.hpp"
#include "tests/zoo/specimens/zoo.hpp"

namespace drydock::playground {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t most_bytes_of_run = std::size_t{64} << 20;
std::uint64_t seed_that_runs = 0;

Json complaint(std::string sentence) { return {{"complaint", std::move(sentence)}}; }

// --- what there is ------------------------------------------------------------------------------

const sim::ScenarioInfo* find(std::string_view name) {
    if (const sim::ScenarioInfo* scenario = sim::find_scenario(name)) return scenario;
    if (const zoo::Specimen* specimen = zoo::find_specimen(name)) return &specimen->scenario;
    for (const sim::ScenarioInfo& server : zoo::sound_servers()) {
        if (server.name == name) return &server;
    }
    return nullptr;
}

Json describe(const sim::ScenarioInfo& scenario, std::string_view group) {
    Json parameters = Json::array();
    for (const sim::Parameter& parameter : scenario.parameters) {
        parameters.push_back({{"name", parameter.name},
                              {"summary", parameter.summary},
                              {"least", parameter.least},
                              {"most", parameter.most},
                              {"explored", parameter.explored}});
    }
    return {{"name", scenario.name},
            {"group", group},
            {"summary", scenario.summary},
            {"parameters", std::move(parameters)}};
}

Json list() {
    Json scenarios = Json::array();
    for (const sim::ScenarioInfo* scenario : sim::scenarios()) {
        scenarios.push_back(describe(*scenario, "servers"));
    }
    for (const zoo::Specimen& specimen : zoo::specimens()) {
        Json entry = describe(specimen.scenario, "zoo");
        entry["origin"] = specimen.origin;
        entry["budget"] = specimen.budget;
        scenarios.push_back(std::move(entry));
    }
    for (const sim::ScenarioInfo& server : zoo::sound_servers()) {
        if (sim::find_scenario(server.name) == nullptr) {
            scenarios.push_back(describe(server, "sound"));
        }
    }
    return {{"version", DRYDOCK_VERSION_STRING},
            {"faults", sim::fault_names(sim::FaultSet::all())},
            {"scenarios", std::move(scenarios)}};
}

// --- what a request asks for --------------------------------------------------------------------

std::string text_in(const Json& object, const char* key) {
    const auto at = object.find(key);
    return at != object.end() && at->is_string() ? at->get<std::string>() : std::string();
}

std::uint64_t number_in(const Json& object, const char* key, std::uint64_t otherwise) {
    const auto at = object.find(key);
    return at != object.end() && at->is_number_unsigned() ? at->get<std::uint64_t>() : otherwise;
}

/// A run that a request describes: by a seed, or by a schedule of which one choice may change. Its
/// choices have the numbers of the run's JSON, from 1.
struct Asked {
    const sim::ScenarioInfo* scenario = nullptr;
    sim::RunSetup setup;
    std::optional<std::uint64_t> seed;  // no value: the choices of the schedule
    std::uint32_t pct_depth = 0;
    sim::Schedule schedule;
    std::string complaint;
};

void read_settings(const Json& request, Asked& asked) {
    const auto settings = request.find("settings");
    if (settings == request.end() || !settings->is_object()) return;
    for (const auto& [name, value] : settings->items()) {
        if (value.is_number_unsigned()) {
            asked.setup.settings.emplace_back(name, value.get<std::uint64_t>());
        }
    }
}

void read_seed(const Json& request, Asked& asked) {
    asked.setup.scenario = text_in(request, "scenario");
    asked.seed = number_in(request, "seed", 1);
    asked.pct_depth = static_cast<std::uint32_t>(number_in(request, "pct", 0));
    read_settings(request, asked);
    const std::string faults = text_in(request, "faults");
    if (faults.empty()) return;
    const std::optional<sim::FaultSet> known = sim::parse_faults(faults);
    if (!known) {
        asked.complaint = "one of these faults is unknown: " + faults;
        return;
    }
    asked.setup.options.faults = *known;
}

void read_schedule(const std::string& text, const Json& request, Asked& asked) {
    sim::ParsedSchedule parsed = sim::parse_schedule(text);
    if (!parsed.ok()) {
        asked.complaint = "this is no schedule: " + parsed.complaint;
        return;
    }
    asked.schedule = std::move(parsed.schedule);
    asked.setup = asked.schedule.setup;
    const auto change = request.find("change");
    if (change == request.end() || !change->is_object()) return;
    const std::uint64_t choice = number_in(*change, "choice", 0);
    if (choice == 0 || choice > asked.schedule.choices.size()) {
        asked.complaint = "the schedule has no choice of this number";
        return;
    }
    asked.schedule.choices[choice - 1].value =
        static_cast<std::uint32_t>(number_in(*change, "value", 0));
}

Asked read(const Json& request) {
    Asked asked;
    const std::string schedule = text_in(request, "schedule");
    if (schedule.empty()) {
        read_seed(request, asked);
    } else {
        read_schedule(schedule, request, asked);
    }
    if (!asked.complaint.empty()) return asked;
    asked.scenario = find(asked.setup.scenario);
    if (asked.scenario == nullptr) {
        asked.complaint = "there is no scenario \"" + asked.setup.scenario + "\" here";
    } else {
        asked.complaint = sim::objection(*asked.scenario, asked.setup.settings);
    }
    return asked;
}

sim::FarmOptions farm_options(const Asked& asked) {
    sim::FarmOptions options;
    options.settings = asked.setup.settings;
    options.run = asked.setup.options;
    options.pct_depth = asked.pct_depth;
    return options;
}

// --- runs ---------------------------------------------------------------------------------------

sim::Report run(const Asked& asked, const sim::RunOptions& options) {
    if (asked.seed) {
        seed_that_runs = *asked.seed;
        sim::FarmOptions farm = farm_options(asked);
        farm.run = options;
        return sim::run_seed(*asked.scenario, farm, *asked.seed);
    }
    sim::ReplayChoices choices(asked.schedule.choices);
    return sim::run(*asked.scenario, asked.setup.settings, choices, options);
}

/// The run, its picture, and the schedule that repeats it.
Json draw(const Asked& asked) {
    std::vector<std::byte> memory(most_bytes_of_run);
    sim::Recorder recorder(sim::Tape(memory, true));
    sim::RunOptions options = asked.setup.options;
    options.record = true;
    options.listener = &recorder;

    sim::Picture picture;
    picture.scenario = asked.scenario;
    picture.setup = asked.setup;
    picture.seed = asked.seed;
    picture.report = run(asked, options);
    picture.run = sim::read_run(sim::Tape(memory, false));
    return {{"run", sim::json_of(picture)},
            {"schedule", sim::write_schedule(asked.setup, picture.report)}};
}

Json draw(const Json& request) {
    const Asked asked = read(request);
    if (!asked.complaint.empty()) return complaint(asked.complaint);
    return draw(asked);
}

Json shrink(const Json& request) {
    const Asked asked = read(request);
    if (!asked.complaint.empty()) return complaint(asked.complaint);
    sim::RunOptions options = asked.setup.options;
    options.record = true;
    const sim::Report failing = run(asked, options);
    if (failing.passed) return complaint("the run passes: there is nothing to shrink");

    sim::ShrinkOptions bounds;
    bounds.most_completions = number_in(request, "completions", bounds.most_completions);
    const auto again = [&](sim::ChoiceSource& choices) {
        return sim::run(*asked.scenario, asked.setup.settings, choices, options);
    };
    const sim::Shrunk shrunk = sim::shrink(again, failing, bounds);
    Asked least;
    least.scenario = asked.scenario;
    least.setup = asked.setup;
    least.schedule.choices = shrunk.report.schedule;
    Json answer = draw(least);
    answer["runs"] = shrunk.runs;
    answer["finished"] = shrunk.finished;
    return answer;
}

// --- farms --------------------------------------------------------------------------------------

Json describe(const sim::FarmSummary& summary) {
    Json failed = Json::array();
    for (const auto& [property, group] : summary.failed) {
        failed.push_back({{"property", property},
                          {"count", group.count},
                          {"first", group.first},
                          {"sentence", group.sentence},
                          {"options", group.options}});
    }
    Json digests = Json::array();
    for (const std::uint64_t digest : summary.digests) digests.push_back(sim::hexadecimal(digest));
    return {{"seeds", summary.seeds},
            {"failures", summary.failures},
            {"completions", summary.completions},
            {"digest", sim::hexadecimal(summary.digest)},
            {"probes", summary.probes},
            {"failed", std::move(failed)},
            {"digests", std::move(digests)}};
}

/// The seeds of a request, one after the other, each known to drydock_seed() while it runs.
Json farm(const Json& request) {
    const Asked asked = read(request);
    if (!asked.complaint.empty()) return complaint(asked.complaint);
    sim::FarmOptions options = farm_options(asked);
    options.keep_digests = request.value("digests", false);
    options.count = 1;
    sim::FarmSummary sum;
    const std::uint64_t first = *asked.seed;
    const std::uint64_t count = number_in(request, "count", 1);
    for (std::uint64_t seed = first; seed < first + count; ++seed) {
        seed_that_runs = options.first = seed;
        sim::Farm one(*asked.scenario, options);
        one.work();
        sum.merge(one.summary());
    }
    return describe(sum);
}

Json answer(const Json& request) {
    if (request.is_object()) {
        const std::string call = text_in(request, "call");
        if (call == "list") return list();
        if (call == "run") return draw(request);
        if (call == "shrink") return shrink(request);
        if (call == "farm") return farm(request);
    }
    return complaint("the request cannot be understood");
}

std::string request_text;
std::string answer_text;

}  // namespace
}  // namespace drydock::playground

#define DRYDOCK_EXPORT(name) extern "C" __attribute__((export_name(#name)))

/// Where the page writes a request of `size` bytes.
DRYDOCK_EXPORT(drydock_request) char* drydock_request(std::size_t size) {
    drydock::playground::request_text.resize(size);
    return drydock::playground::request_text.data();
}

/// Answers the request. The answer is valid until the next call.
DRYDOCK_EXPORT(drydock_answer) const char* drydock_answer() {
    using namespace drydock;
    const auto request = playground::Json::parse(playground::request_text, nullptr, false);
    playground::answer_text = sim::text_of(playground::answer(request));
    return playground::answer_text.data();
}

DRYDOCK_EXPORT(drydock_answer_size) std::size_t drydock_answer_size() {
    return drydock::playground::answer_text.size();
}

/// The seed that runs, or has run last. Less than 2^53 in the page.
DRYDOCK_EXPORT(drydock_seed) double drydock_seed() {
    return static_cast<double>(drydock::playground::seed_that_runs);
}

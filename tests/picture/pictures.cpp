// Making pictures of runs, on a tape of this process.
#include "tests/picture/pictures.hpp"

namespace drydock::test {
namespace {

constexpr std::size_t tape_size = 32 * 1024 * 1024;

constexpr sim::ScenarioInfo small = [] {
    sim::ScenarioInfo info{};
    info.name = "small";
    info.summary = "a function";
    return info;
}();

sim::Picture picture_of_run(const sim::ScenarioInfo& scenario,
                            const std::function<sim::Report(const sim::RunOptions&)>& run,
                            const sim::RecordingLimits& limits) {
    // Aligned as all that new gives is.
    const auto memory = std::make_unique<std::byte[]>(tape_size);
    const sim::Tape tape({memory.get(), tape_size}, true);
    sim::Recorder recorder(tape, limits);
    sim::RunOptions options;
    options.listener = &recorder;
    options.record = true;
    sim::Picture picture;
    picture.scenario = &scenario;
    picture.setup.scenario = scenario.name;
    picture.report = run(options);
    picture.run = sim::read_run(tape);
    sim::complete(picture.run, picture.report);
    return picture;
}

}  // namespace

sim::Picture picture_of_seed(const sim::ScenarioInfo& scenario, std::uint64_t seed,
                             const sim::RecordingLimits& limits) {
    const auto run = [&](const sim::RunOptions& options) {
        return sim::run(scenario, seed, options);
    };
    return picture_of_run(scenario, run, limits);
}

sim::Picture picture_of(const sim::ScenarioInfo& scenario, std::vector<sim::Choice> choices) {
    const auto run = [&](const sim::RunOptions& options) {
        sim::ReplayChoices replayed{std::span<const sim::Choice>(choices)};
        return sim::run(scenario, sim::Settings{}, replayed, options);
    };
    return picture_of_run(scenario, run, {});
}

sim::Picture picture_of(FunctionScenario::Body body, const sim::RecordingLimits& limits) {
    const auto run = [&](const sim::RunOptions& options) { return simulate(body, options); };
    return picture_of_run(small, run, limits);
}

sim::Picture picture_of(FunctionScenario::Body body, sim::FaultSet faults, LabelChoices& choices) {
    const auto run = [&](const sim::RunOptions& options) {
        return simulate(body, faults, choices, options);
    };
    return picture_of_run(small, run, {});
}

std::vector<std::size_t> ids_of(const sim::RecordedRun& run, sim::RunEventKind kind) {
    std::vector<std::size_t> ids;
    for (std::size_t id = 1; id <= run.events.size(); ++id) {
        if (run.event(id).kind == kind) ids.push_back(id);
    }
    return ids;
}

std::string from_base64(const std::string& text) {
    constexpr std::string_view digits =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string bytes;
    std::uint32_t bits = 0;
    unsigned count = 0;
    for (const char c : text) {
        if (c == '=') break;
        bits = bits << 6 | static_cast<std::uint32_t>(digits.find(c));
        count += 6;
        if (count < 8) continue;
        count -= 8;
        bytes += static_cast<char>(bits >> count & 0xff);
    }
    return bytes;
}

}  // namespace drydock::test

// Recording in a child process, on memory that both processes have.
#include "sim/tool/recording.hpp"

#include "platform/host/children.hpp"
#include "sim/picture/findings.hpp"

namespace drydock::app {
namespace {

/// Pages that are never written take no memory, but only where the system has child processes.
std::size_t tape_size() {
    constexpr std::size_t mebibyte = std::size_t{1024} * 1024;
    return (host::has_children() ? 192 : 32) * mebibyte;
}

/// Passes each event on to two listeners.
class Both final : public sim::RunListener {
public:
    Both(sim::RunListener* first, sim::RunListener* second) : first_(first), second_(second) {}
    void happened(const sim::RunEvent& event) noexcept override {
        if (first_ != nullptr) first_->happened(event);
        second_->happened(event);
    }

private:
    sim::RunListener* first_;
    sim::RunListener* second_;
};

}  // namespace

Recorded record_apart(const sim::RunToKeepApart& run, const sim::Apart& apart) {
    const std::size_t size = tape_size();
    const host::SharedMemory memory(size);
    const sim::Tape tape({memory.data(), size}, true);
    const auto recorded_run = [&](sim::RunListener* listener) {
        sim::Recorder recorder(tape);
        Both both(listener, &recorder);
        return run(&both);
    };
    Recorded recorded;
    recorded.report = sim::run_apart(recorded_run, apart);
    recorded.run = sim::read_run(tape);
    sim::complete(recorded.run, recorded.report);
    return recorded;
}

Recorded record_replay(const Found& found, std::span<const sim::Choice> choices,
                       const sim::Apart& apart) {
    sim::RunOptions options = found.setup.options;
    options.record = true;
    const auto run = [&](sim::RunListener* listener) {
        options.listener = listener;
        sim::ReplayChoices replayed{choices};
        return sim::run(*found.scenario, found.setup.settings, replayed, options);
    };
    return record_apart(run, apart);
}

sim::Picture picture_of(const Found& found, Recorded recorded, const SourceFolder& sources) {
    sim::Picture picture;
    picture.scenario = found.scenario;
    picture.setup.scenario = found.setup.scenario;
    picture.setup.settings = found.setup.settings;
    picture.setup.options = found.setup.options;
    picture.sources = source_lines(recorded.run, sources);
    picture.report = std::move(recorded.report);
    picture.run = std::move(recorded.run);
    return picture;
}

std::optional<sim::Divergence> divergence_of(const sim::Schedule& schedule,
                                             const sim::Report& report) {
    // Asks for the same choices as the run did.
    sim::ReplayChoices choices{std::span<const sim::Choice>(schedule.choices)};
    for (const sim::Choice& made : report.schedule) choices.choose(made.options, made.label);
    return choices.divergence();
}

}  // namespace drydock::app

// Runs a function as the main thread of a simulated program.
#pragma once

#include <functional>
#include <string>

#include <drydock/event.hpp>
#include <drydock/sim/run.hpp>
#include <drydock/timer.hpp>

#include "sim/program/fibers.hpp"

namespace drydock::testing {

/// A program without clients: the run is over when the function returns.
class SimulatedProgram final : public sim::Scenario {
public:
    explicit SimulatedProgram(std::function<void()> body) : body_(std::move(body)) {}

    Task<void> main(sim::World& world) override {
        sim::Fibers fibers(world);
        AsyncEvent ended(world);
        fibers.on_exit([&] { ended.set(); });
        fibers.start(
            [&] {
                body_();
                returned = true;
                const sim::NoSwitch stay;
                ended.set();
            },
            "main");
        co_await ended.wait();
        exit_status = fibers.exit_status();
        Timer timer(world);
        for (int i = 0; i < 60 && !fibers.unwind(); ++i) {
            co_await timer.after(std::chrono::milliseconds(1));
        }
        abandoned = fibers.abandoned();
    }

    bool returned = false;
    std::optional<int> exit_status;
    std::size_t abandoned = 0;

private:
    std::function<void()> body_;
};

/// One run of `body` with the choices of `seed`.
inline sim::Report run_program(std::function<void()> body, std::uint64_t seed = 1,
                               sim::FaultSet faults = {}, sim::FaultSet always = {}) {
    SimulatedProgram program(std::move(body));
    sim::SeedChoices choices(seed);
    sim::RunOptions options;
    options.faults = faults;
    options.always = always;
    return sim::run(program, choices, options);
}

}  // namespace drydock::testing

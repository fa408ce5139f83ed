// Runs a function as the main thread of a simulated program.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>

#include <gtest/gtest.h>

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
        fibers.start([&] { run_body(ended); }, "main");
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
    void run_body(AsyncEvent& ended) {
        body_();
        returned = true;
        const sim::NoSwitch stay;
        ended.set();
    }

    std::function<void()> body_;
};

/// What became of one run.
struct ProgramRun {
    sim::Report report;
    bool returned = false;  ///< the function has
    std::optional<int> exit_status;
    std::size_t abandoned = 0;  ///< threads that could not be unwound
};

/// One run of `body` with the choices of `seed`. `faults` are those that the run may choose.
inline ProgramRun run_program(std::function<void()> body, std::uint64_t seed = 1,
                              sim::FaultSet always = {}) {
    SimulatedProgram program(std::move(body));
    sim::SeedChoices choices(seed);
    sim::RunOptions options;
    options.faults = {};
    options.always = always;
    sim::Report report = sim::run(program, choices, options);
    return {std::move(report), program.returned, program.exit_status, program.abandoned};
}

/// Runs `body` without faults, and expects that it returns, and that all its threads end.
inline void expect_passes(const std::function<void()>& body) {
    const ProgramRun run = run_program(body);
    EXPECT_TRUE(run.report.passed) << run.report.property << ": " << run.report.sentence;
    EXPECT_TRUE(run.returned);
    EXPECT_EQ(run.abandoned, 0U);
}

/// The faults that change the order of threads.
inline const sim::FaultSet any_order =
    sim::FaultSet().with(sim::Fault::interleave).with(sim::Fault::reorder);

/// How many of the seeds from 1 to `seeds` end with `wanted`.
inline int count_seeds(int seeds, const std::function<void()>& body,
                       const std::function<bool(const ProgramRun&)>& wanted) {
    int count = 0;
    for (int seed = 1; seed <= seeds; ++seed) {
        const auto number = static_cast<std::uint64_t>(seed);
        if (wanted(run_program(body, number, any_order))) ++count;
    }
    return count;
}

}  // namespace drydock::testing

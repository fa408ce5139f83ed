// The measurements of the simulator's benchmark. They are kept apart from the program that prints
// the table, which does not need the optimizer.
#include "bench/simulator_runs.hpp"

#include <unistd.h>

#include <array>
#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>

#include <drydock/task_group.hpp>

#include <drydock/sim/farm.hpp>
#include "bench/process_cpu.hpp"
#include "platform/epoll/queue.hpp"
#include "tests/scenarios/scenarios.hpp"

namespace drydock::bench {
namespace {

/// Measures this process from its making to the call.
class Meter {
public:
    Sample stop(std::uint64_t completions, std::uint64_t items) const {
        const double wall = elapsed();
        const double waited = seconds(time_kept_waiting(::getpid()) - waited_);
        return {completions, items, seconds(used() - cpu_), wall, waited / wall};
    }
    double elapsed() const {
        return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
    }

private:
    static std::chrono::nanoseconds used() {
        return cpu_time(::getpid()).value_or(std::chrono::nanoseconds(0));
    }
    static double seconds(std::chrono::nanoseconds time) {
        return std::chrono::duration<double>(time).count();
    }

    const std::chrono::nanoseconds waited_ = time_kept_waiting(::getpid());
    const std::chrono::nanoseconds cpu_ = used();
    const std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

void demand_all_served(const Workload& workload, std::uint32_t served) {
    if (served == workload.clients) return;
    throw std::runtime_error(std::to_string(served) + " of " + std::to_string(workload.clients) +
                             " clients got all of their bytes back");
}

class PlainEcho final : public sim::Scenario {
public:
    explicit PlainEcho(const Workload& workload) : workload_(workload) {}

    Task<void> main(sim::World& world) override {
        co_await echo_workload(world, workload_, served_);
    }
    std::uint32_t served() const noexcept { return served_; }

private:
    const Workload& workload_;
    std::uint32_t served_ = 0;
};

Task<void> supervise(Task<void> main, bool& ended) {
    co_await std::move(main);
    ended = true;
}

/// Takes completions out one batch after the other until the main task has ended; counts them.
std::uint64_t drive(CompletionQueue& queue, Task<void> main) {
    std::uint64_t completions = 0;
    bool ended = false;
    TaskGroup group(queue);
    group.spawn(supervise(std::move(main), ended));
    std::array<Completion, 64> batch;
    while (!ended) {
        const std::size_t count = queue.wait(batch, never);
        for (std::size_t i = 0; i < count; ++i) batch[i].operation->complete(batch[i].result);
        completions += count;
    }
    return completions;
}

}  // namespace

FarmBench::FarmBench(const char* scenario) : scenario_(*sim::find_scenario(scenario)) {}

Sample FarmBench::measure(double seconds) {
    constexpr std::uint64_t at_once = 64;
    const std::uint64_t first = next_;
    std::uint64_t completions = 0;
    const Meter meter;
    do {
        sim::FarmOptions options;
        options.first = next_;
        options.count = at_once;
        sim::Farm farm(scenario_, options);
        farm.work();
        if (farm.failures() > 0) {
            throw std::runtime_error(std::string(scenario_.name) + ": a seed has failed: " +
                                     farm.summary().failed.begin()->second.sentence);
        }
        completions += farm.summary().completions;
        next_ += at_once;
    } while (meter.elapsed() < seconds);
    return meter.stop(completions, next_ - first);
}

Sample simulate(const Workload& workload) {
    sim::RunOptions options;
    options.faults = sim::FaultSet();
    // Never calm: once it is, a world asks less of itself, and expects its end soon.
    options.calm_after = ~std::uint64_t{0};
    options.calm_after_time = Duration::max();
    const Meter meter;
    PlainEcho scenario(workload);
    sim::SeedChoices choices(1);
    const sim::Report report = sim::run(scenario, choices, options);
    const Sample sample = meter.stop(report.completions, workload.all_messages());
    if (!report.passed) throw std::runtime_error("the plain echo has failed: " + report.sentence);
    demand_all_served(workload, scenario.served());
    return sample;
}

Sample run_over_sockets(const Workload& workload) {
    const Meter meter;
    const std::unique_ptr<CompletionQueue> queue = epoll::make_queue({.workers = 1});
    if (queue == nullptr) throw std::runtime_error("the system gives no epoll instance");
    std::uint32_t served = 0;
    const std::uint64_t completions = drive(*queue, echo_workload(*queue, workload, served));
    const Sample sample = meter.stop(completions, workload.all_messages());
    demand_all_served(workload, served);
    return sample;
}

}  // namespace drydock::bench

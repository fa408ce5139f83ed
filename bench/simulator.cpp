// drydock-bench-simulator: how many completions a second one core simulates with every check on,
// and how that compares with the same work over real sockets.
//
// Four measurements take turns, round after round, so that other work on the machine affects all of
// them alike: a farm of the scenario "echo", one of "chat", a plain echo workload in a simulated
// world without faults, and the same workload over loopback sockets on epoll. In the last two,
// clients and server are the same code, on one thread; only the queue differs.
#include <algorithm>
#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "bench/simulator_runs.hpp"

namespace drydock::bench {
namespace {

constexpr double target = 2e6;     // simulated completions for a second of processor time, at least
constexpr std::size_t enough = 3;  // rounds, to judge by

struct Options {
    std::size_t rounds = 15;
    double seconds = 0.3;  // of each farm, in each round
    Workload workload;
    bool check = false;
};

struct Subject {
    std::string name;
    std::string item;
    bool simulated = true;
    std::function<Sample()> measure;
    std::vector<Sample> samples = {};
};

struct Spread {
    double median = 0;
    double least = 0;
    double greatest = 0;
};

template <typename Value>
Spread spread_of(std::size_t count, Value value) {
    std::vector<double> values;
    for (std::size_t i = 0; i < count; ++i) values.push_back(value(i));
    std::sort(values.begin(), values.end());
    const std::size_t half = count / 2;
    const double median = count % 2 != 0 ? values[half] : (values[half - 1] + values[half]) / 2;
    return {median, values.front(), values.back()};
}

/// What was done for a second, of processor time or of the wall's.
Spread rate_of(const Subject& subject, std::uint64_t Sample::*what, double Sample::*time) {
    return spread_of(subject.samples.size(), [&](std::size_t i) {
        const Sample& sample = subject.samples[i];
        return static_cast<double>(sample.*what) / sample.*time;
    });
}

std::string millions(const Spread& rate) {
    return fmt::format("{:.3f} ({:.3f}-{:.3f})", rate.median / 1e6, rate.least / 1e6,
                       rate.greatest / 1e6);
}

void print_rates(const std::vector<Subject>& subjects) {
    fmt::print("{:<34}{:>23}{:>23}{:>13}{:>14}\n", "millions of completions, a second",
               "of processor time", "of wall time", "items/s CPU", "disturbed %");
    for (const Subject& subject : subjects) {
        const Spread disturbed = spread_of(subject.samples.size(), [&](std::size_t i) {
            return 100 * subject.samples[i].disturbed;
        });
        fmt::print("{:<34}{:>23}{:>23}{:>13}{:>14.1f}\n", subject.name,
                   millions(rate_of(subject, &Sample::completions, &Sample::cpu)),
                   millions(rate_of(subject, &Sample::completions, &Sample::wall)),
                   fmt::format("{:.0f} {}", rate_of(subject, &Sample::items, &Sample::cpu).median,
                               subject.item),
                   disturbed.greatest);
    }
}

/// Round n of one with round n of the other.
std::string ratio_of(const Subject& one, const Subject& other, double Sample::*time) {
    const auto rate = [time](const Sample& sample) {
        return static_cast<double>(sample.completions) / sample.*time;
    };
    const Spread ratio = spread_of(one.samples.size(), [&](std::size_t i) {
        return rate(one.samples[i]) / rate(other.samples[i]);
    });
    return fmt::format("{:.1f} ({:.1f}-{:.1f})", ratio.median, ratio.least, ratio.greatest);
}

void print_ratio(const char* name, const Subject& simulated, const Subject& real) {
    fmt::print("{:<34}{:>23}{:>23}\n", name, ratio_of(simulated, real, &Sample::cpu),
               ratio_of(simulated, real, &Sample::wall));
}

/// False: the target is missed.
bool judge(const std::vector<Subject>& subjects) {
    bool met = true;
    for (const Subject& subject : subjects) {
        if (!subject.simulated) continue;
        met = met && rate_of(subject, &Sample::completions, &Sample::cpu).median >= target;
    }
    const bool clear = subjects.front().samples.size() >= enough;
    fmt::print("\ntarget: {} million simulated completions for a second of processor time: {}\n",
               target / 1e6,
               !clear ? "unclear, too few rounds"
               : met  ? "met"
                      : "MISSED");
    return met || !clear;
}

bool measure_all(const Options& options) {
    FarmBench echo_farm("echo");
    FarmBench chat_farm("chat");
    const auto farm = [&](FarmBench& bench) {
        return [&] { return bench.measure(options.seconds); };
    };
    std::vector<Subject> subjects = {
        {"echo farm", "runs", true, farm(echo_farm)},
        {"chat farm", "runs", true, farm(chat_farm)},
        {"plain echo, simulated", "msg", true, [&] { return simulate(options.workload); }},
        {"plain echo, sockets", "msg", false, [&] { return run_over_sockets(options.workload); }},
    };
    for (const Subject& subject : subjects) static_cast<void>(subject.measure());  // warms up
    for (std::size_t round = 0; round < options.rounds; ++round) {
        for (std::size_t turn = 0; turn < subjects.size(); ++turn) {
            // Another one goes first each time.
            Subject& subject = subjects[(round + turn) % subjects.size()];
            subject.samples.push_back(subject.measure());
        }
    }
    fmt::print("rounds: {}; plain echo: {} clients, {} messages each of {} bytes\n\n",
               options.rounds, options.workload.clients, options.workload.messages,
               options.workload.size);
    print_rates(subjects);
    print_ratio("simulated/sockets", subjects[2], subjects[3]);
    return judge(subjects);
}

int run(int argc, char** argv) {
    CLI::App app("Measures how fast the simulator is, alone and beside real sockets.",
                 "drydock-bench-simulator");
    Options options;
    app.add_option("--rounds", options.rounds, "How often each of them is measured")
        ->check(CLI::Range(1, 1000));
    app.add_option("--seconds", options.seconds, "Of a farm in each round")
        ->check(CLI::Range(0.01, 600.0));
    app.add_option("--clients", options.workload.clients, "Of the plain echo")
        ->check(CLI::Range(1, 400));
    app.add_option("--messages", options.workload.messages, "Of each of these clients")
        ->check(CLI::Range(1, 1 << 20));
    app.add_option("--size", options.workload.size,
                   "Bytes of a message; no more than a simulated pipe holds")
        ->check(CLI::Range(1, 256));
    app.add_option("--buffer", options.workload.buffer, "Bytes of the server's buffers")
        ->check(CLI::Range(1, 1 << 20));
    app.add_flag("--check", options.check, "Exit with status 1 when the target is missed");
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : 2;
    }
    try {
        return measure_all(options) || !options.check ? 0 : 1;
    } catch (const std::runtime_error& error) {
        fmt::print(stderr, "drydock-bench-simulator: {}\n", error.what());
        return 1;
    }
}

}  // namespace
}  // namespace drydock::bench

int main(int argc, char** argv) { return drydock::bench::run(argc, argv); }

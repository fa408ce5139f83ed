// drydock-bench-report: reads the JSON lines of the load generators, round by round, and prints how
// drydock compares with each of the other servers.
//
// Round n of one server is compared with round n of another. They ran within seconds of each other,
// so other work on the machine mostly cancels out. The table gives the median of these ratios, with
// the least and the greatest. A round in which a server or the load had to wait for its core for
// more than a small share of the time is left out, as long as enough rounds remain.
//
// For servers under Wine the report prints only ratios, over all rounds. A server that is fast
// there need not be fast on Windows; and there it is several processes on one core, which regularly
// wait for each other.
//
// For servers of one room with a relay it uses all rounds, too: the servers share a core, so they
// wait for each other. Their load has a rate, and the report says how much of it was delivered.
#include <algorithm>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

namespace drydock::bench {
namespace {

/// A server that is compared with the others.
struct Subject {
    const char* name;
    bool
        with_all;  // those that come before it here excepted; if not, with whom it has a target for
};

constexpr Subject subjects[] = {
    {"drydock", true}, {"epoll", false}, {"iocp", true}, {"apc", true}, {"relay", true}};

struct Round {
    double cpu = 0;    // microseconds of the server's processor time for a message
    double all = 0;    // that, and its helper's, where it has one
    double share = 1;  // of the messages that a load with a rate asks for
    double rate = 0;   // messages a second
    double p50 = 0;    // microseconds
    double p99 = 0;
    double disturbed = 0;  // the share of time in which other work had the core
};

using Rounds = std::vector<Round>;

struct Scenario {
    std::string name;
    std::map<std::string, Rounds> servers;
    std::size_t rounds = 0;
    std::size_t quiet = 0;     // of these, undisturbed
    std::size_t left_out = 0;  // of these, not counted
};

struct Spread {
    double median = 0;
    double least = 0;
    double greatest = 0;
};

/// What a subject must reach: processor time for a message, relative to the other server.
struct Target {
    const char* subject;
    const char* other;
    const char* scenario;  // words of its name; empty: in every scenario
    double most;
};

/// How soon a subject must answer half of all messages.
struct LatencyTarget {
    const char* subject;
    const char* scenario;
    double most;  // microseconds
};

constexpr double little = 0.05;
constexpr std::size_t enough = 3;

constexpr Target targets[] = {{"drydock", "bare-uring", "64 connections, ping-pong", 1.10},
                              {"drydock", "bare-uring", "1000 connections, ping-pong", 1.10},
                              {"drydock", "epoll", "", 1.05},
                              {"drydock", "asio", "chat: 1000 members, 1 talks", 0.7},
                              {"drydock", "asio", "", 1.0},
                              {"drydock", "libuv", "", 1.0},
                              {"epoll", "bare", "64 connections, ping-pong", 1.15},
                              {"epoll", "asio", "", 1.0},
                              {"iocp", "seed-iocp", "ping-pong", 0.2},
                              {"iocp", "seed-apc", "ping-pong", 1.0},
                              {"apc", "seed-apc", "ping-pong", 1.0},
                              {"relay", "single", "", 1.15}};

/// With a relay: the share of the lines of a load with a rate that must have been delivered.
constexpr double least_share = 0.98;

constexpr LatencyTarget latency_targets[] = {{"apc", "a new connection for each message", 5000}};

/// Whether a server was measured alone, on a core of its own.
enum class Place { own_core, wine, relay };

Spread spread_of(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    const std::size_t half = values.size() / 2;
    const double median =
        values.size() % 2 != 0 ? values[half] : (values[half - 1] + values[half]) / 2;
    return {median, values.front(), values.back()};
}

Spread spread_of(const Rounds& rounds, double Round::*what) {
    std::vector<double> values;
    for (const Round& round : rounds) values.push_back(round.*what);
    return spread_of(std::move(values));
}

Spread ratio_of(const Rounds& ours, const Rounds& theirs, double Round::*what) {
    std::vector<double> ratios;
    for (std::size_t i = 0; i < std::min(ours.size(), theirs.size()); ++i) {
        ratios.push_back(ours[i].*what / theirs[i].*what);
    }
    return spread_of(std::move(ratios));
}

std::vector<Scenario> read(std::istream& input) {
    std::vector<Scenario> scenarios;
    for (std::string line; std::getline(input, line);) {
        const auto fields = nlohmann::json::parse(line);
        const std::string name = fields.at("scenario");
        const auto same = [&](const Scenario& scenario) { return scenario.name == name; };
        auto found = std::find_if(scenarios.begin(), scenarios.end(), same);
        if (found == scenarios.end()) found = scenarios.insert(found, Scenario{name, {}, 0, 0, 0});
        const double cpu = fields.at("cpu_per_message_us");
        const double wanted = fields.value("rate", 0.0) * fields.value("members", 0.0);
        const double rate = fields.at("messages_per_second");
        found->servers[fields.at("server")].push_back(
            {cpu, cpu + fields.value("helper_cpu_per_message_us", 0.0),
             wanted > 0 ? rate / wanted : 1, rate, fields.at("latency_p50_us"),
             fields.at("latency_p99_us"), fields.at("disturbed")});
    }
    return scenarios;
}

void count_rounds(Scenario& scenario) {
    for (const auto& [server, rounds] : scenario.servers) {
        scenario.rounds = std::max(scenario.rounds, rounds.size());
    }
    scenario.quiet = scenario.rounds;
}

void leave_out_disturbed(Scenario& scenario) {
    std::vector<double> worst;  // of each round
    for (const auto& [server, rounds] : scenario.servers) {
        worst.resize(std::max(worst.size(), rounds.size()), 0);
        for (std::size_t i = 0; i < rounds.size(); ++i) {
            worst[i] = std::max(worst[i], rounds[i].disturbed);
        }
    }
    scenario.quiet = static_cast<std::size_t>(
        std::count_if(worst.begin(), worst.end(), [](double share) { return share <= little; }));
    if (scenario.quiet < enough) return;
    scenario.left_out = worst.size() - scenario.quiet;
    for (auto& [server, rounds] : scenario.servers) {
        Rounds kept;
        for (std::size_t i = 0; i < rounds.size(); ++i) {
            if (worst[i] <= little) kept.push_back(rounds[i]);
        }
        rounds = std::move(kept);
    }
}

void print_name(const Scenario& scenario) {
    fmt::print("\n{} ({} rounds", scenario.name, scenario.rounds);
    if (scenario.left_out > 0) fmt::print(", {} disturbed ones left out", scenario.left_out);
    fmt::print(")\n");
}

void print_values(const Scenario& scenario) {
    fmt::print("  {:<10}{:>16}{:>14}{:>14}{:>14}{:>14}\n", "", "CPU/message us", "messages/s",
               "p50 us", "p99 us", "disturbed %");
    for (const auto& [server, rounds] : scenario.servers) {
        fmt::print("  {:<10}{:>16.3f}{:>14.0f}{:>14.1f}{:>14.1f}{:>14.1f}\n", server,
                   spread_of(rounds, &Round::cpu).median, spread_of(rounds, &Round::rate).median,
                   spread_of(rounds, &Round::p50).median, spread_of(rounds, &Round::p99).median,
                   100 * spread_of(rounds, &Round::disturbed).greatest);
    }
}

void print_relay_values(const Scenario& scenario) {
    fmt::print("  {:<10}{:>18}{:>18}{:>14}{:>14}{:>14}{:>14}\n", "", "CPU/delivered us",
               "with broker us", "delivered/s", "of offered %", "last p50 us", "last p99 us");
    for (const auto& [server, rounds] : scenario.servers) {
        fmt::print("  {:<10}{:>18.3f}{:>18.3f}{:>14.0f}{:>14.1f}{:>14.0f}{:>14.0f}\n", server,
                   spread_of(rounds, &Round::cpu).median, spread_of(rounds, &Round::all).median,
                   spread_of(rounds, &Round::rate).median,
                   100 * spread_of(rounds, &Round::share).median,
                   spread_of(rounds, &Round::p50).median, spread_of(rounds, &Round::p99).median);
    }
}

std::string text(const Spread& ratio) {
    return fmt::format("{:.2f} ({:.2f}-{:.2f})", ratio.median, ratio.least, ratio.greatest);
}

enum class Verdict { no_target, met, missed, unclear };

/// A figure of disturbed rounds is too coarse to judge a target.
Verdict verdict_on(const Scenario& scenario, double value, double most) {
    if (scenario.quiet < enough) return Verdict::unclear;
    return value <= most ? Verdict::met : Verdict::missed;
}

Verdict judge(const Scenario& scenario, const std::string& subject, const std::string& server,
              double cpu, double& most) {
    for (const Target& target : targets) {
        const std::string_view only(target.scenario);
        if (subject != target.subject || server != target.other) continue;
        if (scenario.name.find(only) == std::string::npos) continue;
        most = target.most;
        return verdict_on(scenario, cpu, target.most);
    }
    return Verdict::no_target;
}

std::string text(Verdict verdict, const std::string& target) {
    switch (verdict) {
        case Verdict::no_target:
            return {};
        case Verdict::met:
            return target + ": met";
        case Verdict::missed:
            return target + ": MISSED";
        case Verdict::unclear:
            return target + ": unclear, too few quiet rounds";
    }
    return {};
}

void print_ratio(const std::string& pair, const Rounds& ours, const Rounds& theirs, Place place) {
    fmt::print("  {:<{}} CPU {}", pair, place == Place::wine ? 24 : 18,
               text(ratio_of(ours, theirs, &Round::cpu)));
    if (place == Place::relay) {
        fmt::print(", with the broker {}", text(ratio_of(ours, theirs, &Round::all)));
    }
    if (place == Place::wine) {
        fmt::print(", with Wine's server {}", text(ratio_of(ours, theirs, &Round::all)));
    }
    fmt::print(", messages/s {}, p50 {}, p99 {}", text(ratio_of(ours, theirs, &Round::rate)),
               text(ratio_of(ours, theirs, &Round::p50)),
               text(ratio_of(ours, theirs, &Round::p99)));
}

bool comes_before(const std::string& server, const Subject& subject) {
    return std::any_of(std::begin(subjects), std::end(subjects), [&](const Subject& other) {
        return &other < &subject && server == other.name;
    });
}

/// False: a target is missed.
bool print_ratios(const Scenario& scenario, const Subject& subject, Place place) {
    const auto ours = scenario.servers.find(subject.name);
    if (ours == scenario.servers.end()) return true;
    bool met = true;
    for (const auto& [server, theirs] : scenario.servers) {
        if (server == subject.name || comes_before(server, subject)) continue;
        double most = 0;
        const double cpu = ratio_of(ours->second, theirs, &Round::cpu).median;
        const Verdict verdict = judge(scenario, subject.name, server, cpu, most);
        if (verdict == Verdict::no_target && !subject.with_all) continue;
        met = met && verdict != Verdict::missed;
        print_ratio(fmt::format("{}/{}", subject.name, server), ours->second, theirs, place);
        if (verdict != Verdict::no_target) {
            fmt::print("; {}", text(verdict, fmt::format("CPU target {:.2f}", most)));
        }
        fmt::print("\n");
    }
    return met;
}

/// False: a target is missed.
bool print_latency_targets(const Scenario& scenario) {
    bool met = true;
    for (const LatencyTarget& target : latency_targets) {
        const auto ours = scenario.servers.find(target.subject);
        if (target.scenario != scenario.name || ours == scenario.servers.end()) continue;
        const double p50 = spread_of(ours->second, &Round::p50).median;
        const Verdict verdict = verdict_on(scenario, p50, target.most);
        met = met && verdict != Verdict::missed;
        fmt::print("  {:<24} {}\n", target.subject,
                   text(verdict, fmt::format("p50 target {:.0f} ms", target.most / 1000)));
    }
    return met;
}

/// False: a target is missed.
bool print_share_target(const Scenario& scenario) {
    const auto ours = scenario.servers.find("relay");
    if (ours == scenario.servers.end()) return true;
    const double share = spread_of(ours->second, &Round::share).median;
    const Verdict verdict = verdict_on(scenario, least_share, share);
    fmt::print("  {:<18} {}\n", "relay",
               text(verdict, fmt::format("target {:.0f} % of the offered lines delivered",
                                         100 * least_share)));
    return verdict != Verdict::missed;
}

/// False: a target is missed.
bool print_scenario(Scenario& scenario, Place place) {
    count_rounds(scenario);
    if (place == Place::own_core) leave_out_disturbed(scenario);
    print_name(scenario);
    if (place == Place::own_core) print_values(scenario);
    if (place == Place::relay) print_relay_values(scenario);
    bool met = true;
    for (const Subject& subject : subjects) {
        met = print_ratios(scenario, subject, place) && met;
    }
    met = print_share_target(scenario) && met;
    return print_latency_targets(scenario) && met;
}

int run(int argc, char** argv) {
    CLI::App app("Compares the servers that a file of measurements is about.",
                 "drydock-bench-report");
    std::string path;
    bool check = false;
    bool under_wine = false;
    bool with_relay = false;
    app.add_option("file", path, "Lines from a load generator's --json")->required();
    app.add_flag("--check", check, "Exit with status 1 when drydock misses a target");
    app.add_flag("--wine", under_wine, "They are of servers under Wine: print ratios alone");
    app.add_flag("--relay", with_relay, "They are of rooms of several servers on one core")
        ->excludes("--wine");
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : 2;
    }
    std::ifstream file(path);
    if (!file) {
        fmt::print(stderr, "drydock-bench-report: cannot read '{}'\n", path);
        return 2;
    }
    const Place place = under_wine ? Place::wine : with_relay ? Place::relay : Place::own_core;
    bool met = true;
    try {
        std::vector<Scenario> scenarios = read(file);
        for (Scenario& scenario : scenarios) met = print_scenario(scenario, place) && met;
    } catch (const nlohmann::json::exception& error) {
        fmt::print(stderr, "drydock-bench-report: '{}': {}\n", path, error.what());
        return 2;
    }
    return met || !check ? 0 : 1;
}

}  // namespace
}  // namespace drydock::bench

int main(int argc, char** argv) { return drydock::bench::run(argc, argv); }

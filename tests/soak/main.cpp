// drydock-soak: keeps an echo server and a chat server busy with clients of all manners, and says
// whether anything was lost, or grew. With --relay-kills it does so with a room over three servers.
#include <optional>
#include <random>

#include <CLI/CLI.hpp>

#include "src/cli/command_line.hpp"
#include "src/cli/output.hpp"
#include "tests/soak/relay_soak.hpp"
#include "tests/soak/soak.hpp"

namespace drydock::soak {
namespace {

int soak_relay(const SoakOptions& options, unsigned kills) {
    if (!test::RedisProcess::is_installed()) {
        app::complain("drydock-soak", "there is no redis-server (Debian: redis-server)");
        return app::exit_wrong_usage;
    }
    RelaySoakOptions relay;
    relay.minutes = options.minutes;
    relay.kills = kills;
    relay.backend = options.backend;
    relay.seed = options.seed;
    relay.workers = options.workers;
    relay.program = options.program;
    Verdict verdict;
    RelaySoak soak(relay, verdict);
    if (!verdict.holds()) {
        app::complain("drydock-soak", verdict.failure());
        return app::exit_wrong_usage;
    }
    soak.run();
    if (!verdict.holds()) {
        app::print("FAILED with seed {}: {}\n", options.seed, verdict.failure());
        return app::exit_failed;
    }
    app::print("nothing lost, nothing doubled, nothing grown (seed {})\n", options.seed);
    return app::exit_ok;
}

int run_soak(int argc, char** argv) {
    SoakOptions options;
    options.seed = std::random_device()();
    CLI::App cli("Soaks an echo server and a chat server.", "drydock-soak");
    cli.add_option("minutes", options.minutes, "How long")
        ->required()
        ->check(CLI::Range(0.05, 10080.0));
    cli.add_option("program", options.program, "The program drydock, after what runs it")
        ->required();
    cli.add_option("--backend", options.backend, "Of the servers");
    cli.add_option("--workers", options.workers, "Of the servers")->check(app::whole_number(1));
    cli.add_option("--seed", options.seed, "Of all that the clients choose")
        ->check(app::whole_number(0));
    std::optional<unsigned> kills;
    cli.add_option("--relay-kills", kills,
                   "Instead, a room over three servers, whose broker is killed so often")
        ->check(CLI::Range(1, 1000));
    cli.add_flag("--wine", options.under_wine, "The servers run under Wine: less load");
    try {
        cli.parse(argc, argv);
    } catch (const CLI::Success& success) {
        return app::answer(cli, success);
    } catch (const CLI::ParseError& error) {
        app::complain("drydock-soak", std::string(error.what()) + " (--help lists what there is)");
        return app::exit_wrong_usage;
    }
    if (kills) return soak_relay(options, *kills);
    Verdict verdict;
    Soak soak(options, verdict);
    if (!verdict.holds()) {
        app::complain("drydock-soak", verdict.failure());
        return app::exit_wrong_usage;
    }
    app::print("soaking the backend {} for {} minutes, seed {}\n", options.backend, options.minutes,
               options.seed);
    app::standard_output().flush();
    soak.run();
    if (!verdict.holds()) {
        app::print("FAILED with seed {}: {}\n", options.seed, verdict.failure());
        return app::exit_failed;
    }
    app::print("nothing lost, nothing grown (seed {})\n", options.seed);
    return app::exit_ok;
}

}  // namespace
}  // namespace drydock::soak

int main(int argc, char** argv) {
    return drydock::app::run_program("drydock-soak",
                                     [&] { return drydock::soak::run_soak(argc, argv); });
}

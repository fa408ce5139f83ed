// drydock-soak: keeps an echo server and a chat server busy with clients of all manners, and says
// whether anything was lost, or grew.
#include <cstdio>
#include <random>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "src/apps/command_line.hpp"
#include "tests/soak/soak.hpp"

int main(int argc, char** argv) {
    using namespace drydock;
    soak::SoakOptions options;
    options.seed = std::random_device()();
    CLI::App app("Soaks an echo server and a chat server.", "drydock-soak");
    app.add_option("minutes", options.minutes, "How long")
        ->required()
        ->check(CLI::Range(0.05, 10080.0));
    app.add_option("program", options.program, "The program drydock, after what runs it")
        ->required();
    app.add_option("--backend", options.backend, "Of the servers");
    app.add_option("--workers", options.workers, "Of the servers")->check(app::whole_number(1));
    app.add_option("--seed", options.seed, "Of all that the clients choose")
        ->check(app::whole_number(0));
    app.add_flag("--wine", options.under_wine, "The servers run under Wine: less load");
    try {
        app.parse(argc, argv);
    } catch (const CLI::Success& success) {
        return app.exit(success);
    } catch (const CLI::ParseError& error) {
        app::complain("drydock-soak", std::string(error.what()) + " (--help lists what there is)");
        return app::exit_wrong_usage;
    }
    soak::Verdict verdict;
    soak::Soak soak(options, verdict);
    if (!verdict.holds()) {
        app::complain("drydock-soak", verdict.failure());
        return app::exit_wrong_usage;
    }
    fmt::print("soaking the backend {} for {} minutes, seed {}\n", options.backend, options.minutes,
               options.seed);
    std::fflush(stdout);
    soak.run();
    if (!verdict.holds()) {
        fmt::print("FAILED with seed {}: {}\n", options.seed, verdict.failure());
        return app::exit_failed;
    }
    fmt::print("nothing lost, nothing grown (seed {})\n", options.seed);
    return app::exit_ok;
}

// The command line of the peers.
#include "bench/peer_program.hpp"

#include <cstdio>
#include <system_error>

#include <CLI/CLI.hpp>

#include "bench/open_files.hpp"

namespace drydock::bench {

int run_peer(int argc, char** argv, const char* name, const char* purpose,
             void (*serve)(std::uint16_t port, unsigned workers)) {
    CLI::App app(purpose, name);
    std::uint16_t port = 0;
    unsigned workers = 1;
    app.add_option("port", port, "0 picks a free one");
    app.add_option("--workers", workers, "Threads")->check(CLI::Range(1, 1024));
    CLI11_PARSE(app, argc, argv);
    raise_open_file_limit();
    try {
        serve(port, workers);
    } catch (const std::system_error& error) {
        std::fprintf(stderr, "%s: %s\n", name, error.what());
        return 2;
    }
    return 0;
}

}  // namespace drydock::bench

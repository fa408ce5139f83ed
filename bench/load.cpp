// drydock-bench-load: keeps an echo server on this machine busy, checks each byte that comes back,
// and prints the server's speed and its cost.
#include "bench/fresh_run.hpp"
#include "bench/load_program.hpp"
#include "bench/load_run.hpp"

int main(int argc, char** argv) {
    using namespace drydock::bench;
    LoadOptions load;
    bool fresh = false;
    LoadProgram program("drydock-bench-load",
                        "Keeps an echo server on this machine busy and measures it.", "message",
                        load);
    CLI::App& app = program.app();
    app.add_option("--connections", load.connections, "Connections, all open at once")
        ->check(CLI::Range(1, 20000));
    app.add_option("--size", load.size, "Bytes of a message")->check(CLI::Range(1, 1 << 24));
    app.add_option("--depth", load.depth, "Messages in flight on each connection; 1 is ping-pong")
        ->check(CLI::Range(1, 4096));
    app.add_flag("--fresh", fresh, "A new connection for each message, one at a time")
        ->excludes("--connections", "--depth");
    const auto shape = [&] {
        if (fresh) return nlohmann::ordered_json{{"fresh", true}, {"size", load.size}};
        return nlohmann::ordered_json{
            {"connections", load.connections}, {"size", load.size}, {"depth", load.depth}};
    };
    return program.run(
        argc, argv, [&] { return fresh ? run_fresh_load(load) : run_load(load); }, shape);
}

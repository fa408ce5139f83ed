// drydock-bench-load: keeps an echo server on this machine busy, checks each byte that comes back,
// and says how fast that was and what it cost the server.
#include <arpa/inet.h>

#include <cstdio>
#include <string>

#include <fmt/format.h>
#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "bench/load_run.hpp"

namespace drydock::bench {
namespace {

struct Arguments {
    std::string host;
    std::uint16_t port = 0;
    double seconds = 2;
    double warm_up = 0.3;
    bool json = false;
    std::string server = "server";
    std::string scenario;
    LoadOptions load;
};

std::chrono::nanoseconds to_duration(double seconds) {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(
        std::chrono::duration<double>(seconds));
}

void describe(CLI::App& app, Arguments& arguments) {
    LoadOptions& load = arguments.load;
    app.add_option("host", arguments.host, "An address of this machine's loopback")->required();
    app.add_option("port", arguments.port, "Where the echo server listens")->required();
    app.add_option("--connections", load.connections, "Connections, all open at once")
        ->check(CLI::Range(1, 20000));
    app.add_option("--size", load.size, "Bytes of a message")->check(CLI::Range(1, 1 << 24));
    app.add_option("--depth", load.depth, "Messages in flight on each connection; 1 is ping-pong")
        ->check(CLI::Range(1, 4096));
    app.add_option("--seconds", arguments.seconds, "How long to measure")
        ->check(CLI::Range(0.01, 600.0));
    app.add_option("--warm-up", arguments.warm_up, "Seconds of the same load before that")
        ->check(CLI::Range(0.0, 60.0));
    app.add_option("--server-pid", load.server_process, "Whose processor time to report");
    app.add_flag("--json", arguments.json, "One line of JSON, as drydock-bench-report reads it");
    app.add_option("--server", arguments.server, "The server's name in the JSON");
    app.add_option("--scenario", arguments.scenario, "The scenario's name in the JSON");
}

bool find_server(Arguments& arguments) {
    ::sockaddr_in& address = arguments.load.server;
    const std::string host = arguments.host == "localhost" ? "127.0.0.1" : arguments.host;
    address.sin_family = AF_INET;
    address.sin_port = htons(arguments.port);
    return ::inet_pton(AF_INET, host.c_str(), &address.sin_addr) == 1 &&
           (ntohl(address.sin_addr.s_addr) >> 24) == IN_LOOPBACKNET;
}

double microseconds(double nanoseconds) { return nanoseconds / 1000; }

void print(const Arguments& arguments, const LoadResult& result) {
    const auto messages = static_cast<double>(result.messages);
    const double seconds = std::chrono::duration<double>(result.window).count();
    const double rate = messages / seconds;
    const double p50 = microseconds(static_cast<double>(result.latency.quantile(0.5)));
    const double p99 = microseconds(static_cast<double>(result.latency.quantile(0.99)));
    nlohmann::ordered_json line = {{"scenario", arguments.scenario},
                                   {"server", arguments.server},
                                   {"connections", arguments.load.connections},
                                   {"size", arguments.load.size},
                                   {"depth", arguments.load.depth},
                                   {"seconds", seconds},
                                   {"messages", result.messages},
                                   {"messages_per_second", rate},
                                   {"latency_p50_us", p50},
                                   {"latency_p99_us", p99},
                                   {"disturbed", result.disturbed}};
    std::string cpu;
    if (result.server_cpu) {
        const auto used = static_cast<double>(result.server_cpu->count());
        line["cpu_per_message_us"] = microseconds(used / messages);
        line["cpu_share"] = used / 1e9 / seconds;
        cpu = fmt::format("; server: {:.3f} us of CPU a message, {:.0f} % of a core",
                          microseconds(used / messages), used / 1e7 / seconds);
    }
    if (arguments.json) {
        fmt::print("{}\n", line.dump());
    } else {
        fmt::print(
            "{} messages in {:.2f} s: {:.0f} messages/s; latency p50 {:.1f} us, "
            "p99 {:.1f} us{}; {:.0f} % disturbed\n",
            result.messages, seconds, rate, p50, p99, cpu, result.disturbed * 100);
    }
}

int run(int argc, char** argv) {
    CLI::App app("Keeps an echo server on this machine busy and measures it.",
                 "drydock-bench-load");
    Arguments arguments;
    describe(app, arguments);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : 2;
    }
    if (!find_server(arguments)) {
        fmt::print(stderr, "drydock-bench-load: '{}' is no address of the loopback (127.0.0.1)\n",
                   arguments.host);
        return 2;
    }
    arguments.load.window = to_duration(arguments.seconds);
    arguments.load.warm_up = to_duration(arguments.warm_up);
    try {
        print(arguments, run_load(arguments.load));
    } catch (const LoadError& error) {
        fmt::print(stderr, "drydock-bench-load: {}\n", error.what());
        return 1;
    }
    return 0;
}

}  // namespace
}  // namespace drydock::bench

int main(int argc, char** argv) { return drydock::bench::run(argc, argv); }

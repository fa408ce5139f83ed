// Parses a load generator's arguments, and prints its result as a line of text or of JSON.
#include "bench/load_program.hpp"

#include <arpa/inet.h>

#include <cstdio>
#include <utility>

#include <fmt/format.h>

namespace drydock::bench {
namespace {

std::chrono::nanoseconds to_duration(double seconds) {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(
        std::chrono::duration<double>(seconds));
}

double microseconds(double nanoseconds) { return nanoseconds / 1000; }

}  // namespace

LoadProgram::LoadProgram(const std::string& name, const std::string& purpose, std::string message,
                         CommonOptions& options)
    : app_(purpose, name), message_(std::move(message)), options_(options) {
    describe();
}

void LoadProgram::describe() {
    app_.add_option("host", host_, "An address of this machine's loopback")->required();
    app_.add_option("port", port_, "Where the server listens")->required();
    app_.add_option("--seconds", seconds_, "How long to measure")->check(CLI::Range(0.01, 600.0));
    app_.add_option("--warm-up", warm_up_, "Seconds of the same load before that")
        ->check(CLI::Range(0.0, 60.0));
    app_.add_option("--server-pid", options_.server_processes,
                    "Whose processor time to report; given again: the sum of all")
        ->allow_extra_args(false);
    app_.add_option(
        "--helper-pid", options_.helper_process,
        "A process that works for the server, as Wine's or a broker does: its processor time, too");
    app_.add_flag("--json", json_, "One line of JSON, as drydock-bench-report reads it");
    app_.add_option("--server", server_, "The server's name in the JSON");
    app_.add_option("--scenario", scenario_, "The scenario's name in the JSON");
}

bool LoadProgram::find_server() {
    ::sockaddr_in& address = options_.server;
    const std::string host = host_ == "localhost" ? "127.0.0.1" : host_;
    address.sin_family = AF_INET;
    address.sin_port = htons(port_);
    return ::inet_pton(AF_INET, host.c_str(), &address.sin_addr) == 1 &&
           (ntohl(address.sin_addr.s_addr) >> 24) == IN_LOOPBACKNET;
}

int LoadProgram::refuse(int status, const std::string& sentence) const {
    fmt::print(stderr, "{}: {}\n", app_.get_name(), sentence);
    return status;
}

void LoadProgram::print(const LoadResult& result, const nlohmann::ordered_json& shape) const {
    const auto messages = static_cast<double>(result.messages);
    const double seconds = std::chrono::duration<double>(result.window.length).count();
    const double rate = messages / seconds;
    const double p50 = microseconds(static_cast<double>(result.latency.quantile(0.5)));
    const double p99 = microseconds(static_cast<double>(result.latency.quantile(0.99)));
    nlohmann::ordered_json line = {{"scenario", scenario_}, {"server", server_}};
    line.update(shape);
    line.update({{"seconds", seconds},
                 {"messages", result.messages},
                 {"messages_per_second", rate},
                 {"latency_p50_us", p50},
                 {"latency_p99_us", p99},
                 {"disturbed", result.window.disturbed}});
    std::string cpu;
    if (result.window.server_cpu) {
        const auto used = static_cast<double>(result.window.server_cpu->count());
        line["cpu_per_message_us"] = microseconds(used / messages);
        line["cpu_share"] = used / 1e9 / seconds;
        cpu = fmt::format("; server: {:.3f} us of CPU a {}, {:.0f} % of a core",
                          microseconds(used / messages), message_, used / 1e7 / seconds);
    }
    if (result.window.helper_cpu) {
        const auto used = static_cast<double>(result.window.helper_cpu->count());
        line["helper_cpu_per_message_us"] = microseconds(used / messages);
        cpu += fmt::format("; helper: {:.3f} us", microseconds(used / messages));
    }
    if (json_) {
        fmt::print("{}\n", line.dump());
    } else {
        fmt::print(
            "{0} {1}s in {2:.2f} s: {3:.0f} {1}s/s; latency p50 {4:.1f} us, "
            "p99 {5:.1f} us{6}; {7:.0f} % disturbed\n",
            result.messages, message_, seconds, rate, p50, p99, cpu, result.window.disturbed * 100);
    }
}

int LoadProgram::run(int argc, char** argv, const std::function<LoadResult()>& load,
                     const std::function<nlohmann::ordered_json()>& shape) {
    try {
        app_.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app_.exit(error) == 0 ? 0 : 2;
    }
    if (!find_server()) {
        return refuse(2, "'" + host_ + "' is no address of the loopback (127.0.0.1)");
    }
    options_.window = to_duration(seconds_);
    options_.warm_up = to_duration(warm_up_);
    try {
        print(load(), shape());
    } catch (const LoadError& error) {
        return refuse(1, error.what());
    }
    return 0;
}

}  // namespace drydock::bench

// The command line of a load generator, and how it prints its result. All load generators share it,
// so that drydock-bench-report can read the output of each.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "bench/load_common.hpp"

namespace drydock::bench {

class LoadProgram {
public:
    /// `message` is what one of the counted things is called, e.g. "message".
    LoadProgram(const std::string& name, const std::string& purpose, std::string message,
                CommonOptions& options);

    /// For options of its own.
    CLI::App& app() noexcept { return app_; }

    /// Parses, measures, prints. `shape` is what the JSON says of the load. The program's status.
    int run(int argc, char** argv, const std::function<LoadResult()>& load,
            const std::function<nlohmann::ordered_json()>& shape);

private:
    void describe();
    bool find_server();
    int refuse(int status, const std::string& sentence) const;
    void print(const LoadResult& result, const nlohmann::ordered_json& shape) const;

    CLI::App app_;
    std::string message_;
    CommonOptions& options_;
    std::string host_;
    std::uint16_t port_ = 0;
    double seconds_ = 2;
    double warm_up_ = 0.3;
    bool json_ = false;
    std::string server_ = "server";
    std::string scenario_;
};

}  // namespace drydock::bench

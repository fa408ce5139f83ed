// An echo server as a program of its own: started, found at its port, stopped by Ctrl-C, and its
// summary read. POSIX only; the program itself may be the Windows one under Wine.
#pragma once

#include <csignal>
#include <cstdint>
#include <string>
#include <vector>

#include "tests/support/process.hpp"

namespace drydock::test {

/// The numbers of the line that a server prints at its end.
struct Summary {
    bool printed = false;
    std::uint64_t served = 0;
    std::uint64_t ended = 0;
    std::uint64_t failed = 0;
    std::uint64_t idle = 0;
    std::uint64_t stopped = 0;
    std::uint64_t rejected = 0;
    std::uint64_t lost = 0;
    std::uint64_t shortages = 0;
    std::uint64_t messages = 0;
    std::uint64_t bytes_received = 0;
    std::uint64_t bytes_sent = 0;
};
Summary parse_summary(const std::string& output);

class EchoServerProcess {
public:
    /// `PROGRAM... echo-server 0 --bind 127.0.0.1 OPTION...`; a later --bind replaces the first.
    explicit EchoServerProcess(const std::vector<std::string>& program,
                               const std::vector<std::string>& options = {},
                               std::optional<Command::OpenFiles> open_files = {});

    /// Where it listens, as it says itself: "127.0.0.1" and the port. 0: it did not start.
    const std::string& address() const { return address_; }
    std::uint16_t port() const { return port_; }
    Process& process() { return process_; }
    const Process& process() const { return process_; }

    /// Ctrl-C, or another signal, and its end.
    Ending stop(int signal = SIGINT, Milliseconds timeout = patience);
    Summary summary() const { return parse_summary(process_.output()); }

private:
    Process process_;
    std::string address_;
    std::uint16_t port_ = 0;
};

}  // namespace drydock::test

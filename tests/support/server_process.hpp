// A server as a program of its own: started, found at its port, stopped by Ctrl-C, and its summary
// read. POSIX only; the program itself may be the Windows one under Wine.
#pragma once

#include <csignal>
#include <cstdint>
#include <string>
#include <vector>

#include "tests/support/process.hpp"

namespace drydock::test {

class ServerProcess {
public:
    /// `PROGRAM... COMMAND 0 --bind 127.0.0.1 OPTION...`; a --bind of the options replaces the
    /// first.
    ServerProcess(const std::vector<std::string>& program, const std::string& command,
                  const std::vector<std::string>& options,
                  std::optional<Command::OpenFiles> open_files);

    /// Where it listens, as it says itself: "127.0.0.1" and the port. 0: it did not start.
    const std::string& address() const { return address_; }
    std::uint16_t port() const { return port_; }
    Process& process() { return process_; }
    const Process& process() const { return process_; }

    /// Ctrl-C, or another signal, and its end.
    Ending stop(int signal = SIGINT, Milliseconds timeout = patience);

private:
    Process process_;
    std::string address_;
    std::uint16_t port_ = 0;
};

// --- the echo server -----------------------------------------------------------------------------

/// The numbers of the line that an echo server prints at its end.
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
    std::uint64_t rejected_address = 0;
};

class EchoServerProcess : public ServerProcess {
public:
    explicit EchoServerProcess(const std::vector<std::string>& program,
                               const std::vector<std::string>& options = {},
                               std::optional<Command::OpenFiles> open_files = {})
        : ServerProcess(program, "echo-server", options, open_files) {}

    Summary summary() const;
};

// --- the chat server -----------------------------------------------------------------------------

/// The numbers of the line that a chat server prints at its end.
struct ChatSummary {
    bool printed = false;
    std::uint64_t served = 0;
    std::uint64_t left = 0;
    std::uint64_t failed = 0;
    std::uint64_t stopped = 0;
    std::uint64_t too_slow = 0;
    std::uint64_t too_long = 0;
    std::uint64_t idle = 0;
    std::uint64_t rejected = 0;
    std::uint64_t lost = 0;
    std::uint64_t shortages = 0;
    std::uint64_t lines = 0;
    std::uint64_t bytes_received = 0;
    std::uint64_t bytes_sent = 0;
    std::uint64_t rejected_address = 0;
    std::uint64_t holds = 0;
};

class ChatServerProcess : public ServerProcess {
public:
    explicit ChatServerProcess(const std::vector<std::string>& program,
                               const std::vector<std::string>& options = {},
                               std::optional<Command::OpenFiles> open_files = {})
        : ServerProcess(program, "chat-server", options, open_files) {}

    ChatSummary summary() const;
};

}  // namespace drydock::test

// The programs inside drydock: what each is told on the command line, and its main function.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "src/cli/manual.hpp"

namespace drydock::app {

/// What every server is told.
struct ServerArguments {
    std::string port;
    std::vector<std::string> bind;  // none: all addresses, of both families
    std::string backend = "auto";
    unsigned workers = 0;  // 0: as many as there are processors, or as the backend takes
    std::size_t max_per_address = 0;
    double idle_timeout = 0;
    double grace = 5;
    std::string log_level = "info";
    std::string log_format = "logfmt";
};

struct EchoServerArguments : ServerArguments {
    std::size_t buffer_size = 16 * 1024;
    std::size_t turn_size = 256 * 1024;
    std::size_t max_connections = 0;
};

struct ChatServerArguments : ServerArguments {
    std::size_t max_line = 8 * 1024;
    std::size_t outbox_limit = 1024 * 1024;
    std::size_t max_members = 0;
    std::size_t speaker_share = 0;  // 0: as the outbox limit suggests
    std::size_t least_rate = 0;
    std::string relay;  // empty: none
    std::uint64_t relay_keep = 10'000;
    std::string relay_password_file;
};

struct ClientArguments {
    std::string host;
    std::string port;
    /// The system sends a lost SYN again after 1, 3 and 7 seconds, which this leaves room for.
    double connect_timeout = 10;
    std::string backend = "auto";
};

struct ChatClientArguments : ClientArguments {
    std::string name;
};

Manual drydock_manual();

int run_echo_server(const EchoServerArguments& arguments);
int run_chat_server(const ChatServerArguments& arguments);
int run_echo_client(const ClientArguments& arguments);
int run_chat_client(const ChatClientArguments& arguments);

}  // namespace drydock::app

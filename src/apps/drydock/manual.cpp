// The texts of drydock's --help and of drydock(1), beside its commands and options.
#include "src/apps/drydock/programs.hpp"

namespace drydock::app {
namespace {

const Manual::Status refused = {
    "2",
    "The command line is wrong or what it asks for cannot be done, as the error message says; or a "
    "part of the output or of the log could not be written."};

std::vector<Manual::Status> server_statuses() {
    return {{"0", "The server was stopped by Ctrl-C or SIGTERM."}, refused};
}

std::vector<Manual::Status> client_statuses(const std::string& failure) {
    return {{"0", "The client quit, or its input ended."}, {"1", failure}, refused};
}

std::vector<Manual::Command> commands() {
    return {
        {.name = "echo-server",
         .statuses = server_statuses(),
         .examples = {{"Serve on this machine alone, at a free port that is printed:",
                       "drydock echo-server 0 --bind 127.0.0.1"}}},
        {.name = "chat-server",
         .statuses = server_statuses(),
         .examples = {{"Serve on this machine alone, and log JSON objects:",
                       "drydock chat-server 9190 --bind 127.0.0.1 --log-format json"},
                      {"Share the room lobby with other servers, by the Redis server on broker:",
                       "drydock chat-server 9190 --relay redis://broker.example/lobby"}}},
        {.name = "echo-client",
         .statuses = client_statuses("The server could not be reached, closed or lost the "
                                     "connection, or sent back other bytes."),
         .examples = {{"Send one line to a server at port 7000:",
                       "echo hello | drydock echo-client 127.0.0.1 7000"}}},
        {.name = "chat-client",
         .statuses =
             client_statuses("The server could not be reached, or closed or lost the connection."),
         .examples = {{"Say one line in the chat at port 9190:",
                       "echo hello | drydock chat-client 127.0.0.1 9190 Ada"}}},
    };
}

}  // namespace

Manual drydock_manual() {
    return {.summary = "echo and chat servers on completion queues, and their clients",
            .description =
                R"(Runs one of two servers, or a client of one of them, on the best completion
queue that the system provides: an I/O completion port on Windows, io_uring on Linux, or epoll where
the system refuses io_uring.

A server prints "listening on ADDRESS:PORT" on standard output when clients can connect. SIGINT
(Ctrl-C) or SIGTERM stops it gracefully: it accepts no more connections, sends what it still owes,
waits for its clients for at most the grace time (--grace), prints a summary, and ends. A second
signal ends it at once.)",
            .sections =
                {{"LOG",
                  R"(The servers log to standard error, one event in a line. Each line begins with
the time in UTC and the level. --log-format json writes an object instead, with "time", "level" and
"event" first.

While the log cannot be written, the server keeps serving and tries again every second. It keeps up
to 1 MiB of lines and counts those beyond that. When it can write again, it logs the reason and the
count.)"},
                 {"ENVIRONMENT",
                  R"(DRYDOCK_RELAY_PASSWORD is the password for the Redis server of
chat-server --relay, if --relay-password-file is not given.)"},
                 {"STANDARD STREAMS",
                  R"(A standard stream that is closed when the program starts is the null device.
If output cannot be written, the program prints one error message on standard error, and the exit
status is 2. A client then ends at once; a server keeps serving and logs an error.)"}},
            .statuses = {{"0", "The server was stopped, or the client quit."},
                         {"1",
                          "A client's server misbehaved, closed or lost the connection, or "
                          "could not be reached."},
                         refused},
            .examples = {{"An echo server, and a client of it in another terminal:",
                          "drydock echo-server 7000\ndrydock echo-client 127.0.0.1 7000"},
                         {"A chat server on this machine alone, which logs JSON objects:",
                          "drydock chat-server 9190 --bind 127.0.0.1 --log-format json"},
                         {"One line to all members of the chat:",
                          "echo hello | drydock chat-client 127.0.0.1 9190 Ada"}},
            .commands = commands(),
            .see_also = "drydock-sim"};
}

}  // namespace drydock::app

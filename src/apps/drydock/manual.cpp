// drydock(1), beyond its commands and options.
#include "src/apps/drydock/programs.hpp"

namespace drydock::app {

Manual drydock_manual() {
    return {.summary = "echo and chat servers on completion queues, and their clients",
            .description =
                R"(Runs one of two servers, or a client of one of them, on the best completion
queue that the system has: an I/O completion port on Windows, io_uring on Linux, or epoll where
io_uring is refused.

A server prints "listening on ADDRESS:PORT" on standard output when clients can connect. SIGINT
(Ctrl-C) or SIGTERM stops it gracefully: it accepts no more, sends what it owes, waits for its
clients for the time of --grace, prints a summary, and ends. A second signal ends it at once.)",
            .sections =
                {{"LOG",
                  R"(The servers log to standard error, one event in a line. Each begins with the
time in UTC and the level. --log-format json writes an object instead, with "time", "level" and
"event" first.

While the log cannot be written, the server goes on serving and tries again every second. It
keeps up to 1 MiB of lines, counts what is beyond that, and logs the reason and the count when
it can.)"},
                 {"STANDARD STREAMS",
                  R"(A standard stream that is closed when the program starts is the null device.
Output that cannot be written is reported in one sentence on standard error, and the exit status
is 2. A client ends at once then; a server goes on serving and logs an error.)"}},
            .statuses = {{"0", "The server was stopped, or the client has quit; all is well."},
                         {"1", "The peer misbehaved, or went away."},
                         {"2",
                          "What was asked for cannot be done as asked, as one sentence on standard "
                          "error says, or "
                          "a part of the output or of the log could not be written."}},
            .examples = {{"An echo server, and a client of it:",
                          "drydock echo-server 7000\ndrydock echo-client 127.0.0.1 7000"},
                         {"A chat on this machine alone, logged as JSON:",
                          "drydock chat-server 9190 --bind 127.0.0.1 --log-format json"},
                         {"A line to everybody in the chat:",
                          "echo hello | drydock chat-client 127.0.0.1 9190 Ada"}},
            .see_also = "drydock-sim"};
}

}  // namespace drydock::app

// drydock chat-server: the chat server on a real backend.
#include "src/chat/server.hpp"

#include <cstdio>

#include <fmt/format.h>

#include "src/apps/drydock/programs.hpp"
#include "src/apps/drydock/serve.hpp"

namespace drydock::app {
namespace {

void print_chat_summary(const chat::ServerStats& stats) {
    if (stats.holds > 0) {
        fmt::print("held back {} times: members who talked faster than the room listened\n",
                   stats.holds);
    }
    print_rejections(stats);
    fmt::print(
        "served {} members: {} left, {} failed, {} stopped; "
        "dropped: {} too slow, {} line too long, {} idle; "
        "{} rejected, {} lost before accept, {} shortages; "
        "{} lines, {} bytes received, {} bytes sent\n",
        stats.accepted, stats.ended, stats.failed, stats.stopped, stats.dropped_slow,
        stats.dropped_too_long, stats.idle_closed, total_rejected(stats), stats.accept_failures,
        stats.shortages, stats.lines, stats.bytes_received, stats.bytes_sent);
    std::fflush(stdout);
}

}  // namespace

int run_chat_server(const ChatServerArguments& arguments) {
    chat::ServerOptions options;
    options.max_connections = arguments.max_members;
    options.max_line = arguments.max_line;
    options.outbox_limit = arguments.outbox_limit;
    options.speaker_share = arguments.speaker_share;
    options.least_rate = arguments.least_rate;
    return serve<chat::Server>(arguments, options, &print_chat_summary);
}

}  // namespace drydock::app

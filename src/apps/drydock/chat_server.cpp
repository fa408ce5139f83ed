// drydock chat-server: the chat server on a real backend.
#include "src/chat/server.hpp"

#include "src/apps/drydock/programs.hpp"
#include "src/apps/drydock/relaying.hpp"
#include "src/apps/drydock/serve.hpp"
#include "src/cli/output.hpp"

namespace drydock::app {
namespace {

void print_chat_summary(const chat::ServerStats& stats) {
    print(
        "served {} members: {} left, {} failed, {} stopped; "
        "dropped: {} too slow, {} line too long, {} idle; "
        "{} rejected, {} lost before accept, {} shortages; "
        "{} lines, {} bytes received, {} bytes sent; "
        "{} of the rejected for their address, {} holds of fast talkers\n",
        stats.accepted, stats.ended, stats.failed, stats.stopped, stats.dropped_slow,
        stats.dropped_too_long, stats.idle_closed, stats.rejected + stats.rejected_address,
        stats.accept_failures, stats.shortages, stats.lines, stats.bytes_received, stats.bytes_sent,
        stats.rejected_address, stats.holds);
}

void print_relayed_summary(const chat::ServerStats& stats) {
    print_chat_summary(stats);
    if (stats.dropped_lost == 0) return;
    print("{} members were reset because lines of the relay were lost\n", stats.dropped_lost);
}

}  // namespace

int run_chat_server(const ChatServerArguments& arguments) {
    chat::ServerOptions options;
    options.max_connections = arguments.max_members;
    options.max_line = arguments.max_line;
    options.outbox_limit = arguments.outbox_limit;
    options.speaker_share = arguments.speaker_share;
    options.least_rate = arguments.least_rate;
    if (arguments.relay.empty()) {
        if (arguments.relay_password_file.empty()) {
            return serve<chat::Server>(arguments, options, &print_chat_summary);
        }
        complain("--relay-password-file is of no use without --relay");
        return exit_wrong_usage;
    }
    std::optional<Relaying> relaying = find_relay(arguments);
    if (!relaying) return exit_wrong_usage;
    return serve<chat::Server>(arguments, options, &print_relayed_summary, std::move(*relaying));
}

}  // namespace drydock::app

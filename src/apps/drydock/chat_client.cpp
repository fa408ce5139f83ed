// drydock chat-client: a chat's member at a terminal, or fed by a pipe.
#include "src/chat/client.hpp"

#include "platform/host/terminal.hpp"
#include "src/apps/drydock/backend.hpp"
#include "src/apps/drydock/clients.hpp"
#include "src/apps/drydock/common.hpp"
#include "src/apps/drydock/console.hpp"
#include "src/apps/drydock/edited_terminal.hpp"
#include "src/apps/drydock/programs.hpp"

namespace drydock::app {
namespace {

int report(const chat::ClientResult& result, const ChatClientArguments& arguments) {
    switch (result.outcome) {
        case chat::ClientOutcome::quit:
            return exit_ok;
        case chat::ClientOutcome::not_connected:
            complain_not_connected(arguments, result.error);
            return exit_failed;
        case chat::ClientOutcome::server_gone:
            complain_server_gone(result.error);
            return exit_failed;
        case chat::ClientOutcome::output_lost:
            return exit_wrong_usage;  // the end of the program says why
    }
    return exit_failed;
}

/// What the two ways of running the client have in common.
class Conversation {
public:
    Conversation(CompletionQueue& queue, std::span<const Endpoint> endpoints,
                 const ChatClientArguments& arguments)
        : queue_(queue),
          endpoints_(endpoints),
          options_(connect_options(arguments)),
          name_(arguments.name),
          events_(queue) {}

    LineSink sink() { return into(events_); }

    chat::ClientResult run(console::LineInput& input, console::TextOutput& output) {
        chat::Client client(queue_, events_, input, output, name_);
        run_workers(queue_, talk(client), 1);
        return result_;
    }

private:
    Task<void> talk(chat::Client& client) { result_ = co_await client.run(endpoints_, options_); }

    CompletionQueue& queue_;
    std::span<const Endpoint> endpoints_;
    ConnectOptions options_;
    std::string name_;
    AsyncQueue<chat::ClientEvent> events_;
    chat::ClientResult result_;
};

std::unique_ptr<console::TextOutput> text_output() {
    if (host::output_is_terminal()) return std::make_unique<SafeStdoutText>();
    return std::make_unique<StdoutText>();
}

int talk_by_pipe(Conversation& conversation, const ChatClientArguments& arguments) {
    std::unique_ptr<console::TextOutput> output = text_output();
    StdinLines input(conversation.sink());
    const chat::ClientResult result = conversation.run(input, *output);
    output.reset();  // what it holds back comes before the error message
    return input.leave(report(result, arguments));
}

int talk_at_terminal(Conversation& conversation, std::unique_ptr<host::Terminal> terminal,
                     const ChatClientArguments& arguments) {
    auto edited = std::make_unique<EditedTerminal>(std::move(terminal), conversation.sink());
    const chat::ClientResult result = conversation.run(*edited, *edited);
    edited.reset();  // the terminal is restored before the error message
    return report(result, arguments);
}

}  // namespace

int run_chat_client(const ChatClientArguments& arguments) {
    if (arguments.name.empty() || arguments.name.find('\n') != std::string::npos) {
        complain("NAME must not be empty and must not contain a newline");
        return exit_wrong_usage;
    }
    const std::optional<std::vector<Endpoint>> endpoints = find_server(arguments);
    if (!endpoints) return exit_wrong_usage;
    const OpenedQueue backend = open_backend(arguments.backend, one_worker);
    if (!backend.queue) return exit_wrong_usage;
    Conversation conversation(*backend.queue, *endpoints, arguments);
    std::unique_ptr<host::Terminal> terminal = host::open_terminal();
    if (terminal) return talk_at_terminal(conversation, std::move(terminal), arguments);
    return talk_by_pipe(conversation, arguments);
}

}  // namespace drydock::app

// The chat client: sends its user's lines under a name, shows whatever arrives.
//
// On the wire it is the textbook's chat_clnt_win: "[NAME] line\n", and nothing back but what the
// server sends to everybody, its own lines included. Unlike it, this one sends lines of any length
// whole, notices a server that goes away while its user types, and leaves without losing what was
// said last: it half closes, and listens until the server has said all.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <variant>

#include <drydock/async_queue.hpp>
#include <drydock/connect.hpp>
#include <drydock/idle_watch.hpp>
#include <drydock/io.hpp>
#include <drydock/task_group.hpp>

#include "src/console/streams.hpp"

namespace drydock::chat {

struct ServerGone {
    Error error = Error::ok;  // ok: it closed the connection
    std::int32_t native = 0;
};
/// What the client waits for. What arrives is not among it: it is shown where it is received, so
/// that nothing is received that the output has no room for.
using ClientEvent = std::variant<console::Line, console::EndOfInput, ServerGone>;

enum class ClientOutcome : std::uint8_t {
    quit,           ///< "q", "Q" or the end of the input
    not_connected,  ///< no endpoint could be reached; see `error`
    server_gone,    ///< the connection ended or failed; see `error`
    output_lost,    ///< what arrived could not be shown
};

struct ClientResult {
    ClientOutcome outcome = ClientOutcome::quit;
    Error error = Error::ok;
    std::int32_t native = 0;
};

class Client {
public:
    /// `events` is where `input` pushes its lines. All of them outlive the client.
    Client(CompletionQueue& queue, AsyncQueue<ClientEvent>& events, console::LineInput& input,
           console::TextOutput& output, std::string name)
        : queue_(queue),
          events_(events),
          input_(input),
          output_(output),
          name_(std::move(name)),
          arrivals_(queue, silence) {}

    /// Connects to one of the endpoints, then talks until one side ends it.
    Task<ClientResult> run(std::span<const Endpoint> endpoints,
                           ConnectOptions options = ConnectOptions());

    /// A client that quits goes on listening until the server ends the stream, falls silent for so
    /// long, or has gone on for so long.
    static constexpr Duration silence = std::chrono::seconds(2);
    static constexpr Duration farewell = std::chrono::seconds(20);

private:
    Task<ClientResult> talk(AsyncSocket& socket);
    Task<void> read(AsyncSocket& socket);
    Task<ServerGone> listen_to_the_end(AsyncSocket& socket);

    CompletionQueue& queue_;
    AsyncQueue<ClientEvent>& events_;
    console::LineInput& input_;
    console::TextOutput& output_;
    std::string name_;
    IdleWatch arrivals_;
    bool output_lost_ = false;
};

}  // namespace drydock::chat

// The stable echo client: asks for a line, sends it, shows what comes back.
//
// Its prompts are those of the textbook's StableEchoClnt_win. Unlike it, this one survives empty
// lines, lines of any length, the end of the input, short sends, and a server that goes away, be it
// at the prompt or in the middle of an answer.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include <drydock/async_queue.hpp>
#include <drydock/connect.hpp>
#include <drydock/io.hpp>
#include <drydock/task_group.hpp>

#include "src/console/streams.hpp"

namespace drydock::echo {

using console::EndOfInput;
using console::Line;
using console::LineInput;
using console::TextOutput;

/// What the client waits for: its user's lines and the server's bytes, in one queue.
struct Bytes {
    std::string text;
};
struct ServerGone {
    Error error = Error::ok;  // ok: it closed the connection
    std::int32_t native = 0;
};
using ClientEvent = std::variant<Line, EndOfInput, Bytes, ServerGone>;

enum class ClientOutcome : std::uint8_t {
    quit,           ///< "q", "Q" or the end of the input
    not_connected,  ///< no endpoint could be reached; see `error`
    server_gone,    ///< the connection ended or failed; see `error`
    wrong_echo,     ///< what came back is not what was sent
    output_lost,    ///< a prompt or an answer could not be shown
};

struct ClientResult {
    ClientOutcome outcome = ClientOutcome::quit;
    Error error = Error::ok;
    std::int32_t native = 0;
};

class Client {
public:
    /// `events` is where `input` pushes its lines. All of them outlive the client.
    Client(CompletionQueue& queue, AsyncQueue<ClientEvent>& events, LineInput& input,
           TextOutput& output)
        : queue_(queue), events_(events), input_(input), output_(output) {}

    /// Connects to one of the endpoints, then talks until one side ends it.
    Task<ClientResult> run(std::span<const Endpoint> endpoints,
                           ConnectOptions options = ConnectOptions());

private:
    Task<ClientResult> talk(AsyncSocket& socket);
    Task<ClientResult> exchange(AsyncSocket& socket, const std::string& line);
    Task<void> read(AsyncSocket& socket);
    Task<void> send_line(AsyncSocket& socket, const std::string& line);
    void show(std::string_view text) noexcept;

    CompletionQueue& queue_;
    AsyncQueue<ClientEvent>& events_;
    LineInput& input_;
    TextOutput& output_;
    bool output_lost_ = false;
};

}  // namespace drydock::echo

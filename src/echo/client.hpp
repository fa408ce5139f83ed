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
#include <drydock/io.hpp>
#include <drydock/task_group.hpp>

namespace drydock::echo {

/// What the client waits for: its user's lines and the server's bytes, in one queue.
struct Line {
    std::string text;
};
struct EndOfInput {};
struct Bytes {
    std::string text;
};
struct ServerGone {
    Error error = Error::ok;  // ok: it closed the connection
    std::int32_t native = 0;
};
using ClientEvent = std::variant<Line, EndOfInput, Bytes, ServerGone>;

/// Where the lines come from. ask() asks for one, which some thread then pushes as a Line, without
/// its newline, or as EndOfInput. It must not wait.
class LineInput {
public:
    LineInput() = default;
    LineInput(const LineInput&) = delete;
    LineInput& operator=(const LineInput&) = delete;
    virtual ~LineInput() = default;
    virtual void ask() noexcept = 0;
};

/// Where the prompts and answers go; each text is to be seen at once.
class TextOutput {
public:
    TextOutput() = default;
    TextOutput(const TextOutput&) = delete;
    TextOutput& operator=(const TextOutput&) = delete;
    virtual ~TextOutput() = default;
    virtual void write(std::string_view text) noexcept = 0;
};

enum class ClientOutcome : std::uint8_t {
    quit,           ///< "q", "Q" or the end of the input
    not_connected,  ///< no endpoint could be reached; see `error`
    server_gone,    ///< the connection ended or failed; see `error`
    wrong_echo,     ///< what came back is not what was sent
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

    /// Tries the endpoints in order, then talks until one side ends it.
    Task<ClientResult> run(std::span<const Endpoint> endpoints);

private:
    Task<ClientResult> talk(AsyncSocket& socket);
    Task<ClientResult> exchange(AsyncSocket& socket, const std::string& line);
    Task<void> read(AsyncSocket& socket);
    Task<void> send_line(AsyncSocket& socket, const std::string& line);

    CompletionQueue& queue_;
    AsyncQueue<ClientEvent>& events_;
    LineInput& input_;
    TextOutput& output_;
};

}  // namespace drydock::echo

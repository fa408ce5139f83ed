// Many members of a chat at the same time, on one thread: each says what it is given, and keeps or
// compares what it hears. Linux only.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/socket_loop.hpp"

namespace drydock::test {

/// How one member listens.
enum class Listening : std::uint8_t {
    keeps,     ///< all that it hears
    compares,  ///< with what the crowd expects from its join on, and keeps nothing
    stopped,   ///< never reads, and has little room for what is sent to it
};

struct ChatMember {
    enum class State : std::uint8_t {
        talking,
        ended,      ///< it saw the end of the stream
        was_reset,  ///< it saw an error
        has_left,   ///< the test closed or reset it
    };
    SocketFile socket;
    Listening listening = Listening::keeps;
    State state = State::talking;
    std::string heard;              ///< if it keeps it
    std::uint64_t heard_bytes = 0;  ///< in any case
    std::uint64_t said_bytes = 0;   ///< that the socket has taken
    bool wrong = false;             ///< it heard something else than was expected
    // The crowd's own:
    std::size_t joined_at = 0;  // of what is expected
    std::string to_say;
    std::size_t said = 0;  // of to_say
    bool half_closes = false;
    bool sending_over = false;
    std::uint32_t interest = 0;

    bool has_said_all() const { return said == to_say.size(); }
};

class ChatCrowd {
public:
    /// Of members of the chat at this port.
    explicit ChatCrowd(std::uint16_t port);

    /// Members that join from now on do so at this port: another server of the room.
    void turn_to(std::uint16_t port) { port_ = port; }

    /// One more connection. False: it could not be made.
    bool join(Listening listening = Listening::keeps);
    /// One more that says something at once. Waits until it and all who listen have heard that; in
    /// the meantime nobody else may talk. From then on it is a member, and has heard nothing else.
    bool join_with_greeting(const std::string& greeting);

    /// After all that it was given to say before.
    void say(std::size_t index, std::string_view text);
    /// When it has said all.
    void half_close(std::size_t index);
    /// At once.
    void leave(std::size_t index);
    void reset(std::size_t index);

    /// What everybody is to hear who compares, after all that was expected before.
    void expect(std::string_view text) { expected_ += text; }

    /// Talks until the condition holds. False: time was up first.
    bool talk_until(const std::function<bool()>& condition, Milliseconds timeout = patience);
    /// Talks until all who compare have heard all that is expected.
    bool talk_until_heard(Milliseconds timeout = patience);
    /// Talks until every member who listens has come to its end.
    bool talk_to_the_end(Milliseconds timeout = patience);
    void talk_for(Milliseconds span);

    const std::vector<ChatMember>& members() const { return members_; }
    const ChatMember& operator[](std::size_t index) const { return members_[index]; }
    std::size_t size() const { return members_.size(); }
    std::size_t count(ChatMember::State state) const;
    /// How many have heard something else than was expected.
    std::size_t wrong() const;
    /// What all members together have heard.
    std::uint64_t heard_bytes() const;

private:
    void handle(std::size_t index, std::uint32_t events);
    void receive(ChatMember& member);
    void send(ChatMember& member);
    void watch(std::size_t index);
    void end(ChatMember& member, ChatMember::State state);

    std::uint16_t port_;
    SocketLoop loop_;
    std::vector<ChatMember> members_;
    std::string expected_;
    std::vector<char> buffer_;
};

}  // namespace drydock::test

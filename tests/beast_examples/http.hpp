// HTTP/1.1 (RFC 9112) as far as the scenarios speak it.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <drydock/sim/world.hpp>

#include "tests/beast_examples/conversation.hpp"
#include "tests/beast_examples/example.hpp"

namespace drydock::beast_examples {

/// The head of a message.
struct Head {
    std::string first_line;
    std::vector<std::pair<std::string, std::string>> fields;  // their names in lower case
    /// The value of the field with this name, which is in lower case; empty: there is none.
    std::string_view field(std::string_view name) const;
};

/// Takes a whole head from the beginning of `bytes`. None: it is not complete.
std::optional<Head> take_head(std::string& bytes);

/// A number of decimal digits.
std::optional<std::uint64_t> to_count(std::string_view text);

/// Requests that are sent one after the other, and the judgement of their answers.
class HttpConversation final : public Conversation {
public:
    /// Chooses the requests in `world`.
    HttpConversation(sim::World& world, const Example& example);

    std::string next() override;
    bool answered() const override { return judged_ == sent_; }
    Wrong received(std::string_view bytes) override;

private:
    struct Request {
        std::string text;
        std::string name;   // for messages
        bool head = false;  // the answer has no body
        int status = 200;
        std::optional<std::string> body;  // what a 200 has; none: anything
        bool rude = false;  // a HEAD whose answer must have no body, although its GET has one
    };

    Request choose_request(sim::World& world, const Example& example, bool last);
    bool may_begin_head() const;
    Wrong take_body(const Request& request, std::uint64_t length);

    std::vector<Request> requests_;
    std::size_t sent_ = 0;
    std::size_t judged_ = 0;
    std::string bytes_;
    std::optional<Head> head_;
};

/// Answers requests. How is a choice of the world.
class HttpService final : public Service {
public:
    HttpService(sim::World& world, std::string body);

    std::string received(std::string_view bytes) override;
    bool done() const override { return done_; }

private:
    enum class Framing : std::uint8_t { length, chunked, close };
    std::string answer(const Head& request) const;

    std::string body_;
    Framing framing_;
    std::string bytes_;
    std::optional<Head> head_;
    bool done_ = false;
};

}  // namespace drydock::beast_examples

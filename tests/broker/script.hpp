// Scripts: the model has no Lua. It knows scripts by their exact text, and runs a function of C++
// in the place of each.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "src/relay/resp.hpp"
#include "tests/broker/replies.hpp"

namespace drydock::broker {

/// A script while it runs.
class ScriptRun {
public:
    /// Calls a command and gives its reply, or the error as a reply of RESP2.
    using CallCommand = std::function<std::string(std::span<const std::string_view> words)>;

    ScriptRun(std::string_view text, std::string_view sha,
              std::span<const std::string_view> its_keys,
              std::span<const std::string_view> its_arguments, CallCommand call_command)
        : keys(its_keys),
          arguments(its_arguments),
          text_(text),
          sha_(sha),
          call_command_(std::move(call_command)) {}

    /// KEYS and ARGV, from 0 on.
    std::span<const std::string_view> keys;
    std::span<const std::string_view> arguments;

    /// redis.call(). `place` is a part of the script's text on the line that calls: errors name its
    /// number. After an error, failed() holds, and the script has to end.
    relay::Reply call(std::string_view place, std::initializer_list<std::string_view> words) {
        if (failed()) return {};
        const std::string reply = call_command_(std::span(words.begin(), words.size()));
        if (reply.starts_with('-')) fail(place, reply.substr(1, reply.size() - 3));
        relay::ReplyReader reader;
        std::string_view chunk = reply;
        return *reader.feed(chunk);
    }
    /// An error that Lua or a command has found on that line; the script has to end.
    void fail(std::string_view place, std::string_view error) {
        error_ = std::string(error) + " script: " + std::string(sha_) +
                 ", on @user_script:" + std::to_string(line_of(place)) + ".";
    }
    bool failed() const noexcept { return !error_.empty(); }
    const std::string& error() const noexcept { return error_; }
    /// The number of the first line that has `place`, from 1 on.
    std::size_t line_of(std::string_view place) const noexcept {
        std::size_t line = 1;
        for (const char byte : text_.substr(0, text_.find(place))) line += byte == '\n' ? 1U : 0U;
        return line;
    }

private:
    std::string_view text_;
    std::string_view sha_;
    CallCommand call_command_;
    std::string error_;
};

/// A script that the model knows.
struct KnownScript {
    std::string_view text;
    /// Writes the script's reply, which counts unless the run has failed.
    void (*run)(ScriptRun& run, ReplyWriter reply);
};

}  // namespace drydock::broker

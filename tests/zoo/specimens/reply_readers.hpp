// The specimens of RESP2: readers of replies that are sound but for the one defect that each is
// named after.
//
// Headers alone, as a fuzz target's harness uses them in builds without tests.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

#include "src/relay/resp.hpp"

namespace drydock::zoo {

/// No defect of its own: what the others pass on to.
class SoundReplyReader {
public:
    explicit SoundReplyReader(const relay::ReplyLimits& limits) : reader_(limits) {}
    const relay::Reply* feed(std::string_view& chunk) { return reader_.feed(chunk); }
    relay::Refusal refusal() const noexcept { return reader_.refusal(); }

protected:
    relay::ReplyReader reader_;
};

/// A CR that a chunk ends with is taken for the half of a line's end, and is lost.
class DropsAReturnAtABorder : public SoundReplyReader {
public:
    using SoundReplyReader::SoundReplyReader;

    const relay::Reply* feed(std::string_view& chunk) {
        if (chunk == "\r") chunk = {};
        return reader_.feed(chunk);
    }
};

/// Every CR is taken for the end of a line, whatever follows.
class TakesAReturnForAnEnd : public SoundReplyReader {
public:
    using SoundReplyReader::SoundReplyReader;

    const relay::Reply* feed(std::string_view& chunk) {
        while (!chunk.empty()) {
            const bool is_return = chunk.front() == '\r';
            std::string_view bytes = is_return && !after_return_ ? "\r\n" : chunk.substr(0, 1);
            const bool skips = after_return_ && chunk.front() == '\n';
            chunk.remove_prefix(1);
            after_return_ = is_return;
            if (skips) continue;
            if (const relay::Reply* reply = reader_.feed(bytes)) return reply;
        }
        return nullptr;
    }

private:
    bool after_return_ = false;
};

/// It has the limits of a program that trusts its peer.
class HasNoLimits : public SoundReplyReader {
public:
    explicit HasNoLimits(const relay::ReplyLimits&) : SoundReplyReader({}) {}
};

/// The limit of a text is one byte short.
class RefusesTheLimitOfATextItself : public SoundReplyReader {
public:
    explicit RefusesTheLimitOfATextItself(relay::ReplyLimits limits)
        : SoundReplyReader(shorter(limits)) {}

private:
    static relay::ReplyLimits shorter(relay::ReplyLimits limits) {
        limits.max_text -= std::min<std::size_t>(limits.max_text, 1);
        return limits;
    }
};

/// After a refusal it begins anew with what follows.
class GoesOnAfterARefusal {
public:
    explicit GoesOnAfterARefusal(const relay::ReplyLimits& limits)
        : limits_(limits), reader_(limits) {}

    const relay::Reply* feed(std::string_view& chunk) {
        if (const relay::Reply* reply = reader_.feed(chunk)) return reply;
        if (reader_.refusal() == relay::Refusal::none || chunk.empty()) return nullptr;
        refusal_ = reader_.refusal();
        chunk.remove_prefix(1);
        reader_ = relay::ReplyReader(limits_);
        return feed(chunk);
    }
    relay::Refusal refusal() const noexcept { return refusal_; }

private:
    relay::ReplyLimits limits_;
    relay::ReplyReader reader_;
    relay::Refusal refusal_ = relay::Refusal::none;
};

}  // namespace drydock::zoo

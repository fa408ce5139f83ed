// Replies of RESP2 as tests write them down: encoding, and reading of a text that is whole.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "src/relay/resp.hpp"

namespace drydock::test {

/// The bytes that a reply was sent as. There is one way only to write a reply.
inline void encode(relay::ReplyView reply, std::string& to) {
    switch (reply.kind()) {
        case relay::ReplyKind::simple_string:
            to.append("+").append(reply.text());
            break;
        case relay::ReplyKind::error:
            to.append("-").append(reply.text());
            break;
        case relay::ReplyKind::integer:
            to += ":" + std::to_string(reply.integer());
            break;
        case relay::ReplyKind::null_bulk:
            to += "$-1";
            break;
        case relay::ReplyKind::null_array:
            to += "*-1";
            break;
        case relay::ReplyKind::bulk:
            to += "$" + std::to_string(reply.text().size()) + "\r\n";
            to.append(reply.text());
            break;
        case relay::ReplyKind::array:
            to += "*" + std::to_string(reply.size()) + "\r\n";
            for (const relay::ReplyView element : reply) encode(element, to);
            return;
    }
    to += "\r\n";
}

/// What a reader has made of an input.
struct Read {
    std::vector<relay::Reply> replies;
    std::string bytes;  ///< the replies, encoded again
    relay::Refusal refusal = relay::Refusal::none;
    bool operator==(const Read&) const = default;
};

/// The text in chunks of these sizes, in turn; without sizes it is one chunk.
template <typename Reader = relay::ReplyReader>
Read read_replies(std::string_view text, const std::vector<std::size_t>& sizes = {},
                  const relay::ReplyLimits& limits = {}) {
    Reader reader(limits);
    Read read;
    for (std::size_t number = 0; !text.empty(); ++number) {
        const std::size_t size = sizes.empty() ? text.size() : sizes[number % sizes.size()];
        // Memory of its own and no byte larger, so that AddressSanitizer sees what reads past it.
        const std::vector<char> memory(
            text.begin(), text.begin() + static_cast<std::ptrdiff_t>(std::min(size, text.size())));
        text.remove_prefix(memory.size());
        std::string_view chunk(memory.data(), memory.size());
        while (const relay::Reply* reply = reader.feed(chunk)) {
            encode(reply->root(), read.bytes);
            read.replies.push_back(*reply);
        }
    }
    read.refusal = reader.refusal();
    return read;
}

}  // namespace drydock::test

// What the resp fuzz target does with its input, apart from the target so that tests can show that
// it fails on broken readers.
//
// RESP2 has one way to write a reply. So the replies that a reader gives, written again, are the
// bytes that it has taken, and what it takes and refuses must be the same whatever the chunks.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "src/relay/resp.hpp"

namespace drydock::fuzz {

/// Byte 0 chooses the limits: 0 has those of a program, others have small ones. The last three bits
/// of byte 1 are how many bytes follow that are sizes of chunks (0 counts as 1), in turn.
struct RespInput {
    relay::ReplyLimits limits;
    std::vector<std::size_t> sizes;
    std::string payload;
};

inline RespInput read_resp_input(std::span<const std::uint8_t> bytes) {
    const auto take = [&bytes]() -> std::uint8_t {
        if (bytes.empty()) return 0;
        const std::uint8_t first = bytes.front();
        bytes = bytes.subspan(1);
        return first;
    };
    RespInput input;
    if (const std::size_t small = take(); small > 0) {
        input.limits = {small % 16, small / 2 % 16, small / 4 % 10, small};
    }
    for (int left = take() & 7; left > 0; --left) {
        input.sizes.push_back(std::max<std::size_t>(take(), 1));
    }
    input.payload.assign(bytes.begin(), bytes.end());
    return input;
}

/// What a reader makes of a payload.
struct RespOutcome {
    std::string bytes;      // the replies, written again
    std::size_t taken = 0;  // bytes of the payload up to the end of the last reply
    std::size_t count = 0;  // replies
    relay::Refusal refusal = relay::Refusal::none;
    std::string failure;  // a limit that does not hold
    bool operator==(const RespOutcome&) const = default;
};

inline void write_reply(relay::ReplyView reply, std::string& to) {
    using relay::ReplyKind;
    const std::string_view text = reply.text();
    switch (reply.kind()) {
        case ReplyKind::simple_string:
            to.append("+").append(text).append("\r\n");
            break;
        case ReplyKind::error:
            to.append("-").append(text).append("\r\n");
            break;
        case ReplyKind::integer:
            to += ":" + std::to_string(reply.integer()) + "\r\n";
            break;
        case ReplyKind::null_bulk:
            to += "$-1\r\n";
            break;
        case ReplyKind::null_array:
            to += "*-1\r\n";
            break;
        case ReplyKind::bulk:
            to += "$" + std::to_string(text.size()) + "\r\n";
            to.append(text).append("\r\n");
            break;
        case ReplyKind::array:
            to += "*" + std::to_string(reply.size()) + "\r\n";
            for (const relay::ReplyView element : reply) write_reply(element, to);
            break;
    }
}

struct RespMeasures {
    std::size_t text = 0;      // of the longest string
    std::size_t elements = 0;  // of all arrays
    std::size_t depth = 0;
};

inline RespMeasures measures_of(relay::ReplyView reply) {
    RespMeasures all{reply.text().size(), reply.size(), 0};
    for (const relay::ReplyView element : reply) {
        const RespMeasures one = measures_of(element);
        all.text = std::max(all.text, one.text);
        all.elements += one.elements;
        all.depth = std::max(all.depth, one.depth);
    }
    if (reply.is_array()) ++all.depth;
    return all;
}

inline std::string limits_failure(relay::ReplyView reply, std::size_t bytes,
                                  const relay::ReplyLimits& limits) {
    const RespMeasures measures = measures_of(reply);
    if (measures.text > limits.max_text) return "gives a longer text than its limit";
    if (measures.elements > limits.max_elements) return "gives more elements than its limit";
    if (measures.depth > limits.max_depth) return "gives deeper arrays than its limit";
    if (bytes > limits.max_bytes) return "gives a larger reply than its limit";
    return {};
}

template <typename Reader>
RespOutcome resp_outcome(const RespInput& input, const std::vector<std::size_t>& sizes) {
    Reader reader(input.limits);
    RespOutcome outcome;
    std::size_t begin = 0;
    for (std::size_t number = 0; begin < input.payload.size(); ++number) {
        const std::size_t size =
            std::min(sizes[number % sizes.size()], input.payload.size() - begin);
        // Memory of its own and no byte larger, so that AddressSanitizer sees what reads past it.
        const std::vector<char> memory(input.payload.data() + begin,
                                       input.payload.data() + begin + size);
        begin += size;
        std::string_view chunk(memory.data(), memory.size());
        while (const relay::Reply* reply = reader.feed(chunk)) {
            const std::size_t before = outcome.bytes.size();
            write_reply(reply->root(), outcome.bytes);
            if (outcome.failure.empty()) {
                outcome.failure =
                    limits_failure(reply->root(), outcome.bytes.size() - before, input.limits);
            }
            ++outcome.count;
            outcome.taken = begin - chunk.size();
        }
    }
    outcome.refusal = reader.refusal();
    return outcome;
}

/// Whether `Reader` reads the input as it should: what does not hold, or nothing.
template <typename Reader = relay::ReplyReader>
std::string resp_failure(std::span<const std::uint8_t> bytes) {
    const RespInput input = read_resp_input(bytes);
    const std::vector<std::size_t> in_one = {std::max<std::size_t>(input.payload.size(), 1)};
    const RespOutcome whole = resp_outcome<Reader>(input, in_one);
    if (!whole.failure.empty()) return "the reader " + whole.failure;
    if (whole.bytes != input.payload.substr(0, whole.taken)) {
        return "the replies, written again, are not the bytes that were taken";
    }
    const std::vector<std::vector<std::size_t>> chunkings = {{1}, {2}, {1, 3}, input.sizes};
    for (const std::vector<std::size_t>& sizes : chunkings) {
        if (sizes.empty() || resp_outcome<Reader>(input, sizes) == whole) continue;
        std::string failure = "the reader gives other replies, or another refusal, of chunks of";
        for (const std::size_t size : sizes) failure += " " + std::to_string(size);
        return failure;
    }
    return {};
}

}  // namespace drydock::fuzz

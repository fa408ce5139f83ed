// What the framing fuzz target does with its input, apart from the target so that tests can show
// that it fails on broken framers.
//
// Chunk by chunk, a framer is compared with the simplest splitter there is, which takes a byte at a
// time and so knows no chunks. Short payloads are cut in every way there is.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "src/chat/framing.hpp"

namespace drydock::fuzz {

/// The sizes of the chunks, end to end.
using Chunking = std::vector<std::size_t>;

/// Byte 0 is the limit, 255 being none. The last three bits of byte 1 are how many bytes follow
/// that are sizes of chunks, which repeat until the payload is spent; 0: it is one chunk.
struct FramingInput {
    std::size_t max_line = 0;
    Chunking sizes;
    std::string payload;
};

inline FramingInput read_framing_input(std::span<const std::uint8_t> bytes) {
    const auto take = [&bytes]() -> std::uint8_t {
        if (bytes.empty()) return 0;
        const std::uint8_t first = bytes.front();
        bytes = bytes.subspan(1);
        return first;
    };
    FramingInput input;
    const std::uint8_t limit = take();
    input.max_line = limit == 255 ? std::numeric_limits<std::size_t>::max() : limit;
    for (int left = take() & 7; left > 0; --left) input.sizes.push_back(take());
    input.payload.assign(bytes.begin(), bytes.end());
    return input;
}

/// Bytes in, lines out, as one would write it who never heard of chunks.
struct ReferenceFramer {
    void take(char byte) {
        if (too_long) return;
        if (byte == '\n') {
            lines += unfinished + '\n';
            unfinished.clear();
            ++count;
        } else if (unfinished.size() == max_line) {
            too_long = true;
        } else {
            unfinished += byte;
        }
    }

    std::size_t max_line;
    std::string lines{};
    std::string unfinished{};
    std::size_t count = 0;
    bool too_long = false;
};

inline std::string lines_failure(const chat::Lines& lines, const ReferenceFramer& expected,
                                 std::string_view chunk) {
    if (lines.count != expected.count) {
        return "gives " + std::to_string(lines.count) + " lines instead of " +
               std::to_string(expected.count);
    }
    if (std::string(lines.head).append(lines.body) != expected.lines) return "gives other lines";
    if (lines.count > 0 && lines.body.data() != chunk.data()) return "copies what is in the chunk";
    if (lines.too_long != expected.too_long) {
        return lines.too_long ? "takes a line for too long that is not"
                              : "does not see at once that a line is too long";
    }
    return {};
}

/// Feeds the payload in chunks of these sizes. What does not hold, or nothing.
template <typename Framer>
std::string chunking_failure(const FramingInput& input, const Chunking& chunking) {
    Framer framer(input.max_line);
    ReferenceFramer reference{input.max_line};
    auto next = input.payload.begin();
    for (std::size_t number = 0; number < chunking.size() && !reference.too_long; ++number) {
        // Memory of its own and no byte larger, so that AddressSanitizer sees what reads past it.
        std::vector<char> chunk(next, next + static_cast<std::ptrdiff_t>(chunking[number]));
        next += static_cast<std::ptrdiff_t>(chunking[number]);
        reference.lines.clear();
        reference.count = 0;
        for (const char byte : chunk) reference.take(byte);

        const std::string_view view(chunk.data(), chunk.size());
        std::string failure = lines_failure(framer.feed(view), reference, view);
        std::fill(chunk.begin(), chunk.end(), '#');  // what is kept must be the framer's own
        if (failure.empty() && framer.unfinished().size() > input.max_line) {
            failure = "holds more than the limit";
        }
        if (failure.empty() && !reference.too_long && framer.unfinished() != reference.unfinished) {
            failure = "keeps something else of the unfinished line";
        }
        if (failure.empty()) continue;
        failure = "chunk " + std::to_string(number) + ": the framer " + failure + "; chunks of";
        for (const std::size_t size : chunking) failure += " " + std::to_string(size);
        return failure;
    }
    return {};
}

/// The sizes over and over until all is cut. Of two empty chunks in a row, the second takes a byte.
inline Chunking repeated(const Chunking& sizes, std::size_t left) {
    Chunking chunking;
    for (std::size_t i = 0; left > 0; ++i) {
        const bool empty_before = !chunking.empty() && chunking.back() == 0;
        const std::size_t wanted = std::max<std::size_t>(sizes[i % sizes.size()], empty_before);
        chunking.push_back(std::min(wanted, left));
        left -= chunking.back();
    }
    return chunking;
}

/// One of the 2^(size - 1) ways to cut: bit n of `cuts` says whether there is a cut behind byte n.
inline Chunking cut_at(std::uint32_t cuts, std::size_t size) {
    Chunking chunking;
    std::size_t begin = 0;
    for (std::size_t end = 1; end <= size; ++end) {
        if (end < size && (cuts >> (end - 1) & 1) == 0) continue;
        chunking.push_back(end - begin);
        begin = end;
    }
    return chunking;
}

/// Whether `Framer` frames the input as the reference does: what does not hold, or nothing.
template <typename Framer = chat::LineFramer>
std::string framing_failure(std::span<const std::uint8_t> bytes) {
    constexpr std::size_t shortest_long = 11;
    const FramingInput input = read_framing_input(bytes);
    const std::size_t size = input.payload.size();
    std::vector<Chunking> chunkings;
    if (!input.sizes.empty()) chunkings.push_back(repeated(input.sizes, size));
    if (size == 0) {
        chunkings.push_back({0});
    } else if (size < shortest_long) {
        for (std::uint32_t cuts = 0; cuts < 1U << (size - 1); ++cuts) {
            chunkings.push_back(cut_at(cuts, size));
        }
    } else {
        chunkings.push_back({size});
        chunkings.emplace_back(size, 1);
    }
    for (const Chunking& chunking : chunkings) {
        std::string failure = chunking_failure<Framer>(input, chunking);
        if (!failure.empty()) return failure;
    }
    return {};
}

}  // namespace drydock::fuzz

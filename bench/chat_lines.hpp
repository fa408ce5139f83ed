// The lines of the chat load. Each names its sender, its number and its time, so that a member can
// check that a line is whole and is its sender's next one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace drydock::bench {

struct ChatLine {
    std::uint16_t sender = 0;
    std::uint32_t number = 0;
    std::uint64_t time = 0;  // nanoseconds
};

/// All lines of a load have the same size.
class ChatLines {
    static constexpr std::size_t header = 4 + 8 + 16;

public:
    static constexpr std::size_t least = header + 1;

    explicit ChatLines(std::size_t size) : size_(size) {
        constexpr std::string_view filler = "chat goes on and on, and each line is the next; ";
        while (rest_.size() + 1 < size - header) rest_ += filler[rest_.size() % filler.size()];
        rest_ += '\n';
    }

    std::size_t size() const noexcept { return size_; }

    void append_to(std::string& text, const ChatLine& line) const {
        put(text, line.sender, 4);
        put(text, line.number, 8);
        put(text, line.time, 16);
        text += rest_;
    }

    /// Nothing if these bytes are no line of ours, or not from its beginning to its end.
    std::optional<ChatLine> parse(std::string_view bytes) const noexcept {
        if (bytes.size() != size_ || bytes.substr(header) != rest_) return std::nullopt;
        std::uint64_t wrong = 0;
        ChatLine line;
        line.sender = static_cast<std::uint16_t>(take(bytes, 0, 4, wrong));
        line.number = static_cast<std::uint32_t>(take(bytes, 4, 8, wrong));
        line.time = take(bytes, 12, 16, wrong);
        return wrong <= 0xf ? std::optional(line) : std::nullopt;
    }

private:
    /// Four bits a character, from 'A' to 'P': quicker to read than decimal digits.
    static void put(std::string& text, std::uint64_t value, unsigned characters) {
        for (unsigned left = characters; left-- > 0;) {
            text += static_cast<char>('A' + (value >> (4 * left) & 0xf));
        }
    }
    static std::uint64_t take(std::string_view bytes, std::size_t at, std::size_t characters,
                              std::uint64_t& wrong) noexcept {
        std::uint64_t value = 0;
        for (const char character : bytes.substr(at, characters)) {
            const auto bits =
                static_cast<std::uint64_t>(static_cast<unsigned char>(character)) - 'A';
            wrong |= bits;
            value = value << 4 | (bits & 0xf);
        }
        return value;
    }

    std::size_t size_;
    std::string rest_;  // what is the same in all lines
};

}  // namespace drydock::bench

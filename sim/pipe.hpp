// One direction of a connection: a bounded queue of bytes, of which some have arrived already.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <drydock/hash.hpp>
#include <drydock/time.hpp>

namespace drydock::sim {

class Pipe {
public:
    explicit Pipe(std::size_t capacity) : bytes_(capacity) {}

    std::size_t space() const noexcept {
        return bytes_.size() - static_cast<std::size_t>(written_ - taken_);
    }
    std::size_t arrived() const noexcept { return static_cast<std::size_t>(arrived_ - taken_); }
    std::size_t underway() const noexcept { return static_cast<std::size_t>(written_ - arrived_); }
    std::uint64_t written() const noexcept { return written_; }

    void write(std::span<const std::byte> bytes) noexcept {
        for (std::size_t done = 0; done < bytes.size();) {
            const auto at = static_cast<std::size_t>((written_ + done) % bytes_.size());
            const std::size_t run = std::min(bytes.size() - done, bytes_.size() - at);
            std::copy_n(bytes.data() + done, run, bytes_.data() + at);
            done += run;
        }
        written_ += bytes.size();
    }

    /// Of the bytes that are not taken yet.
    std::uint64_t content_hash() const noexcept {
        std::uint64_t hash = hash_of(std::span<const std::byte>());
        for (std::uint64_t at = taken_; at < written_; ++at) {
            hash = hash_of(
                std::span(bytes_).subspan(static_cast<std::size_t>(at % bytes_.size()), 1), hash);
        }
        return hash;
    }

    /// Copies the bytes [from, upto) of the stream, none of which is taken yet.
    void copy(std::uint64_t from, std::uint64_t upto, std::vector<std::byte>& to) const {
        to.clear();
        while (from < upto) {
            const auto at = static_cast<std::size_t>(from % bytes_.size());
            const std::size_t run =
                std::min(static_cast<std::size_t>(upto - from), bytes_.size() - at);
            const auto first = bytes_.begin() + static_cast<std::ptrdiff_t>(at);
            to.insert(to.end(), first, first + static_cast<std::ptrdiff_t>(run));
            from += run;
        }
    }

    void arrive(std::uint64_t upto) noexcept { arrived_ = std::max(arrived_, upto); }

    void take(std::byte* to, std::size_t count) noexcept {
        for (std::size_t done = 0; done < count;) {
            const auto at = static_cast<std::size_t>((taken_ + done) % bytes_.size());
            const std::size_t run = std::min(count - done, bytes_.size() - at);
            std::copy_n(bytes_.data() + at, run, to + done);
            done += run;
        }
        taken_ += count;
    }

    // The flight of what is written: each thing arrives no earlier than what was sent before it.
    Time last_arrival{};
    bool end_sent = false;
    bool end_arrived = false;

private:
    std::vector<std::byte> bytes_;
    std::uint64_t written_ = 0;
    std::uint64_t arrived_ = 0;
    std::uint64_t taken_ = 0;
};

}  // namespace drydock::sim

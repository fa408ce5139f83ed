// The transcript: all that is said in a room, in its one order, as one stream of bytes.
//
// The stream is cut into pieces of one size that all readers share, and kept as far back as the
// slowest reader still needs it. So publishing costs the same whether ten members listen or ten
// thousand, a reader is a position, and what has piled up for it lies there ready for one gather
// send, whatever the lines' sizes. Pure: no I/O, no locks.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <span>

#include <drydock/buffer.hpp>

namespace drydock::chat {

/// A part of the stream, ready for a gather send. It keeps its bytes alive by itself: a send that
/// is being canceled still reads them.
class Passage {
public:
    /// The most that one passage covers, in pieces.
    static constexpr std::size_t capacity = 8;

    std::span<const ConstBuffer> buffers() const noexcept { return {buffers_.data(), count_}; }
    std::size_t size() const noexcept { return total_size(buffers()); }
    std::uint64_t state_hash() const noexcept;

private:
    friend class Transcript;

    void clear() noexcept;
    bool full() const noexcept { return count_ == capacity; }
    void add(const std::shared_ptr<std::byte[]>& bytes, std::size_t offset, std::size_t size);

    std::array<ConstBuffer, capacity> buffers_;
    std::array<std::shared_ptr<std::byte[]>, capacity> owners_;
    std::size_t count_ = 0;
};

class Transcript {
public:
    /// Where a reader is, in bytes since the beginning.
    using Position = std::uint64_t;

    explicit Transcript(std::size_t piece_size);

    /// The end of what has been said: where a reader that comes now begins.
    Position end() const noexcept { return end_; }

    void append(std::span<const std::byte> bytes);

    /// A reader at the end, from here on. Every reader is moved and, at last, removed.
    void add_reader() noexcept { ++pieces_.back().readers; }
    /// True: it has left a piece, so begin() may have moved.
    bool move_reader(Position from, Position to) noexcept;
    void remove_reader(Position at) noexcept;

    /// The bytes from `from`, which a reader is at, to `to` or as many as a passage holds.
    void quote(Position from, Position to, Passage& passage) const;

    /// Of what readers see that are all at `slowest` or later, and of where the transcript ends.
    std::uint64_t state_hash(Position slowest) const noexcept;

    /// Bytes of memory held.
    std::size_t held() const noexcept;

    /// How far back the transcript is kept: no reader is before this.
    Position begin() const noexcept { return first_ * piece_size_; }

private:
    struct Piece {
        std::shared_ptr<std::byte[]> bytes;  // null until something is written
        std::size_t readers = 0;             // whose position is inside
    };

    /// Bytes that lie in one piece.
    struct Part {
        const std::shared_ptr<std::byte[]>& bytes;
        std::size_t offset;
        std::size_t size;
    };

    Piece& piece_at(Position position) noexcept;
    Part part_at(Position from, Position to) const noexcept;
    void forget() noexcept;

    const std::size_t piece_size_;
    std::deque<Piece> pieces_;  // never empty: the last one has room
    std::uint64_t first_ = 0;   // the number of the first piece that is kept
    Position end_ = 0;
};

}  // namespace drydock::chat

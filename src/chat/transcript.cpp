// Pieces of the transcript: written at the end, counted by their readers, forgotten at the front.
#include "src/chat/transcript.hpp"

#include <algorithm>

#include <drydock/hash.hpp>

namespace drydock::chat {

std::uint64_t Passage::state_hash() const noexcept {
    std::uint64_t hash = 0;
    for (const ConstBuffer& buffer : buffers()) hash = hash_of({buffer.data, buffer.size}, hash);
    return hash;
}

void Passage::clear() noexcept {
    for (std::size_t i = 0; i < count_; ++i) owners_[i].reset();
    count_ = 0;
}

void Passage::add(const std::shared_ptr<std::byte[]>& bytes, std::size_t offset, std::size_t size) {
    buffers_[count_] = ConstBuffer(bytes.get() + offset, size);
    owners_[count_] = bytes;
    ++count_;
}

Transcript::Transcript(std::size_t piece_size) : piece_size_(piece_size), pieces_(1) {}

void Transcript::append(std::span<const std::byte> bytes) {
    while (!bytes.empty()) {
        const std::size_t used = static_cast<std::size_t>(end_ % piece_size_);
        const std::size_t count = std::min(bytes.size(), piece_size_ - used);
        Piece& last = pieces_.back();
        // What is written here is beyond all that readers were ever given.
        if (!last.bytes) last.bytes = std::make_shared_for_overwrite<std::byte[]>(piece_size_);
        std::copy_n(bytes.data(), count, last.bytes.get() + used);
        end_ += count;
        bytes = bytes.subspan(count);
        if (used + count == piece_size_) pieces_.emplace_back();
    }
    forget();
}

Transcript::Piece& Transcript::piece_at(Position position) noexcept {
    return pieces_[static_cast<std::size_t>(position / piece_size_ - first_)];
}

std::uint64_t Transcript::state_hash(Position slowest) const noexcept {
    std::uint64_t hash = hash_of({first_, end_});
    for (Position at = slowest; at < end_;) {
        const Part part = part_at(at, end_);
        hash = hash_of({part.bytes.get() + part.offset, part.size}, hash);
        at += part.size;
    }
    return hash;
}

/// From `from` to `to`, or to the end of the piece.
Transcript::Part Transcript::part_at(Position from, Position to) const noexcept {
    const auto offset = static_cast<std::size_t>(from % piece_size_);
    const auto size = static_cast<std::size_t>(std::min<Position>(to - from, piece_size_ - offset));
    return {pieces_[static_cast<std::size_t>(from / piece_size_ - first_)].bytes, offset, size};
}

bool Transcript::move_reader(Position from, Position to) noexcept {
    Piece& left = piece_at(from);
    Piece& entered = piece_at(to);
    if (&left == &entered) return false;
    --left.readers;
    ++entered.readers;
    forget();
    return true;
}

void Transcript::remove_reader(Position at) noexcept {
    --piece_at(at).readers;
    forget();
}

void Transcript::forget() noexcept {
    while (pieces_.size() > 1 && pieces_.front().readers == 0) {
        pieces_.pop_front();
        ++first_;
    }
}

void Transcript::quote(Position from, Position to, Passage& passage) const {
    passage.clear();
    while (from < to && !passage.full()) {
        const Part part = part_at(from, to);
        passage.add(part.bytes, part.offset, part.size);
        from += part.size;
    }
}

std::size_t Transcript::held() const noexcept {
    const auto written = std::count_if(pieces_.begin(), pieces_.end(),
                                       [](const Piece& piece) { return piece.bytes != nullptr; });
    return static_cast<std::size_t>(written) * piece_size_;
}

}  // namespace drydock::chat

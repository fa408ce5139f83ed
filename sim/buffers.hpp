// The buffers that the simulated world provides.
//
// One that was given back is filled with a pattern, so that whoever reads on reads nonsense, and is
// handed out again at once; and it must still be full of it by then, or somebody has written on.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <source_location>
#include <span>
#include <vector>

#include <drydock/buffer.hpp>

namespace drydock::sim {

/// The pattern of memory that is not the program's to look at.
inline constexpr std::byte poison{0xd7};

bool all_poison(std::span<const std::byte> bytes) noexcept;

class Buffers final : public BufferProvider {
public:
    /// A buffer for so many bytes of a receive that was started there.
    ProvidedBuffer take(std::size_t size, std::source_location where);
    void take_back(std::byte* memory) noexcept override;

    // Where the receive was started whose buffer

    /// has not come back;
    std::optional<std::source_location> kept() const noexcept;
    /// was written to after it was given back, or behind its end.
    std::optional<std::source_location> touched() const noexcept;

    /// The world ends. What a program that has failed keeps may come back later.
    static void abandon(std::shared_ptr<Buffers> buffers) noexcept;

private:
    /// Its memory stays where it is until the world ends: who uses it too long reads nonsense, and
    /// nothing worse.
    struct Block {
        std::unique_ptr<std::byte[]> memory;
        std::size_t capacity = 0;
        std::size_t size = 0;
        std::source_location where;
        bool out = false;

        /// What nobody may use, that is all of it or, while it is out, what is behind its end.
        bool touched() const noexcept {
            const std::size_t used = out ? size : 0;
            return !all_poison({memory.get() + used, capacity - used});
        }
    };
    Block& free_block(std::size_t size);

    std::vector<Block> blocks_;  // few: as many as hold bytes at the same time
    std::size_t out_ = 0;
    std::optional<std::source_location> touched_;
    std::shared_ptr<Buffers> alive_;  // until the last has come back
};

}  // namespace drydock::sim

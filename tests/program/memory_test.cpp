// The memory of a program: the arena that gives each run the same addresses, and the table of
// blocks.
#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <random>
#include <vector>

#include <gtest/gtest.h>

#include "sim/program/arena.hpp"
#include "sim/program/blocks.hpp"

namespace drydock::testing {
namespace {

using sim::Arena;
using sim::Block;
using sim::Blocks;

/// Allocates and frees by the numbers of this seed, and gives each block's distance from the first.
std::vector<std::ptrdiff_t> use(Arena& arena, std::uint32_t seed) {
    std::minstd_rand random(seed);
    std::vector<void*> blocks;
    std::vector<std::ptrdiff_t> distances;
    for (int i = 0; i < 3000; ++i) {
        if (blocks.size() > 50 || (!blocks.empty() && random() % 3 == 0)) {
            std::swap(blocks[random() % blocks.size()], blocks.back());
            arena.free(blocks.back());
            blocks.pop_back();
            continue;
        }
        const std::size_t size = random() % (i % 100 == 0 ? 100'000 : 300);
        void* const block = arena.allocate(size);
        EXPECT_GE(Arena::size_of(block), size);
        EXPECT_EQ(reinterpret_cast<std::uintptr_t>(block) % 16, 0U);
        std::fill_n(static_cast<char*>(block), size, 'x');
        blocks.push_back(block);
        distances.push_back(static_cast<char*>(block) - static_cast<char*>(blocks.front()));
    }
    for (void* const block : blocks) arena.free(block);
    return distances;
}

TEST(Arena, gives_each_run_the_same_addresses) {
    Arena arena;
    arena.begin_run();
    void* const first = arena.allocate(1);
    arena.free(first);
    const auto once = use(arena, 1);
    arena.begin_run();
    EXPECT_EQ(arena.allocate(1), first);
    EXPECT_GT(once.size(), 1000U);
}

TEST(Arena, gives_the_same_order_of_addresses_where_blocks_of_an_earlier_run_are_left) {
    Arena arena;
    arena.begin_run();
    const auto once = use(arena, 7);
    void* const left = arena.allocate(40);
    void* const freed_late = arena.allocate(40);
    arena.begin_run();
    EXPECT_EQ(use(arena, 7), once);
    arena.begin_run();
    arena.free(freed_late);
    EXPECT_EQ(use(arena, 7), once) << "memory of an earlier run was used again";
    EXPECT_TRUE(arena.has(left));
}

TEST(Arena, has_no_room_for_what_is_very_large) {
    Arena arena;
    EXPECT_EQ(arena.allocate(std::size_t{1} << 30), nullptr);
    int other = 0;
    EXPECT_FALSE(arena.has(&other));
}

TEST(Blocks, are_those_that_were_added_and_not_removed) {
    Blocks blocks;
    std::map<void*, std::size_t> expected;
    std::minstd_rand random(3);
    const auto base = std::uintptr_t{0x1000'0000};
    for (int i = 0; i < 50'000; ++i) {
        void* const address = reinterpret_cast<void*>(base + 16 * (random() % 6000));
        if (expected.contains(address)) {
            EXPECT_TRUE(blocks.remove(address));
            expected.erase(address);
        } else {
            EXPECT_FALSE(blocks.remove(address));
            expected[address] = random() % 1000;
            blocks.add({address, expected[address], nullptr, random() % 2 == 0});
        }
    }
    std::map<void*, std::size_t> found;
    blocks.for_each([&](const Block& block) { found[block.address] = block.size; });
    EXPECT_EQ(found, expected);
    EXPECT_EQ(blocks.count(), expected.size());
}

TEST(Blocks, that_move_to_another_table_are_no_longer_the_programs) {
    Blocks run;
    Blocks before;
    int one = 0;
    run.add({&one, sizeof one, nullptr, true});
    EXPECT_EQ(run.of_program(), 1U);
    run.move_to(before);
    EXPECT_EQ(run.count(), 0U);
    EXPECT_EQ(before.count(), 1U);
    EXPECT_EQ(before.of_program(), 0U);
}

}  // namespace
}  // namespace drydock::testing

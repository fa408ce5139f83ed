// The heap of a program: the same addresses in each run, and what is freed twice or used then.
#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <memory>
#include <random>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "sim/program/heap.hpp"

namespace drydock::testing {
namespace {

using sim::Block;
using sim::Heap;

constexpr std::size_t usual = 16;  // alignment
const int caller = 0;

class ProgramHeap : public ::testing::Test {
protected:
    ProgramHeap() { heap_.begin_run(); }

    void* allocate(std::size_t size, std::size_t alignment = usual, bool zeros = false) {
        return heap_.allocate(size, alignment, &caller, zeros);
    }

    /// Allocates and frees by the numbers of this seed, and gives the addresses.
    std::vector<std::uintptr_t> use(std::uint32_t seed) {
        std::minstd_rand random(seed);
        std::vector<void*> blocks;
        std::vector<std::uintptr_t> addresses;
        for (int i = 0; i < 3000; ++i) {
            if (blocks.size() > 50 || (!blocks.empty() && random() % 3 == 0)) {
                std::swap(blocks[random() % blocks.size()], blocks.back());
                EXPECT_TRUE(heap_.free(blocks.back()));
                blocks.pop_back();
                continue;
            }
            const std::size_t size = random() % (i % 100 == 0 ? 100'000 : 300);
            const std::size_t alignment = i % 7 == 0 ? std::size_t{16} << random() % 10 : usual;
            void* const block = allocate(size, alignment);
            EXPECT_EQ(heap_.size_of(block), size);
            EXPECT_EQ(reinterpret_cast<std::uintptr_t>(block) % alignment, 0U);
            std::memset(block, 'x', size);
            blocks.push_back(block);
            addresses.push_back(reinterpret_cast<std::uintptr_t>(block));
        }
        for (void* const block : blocks) EXPECT_TRUE(heap_.free(block));
        return addresses;
    }

    Heap heap_;
};

/// How two runs order their addresses: for each, how many are lower.
std::vector<std::ptrdiff_t> order_of(const std::vector<std::uintptr_t>& addresses) {
    std::vector<std::uintptr_t> sorted = addresses;
    std::sort(sorted.begin(), sorted.end());
    std::vector<std::ptrdiff_t> order;
    for (const std::uintptr_t address : addresses) {
        order.push_back(std::lower_bound(sorted.begin(), sorted.end(), address) - sorted.begin());
    }
    return order;
}

TEST_F(ProgramHeap, gives_each_run_the_same_addresses) {
    const auto once = use(1);
    for (const std::uint32_t other : {2U, 3U}) {
        heap_.begin_run();
        use(other);
        heap_.begin_run();
        EXPECT_EQ(use(1), once);
    }
}

TEST_F(ProgramHeap, begins_at_the_same_address_in_each_process) {
    // The first heap of a process, which this test's may not be, begins there: far below libraries.
    static constexpr std::uintptr_t first = std::uintptr_t{1} << 36;
    Heap other;
    other.begin_run();
    const auto here = reinterpret_cast<std::uintptr_t>(allocate(1));
    EXPECT_FALSE(other.owns(reinterpret_cast<void*>(here)));
    EXPECT_GE(here, first);
}

TEST_F(ProgramHeap, gives_the_same_order_of_addresses_behind_blocks_of_an_earlier_run) {
    const auto once = use(7);
    heap_.begin_run();
    void* const left = allocate(40);
    heap_.begin_run();
    const auto behind = use(7);
    EXPECT_NE(behind, once);
    EXPECT_EQ(order_of(behind), order_of(once));
    heap_.begin_run();
    EXPECT_TRUE(heap_.free(left));
    EXPECT_EQ(use(7), behind) << "memory of an earlier run was used again in the midst of a run";
    heap_.begin_run();
    EXPECT_EQ(use(7), once) << "nothing is left of an earlier run";
}

TEST_F(ProgramHeap, fills_blocks_that_are_new_or_freed_with_the_same_bytes) {
    const auto all = [](const unsigned char* bytes, std::size_t size, unsigned char value) {
        return std::all_of(bytes, bytes + size, [&](unsigned char byte) { return byte == value; });
    };
    for (const std::size_t size : {std::size_t{24}, std::size_t{2000}, std::size_t{4000}}) {
        auto* const block = static_cast<unsigned char*>(allocate(size));
        EXPECT_TRUE(all(block, size, Heap::freed_byte)) << size << " bytes, new";
        std::memset(block, 'x', size);
        heap_.free(block);
        EXPECT_TRUE(all(block, size, Heap::freed_byte)) << size << " bytes, freed";
        EXPECT_EQ(allocate(size), block) << "the block that was freed last is the next one";
        heap_.begin_run();
        EXPECT_TRUE(heap_.free(block)) << "it lives on from the run before";
        heap_.begin_run();
    }
}

TEST_F(ProgramHeap, gives_zeros_where_calloc_asks_for_them) {
    for (const std::size_t size : {std::size_t{100}, std::size_t{5000}, std::size_t{3} << 20}) {
        for (int round = 0; round < 2; ++round) {
            auto* const block = static_cast<unsigned char*>(allocate(size, usual, true));
            EXPECT_EQ(std::count(block, block + size, 0), static_cast<std::ptrdiff_t>(size));
            std::memset(block, 'x', size);
            heap_.free(block);
        }
        heap_.begin_run();
    }
}

TEST_F(ProgramHeap, lets_a_large_block_begin_with_the_same_bytes_in_each_run) {
    constexpr std::size_t size = 100'000;
    std::vector<unsigned char> first(size);
    for (int run = 0; run < 3; ++run) {
        heap_.begin_run();
        auto* const block = static_cast<unsigned char*>(allocate(size));
        if (run == 0) std::copy_n(block, size, first.begin());
        EXPECT_TRUE(std::equal(first.begin(), first.end(), block)) << "run " << run;
        std::memset(block, 'x', size);
        heap_.free(block);
    }
}

TEST_F(ProgramHeap, knows_what_is_no_block) {
    auto* const block = static_cast<std::byte*>(allocate(40));
    EXPECT_FALSE(heap_.free(block + 16));
    EXPECT_FALSE(heap_.free(block + 1));
    EXPECT_TRUE(heap_.free(block));
    EXPECT_FALSE(heap_.free(block)) << "it was freed before";
    auto* const large = static_cast<std::byte*>(allocate(100'000));
    EXPECT_FALSE(heap_.free(large + 16));
    EXPECT_FALSE(heap_.free(large + 50'000));
    EXPECT_TRUE(heap_.free(large));
    EXPECT_FALSE(heap_.free(large));
    EXPECT_FALSE(heap_.owns(&caller));
    EXPECT_EQ(allocate(~std::size_t{0}), nullptr);
    EXPECT_EQ(allocate(std::size_t{1} << 40), nullptr);
}

TEST_F(ProgramHeap, is_not_led_astray_by_what_is_written_to_freed_blocks) {
    void* const first = allocate(32);
    void* const second = allocate(32);
    heap_.free(first);
    heap_.free(second);
    std::memset(first, 0xff, 32);
    std::memset(second, 0xff, 32);
    EXPECT_EQ(allocate(32), second);
    EXPECT_EQ(allocate(32), first);
}

TEST_F(ProgramHeap, changes_sizes_in_place_where_there_is_room) {
    void* const block = allocate(100);
    EXPECT_TRUE(heap_.resize(block, 112, &caller));
    EXPECT_EQ(heap_.size_of(block), 112U);
    EXPECT_FALSE(heap_.resize(block, 113, &caller));
    EXPECT_TRUE(heap_.resize(block, 0, &caller));
    EXPECT_EQ(heap_.size_of(block), 0U);
    EXPECT_TRUE(heap_.free(block));
}

TEST_F(ProgramHeap, counts_and_lists_the_blocks_that_live) {
    void* const old = allocate(5000);
    heap_.begin_run();
    void* const block = allocate(24);
    heap_.free(allocate(24));
    std::vector<Block> found;
    heap_.for_each([&](const Block& each) { found.push_back(each); });
    ASSERT_EQ(found.size(), 2U);
    EXPECT_EQ(found[0].address, old);
    EXPECT_EQ(found[0].size, 5000U);
    EXPECT_FALSE(found[0].of_run);
    EXPECT_EQ(found[1].address, block);
    EXPECT_EQ(found[1].size, 24U);
    EXPECT_EQ(found[1].caller, &caller);
    EXPECT_TRUE(found[1].of_run);
    EXPECT_EQ(heap_.count(), 2U);
    EXPECT_EQ(heap_.of_run(), 1U);
}

TEST_F(ProgramHeap, keeps_what_other_threads_free_until_the_next_run) {
    void* const block = allocate(64);
    std::thread([&] { EXPECT_TRUE(heap_.free(block)); }).join();
    EXPECT_NE(allocate(64), block) << "when a thread frees is no part of the run";
    EXPECT_EQ(heap_.count(), 2U);
    heap_.begin_run();
    EXPECT_EQ(heap_.count(), 1U);
}

}  // namespace
}  // namespace drydock::testing

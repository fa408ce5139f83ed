// The keys and values. All connections share one Store, inside a drydock::Monitor.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "protocol.hpp"

namespace kv {

class Store {
public:
    /// Ordered, so that its hash is the same in each run.
    using Values = std::map<std::string, std::string, std::less<>>;

    explicit Store(std::size_t memory) : memory_(memory) {}

    /// Executes a command (any but QUIT) and gives its answer.
    std::string execute(const Command& command);

    const Values& values() const noexcept { return values_; }
    std::size_t used() const noexcept { return used_; }

    /// The memory that a key and its value count for: their bytes, and about what a map adds.
    static std::size_t cost_of(std::string_view key, std::string_view value) noexcept {
        return key.size() + value.size() + 64;
    }

    /// For the explorer, which compares states by it.
    std::uint64_t state_hash() const noexcept;

private:
    bool put(std::string_view key, std::string_view value);
    std::string increment(std::string_view key);
    bool remove(std::string_view key);

    std::size_t memory_;
    std::size_t used_ = 0;
    Values values_;
};

}  // namespace kv

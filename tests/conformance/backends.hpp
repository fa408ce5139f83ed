// The backends that the conformance suite runs against: all that this build has.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include <drydock/queue.hpp>

namespace drydock::conformance {

struct Backend {
    std::string name;
    /// A fresh queue. Of a real one the seed says nothing.
    std::function<std::unique_ptr<CompletionQueue>(std::uint64_t seed)> make;
    /// Whether receives bring no buffers, so that the queue provides them.
    bool provides_buffers = false;
    /// Whether other threads than one may call. (The simulator has one, and invents its time.)
    bool threads = true;
    /// How many threads may be in wait() at the same time.
    unsigned most_workers = 1024;
    /// How many times each case runs, in a fresh queue and with a seed of its own each time.
    std::uint64_t seeds = 1;
    /// How many bytes are very many: more than the system holds for one connection. (The simulator
    /// holds few, and looks at each of them again and again.)
    std::size_t very_many = std::size_t{16} << 20;
    /// Whether what has happened may come out of wait() only after some time that no poll waits.
    bool completes_late = false;
};

std::vector<Backend> backends();
std::vector<Backend> backends_with_threads();

inline void PrintTo(const Backend& backend, std::ostream* out) { *out << backend.name; }

}  // namespace drydock::conformance

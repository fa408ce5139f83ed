// The backends that the conformance suite runs against: all that this build has.
#pragma once

#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include <drydock/queue.hpp>

namespace drydock::conformance {

struct Backend {
    std::string name;
    std::function<std::unique_ptr<CompletionQueue>()> make;
    /// Whether several threads may call wait(). (The simulator has one, and invents its time.)
    bool threads = true;
};

std::vector<Backend> backends();
std::vector<Backend> backends_with_threads();

inline void PrintTo(const Backend& backend, std::ostream* out) { *out << backend.name; }

}  // namespace drydock::conformance

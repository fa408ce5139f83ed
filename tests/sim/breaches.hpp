// For each rule of the contract, tiny programs that break it, and where they do.
#pragma once

#include <ostream>
#include <vector>

#include <drydock/io.hpp>

namespace drydock::sim {

struct Breach {
    const char* test_name;
    Rule rule;
    Task<void> (*program)(CompletionQueue&);
    const char* whose;   // what a run says of it besides
    OperationKind kind;  // of the operation that the rule is about; none: it is about another thing
    const char* file;    // where that was started or made
};

const std::vector<Breach>& breaches();

inline void PrintTo(const Breach& breach, std::ostream* out) { *out << breach.test_name; }

}  // namespace drydock::sim

// How the simulator refuses an argument: by an exception, where there are exceptions.
#pragma once

#include <string>

#if defined(__cpp_exceptions)
#include <stdexcept>
#else
#include <cstdio>
#include <cstdlib>
#endif

namespace drydock::sim {

/// Throws std::invalid_argument with this sentence. Compiled without exceptions, it prints the
/// sentence and aborts.
[[noreturn]] inline void refuse_argument(const std::string& sentence) {
#if defined(__cpp_exceptions)
    throw std::invalid_argument(sentence);
#else
    std::fprintf(stderr, "%s\n", sentence.c_str());
    std::abort();
#endif
}

}  // namespace drydock::sim

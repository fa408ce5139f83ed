// Fuzzes the framer: the input is a limit, a payload and how it is cut into chunks. A difference to
// the reference is a crash, with one sentence on standard error.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "fuzz/framing_input.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string failure = drydock::fuzz::framing_failure({data, size});
    if (failure.empty()) return 0;
    std::fprintf(stderr, "framing: %s\n", failure.c_str());
    std::abort();
}

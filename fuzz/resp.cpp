// Fuzzes the reader of RESP2's replies: the input is limits, a payload and how it is cut into
// chunks. A difference to what was sent, to another chunking or to hiredis is a crash, with one
// sentence on standard error.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "fuzz/resp_input.hpp"
#ifdef DRYDOCK_HAS_HIREDIS
#include "fuzz/resp_hiredis.hpp"
#endif

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string failure = drydock::fuzz::resp_failure({data, size});
#ifdef DRYDOCK_HAS_HIREDIS
    if (failure.empty()) failure = drydock::fuzz::hiredis_failure({data, size});
#endif
    if (failure.empty()) return 0;
    std::fprintf(stderr, "resp: %s\n", failure.c_str());
    std::abort();
}

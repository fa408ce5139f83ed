// The canary among the fuzz targets: it fuzzes a framer that is broken, and so must fail. When it
// does not, what the other targets' silence is worth is nothing either: the fuzzer finds nothing.
//
// `ci/fuzz.sh all` leaves it out; ci/test.sh runs it and demands that it fails. It starts without a
// corpus, so that what it finds is the fuzzer's own doing.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "fuzz/framing_input.hpp"
#include "tests/zoo/specimens/framers.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace drydock;
    const std::string failure = fuzz::framing_failure<zoo::DropsAnEmptyLineAtABorder>({data, size});
    if (failure.empty()) return 0;
    std::fprintf(stderr, "the canary fails, as it must: %s\n", failure.c_str());
    std::abort();
}

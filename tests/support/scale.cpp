// Reads DRYDOCK_TEST_SCALE. See scale.hpp.

#include "tests/support/scale.hpp"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace drydock::test {
namespace {

int percent_from_environment() {
    const char* const variable = std::getenv("DRYDOCK_TEST_SCALE");
    if (variable == nullptr) {
        return 100;
    }
    const std::string_view text = variable;
    int percent = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), percent);
    if (error != std::errc{} || end != text.data() + text.size() || percent < 1 ||
        percent > 10000) {
        std::fprintf(stderr, "DRYDOCK_TEST_SCALE is \"%s\", not a percentage from 1 to 10000\n",
                     variable);
        std::abort();
    }
    return percent;
}

}  // namespace

int scaled(int full) {
    static const int percent = percent_from_environment();
    return static_cast<int>(std::max(1LL, static_cast<long long>(full) * percent / 100));
}

}  // namespace drydock::test

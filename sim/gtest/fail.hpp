// Failing a test at the line of the macro.
#pragma once

#include <string>

#include <gtest/gtest.h>

#include <drydock/sim/gtest.hpp>

namespace drydock::sim {

inline void fail_test(const TestPlace& place, const std::string& text) {
    ADD_FAILURE_AT(place.file, place.line) << text;
}

}  // namespace drydock::sim

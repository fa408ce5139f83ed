// Where two runs that should be one part.
#pragma once

#include <string>

#include <drydock/sim/run.hpp>

namespace drydock::sim {

/// Empty: the runs are the same. Otherwise the part of a sentence that says where they part. Exact
/// with RunOptions::marks: the first completion that differs, or before which a choice differs.
std::string first_difference(const Report& one, const Report& other);

}  // namespace drydock::sim

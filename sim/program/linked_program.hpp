// The main() that drydock_simulated_program() has linked.
#pragma once

namespace drydock::sim::program_detail {

/// Calls it. Where the executable has none, throws std::logic_error.
int linked_program(int argc, char** argv);
/// Says which it is. Called once, before the scenario's main().
void set_linked_program(int (*program)(int, char**)) noexcept;

}  // namespace drydock::sim::program_detail

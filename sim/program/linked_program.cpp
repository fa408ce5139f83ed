// Where the program's main() is kept.
#include "sim/program/linked_program.hpp"

#include <stdexcept>

namespace drydock::sim::program_detail {
namespace {

int (*linked)(int, char**) = nullptr;

}  // namespace

int linked_program(int argc, char** argv) {
    if (linked == nullptr) {
        throw std::logic_error(
            "the executable has no program: make it with drydock_simulated_program(), or override "
            "ProgramScenario::program()");
    }
    return linked(argc, argv);
}

void set_linked_program(int (*program)(int, char**)) noexcept { linked = program; }

}  // namespace drydock::sim::program_detail

// The start of an executable that drydock_simulated_program() makes.
//
// It has two functions main(): the program's, which is compiled as it is, and that of the
// scenario's file, whose symbol is drydock_scenario_main (<drydock/sim/program.hpp>). The linker's
// option --wrap=main makes the C library start __wrap_main().
#include "sim/program/linked_program.hpp"

extern "C" {
int __real_main(int, char**);
int drydock_scenario_main(int, char**);
int __wrap_main(int argc, char** argv);
}

int __wrap_main(int argc, char** argv) {
    drydock::sim::program_detail::set_linked_program(&__real_main);
    return drydock_scenario_main(argc, argv);
}

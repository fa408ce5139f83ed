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

// Of memory.cpp, where that is linked: what is allocated between them belongs to the program's
// static initialisers.
[[gnu::weak]] void drydock_begin_statics() noexcept;
[[gnu::weak]] void drydock_end_statics() noexcept;
}

namespace {

void begin_statics() {
    if (drydock_begin_statics != nullptr) drydock_begin_statics();
}
// The loader calls it before all initialisers, also those of shared libraries.
[[gnu::section(".preinit_array"), gnu::used]] void (*const before_statics)() = &begin_statics;

}  // namespace

int __wrap_main(int argc, char** argv) {
    if (drydock_end_statics != nullptr) drydock_end_statics();
    drydock::sim::program_detail::set_linked_program(&__real_main);
    return drydock_scenario_main(argc, argv);
}

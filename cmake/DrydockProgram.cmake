# drydock_simulated_program(): a program, unchanged, and the scenario that it is run in, as an executable with the
# simulator's command line. See docs/ASIO.md and <drydock/sim/program.hpp>.
#
# A part of drydock's build, and of the installed package.

# Sets `result` to why simulated programs cannot be made here, as a sentence. Empty: they can.
function(drydock_no_programs result)
    set(sentence "")
    if(NOT CMAKE_SYSTEM_NAME STREQUAL "Linux" OR NOT CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|AMD64|aarch64|arm64)$")
        string(CONCAT sentence "drydock_simulated_program() needs Linux on x86-64 or aarch64, and this project is for "
            "${CMAKE_SYSTEM_NAME} on ${CMAKE_SYSTEM_PROCESSOR}")
    elseif(NOT CMAKE_CXX_COMPILER_ID MATCHES "^(GNU|Clang)$")
        set(sentence "drydock_simulated_program() needs GCC or clang, and this is ${CMAKE_CXX_COMPILER_ID}")
    elseif(NOT TARGET drydock::tool)
        string(CONCAT sentence "drydock_simulated_program() needs drydock::tool, which needs CLI11, fmt and nlohmann-json "
            "(Debian: libcli11-dev libfmt-dev nlohmann-json3-dev)")
    endif()
    set(${result} "${sentence}" PARENT_SCOPE)
endfunction()

# drydock_simulated_program(NAME SCENARIO file... SOURCES file... [BOOST | NO_ASIO] [STANDARD number]
#                           [DEFINITIONS definition...] [INCLUDES folder...] [OPTIONS option...] [LIBRARIES item...])
# drydock_simulated_program(NAME SCENARIO file... SAME_PROGRAM_AS other [LIBRARIES item...])
#
# SOURCES          the program's own files, with its main(); they are compiled where they are, as they are
# SCENARIO         files with the scenario, and with a main(int, char**) that calls tool_main()
# BOOST            the program uses Boost.Asio; without it, the standalone Asio
# NO_ASIO          the program uses neither: nothing is included before its files
# STANDARD         the C++ standard of SOURCES: 11, 14, 17, 20, 23. With Asio it is at least 20, as drydock's headers need.
#                  Without it, the project's
# DEFINITIONS, INCLUDES, OPTIONS    for SOURCES alone
# LIBRARIES        what the program links
# SAME_PROGRAM_AS  the program of another call, which is not compiled again
#
# The executable NAME has the commands of drydock-sim. The object library NAME_program has SOURCES.
function(drydock_simulated_program name)
    cmake_parse_arguments(PARSE_ARGV 1 arg "BOOST;NO_ASIO" "STANDARD;SAME_PROGRAM_AS"
        "SOURCES;SCENARIO;DEFINITIONS;INCLUDES;OPTIONS;LIBRARIES")
    set(whose "drydock_simulated_program(${name})")
    drydock_no_programs(sentence)
    if(sentence)
        message(FATAL_ERROR "${sentence}")
    elseif(arg_UNPARSED_ARGUMENTS)
        message(FATAL_ERROR "${whose} does not know '${arg_UNPARSED_ARGUMENTS}'")
    elseif(NOT arg_SCENARIO)
        message(FATAL_ERROR "${whose} needs SCENARIO, the file with the scenario and a main() that calls tool_main()")
    elseif(arg_SOURCES AND arg_SAME_PROGRAM_AS OR NOT arg_SOURCES AND NOT arg_SAME_PROGRAM_AS)
        message(FATAL_ERROR "${whose} needs either SOURCES, the program's files, or SAME_PROGRAM_AS")
    elseif(arg_SAME_PROGRAM_AS AND NOT TARGET ${arg_SAME_PROGRAM_AS}_program)
        message(FATAL_ERROR "${whose}: there is no simulated program '${arg_SAME_PROGRAM_AS}'")
    elseif(arg_BOOST AND arg_NO_ASIO)
        message(FATAL_ERROR "${whose}: BOOST and NO_ASIO exclude each other")
    elseif(arg_STANDARD AND NOT arg_STANDARD MATCHES "^(11|14|17|20|23)$")
        message(FATAL_ERROR "${whose}: there is no C++ standard ${arg_STANDARD}; there are 11, 14, 17, 20 and 23")
    endif()
    set(program ${name}_program)
    if(arg_SAME_PROGRAM_AS)
        set(program ${arg_SAME_PROGRAM_AS}_program)
    else()
        drydock_program_objects(${program})
    endif()

    add_executable(${name} ${arg_SCENARIO})
    # The scenario's main() gets another symbol (<drydock/sim/program.hpp>); drydock::program has the function that
    # the C library starts instead of the program's.
    target_compile_definitions(${name} PRIVATE DRYDOCK_SCENARIO_MAIN)
    target_compile_options(${name} PRIVATE "SHELL:-include drydock/sim/program.hpp")
    set_target_properties(${name} PROPERTIES UNITY_BUILD OFF)
    # Symbols are looked up at the start, and not again by each of the many processes that are made of it.
    target_link_options(${name} PRIVATE -Wl,--wrap=main -Wl,-z,now)
    target_link_libraries(${name} PRIVATE ${program} drydock::program drydock::tool ${arg_LIBRARIES})
endfunction()

# The program's own files. It is called by drydock_simulated_program() and has its arguments.
macro(drydock_program_objects program)
    add_library(${program} OBJECT ${arg_SOURCES})
    set_target_properties(${program} PROPERTIES UNITY_BUILD OFF COMPILE_WARNING_AS_ERROR OFF)
    target_compile_definitions(${program} PRIVATE ${arg_DEFINITIONS})
    target_include_directories(${program} PRIVATE ${arg_INCLUDES})
    target_compile_options(${program} PRIVATE ${arg_OPTIONS} -Wno-error)
    target_link_libraries(${program} PRIVATE ${arg_LIBRARIES})
    if(arg_STANDARD)
        set_target_properties(${program} PROPERTIES CXX_STANDARD ${arg_STANDARD} CXX_STANDARD_REQUIRED ON)
    endif()
    if(NOT arg_NO_ASIO)
        set(face asio)
        if(arg_BOOST)
            set(face boost_asio)
        endif()
        target_compile_options(${program} PRIVATE "$<$<COMPILE_LANGUAGE:CXX>:SHELL:-include drydock/${face}_replace.hpp>")
        target_link_libraries(${program} PUBLIC drydock::${face})
        if(arg_STANDARD AND arg_STANDARD LESS 20)
            set_target_properties(${program} PROPERTIES CXX_STANDARD 20)
        endif()
    endif()
endmacro()

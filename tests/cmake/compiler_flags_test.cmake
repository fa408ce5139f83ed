# Each compiler is given only options that it knows:
#     cmake -DSOURCE_DIR=DIR -DWORK_DIR=DIR -P tests/cmake/compiler_flags_test.cmake
#
# GCC and clang are asked themselves, where they are installed. MSVC runs on Windows alone; for it, the
# whole project is configured with its name, and the command lines are looked at.
cmake_minimum_required(VERSION 3.25)
set(PROJECT_SOURCE_DIR "${SOURCE_DIR}")
include("${SOURCE_DIR}/cmake/DrydockFlags.cmake")

function(fail text)
    message(FATAL_ERROR "compiler_flags_test: ${text}")
endfunction()

# Sets `result` to what `compiler` says against the options, nothing if it knows all of them.
function(refusal result compiler)
    execute_process(COMMAND "${compiler}" -Werror -fsyntax-only -std=c++20 -x c++ /dev/null ${ARGN}
        RESULT_VARIABLE status OUTPUT_VARIABLE said ERROR_VARIABLE said)
    if(status EQUAL 0)
        set(said "")
    endif()
    set(${result} "${said}" PARENT_SCOPE)
endfunction()

# --- GCC and clang ------------------------------------------------------------------------------

set(kinds warnings werror language source_paths unoptimized barely_optimized garbage unity)
set(asked "")
foreach(id IN ITEMS GNU Clang MSVC)
    drydock_compiler_flags(${id} ${id} "")
    set(${id}_all "")
    foreach(kind IN LISTS kinds)
        list(APPEND ${id}_all ${${id}_${kind}})
    endforeach()
    if(NOT ${id}_warnings OR NOT ${id}_werror OR NOT ${id}_unoptimized)
        fail("${id} has no options for warnings, for their being errors, or for no optimization")
    endif()
endforeach()
foreach(pair IN ITEMS "GNU=g++" "Clang=clang++-19")
    string(REGEX MATCH "^(.*)=(.*)$" pair "${pair}")
    set(id ${CMAKE_MATCH_1})
    find_program(${id}_compiler "${CMAKE_MATCH_2}")
    if(NOT ${id}_compiler)
        continue()
    endif()
    list(APPEND asked ${id})
    refusal(said "${${id}_compiler}" ${${id}_all})
    if(said)
        fail("${${id}_compiler} does not take the options of ${id}:\n${said}")
    endif()
    refusal(said "${${id}_compiler}" ${MSVC_all})
    if(NOT said)
        fail("${${id}_compiler} takes the options of MSVC: this test would see nothing")
    endif()
endforeach()
if(Clang_compiler)
    refusal(said "${Clang_compiler}" ${GNU_warnings})
    if(NOT said MATCHES "unknown warning option")
        fail("clang takes the options of GCC: this test would see nothing")
    endif()
endif()
if(NOT asked)
    fail("neither g++ nor clang++-19 is installed")
endif()

# A compiler that nobody knows is given nothing.
drydock_compiler_flags(other SomeOtherCompiler "")
foreach(kind IN LISTS kinds)
    if(other_${kind})
        fail("an unknown compiler is given ${other_${kind}}")
    endif()
endforeach()

# --- MSVC ---------------------------------------------------------------------------------------

file(REMOVE_RECURSE "${WORK_DIR}")
execute_process(
    COMMAND "${CMAKE_COMMAND}" -S "${SOURCE_DIR}" -B "${WORK_DIR}" -G Ninja -Wno-dev
            "-DCMAKE_TOOLCHAIN_FILE=${SOURCE_DIR}/tests/cmake/msvc.toolchain.cmake"
            -DCMAKE_BUILD_TYPE=Release -DCMAKE_EXPORT_COMPILE_COMMANDS=ON -DCMAKE_UNITY_BUILD=OFF
    RESULT_VARIABLE status OUTPUT_VARIABLE said ERROR_VARIABLE said)
if(NOT status EQUAL 0)
    fail("drydock cannot be configured for MSVC:\n${said}")
endif()
file(STRINGS "${WORK_DIR}/compile_commands.json" commands REGEX "\"command\": ")
set(own 0)
set(other 0)
foreach(command IN LISTS commands)
    # cl takes '-' for '/', and CMake writes some of cl's options so: -MD, -std:c++20, -external:W0.
    if(command MATCHES " (-(-param|W[a-z]|Werror|f[a-z]|O[0-9s]|g|pedantic|std=|m[a-z])[^ ]*)")
        fail("MSVC would be given ${CMAKE_MATCH_1}:\n${command}")
    endif()
    string(FIND "${command}" "I${SOURCE_DIR} " position) # the root of the repository
    if(position EQUAL -1)
        math(EXPR other "${other} + 1")
        continue()
    endif()
    math(EXPR own "${own} + 1")
    foreach(option IN ITEMS /W4 /permissive- /utf-8 /Zc:__cplusplus /bigobj -std:c++20)
        string(FIND "${command}" " ${option} " position)
        if(position EQUAL -1)
            fail("MSVC would not be given ${option}:\n${command}")
        endif()
    endforeach()
endforeach()
if(own LESS 50)
    fail("only ${own} command lines of drydock's own are found for MSVC")
endif()
message(STATUS "${asked} take their options; ${own} command lines for MSVC, and ${other} of others' code")

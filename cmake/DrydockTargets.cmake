# Functions that make targets out of folders: a new source file needs no change to any CMake file.

# Sets `result` to the sources in the given folders (not in folders below them) that are meant for
# the system being built for. A file for one system says so at the end of its name: host_posix.cpp,
# backend_iocp.cpp.
function(drydock_sources result)
    set(sources "")
    foreach(folder IN LISTS ARGN)
        file(GLOB found CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/${folder}/*.cpp")
        list(APPEND sources ${found})
    endforeach()
    if(WIN32)
        list(FILTER sources EXCLUDE REGEX "_(posix|linux|epoll|uring)\\.cpp$")
    else()
        list(FILTER sources EXCLUDE REGEX "_(win32|windows|iocp|apc)\\.cpp$")
    endif()
    set(${result} ${sources} PARENT_SCOPE)
endfunction()

# As a part of another project, a target is built only for targets that link it, unless that project installs it.
function(drydock_only_if_linked target)
    if(NOT PROJECT_IS_TOP_LEVEL AND NOT DRYDOCK_INSTALL)
        set_target_properties(${target} PROPERTIES EXCLUDE_FROM_ALL ON)
    endif()
endfunction()

# drydock_library(NAME FOLDERS folder... LINKS target... [PRIVATE_LINKS target...])
# A static library, or an interface one where the folders hold headers alone; NAME_scope tells the
# caller which keyword later target_* calls need. What drydock_options has is for the library's own
# sources.
function(drydock_library name)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "FOLDERS;LINKS;PRIVATE_LINKS")
    drydock_sources(sources ${arg_FOLDERS})
    if(sources)
        set(scope PUBLIC)
        add_library(${name} STATIC ${sources})
        target_link_libraries(${name} PRIVATE $<BUILD_INTERFACE:drydock_options> ${arg_PRIVATE_LINKS})
        drydock_only_if_linked(${name})
    else()
        set(scope INTERFACE)
        add_library(${name} INTERFACE)
    endif()
    target_link_libraries(${name} ${scope} ${arg_LINKS})
    string(REPLACE drydock_ internal_ exported ${name}) # unless drydock_public() gives it a name
    set_target_properties(${name} PROPERTIES EXPORT_NAME ${exported})
    set(${name}_scope ${scope} PARENT_SCOPE)
endfunction()

# drydock_public(NAME target...)
# Gives targets the name that users link: drydock::NAME. One target gets it itself, several get it
# together.
function(drydock_public name)
    set(target ${ARGV1})
    if(ARGC GREATER 2)
        set(target drydock_${name}_public)
        add_library(${target} INTERFACE)
        target_link_libraries(${target} INTERFACE ${ARGN})
        set(drydock_installed ${drydock_installed} ${target} PARENT_SCOPE)
    endif()
    set_target_properties(${target} PROPERTIES EXPORT_NAME ${name})
    add_library(drydock::${name} ALIAS ${target})
    set(drydock_public_names ${drydock_public_names} ${name} PARENT_SCOPE)
endfunction()

# drydock_command_line(TARGET source...)
# Sources of a target that parse its command line or print JSON. Neither needs speed, and their
# libraries take the optimiser longer than all the rest together: they are hardly optimized. They are
# optimized a little, as the linker takes one copy of each function of a template, such as those of
# std::string, for the whole program, and may take theirs: without, a farm was slower by a tenth.
function(drydock_command_line target)
    get_target_property(others ${target} SOURCES)
    foreach(source IN LISTS ARGN)
        list(REMOVE_ITEM others "${source}")
    endforeach()
    set_target_properties(${target} PROPERTIES SOURCES "${others}")
    add_library(${target}_command_line OBJECT ${ARGN})
    drydock_only_if_linked(${target}_command_line)
    get_target_property(links ${target} LINK_LIBRARIES)
    target_link_libraries(${target}_command_line PRIVATE drydock_options ${links})
    target_compile_options(${target}_command_line PRIVATE ${drydock_flags_barely_optimized})
    target_sources(${target} PRIVATE $<TARGET_OBJECTS:${target}_command_line>)
endfunction()

# drydock_program(NAME FOLDER folder LINKS target...)
# An executable in the root of the build folder, where its users are told to look for it.
function(drydock_program name)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "FOLDER" "LINKS")
    drydock_sources(sources ${arg_FOLDER})
    if(NOT sources)
        message(STATUS "${name}: no sources in ${arg_FOLDER}, not built")
        return()
    endif()
    add_executable(${name} ${sources})
    target_link_libraries(${name} PRIVATE drydock_options ${arg_LINKS})
    set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}")
endfunction()

# drydock_test(NAME LABEL label FOLDER folder LINKS target... [TIMEOUT seconds] [PARTS part...]
#              [PROCESSORS number])
# One test executable out of one folder, with one label. Natively each test case is a test of its
# own. Under Wine, where a process costs far more than a test case, the executable is one test. With
# PARTS it is one test for each of them, anywhere: the cases with the parameter PART or PART_...
function(drydock_test name)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "LABEL;FOLDER;TIMEOUT;PROCESSORS" "LINKS;PARTS")
    drydock_sources(sources ${arg_FOLDER})
    if(NOT sources)
        message(STATUS "${name}: no sources in ${arg_FOLDER}, not built")
        return()
    endif()
    if(NOT arg_TIMEOUT)
        set(arg_TIMEOUT 300) # for what hangs: a loaded machine may be ten times slower
    endif()
    if(NOT arg_PROCESSORS)
        set(arg_PROCESSORS 1)
    endif()
    add_executable(${name} ${sources})
    target_link_libraries(${name} PRIVATE drydock_options drydock_test_support ${arg_LINKS})
    # What is tested is optimised as the preset says; the tests themselves need not be.
    target_compile_options(${name} PRIVATE ${drydock_flags_unoptimized})
    list(LENGTH sources source_count)
    if(source_count GREATER 4 AND NOT CMAKE_UNITY_BUILD)
        target_precompile_headers(${name} PRIVATE <gmock/gmock.h> <gtest/gtest.h> <drydock/io.hpp>)
    endif()
    if(arg_PARTS)
        foreach(part IN LISTS arg_PARTS)
            add_test(NAME ${arg_LABEL}.${part}
                     COMMAND ${name} --gtest_brief=1 "--gtest_filter=*/${part}:*/${part}_*")
            set_tests_properties(${arg_LABEL}.${part} PROPERTIES LABELS ${arg_LABEL} TIMEOUT 600
                                 COST 100) # takes longest, and so starts first
        endforeach()
    elseif(CMAKE_CROSSCOMPILING)
        math(EXPR whole_suite "${arg_TIMEOUT} * 5")
        add_test(NAME ${name} COMMAND ${name})
        set_tests_properties(${name} PROPERTIES LABELS ${arg_LABEL} TIMEOUT ${whole_suite})
    else()
        # PRE_TEST: the list is asked for by ctest, so that a build need not run what it has built.
        gtest_discover_tests(${name} TEST_PREFIX "${arg_LABEL}." DISCOVERY_MODE PRE_TEST
                             DISCOVERY_TIMEOUT 300 NO_PRETTY_VALUES
                             PROPERTIES LABELS ${arg_LABEL} TIMEOUT ${arg_TIMEOUT}
                                        PROCESSORS ${arg_PROCESSORS})
    endif()
endfunction()

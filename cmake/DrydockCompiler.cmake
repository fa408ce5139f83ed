# drydock_options: the warnings and definitions that all of drydock's own code is compiled with. Its targets
# link it PRIVATE, so that no user's code gets any of them.
# Sanitizer flags, on the other hand, go to everything that is compiled here, third party included.

include(DrydockRequirements)
drydock_too_old(sentence)
if(sentence)
    message(FATAL_ERROR "${sentence}")
endif()

include(DrydockFlags)
drydock_compiler_flags(drydock_flags "${CMAKE_CXX_COMPILER_ID}" "${CMAKE_CXX_COMPILER_FRONTEND_VARIANT}")
if(NOT drydock_flags_warnings)
    message(STATUS "cmake/DrydockFlags.cmake does not know the compiler ${CMAKE_CXX_COMPILER_ID}: no warnings")
endif()

if(DRYDOCK_SANITIZE)
    string(REPLACE "," ";" sanitizers "${DRYDOCK_SANITIZE}")
    foreach(sanitizer IN LISTS sanitizers)
        if(NOT sanitizer IN_LIST drydock_flags_sanitizers)
            message(FATAL_ERROR "DRYDOCK_SANITIZE: ${CMAKE_CXX_COMPILER_ID} has no sanitizer '${sanitizer}'")
        endif()
    endforeach()
    if(MSVC)
        add_compile_options("/fsanitize=${DRYDOCK_SANITIZE}")
    else()
        set(drydock_sanitize "-fsanitize=${DRYDOCK_SANITIZE}" -fno-omit-frame-pointer)
        add_compile_options(${drydock_sanitize} -fno-sanitize-recover=all)
        add_link_options(${drydock_sanitize})
    endif()
endif()
if(DRYDOCK_FUZZ AND NOT CMAKE_CXX_COMPILER_ID MATCHES "Clang")
    message(FATAL_ERROR "DRYDOCK_FUZZ: ${CMAKE_CXX_COMPILER_ID} has no libFuzzer; clang has it")
endif()
if(DRYDOCK_FUZZ AND NOT DRYDOCK_FUZZ_ENGINE)
    # Coverage everywhere; libFuzzer's own main comes with each target (see fuzz/CMakeLists.txt).
    add_compile_options(-fsanitize=fuzzer-no-link)
    add_link_options(-fsanitize=fuzzer-no-link)
endif()

if(PROJECT_IS_TOP_LEVEL)
    add_compile_options($<$<COMPILE_LANGUAGE:CXX>:${drydock_flags_garbage}>)
endif()

add_library(drydock_options INTERFACE)

# Sources include each other by their path from the root of the repository: "sim/world.hpp".
target_include_directories(drydock_options INTERFACE "${PROJECT_SOURCE_DIR}")

target_compile_options(drydock_options INTERFACE
    ${drydock_flags_source_paths} ${drydock_flags_language}
    "$<$<BOOL:${DRYDOCK_WARNINGS}>:${drydock_flags_warnings}>"
    $<$<BOOL:${DRYDOCK_WERROR}>:${drydock_flags_werror}>
    $<$<BOOL:${CMAKE_UNITY_BUILD}>:${drydock_flags_unity}>)

if(WIN32)
    # Windows 10's interface, without what <windows.h> would define over std::min and friends.
    target_compile_definitions(drydock_options INTERFACE
        _WIN32_WINNT=0x0A00 WIN32_LEAN_AND_MEAN NOMINMAX)
    target_compile_options(drydock_options INTERFACE ${drydock_flags_many_sections})
    if(PROJECT_IS_TOP_LEVEL)
        # Third-party code too: programs with many templates pass the object format's default limit.
        add_compile_options(${drydock_flags_many_sections})
    endif()
endif()
if(MSVC)
    # The functions of the C standard that Microsoft's headers would have replaced by their own.
    target_compile_definitions(drydock_options INTERFACE _CRT_SECURE_NO_WARNINGS)
endif()

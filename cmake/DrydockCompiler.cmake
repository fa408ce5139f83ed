# drydock_options: the warnings and definitions that all of drydock's own code is compiled with.
# Sanitizer flags, on the other hand, go to everything that is compiled here, third party included.

if(DRYDOCK_SANITIZE)
    set(drydock_sanitize "-fsanitize=${DRYDOCK_SANITIZE}" -fno-omit-frame-pointer)
    add_compile_options(${drydock_sanitize} -fno-sanitize-recover=all)
    add_link_options(${drydock_sanitize})
endif()
if(DRYDOCK_FUZZ)
    # Coverage everywhere; libFuzzer's own main comes with each target (see fuzz/CMakeLists.txt).
    add_compile_options(-fsanitize=fuzzer-no-link)
    add_link_options(-fsanitize=fuzzer-no-link)
endif()

if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # Let the compiler collect garbage above 512 MB alone: below, that takes a tenth of its time.
    add_compile_options($<$<COMPILE_LANGUAGE:CXX>:--param=ggc-min-heapsize=524288>)
endif()

add_library(drydock_options INTERFACE)

# Sources include each other by their path from the root of the repository: "sim/world.hpp".
target_include_directories(drydock_options INTERFACE "${PROJECT_SOURCE_DIR}")

target_compile_definitions(drydock_options INTERFACE DRYDOCK_VERSION="${PROJECT_VERSION}")

target_compile_options(drydock_options INTERFACE
    # Source positions that programs print are told from the root of the repository.
    -fmacro-prefix-map=${PROJECT_SOURCE_DIR}/=
    -Wall -Wextra -Wpedantic
    -Wshadow -Wconversion -Wsign-conversion -Wold-style-cast -Wcast-align
    -Wnon-virtual-dtor -Woverloaded-virtual -Wformat=2 -Wimplicit-fallthrough
    $<$<BOOL:${DRYDOCK_WERROR}>:-Werror>)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    target_compile_options(drydock_options INTERFACE
        -Wduplicated-cond -Wlogical-op
        # A unity build puts what is one file's own into a file that includes others, which is what
        # this warns of. (See ci/test.sh for who builds so.)
        $<$<BOOL:${CMAKE_UNITY_BUILD}>:-Wno-subobject-linkage>
        # GCC 12 sees overlapping copies in std::string's operator+ where there are none (PR105651).
        -Wno-restrict)
endif()

if(WIN32)
    # Windows 10's interface, without what <windows.h> would define over std::min and friends.
    target_compile_definitions(drydock_options INTERFACE
        _WIN32_WINNT=0x0A00 WIN32_LEAN_AND_MEAN NOMINMAX)
endif()

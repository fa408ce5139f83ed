# The options that each compiler takes: warnings, language, speed. (Those of sanitizers and of fuzzing are in
# DrydockCompiler.cmake.) Other CMake files take them from here, so that no compiler is given an option of
# another's; tests/cmake/compiler_flags_test.cmake checks that.

# drydock_compiler_flags(PREFIX ID FRONTEND): sets variables for the compiler that CMake calls ID
# (CMAKE_CXX_COMPILER_ID), with the command line of FRONTEND (CMAKE_CXX_COMPILER_FRONTEND_VARIANT: "MSVC"
# for clang-cl, which takes the options of cl).
#
#   PREFIX_warnings         for drydock's own code
#   PREFIX_werror           makes them errors
#   PREFIX_language         how drydock's own code is to be read
#   PREFIX_source_paths     makes __FILE__ and std::source_location relative to the repository's root
#   PREFIX_unoptimized      compiles quickly code that need not be quick
#   PREFIX_barely_optimized the same for code that is linked with code that must be quick
#   PREFIX_garbage          how the compiler manages its own memory
#   PREFIX_unity            for the files of a unity build
#   PREFIX_many_sections    for an object file for Windows with more than 65,279 sections
#   PREFIX_sanitizers       the sanitizers that it has
function(drydock_compiler_flags prefix id frontend)
    foreach(kind IN ITEMS warnings werror language source_paths unoptimized barely_optimized garbage unity
        many_sections sanitizers)
        set(${kind} "")
    endforeach()
    if(id STREQUAL "MSVC" OR frontend STREQUAL "MSVC")
        set(warnings /W4)
        set(werror /WX)
        set(language /permissive- /utf-8 /Zc:__cplusplus)
        set(unoptimized /Od)
        set(barely_optimized /O1)
        set(many_sections /bigobj)
        set(sanitizers address)
    elseif(id MATCHES "^(GNU|Clang|AppleClang)$")
        set(warnings
            -Wall -Wextra -Wpedantic
            -Wshadow -Wconversion -Wsign-conversion -Wold-style-cast -Wcast-align
            -Wnon-virtual-dtor -Woverloaded-virtual -Wformat=2 -Wimplicit-fallthrough)
        set(werror -Werror)
        set(source_paths "-fmacro-prefix-map=${PROJECT_SOURCE_DIR}/=")
        set(unoptimized -O0)
        set(barely_optimized -O1)
        set(sanitizers address undefined thread memory leak)
        if(id STREQUAL "GNU")
            list(APPEND warnings
                -Wduplicated-cond -Wlogical-op
                # GCC 12 sees overlapping copies in std::string's operator+ where there are none (PR105651).
                -Wno-restrict)
            # A unity build puts what is one file's own into a file that includes others, which is what
            # this warns of. (See ci/test.sh for who builds so.)
            set(unity -Wno-subobject-linkage)
            # Garbage is collected above 512 MB alone: below, that takes a tenth of the compiler's time.
            set(garbage --param=ggc-min-heapsize=524288)
            set(many_sections -Wa,-mbig-obj)
        endif()
    endif()
    foreach(kind IN ITEMS warnings werror language source_paths unoptimized barely_optimized garbage unity
        many_sections sanitizers)
        set(${prefix}_${kind} "${${kind}}" PARENT_SCOPE)
    endforeach()
endfunction()

# Third-party code, each piece behind one target of ours, so that no other file has to know where a
# piece came from: drydock_cli11, drydock_fmt, drydock_json, drydock_asio, drydock_libuv, drydock_gtest,
# drydock_rapidcheck, drydock_liburing. All of it is a system include: no warnings from there.

# Link items for code that starts threads. (CMake's own lookup of threads would leave variables in the cache
# of a project that drydock is a part of.)
set(drydock_threads $<$<NOT:$<PLATFORM_ID:Windows>>:-pthread>)

# Gives an imported target of find_package our name.
function(drydock_third_party target imported)
    add_library(${target} INTERFACE)
    target_link_libraries(${target} INTERFACE ${imported})
endfunction()

# drydock_headers(TARGET ENTRY IMPORTED)
# TARGET for a library that is used by its headers alone, so that users of an installed drydock need nothing of
# it: found by ENTRY, a file, or taken from the target IMPORTED where the project that drydock is a part of has
# that. Without either there is no TARGET. In a cross build the headers are those that the build machine's
# packages installed for itself, linked one by one into a private folder: the build must not see all of
# /usr/include.
function(drydock_headers target entry imported)
    set(how "")
    if(CMAKE_CROSSCOMPILING)
        set(how PATHS /usr/include /usr/local/include NO_DEFAULT_PATH NO_CMAKE_FIND_ROOT_PATH)
    endif()
    unset(drydock_found) # what the project has of that name would be believed
    if(TARGET ${imported})
        set(drydock_found "$<TARGET_PROPERTY:${imported},INTERFACE_INCLUDE_DIRECTORIES>")
    else()
        find_path(drydock_found "${entry}" ${how} NO_CACHE)
        if(NOT drydock_found)
            return()
        endif()
        if(CMAKE_CROSSCOMPILING)
            get_filename_component(top "${entry}" DIRECTORY)
            set(private "${PROJECT_BINARY_DIR}/third_party/${target}")
            file(MAKE_DIRECTORY "${private}")
            file(CREATE_LINK "${drydock_found}/${top}" "${private}/${top}" SYMBOLIC)
            set(drydock_found "${private}")
        endif()
    endif()
    add_library(${target} INTERFACE)
    target_include_directories(${target} SYSTEM INTERFACE "${drydock_found}")
endfunction()

# Of drydock alone, the programs' libraries must be there. Another project may not want the command line
# of the simulator, and has no drydock::tool where one of them is missing.
set(drydock_tool_needs "CLI11, fmt or nlohmann-json (Debian: libcli11-dev libfmt-dev nlohmann-json3-dev)")
if(NOT DRYDOCK_FUZZ) # the fuzz targets do not need them
    drydock_headers(drydock_cli11 CLI/CLI.hpp CLI11::CLI11)
    drydock_headers(drydock_fmt fmt/format.h fmt::fmt)
    drydock_headers(drydock_json nlohmann/json.hpp nlohmann_json::nlohmann_json)
endif()
if(TARGET drydock_cli11 AND TARGET drydock_fmt AND TARGET drydock_json)
    target_compile_definitions(drydock_fmt INTERFACE FMT_HEADER_ONLY)
    set(drydock_has_tool ON)
else()
    set(drydock_has_tool OFF)
    if(DRYDOCK_PROGRAMS OR DRYDOCK_TESTS OR DRYDOCK_BENCH)
        message(FATAL_ERROR "drydock's programs and tests need ${drydock_tool_needs}, which is not found")
    endif()
endif()

# Checks JSON against a schema, in tests; what needs it is left out where it is missing.
if(DRYDOCK_TESTS)
    drydock_headers(drydock_valijson valijson/validator.hpp valijson)
    if(NOT TARGET drydock_valijson)
        message(STATUS "no valijson (Debian: libvalijson-dev): tests of JSON against its schema are left out")
    endif()
endif()

# What the backend on io_uring is made of; where it is missing, that backend is left out.
if(CMAKE_SYSTEM_NAME STREQUAL "Linux")
    find_path(DRYDOCK_LIBURING_INCLUDE liburing.h)
    find_library(DRYDOCK_LIBURING_LIBRARY uring)
    if(DRYDOCK_LIBURING_INCLUDE AND DRYDOCK_LIBURING_LIBRARY)
        add_library(drydock_liburing INTERFACE)
        target_include_directories(drydock_liburing SYSTEM INTERFACE "${DRYDOCK_LIBURING_INCLUDE}")
        target_link_libraries(drydock_liburing INTERFACE "${DRYDOCK_LIBURING_LIBRARY}")
    endif()
endif()

# GoogleTest and GoogleMock. Debian ships their sources, which is how the cross build gets them.
if(DRYDOCK_TESTS AND CMAKE_CROSSCOMPILING)
    set(DRYDOCK_GOOGLETEST_SOURCE /usr/src/googletest CACHE PATH "GoogleTest's sources")
    set(INSTALL_GTEST OFF)
    set(BUILD_SHARED_LIBS OFF)
    add_subdirectory("${DRYDOCK_GOOGLETEST_SOURCE}" third_party/googletest EXCLUDE_FROM_ALL SYSTEM)
    foreach(library IN ITEMS gtest gmock gmock_main)
        target_compile_options(${library} PRIVATE ${drydock_flags_unoptimized}) # as the tests themselves
    endforeach()
    drydock_third_party(drydock_gtest gmock_main)
    target_link_libraries(drydock_gtest INTERFACE gmock gtest)
elseif(DRYDOCK_TESTS)
    find_package(GTest REQUIRED)
    drydock_third_party(drydock_gtest GTest::gmock_main)
    target_link_libraries(drydock_gtest INTERFACE GTest::gmock GTest::gtest)
    # Debian has RapidCheck as headers and a native library, without sources: no cross build.
    # Property tests run on Linux alone.
    if(NOT WIN32)
        find_package(rapidcheck REQUIRED)
        drydock_third_party(drydock_rapidcheck rapidcheck)
    endif()
endif()

# Header-only asio: an independent implementation, to test against and to compare with. Tests need it;
# benchmarks leave out what is not there.
if((DRYDOCK_TESTS OR DRYDOCK_BENCH) AND NOT CMAKE_CROSSCOMPILING AND NOT WIN32)
    find_path(DRYDOCK_ASIO_INCLUDE asio.hpp)
    if(DRYDOCK_ASIO_INCLUDE)
        add_library(drydock_asio INTERFACE)
        target_include_directories(drydock_asio SYSTEM INTERFACE "${DRYDOCK_ASIO_INCLUDE}")
        target_compile_definitions(drydock_asio INTERFACE ASIO_STANDALONE)
        target_link_libraries(drydock_asio INTERFACE ${drydock_threads})
    elseif(DRYDOCK_TESTS)
        message(FATAL_ERROR "asio.hpp is missing, which tests need (Debian: libasio-dev)")
    endif()
    # Boost's flavour of it, of which the headers are enough. What needs it is left out where it is missing.
    find_path(DRYDOCK_BOOST_INCLUDE boost/asio.hpp)
    if(DRYDOCK_BOOST_INCLUDE)
        add_library(drydock_boost_asio INTERFACE)
        target_include_directories(drydock_boost_asio SYSTEM INTERFACE "${DRYDOCK_BOOST_INCLUDE}")
        target_compile_definitions(drydock_boost_asio INTERFACE BOOST_ERROR_CODE_HEADER_ONLY)
        target_link_libraries(drydock_boost_asio INTERFACE ${drydock_threads})
    else()
        message(STATUS "no boost/asio.hpp (Debian: libboost1.81-dev): tests with Boost.Asio are left out")
    endif()
endif()

# The parser of Redis' own C client, for tests and the fuzz target to compare replies with. The archive where there is
# one, so that a fuzz target can be taken elsewhere.
if((DRYDOCK_TESTS OR DRYDOCK_FUZZ) AND NOT CMAKE_CROSSCOMPILING AND NOT WIN32)
    find_path(DRYDOCK_HIREDIS_INCLUDE hiredis/read.h)
    find_library(DRYDOCK_HIREDIS_LIBRARY NAMES libhiredis.a hiredis)
    if(DRYDOCK_HIREDIS_INCLUDE AND DRYDOCK_HIREDIS_LIBRARY)
        add_library(drydock_hiredis INTERFACE)
        target_include_directories(drydock_hiredis SYSTEM INTERFACE "${DRYDOCK_HIREDIS_INCLUDE}")
        target_link_libraries(drydock_hiredis INTERFACE "${DRYDOCK_HIREDIS_LIBRARY}")
        target_compile_definitions(drydock_hiredis INTERFACE DRYDOCK_HAS_HIREDIS=1)
    else()
        message(STATUS "no hiredis (Debian: libhiredis-dev): replies of RESP2 are not compared with its reader")
    endif()
endif()

# Benchmarks alone.
if(DRYDOCK_BENCH AND NOT CMAKE_CROSSCOMPILING)
    find_path(DRYDOCK_LIBUV_INCLUDE uv.h)
    find_library(DRYDOCK_LIBUV_LIBRARY uv)
    if(DRYDOCK_LIBUV_INCLUDE AND DRYDOCK_LIBUV_LIBRARY)
        add_library(drydock_libuv INTERFACE)
        target_include_directories(drydock_libuv SYSTEM INTERFACE "${DRYDOCK_LIBUV_INCLUDE}")
        target_link_libraries(drydock_libuv INTERFACE "${DRYDOCK_LIBUV_LIBRARY}")
    endif()
endif()

# Third-party code, each piece behind one target of ours, so that no other file has to know where a
# piece came from: drydock_cli11, drydock_fmt, drydock_json, drydock_asio, drydock_libuv, drydock_gtest,
# drydock_rapidcheck, drydock_liburing. All of it is a system include: no warnings from there.

find_package(Threads REQUIRED)

# Headers that the build machine's packages installed for itself, linked one by one into a private
# folder. A cross build must not see all of /usr/include, which is what Debian's CMake configs of
# these libraries would add.
function(drydock_private_headers target)
    set(folder "${PROJECT_BINARY_DIR}/third_party/${target}")
    file(MAKE_DIRECTORY "${folder}")
    foreach(entry IN LISTS ARGN)
        find_path(found_${entry} "${entry}" PATHS /usr/include /usr/local/include
                  NO_DEFAULT_PATH NO_CMAKE_FIND_ROOT_PATH NO_CACHE REQUIRED)
        file(CREATE_LINK "${found_${entry}}/${entry}" "${folder}/${entry}" SYMBOLIC)
    endforeach()
    add_library(${target} INTERFACE)
    target_include_directories(${target} SYSTEM INTERFACE "${folder}")
endfunction()

# Gives an imported target of find_package our name.
function(drydock_third_party target imported)
    add_library(${target} INTERFACE)
    target_link_libraries(${target} INTERFACE ${imported})
endfunction()

# Of drydock alone, the programs' libraries must be there. Another project may not want the command line
# of the simulator, and has no drydock::tool where one of them is missing.
set(drydock_tool_needs "CLI11, fmt or nlohmann_json (Debian: libcli11-dev libfmt-dev nlohmann-json3-dev)")
if(CMAKE_CROSSCOMPILING AND PROJECT_IS_TOP_LEVEL)
    drydock_private_headers(drydock_cli11 CLI)
    drydock_private_headers(drydock_json nlohmann)
    drydock_private_headers(drydock_fmt fmt)
    target_compile_definitions(drydock_fmt INTERFACE FMT_HEADER_ONLY)
elseif(NOT DRYDOCK_FUZZ) # the programs need them, and the fuzz targets do not
    set(required "")
    if(DRYDOCK_PROGRAMS OR DRYDOCK_TESTS OR DRYDOCK_BENCH)
        set(required REQUIRED)
    endif()
    foreach(package IN ITEMS CLI11 fmt nlohmann_json)
        if(NOT TARGET ${package}::${package})
            find_package(${package} QUIET ${required})
        endif()
    endforeach()
    if(TARGET CLI11::CLI11 AND TARGET fmt::fmt AND TARGET nlohmann_json::nlohmann_json)
        drydock_third_party(drydock_cli11 CLI11::CLI11)
        drydock_third_party(drydock_fmt fmt::fmt)
        drydock_third_party(drydock_json nlohmann_json::nlohmann_json)
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
set(drydock_gtest_needs "GoogleTest (Debian: libgtest-dev)")
set(drydock_rapidcheck_needs "RapidCheck (Debian: librapidcheck-dev)")
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
elseif(NOT PROJECT_IS_TOP_LEVEL)
    if(NOT TARGET GTest::gtest)
        find_package(GTest QUIET)
    endif()
    if(NOT TARGET rapidcheck)
        find_package(rapidcheck QUIET)
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
        target_link_libraries(drydock_asio INTERFACE Threads::Threads)
    elseif(DRYDOCK_TESTS)
        message(FATAL_ERROR "asio.hpp is missing, which tests need (Debian: libasio-dev)")
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

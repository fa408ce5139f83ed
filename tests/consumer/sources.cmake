# drydock as a part of another project (add_subdirectory): it gives libraries, and leaves the project alone.
#
#     cmake -DDRYDOCK_FOLDER=DIR -DWORK_DIR=DIR -DCOMPILER=g++ -DSETTINGS=-DNAME=VALUE;... -P sources.cmake
#
# Configures, builds and runs the project in this folder, which has the project of docs/YOUR-OWN-SERVER.md as a
# part. SETTINGS is given to cmake as it is.
cmake_minimum_required(VERSION 3.25)
set(project "${CMAKE_CURRENT_LIST_DIR}")
set(build "${WORK_DIR}/build")
set(lines "${WORK_DIR}/lines") # a copy of tests/examples/lines
include("${CMAKE_CURRENT_LIST_DIR}/expect.cmake")

set(configure "${CMAKE_COMMAND}" -S "${project}" -G Ninja)
set(drydock_alone "-DDRYDOCK_FOLDER=${DRYDOCK_FOLDER}")
file(REMOVE "${lines}/drydock") # a link
file(REMOVE_RECURSE "${WORK_DIR}")
file(COPY "${project}/../examples/lines" DESTINATION "${WORK_DIR}")
file(CREATE_LINK "${DRYDOCK_FOLDER}" "${lines}/drydock" SYMBOLIC)

# --- nothing but drydock's own is set, and nothing is looked up -----------------------------------

expect(0 ${configure} ${drydock_alone} -B "${WORK_DIR}/alone" -DCMAKE_CXX_COMPILER=${COMPILER}
       "-DCMAKE_MODULE_PATH=${CMAKE_CURRENT_LIST_DIR}/no_lookup")
must_say("variables and properties are as they were")
foreach(name IN ITEMS drydock server sim farming tool expect gtest rapidcheck)
    must_say("there is drydock::${name}\n")
endforeach()
# Unless it is linked.
expect(1 ${configure} ${drydock_alone} -B "${WORK_DIR}/alone" -DLINKS=drydock::gtest -DCMAKE_DISABLE_FIND_PACKAGE_GTest=ON)
must_say("drydock::gtest, which plain links, needs GoogleTest")
expect(0 ${configure} ${drydock_alone} -B "${WORK_DIR}/alone" -DLINKS=drydock::gtest -DCMAKE_DISABLE_FIND_PACKAGE_GTest=OFF
       -DCMAKE_MODULE_PATH=)
must_say("variables and properties are as they were")

# --- without third-party libraries, and with an old compiler -------------------------------------

set(without "-DCMAKE_IGNORE_PATH=/usr/include;/usr/local/include")
expect(0 ${configure} ${drydock_alone} -B "${WORK_DIR}/without" -DCMAKE_CXX_COMPILER=${COMPILER} "${without}")
must_say("there is drydock::sim\n")
must_not_match("${said}" "there is drydock::tool\n")
must_say("drydock::tool is left out: it needs CLI11")
must_say("no liburing (Debian: liburing-dev): the backend on io_uring is left out")
expect(1 ${configure} ${drydock_alone} -B "${WORK_DIR}/without" -DLINKS=drydock::tool)
must_say("drydock::tool, which plain links, needs CLI11, fmt and nlohmann-json")

find_program(old_compiler clang++-14)
if(old_compiler)
    expect(1 ${configure} ${drydock_alone} -B "${WORK_DIR}/old" -DCMAKE_CXX_COMPILER=${old_compiler})
    must_say("drydock needs Clang 16 or later")
endif()

# --- configured as it is --------------------------------------------------------------------------

# A unity build without the optimizer, for it to be quick. (Files are then told apart by the folder of
# the build that they are in.)
expect(0 ${configure} "-DLINES_FOLDER=${lines}" -B "${build}" -DCMAKE_CXX_COMPILER=${COMPILER} -DCMAKE_BUILD_TYPE=Debug
       -DCMAKE_CXX_FLAGS_DEBUG=-O0 -DCMAKE_UNITY_BUILD=ON -DCMAKE_UNITY_BUILD_BATCH_SIZE=24 ${SETTINGS})
foreach(name IN ITEMS drydock server sim farming tool expect gtest rapidcheck)
    must_say("there is drydock::${name}\n")
endforeach()
must_not_match("${said}" "Warning")
expect(0 "${CMAKE_CTEST_COMMAND}" --test-dir "${build}/lines" -N)
must_say("Total Tests: 1") # line-test, which is not built yet; drydock adds none
file(STRINGS "${build}/build.ninja" targets REGEX "^build (man|Nightly|Experimental):")
if(targets)
    fail("drydock has put targets into the project's way: ${targets}")
endif()

# What the compiler is told, by the folder that the source is in.
file(READ "${build}/compile_commands.json" commands)
string(JSON count LENGTH "${commands}")
math(EXPR last "${count} - 1")
set(of_project 0)
foreach(i RANGE ${last})
    string(JSON command GET "${commands}" ${i} command)
    string(JSON file GET "${commands}" ${i} file)
    if(file MATCHES "/lines/drydock/") # a source, or a unity file in the folder of the build
        must_not_match("${command}" " -W[^n][^ ]*") # -Wno-... may stay
        continue()
    endif()
    math(EXPR of_project "${of_project} + 1")
    must_not_match("${command}" "DRYDOCK_[A-Z]*=|-fmacro-prefix-map|--param|-Wduplicated-cond")
    must_not_match("${command}" "-I[^ ]*/lines/drydock |-I${DRYDOCK_FOLDER} ")
    if(file MATCHES "/plain\\.(dir/|cpp$)")
        must_not_match("${command}" " -[WDIf][^ ]*")
    endif()
endforeach()
if(of_project LESS 6)
    fail("only ${of_project} of the project's own command lines are found")
endif()

# --- built ----------------------------------------------------------------------------------------

expect(0 "${CMAKE_COMMAND}" --build "${build}" --parallel 2)
file(GLOB_RECURSE files LIST_DIRECTORIES false RELATIVE "${build}" "${build}/*")
# (viewer/bundle.cpp is made from the viewer, for a library.)
list(FILTER files EXCLUDE REGEX "CMakeFiles/|CMakeCache|Testing/|\\.(cmake|ninja|json|txt|a)$|^\\.ninja|/viewer/bundle\\.cpp$")
list(SORT files)
if(NOT files STREQUAL "lines/line-server;lines/line-sim;lines/line-test;plain")
    fail("beside libraries, the target 'all' should have built plain and the programs of lines, and it built: ${files}")
endif()
file(GLOB libraries RELATIVE "${build}/lines/drydock" "${build}/lines/drydock/*.a")
if(NOT "libdrydock_sim.a" IN_LIST libraries)
    fail("the libraries that were built are not found")
endif()
foreach(library IN ITEMS echo chat scenarios zoo console)
    if("libdrydock_${library}.a" IN_LIST libraries)
        fail("the target 'all' has built drydock's ${library}, which nothing links")
    endif()
endforeach()

# --- the sound server -------------------------------------------------------------------------------

set(tool build/lines/line-sim)
set(tests "${CMAKE_CTEST_COMMAND}" --test-dir "${build}/lines" --output-on-failure)
expect(0 ${tests})
must_say("100% tests passed, 0 tests failed out of 6")
expect(0 ${tool} list)
must_say("\n    --clients 1..4: clients that send")
expect(0 ${tool} run lines --seed 7)
expect(0 ${tool} farm lines --seeds 2000 --clients 2 --lines 8)
expect(0 ${tool} explore lines --clients 1 --lines 2)
must_say("explored completely")
foreach(part IN ITEMS 1 2)
    expect(0 ${tool} farm lines --seeds 100 --shard ${part}/2 --json)
    file(WRITE "${WORK_DIR}/${part}.json" "${said}")
endforeach()
expect(0 ${tool} merge 1.json 2.json)
must_say("lines: 100 seeds, 0 failed")
expect(2 ${tool} run echo)
must_say("line-sim: there is no scenario 'echo'; the scenarios are lines\n")

# --- the defect of the page ---------------------------------------------------------------------------

set(all "send_all(socket, answer, connection.progress())")
file(READ "${lines}/line_service.hpp" service)
string(REPLACE "${all}" "send_some(socket, answer)" broken "${service}")
if(broken STREQUAL service)
    fail("line_service.hpp should have '${all}'")
endif()
file(WRITE "${lines}/line_service.hpp" "${broken}")
expect(0 "${CMAKE_COMMAND}" --build "${build}" --parallel 2)

# It is found, shrunk and replayed, by the lines that the tool itself prints.
expect(1 ${tool} farm lines --seeds 2000)
must_say("short-send-ignored FAILED in ")
must_say("(the send was started at ${lines}/line_service.hpp:")
string(REGEX MATCH "short-send-ignored FAILED.*" said "${said}")
foreach(mark IN ITEMS "again: " "not benign: ")
    if(NOT said MATCHES "${mark}([^\n]*)")
        fail("no line to run again after '${mark}':\n${said}")
    endif()
    set(line "${CMAKE_MATCH_1}")
    set(farm "${said}")
    expect(1 sh -c "${line}")
    must_say("FAILED: short-send-ignored")
    set(said "${farm}")
endforeach()
file(GLOB schedules RELATIVE "${WORK_DIR}" "${WORK_DIR}/drydock-failures/*short-send-ignored*.schedule")
expect(1 ${tool} shrink ${schedules} --out small.schedule)
must_say("choices are left that are not benign")
expect(1 ${tool} explore lines --record found.schedule)
expect(1 ${tool} replay found.schedule)

# The tests find it, and so does the regression test that came of it.
expect(8 "${CMAKE_COMMAND}" -E env DRYDOCK_SEEDS=1000 ${tests})
must_say("of 1000 seeds, first in seed 19")
must_say("lines: short-send-ignored does not hold in the replay of short_send.schedule")
message(STATUS "${of_project} of the project's command lines have nothing of drydock's; its tool and tests work")

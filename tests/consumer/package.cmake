# drydock as an installed package (find_package, pkg-config), wherever its folder is moved to.
#
#     cmake -DDRYDOCK_FOLDER=DIR -DPREFIX=DIR -DWORK_DIR=DIR -DCOMPILER=g++ -DSETTINGS=-DNAME=VALUE;... -P package.cmake
#
# PREFIX is where drydock is installed. The project is that of docs/YOUR-OWN-SERVER.md.
cmake_minimum_required(VERSION 3.25)
set(lines "${WORK_DIR}/lines")
include("${CMAKE_CURRENT_LIST_DIR}/expect.cmake")

file(REMOVE_RECURSE "${WORK_DIR}")
file(MAKE_DIRECTORY "${WORK_DIR}")
take_lines()
file(COPY "${PREFIX}/" DESTINATION "${WORK_DIR}/moved")
set(PREFIX "${WORK_DIR}/moved")

# --- no path of where it was built ----------------------------------------------------------------

file(GLOB_RECURSE texts "${PREFIX}/*.cmake" "${PREFIX}/*.pc" "${PREFIX}/*.hpp" "${PREFIX}/*.1")
list(LENGTH texts count)
if(count LESS 40)
    fail("only ${count} files are installed that could be looked at")
endif()
foreach(file IN LISTS texts)
    file(READ "${file}" text)
    must_not_match("${text}" "${DRYDOCK_FOLDER}[^\n]*")
endforeach()
# Pages link what is there: files of the sources are not.
file(GLOB_RECURSE pages "${PREFIX}/share/doc/drydock/*.md")
list(LENGTH pages count)
if(count LESS 15)
    fail("only ${count} pages are installed")
endif()
set(links_seen 0)
foreach(page IN LISTS pages)
    get_filename_component(folder "${page}" DIRECTORY)
    file(READ "${page}" text)
    string(REPLACE "](" "LINK " text "${text}") # CMake's lists have a use of their own for brackets
    string(REGEX MATCHALL "LINK [^ )#:]+[)#]" links "${text}")
    foreach(link IN LISTS links)
        string(REGEX REPLACE "^LINK (.*)[)#]$" "\\1" target "${link}")
        if(NOT EXISTS "${folder}/${target}")
            fail("${page} links ${target}, which is not installed")
        endif()
    endforeach()
    list(LENGTH links count)
    math(EXPR links_seen "${links_seen} + ${count}")
endforeach()

if(links_seen LESS 100)
    fail("only ${links_seen} links are found in the pages")
endif()

file(GLOB archives "${PREFIX}/lib/*.a")
if(NOT archives)
    fail("no libraries are installed")
endif()
expect(0 strip --strip-debug ${archives}) # debug information names the sources
expect(1 grep -l -F "${DRYDOCK_FOLDER}/" ${archives}) # none has it

# --- find_package() -------------------------------------------------------------------------------

set(configure "${CMAKE_COMMAND}" -S "${CMAKE_CURRENT_LIST_DIR}" -G Ninja -B "${WORK_DIR}/alone"
    -DCMAKE_CXX_COMPILER=${COMPILER} "-DCMAKE_MODULE_PATH=${CMAKE_CURRENT_LIST_DIR}/no_lookup"
    "-DCMAKE_PREFIX_PATH=${PREFIX}")
expect(0 ${configure} -DPACKAGE=0.1)
must_say("variables and properties are as they were")
foreach(name IN ITEMS drydock server sim farming tool program expect gtest rapidcheck)
    must_say("there is drydock::${name}\n")
endforeach()
foreach(served IN ITEMS 0 0.1.0 0.1...0.2)
    expect(0 ${configure} "-DPACKAGE=${served}")
    must_say("variables and properties are as they were")
endforeach()
foreach(refused IN ITEMS 2.1 0.2 0.0.9 0.2...0.3 1)
    expect(1 ${configure} -DPACKAGE=${refused})
    must_say("version: 0.1.0 (ask for 0.1, or install the drydock that the project asks for)")
endforeach()
list(TRANSFORM configure REPLACE "-DCMAKE_MODULE_PATH=.*" "-DCMAKE_MODULE_PATH=") # from here, libraries are asked for
expect(0 ${configure} "-DPACKAGE=0.1\;COMPONENTS\;sim\;gtest\;rapidcheck")
expect(0 ${configure} -DPACKAGE=0.1 -DLINKS=drydock::gtest)
expect(1 ${configure} "-DPACKAGE=0.1\;COMPONENTS\;sim\;boats")
must_say("drydock has no component 'boats'")
expect(0 ${configure} "-DPACKAGE=0.1\;COMPONENTS\;sim\;OPTIONAL_COMPONENTS\;gtest" -DLINKS=
       -DCMAKE_DISABLE_FIND_PACKAGE_GTest=ON)
expect(1 ${configure} "-DPACKAGE=0.1\;COMPONENTS\;gtest")
must_say("drydock::gtest needs GoogleTest")
expect(1 ${configure} "-DPACKAGE=0.1" -DLINKS=drydock::gtest)
must_say("drydock::gtest, which plain links, needs GoogleTest")
if(EXISTS "${PREFIX}/lib/libdrydock_uring.a")
    execute_process(COMMAND ${COMPILER} -print-file-name=liburing.so OUTPUT_VARIABLE uring OUTPUT_STRIP_TRAILING_WHITESPACE)
    get_filename_component(uring "${uring}" ABSOLUTE)
    get_filename_component(uring "${uring}" DIRECTORY)
    string(REGEX REPLACE "^/usr" "" same "${uring}") # a link to it, in Debian
    expect(1 ${configure} -DPACKAGE=0.1 -DLINKS= "-DCMAKE_IGNORE_PATH=${uring}\;${same}")
    must_say("needs liburing")
endif()
list(TRANSFORM configure REPLACE "/alone$" "/old")
find_program(old_compiler clang++-14)
if(old_compiler)
    expect(1 ${configure} -DPACKAGE=0.1 -DCMAKE_CXX_COMPILER=${old_compiler})
    must_say("drydock needs Clang 16 or later")
endif()

# --- a project ------------------------------------------------------------------------------------

set(build "${WORK_DIR}/build")
expect(0 "${CMAKE_COMMAND}" -S "${lines}" -B "${build}" -G Ninja "-DCMAKE_PREFIX_PATH=${PREFIX}"
       -DCMAKE_CXX_COMPILER=${COMPILER} -DCMAKE_CXX_FLAGS=-Wall\ -Wextra\ -Wpedantic\ -Wconversion\ -Werror ${SETTINGS})
must_not_match("${said}" "Warning")
expect(0 "${CMAKE_COMMAND}" --build "${build}" --parallel 2)
expect(0 "${CMAKE_CTEST_COMMAND}" --test-dir "${build}" --output-on-failure)
must_say("100% tests passed, 0 tests failed out of 6")
expect(0 "${build}/line-sim" farm lines --seeds 500)
must_say("lines: 500 seeds, 0 failed")

# --- programs ------------------------------------------------------------------------------------

set(programs "${WORK_DIR}/programs")
file(COPY "${CMAKE_CURRENT_LIST_DIR}/programs/" DESTINATION "${programs}")
expect(0 chmod a-w "${programs}/greeter.cpp" "${programs}/words.cpp") # compiled where they are, as they are
foreach(generator IN ITEMS Ninja "Unix Makefiles")
    string(REPLACE " " "-" programs_build "${WORK_DIR}/programs-${generator}")
    set(configure "${CMAKE_COMMAND}" -S "${programs}" -B "${programs_build}" -G "${generator}"
        "-DCMAKE_PREFIX_PATH=${PREFIX}" -DCMAKE_CXX_COMPILER=${COMPILER} ${SETTINGS})
    expect(0 ${configure})
    expect(0 "${CMAKE_COMMAND}" --build "${programs_build}" --parallel 2)
    foreach(program IN ITEMS greeter-sim greeter-again)
        expect(0 "${programs_build}/${program}" run greeter)
        must_say("outcome: 12 bytes")
    endforeach()
    expect(0 "${programs_build}/silent-sim" run greeter)
    must_say("outcome: 0 bytes")
    expect(0 "${programs_build}/greeter-sim" farm greeter --seeds 20 --twice)
    must_say("greeter: 20 seeds, 0 failed")
endforeach()
# A change of the program is built, and of nothing else.
file(READ "${programs}/words.cpp" text)
string(REPLACE "again" "twice" text "${text}")
expect(0 chmod u+w "${programs}/words.cpp")
file(WRITE "${programs}/words.cpp" "${text}")
expect(0 "${CMAKE_COMMAND}" --build "${programs_build}" --target greeter-sim)
expect(1 "${programs_build}/greeter-sim" run greeter)
must_say("FAILED: greeting")
must_say("it wrote 'hello")
expect(1 ${configure} -DSCENARIO=)
must_say("needs SCENARIO, the file with the")

# --- without CMake --------------------------------------------------------------------------------

set(ENV{PKG_CONFIG_PATH} "${PREFIX}/lib/pkgconfig")
execute_process(COMMAND pkg-config --cflags --libs drydock-sim OUTPUT_VARIABLE flags COMMAND_ERROR_IS_FATAL ANY)
string(STRIP "${flags}" flags)
separate_arguments(flags)
expect(0 ${COMPILER} -std=c++20 "${lines}/line_server.cpp" -o by-pkg-config ${flags})
expect(0 ${COMPILER} -std=c++20 "${lines}/line_sim.cpp" "${lines}/line_scenario.cpp" -o sim-by-pkg-config ${flags})
expect(0 ./sim-by-pkg-config run lines --seed 7)

# --- real servers ---------------------------------------------------------------------------------

foreach(server IN ITEMS "${build}/line-server" ./by-pkg-config)
    expect(0 bash "${CMAKE_CURRENT_LIST_DIR}/ask.sh" "harbour" ${server} 0)
    must_say("HARBOUR\n")
endforeach()
foreach(program IN ITEMS drydock drydock-sim)
    expect(0 "${PREFIX}/bin/${program}" --version)
    must_say("0.1.0")
endforeach()
message(STATUS "the package works from ${PREFIX}")

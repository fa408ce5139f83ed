# The Windows package, on Linux: its programs run under Wine, and another project is built with it and runs.
#
#     cmake -DDRYDOCK_FOLDER=DIR -DZIP=FILE -DWORK_DIR=DIR -DSETTINGS=-DNAME=VALUE;... -P windows.cmake
#
# The project is that of docs/YOUR-OWN-SERVER.md without its tests: GoogleTest for Windows is no package of Debian's.
cmake_minimum_required(VERSION 3.25)
set(lines "${WORK_DIR}/lines")
include("${CMAKE_CURRENT_LIST_DIR}/expect.cmake")

file(REMOVE_RECURSE "${WORK_DIR}")
file(MAKE_DIRECTORY "${WORK_DIR}")
take_lines()
file(ARCHIVE_EXTRACT INPUT "${ZIP}" DESTINATION "${WORK_DIR}")
file(GLOB prefix "${WORK_DIR}/drydock-*")
set(wine "${DRYDOCK_FOLDER}/cmake/wine.sh")

foreach(file IN ITEMS share/doc/drydock/LICENSE share/doc/drydock/docs/README.md include/drydock/queue.hpp)
    if(NOT EXISTS "${prefix}/${file}")
        fail("the package has no ${file}")
    endif()
endforeach()
foreach(program IN ITEMS drydock drydock-sim)
    expect(0 "${wine}" "${prefix}/bin/${program}.exe" --version)
    must_say("0.1.0")
endforeach()
expect(0 "${wine}" "${prefix}/bin/drydock-sim.exe" farm echo --seeds 50)
must_say("50 seeds, 0 failed")

file(READ "${lines}/CMakeLists.txt" text)
string(FIND "${text}" "find_package(GTest" tests)
string(SUBSTRING "${text}" 0 ${tests} text)
file(WRITE "${lines}/CMakeLists.txt" "${text}")
set(build "${WORK_DIR}/build")
set(configure "${CMAKE_COMMAND}" -S "${lines}" -G Ninja "-DCMAKE_PREFIX_PATH=${prefix}" ${SETTINGS})
expect(0 ${configure} -B "${build}" "-DCMAKE_TOOLCHAIN_FILE=${DRYDOCK_FOLDER}/cmake/windows.toolchain.cmake")
expect(0 "${CMAKE_COMMAND}" --build "${build}" --parallel 2)
expect(0 "${wine}" "${build}/line-sim.exe" farm lines --seeds 200)
must_say("lines: 200 seeds, 0 failed")
foreach(queue IN ITEMS iocp apc)
    expect(0 bash "${CMAKE_CURRENT_LIST_DIR}/ask.sh" harbour "${wine}" "${build}/line-server.exe" 0 ${queue})
    must_say("HARBOUR")
endforeach()

# For Linux it is no use, and says so.
expect(1 ${configure} -B "${WORK_DIR}/linux")
must_say("this drydock was built for windows x86_64")
message(STATUS "the package works from ${prefix}")

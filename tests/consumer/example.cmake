# One of the examples, as its README says, with the installed drydock:
#
#     cmake -DEXAMPLE=kv -DPREFIX=DIR -DWORK_DIR=DIR -DCOMPILER=g++ -DSETTINGS=-DNAME=VALUE;... -P example.cmake
#
# The example is taken from what is installed.
cmake_minimum_required(VERSION 3.25)
include("${CMAKE_CURRENT_LIST_DIR}/expect.cmake")
set(build "${WORK_DIR}/build")

if(EXAMPLE STREQUAL "kv")
    set(tool kv-sim)
    set(small --clients 2 --commands 1)
elseif(EXAMPLE STREQUAL "proxy")
    set(tool proxy-sim)
    set(small "")
else()
    fail("there is no example '${EXAMPLE}'")
endif()

file(REMOVE_RECURSE "${WORK_DIR}")
file(MAKE_DIRECTORY "${WORK_DIR}")
file(COPY "${PREFIX}/share/doc/drydock/examples/${EXAMPLE}/" DESTINATION "${WORK_DIR}")
expect(0 "${CMAKE_COMMAND}" -B "${build}" -G Ninja "-DCMAKE_PREFIX_PATH=${PREFIX}" -DCMAKE_CXX_COMPILER=${COMPILER}
       "-DCMAKE_CXX_FLAGS=-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wold-style-cast -Werror"
       ${SETTINGS})
expect(0 "${CMAKE_COMMAND}" --build "${build}" --parallel 2)
expect(0 "${CMAKE_CTEST_COMMAND}" --test-dir "${build}" --output-on-failure)
must_say("100% tests passed, 0 tests failed")
expect(0 "build/${tool}" farm ${EXAMPLE} --seeds 5000)
must_say("${EXAMPLE}: 5000 seeds, 0 failed")
expect(0 "build/${tool}" explore ${EXAMPLE} ${small})
must_say("explored completely")
file(GLOB schedules RELATIVE "${WORK_DIR}" "${WORK_DIR}/*.schedule")
if(NOT schedules)
    fail("the example ${EXAMPLE} has no schedule")
endif()
foreach(schedule IN LISTS schedules)
    expect(0 "build/${tool}" replay ${schedule})
    must_say("${schedule} passed")
endforeach()

# The real server, and one behind the proxy.
set(ask bash "${CMAKE_CURRENT_LIST_DIR}/ask.sh")
if(EXAMPLE STREQUAL "kv")
    expect(2 build/kv-server --port x)
    must_say("kv-server: --port cannot be 'x'")
    expect(0 ${ask} "INCR ships" build/kv-server --port 0)
    must_say("VALUE 1")
else()
    expect(2 build/tcp-proxy)
    must_say("usage: tcp-proxy")
    expect(0 ${ask} "over the proxy" bash "${CMAKE_CURRENT_LIST_DIR}/behind.sh" "${PREFIX}/bin/drydock" build/tcp-proxy)
    must_say("over the proxy\n")
endif()
message(STATUS "the example ${EXAMPLE} works with ${PREFIX}")

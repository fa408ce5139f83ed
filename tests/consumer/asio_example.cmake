# examples/asio-chat, as its README says, with the installed drydock:
#
#     cmake -DPREFIX=DIR -DWORK_DIR=DIR -DCOMPILER=g++ -DSETTINGS=-DNAME=VALUE;... -P asio_example.cmake
#
# The example is taken from what is installed. Nothing is optimized, as each file includes all of Asio.
cmake_minimum_required(VERSION 3.25)
include("${CMAKE_CURRENT_LIST_DIR}/expect.cmake")
set(build "${WORK_DIR}/build")

file(REMOVE_RECURSE "${WORK_DIR}")
file(MAKE_DIRECTORY "${WORK_DIR}")
file(COPY "${PREFIX}/share/doc/drydock/examples/asio-chat/" DESTINATION "${WORK_DIR}")
expect(0 "${CMAKE_COMMAND}" -B "${build}" -G Ninja "-DCMAKE_PREFIX_PATH=${PREFIX}" -DCMAKE_CXX_COMPILER=${COMPILER}
       -DCMAKE_BUILD_TYPE=None "-DCMAKE_CXX_FLAGS=-Wall -Wextra -Wpedantic -Wshadow -Wold-style-cast -Werror"
       ${SETTINGS})
expect(0 "${CMAKE_COMMAND}" --build "${build}" --parallel 2)
expect(0 "${CMAKE_CTEST_COMMAND}" --test-dir "${build}" --output-on-failure)
must_say("100% tests passed, 0 tests failed")
expect(1 grep -l drydock chat_server.cpp flawed/chat_server.cpp) # neither knows drydock

# The server on Asio, and the object code of the simulated one on this system's queues.
expect(2 build/chat-server)
must_say("usage: chat-server PORT")
foreach(backend IN ITEMS auto epoll)
    set(ENV{DRYDOCK_BACKEND} ${backend})
    foreach(server IN ITEMS chat-server chat-server-drydock)
        expect(0 bash "${CMAKE_CURRENT_LIST_DIR}/ask.sh" "it is the same" build/${server} 0)
        must_say("it is the same\n")
    endforeach()
endforeach()
message(STATUS "the example asio-chat works with ${PREFIX}")

# The test of the scenario: a farm of the flawed server finds its defects, and names the lines of the server.
#
#     cmake -DTOOL=flawed-lines -DSERVER=flawed/chat_server.cpp -P found_out.cmake
cmake_minimum_required(VERSION 3.25)

execute_process(COMMAND "${TOOL}" farm chat --seeds 2000 RESULT_VARIABLE status OUTPUT_VARIABLE report
    ERROR_VARIABLE errors ENCODING NONE)
if(NOT status STREQUAL "1")
    message(FATAL_ERROR "the farm should have found defects, and ended with ${status}:\n${report}${errors}")
endif()

# must_report(PROPERTY [TEXT]): the property failed; the report names the line of SERVER that has this text.
function(must_report property)
    set(place "")
    if(ARGC GREATER 1)
        file(READ "${SERVER}" text)
        string(FIND "${text}" "${ARGV1}" at)
        string(SUBSTRING "${text}" 0 ${at} before)
        string(REGEX MATCHALL "\n" newlines "${before}")
        list(LENGTH newlines number)
        math(EXPR number "${number} + 1")
        set(place "[^\n]*\n[^\n]*started at [^\n]*chat_server\\.cpp:${number}[^0-9]")
    endif()
    if(NOT report MATCHES "${property} FAILED in${place}")
        message(FATAL_ERROR "the farm should have reported ${property} ${place}:\n${report}")
    endif()
endfunction()

must_report(send-buffer-changed "asio::async_write(")
must_report(second-send "asio::async_write(")
must_report(object-used-after-end "timer_.async_wait(")
must_report(last-line)
must_report(stuck)

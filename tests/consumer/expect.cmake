# Commands, and what they must end with and say: for the checks in this folder. WORK_DIR is where they run.

function(fail text)
    message(FATAL_ERROR "tests/consumer: ${text}")
endfunction()

# Runs a command in WORK_DIR; its exit status must be the given one. Sets `said` to all that it printed.
function(expect wanted)
    execute_process(COMMAND ${ARGN} WORKING_DIRECTORY "${WORK_DIR}" TIMEOUT 300
        RESULT_VARIABLE status OUTPUT_VARIABLE said ERROR_VARIABLE said)
    string(REPLACE ";" " " command "${ARGN}")
    if(NOT status STREQUAL wanted)
        fail("'${command}' ended with ${status} and not with ${wanted}:\n${said}")
    endif()
    set(said "${said}" PARENT_SCOPE)
endfunction()

function(must_say text)
    string(FIND "${said}" "${text}" position)
    if(position EQUAL -1)
        fail("it should have said '${text}':\n${said}")
    endif()
endfunction()

function(must_not_match text pattern)
    if(text MATCHES "${pattern}")
        fail("'${CMAKE_MATCH_0}' should not be in:\n${text}")
    endif()
endfunction()

# The project `lines` in the folder of that name below WORK_DIR, with the installed drydock.
function(take_lines)
    file(COPY "${CMAKE_CURRENT_FUNCTION_LIST_DIR}/../examples/lines" DESTINATION "${WORK_DIR}")
    file(READ "${WORK_DIR}/lines/CMakeLists.txt" text)
    string(REPLACE "add_subdirectory(drydock)" "find_package(drydock 0.1 CONFIG REQUIRED)" changed "${text}")
    if(changed STREQUAL text)
        fail("the project `lines` should have drydock as a subdirectory")
    endif()
    file(WRITE "${WORK_DIR}/lines/CMakeLists.txt" "${changed}")
endfunction()

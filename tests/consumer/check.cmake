# drydock as a part of another project (add_subdirectory): it gives libraries, and leaves the project alone.
#
#     cmake -DDRYDOCK_FOLDER=DIR -DWORK_DIR=DIR -DCOMPILER=g++ -DSETTINGS=-DNAME=VALUE;... -P check.cmake
#
# Configures, builds and runs the project in this folder. SETTINGS is given to cmake as it is.
cmake_minimum_required(VERSION 3.25)
set(project "${CMAKE_CURRENT_LIST_DIR}")
set(build "${WORK_DIR}/build")

function(fail text)
    message(FATAL_ERROR "tests/consumer: ${text}")
endfunction()

# Runs a command in WORK_DIR; its exit status must be the given one. Sets `said` to all that it printed.
function(expect wanted)
    execute_process(COMMAND ${ARGN} WORKING_DIRECTORY "${WORK_DIR}"
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

set(configure "${CMAKE_COMMAND}" -S "${project}" -G Ninja "-DDRYDOCK_FOLDER=${DRYDOCK_FOLDER}")
file(REMOVE_RECURSE "${WORK_DIR}")
file(MAKE_DIRECTORY "${WORK_DIR}")

# --- without third-party libraries, and with an old compiler -------------------------------------

set(without "")
foreach(package IN ITEMS CLI11 fmt nlohmann_json GTest rapidcheck)
    list(APPEND without -DCMAKE_DISABLE_FIND_PACKAGE_${package}=ON)
endforeach()
expect(0 ${configure} -B "${WORK_DIR}/without" -DCMAKE_CXX_COMPILER=${COMPILER} ${without})
foreach(name IN ITEMS drydock server sim)
    must_say("there is drydock::${name}\n")
endforeach()
foreach(name IN ITEMS tool gtest rapidcheck)
    must_not_match("${said}" "there is drydock::${name}\n")
    must_say("drydock::${name} is left out: ")
endforeach()

find_program(old_compiler clang++-14)
if(old_compiler)
    expect(1 ${configure} -B "${WORK_DIR}/old" -DCMAKE_CXX_COMPILER=${old_compiler})
    must_say("drydock needs Clang 16 or later")
endif()

# --- configured as it is --------------------------------------------------------------------------

# A unity build without the optimizer, for it to be quick. (Files are then told apart by the folder of
# the build that they are in.)
expect(0 ${configure} -B "${build}" -DCMAKE_CXX_COMPILER=${COMPILER} -DCMAKE_BUILD_TYPE=Debug
       -DCMAKE_CXX_FLAGS_DEBUG=-O0 -DCMAKE_UNITY_BUILD=ON -DCMAKE_UNITY_BUILD_BATCH_SIZE=24 ${SETTINGS})
foreach(name IN ITEMS drydock server sim tool gtest rapidcheck)
    must_say("there is drydock::${name}\n")
endforeach()
must_not_match("${said}" "Warning")
expect(0 "${CMAKE_CTEST_COMMAND}" --test-dir "${build}" -N)
must_say("Total Tests: 0")
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
    string(FIND "${file}" "${build}/CMakeFiles/" unity_file)
    string(FIND "${file}" "${project}/" source_file)
    if(NOT unity_file EQUAL 0 AND NOT source_file EQUAL 0)
        must_not_match("${command}" " -W[^n][^ ]*") # -Wno-... may stay
        continue()
    endif()
    math(EXPR of_project "${of_project} + 1")
    must_not_match("${command}" "DRYDOCK_[A-Z]*=|-fmacro-prefix-map|--param|-Wduplicated-cond")
    must_not_match("${command}" "-I${DRYDOCK_FOLDER} ")
    if(file MATCHES "/plain\\.(dir/|cpp$)")
        must_not_match("${command}" " -[WDIf][^ ]*")
    endif()
endforeach()
if(of_project LESS 3)
    fail("only ${of_project} of the project's own command lines are found")
endif()

# --- built ----------------------------------------------------------------------------------------

expect(0 "${CMAKE_COMMAND}" --build "${build}" --parallel 2)
file(GLOB_RECURSE files LIST_DIRECTORIES false RELATIVE "${build}" "${build}/*")
list(FILTER files EXCLUDE REGEX "CMakeFiles/|CMakeCache|Testing/|\\.(cmake|ninja|json|txt|a)$|^\\.ninja")
list(SORT files)
if(NOT files STREQUAL "plain;shout-sim;shout-test")
    fail("beside libraries, the target 'all' should have built plain, shout-sim and shout-test, and it built: ${files}")
endif()
file(GLOB libraries RELATIVE "${build}/drydock" "${build}/drydock/*.a")
foreach(library IN ITEMS server echo chat scenarios zoo console)
    if("libdrydock_${library}.a" IN_LIST libraries)
        fail("the target 'all' has built drydock's ${library}, which nothing links")
    endif()
endforeach()

# --- the tool ---------------------------------------------------------------------------------------

set(tool build/shout-sim)
expect(0 ${tool} list)
must_say("\n    --bytes 1..64: bytes of each client\n")
expect(0 ${tool} run shout --seed 7)
expect(0 ${tool} farm shout --seeds 2000)
expect(0 ${tool} explore shout --clients 1 --bytes 2)
must_say("explored completely")
foreach(part IN ITEMS 1 2)
    expect(0 ${tool} farm shout --seeds 100 --shard ${part}/2 --json)
    file(WRITE "${WORK_DIR}/${part}.json" "${said}")
endforeach()
expect(0 ${tool} merge 1.json 2.json)
must_say("shout: 100 seeds, 0 failed")

# The defect is found, shrunk and replayed, by the lines that the tool itself prints.
expect(1 ${tool} farm shout/forgets --seeds 2000)
must_say("short-send-ignored FAILED in ")
must_say("(the send was started at ")
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
file(GLOB schedules RELATIVE "${WORK_DIR}" "${WORK_DIR}/drydock-failures/*short-send-ignored*")
expect(1 ${tool} shrink ${schedules} --out small.schedule)
must_say("choices are left that are not benign")
expect(1 ${tool} explore shout/forgets --faults short_send --record found.schedule)
expect(1 ${tool} replay found.schedule)
expect(0 build/shout-test)
expect(2 ${tool} run echo)
must_say("shout-sim: there is no scenario 'echo'; the scenarios are shout, shout/forgets\n")
message(STATUS "${of_project} of the project's command lines have nothing of drydock's; its tool works")

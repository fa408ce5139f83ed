# What a project has, and drydock must not change: state_save() writes it down, state_compare() fails for what is
# different since. Variables with drydock in front of their names are drydock's to set.

set(state_of_variable "")
set(state_of_cached "")
set(state_of_directory COMPILE_OPTIONS COMPILE_DEFINITIONS INCLUDE_DIRECTORIES LINK_OPTIONS LINK_DIRECTORIES
    LINK_LIBRARIES BUILDSYSTEM_TARGETS TESTS TEST_INCLUDE_FILES RULE_LAUNCH_COMPILE)
set(state_of_global USE_FOLDERS JOB_POOLS RULE_LAUNCH_COMPILE RULE_LAUNCH_LINK GLOBAL_DEPENDS_NO_CYCLES)

# Sets `names` to what there is, and `values` to lines "NAME=VALUE".
function(state_collect names values)
    get_cmake_property(state_of_variable VARIABLES)
    get_cmake_property(state_of_cached CACHE_VARIABLES)
    # Those of this file and of drydock; those that CMake itself changes while it reads a file; those with the
    # compiler's own macros and patterns, which would be read as CMake's.
    list(FILTER state_of_variable EXCLUDE REGEX
         "^(ARG|_|state_|names$|values$|CMAKE_CURRENT_|drydock_|DRYDOCK_)|_(CONTENT|REGEX)$")
    list(FILTER state_of_cached EXCLUDE REGEX "^(drydock|DRYDOCK)_")
    set(state_names_found "")
    set(state_values_found "")
    foreach(state_kind IN ITEMS variable cached directory global)
        string(TOUPPER ${state_kind} state_scope)
        foreach(state_name IN LISTS state_of_${state_kind})
            if(state_kind STREQUAL "variable")
                set(state_value "${${state_name}}")
            elseif(state_kind STREQUAL "cached")
                set(state_value "$CACHE{${state_name}}")
            else()
                get_property(state_value ${state_scope} PROPERTY ${state_name})
            endif()
            string(REGEX REPLACE "[^A-Za-z0-9_./:=+-]" "," state_value "${state_value}")
            list(APPEND state_names_found "${state_kind} ${state_name}")
            list(APPEND state_values_found "${state_kind} ${state_name}=${state_value}")
        endforeach()
    endforeach()
    set(${names} "${state_names_found}" PARENT_SCOPE)
    set(${values} "${state_values_found}" PARENT_SCOPE)
endfunction()

macro(state_save)
    state_collect(state_names state_values)
endmacro()

function(state_compare)
    state_collect(now_names now_values)
    foreach(line IN LISTS now_values)
        if(NOT line IN_LIST state_values)
            message(SEND_ERROR "drydock has set ${line}")
        endif()
    endforeach()
    foreach(name IN LISTS state_names)
        if(NOT name IN_LIST now_names)
            message(SEND_ERROR "drydock has removed ${name}")
        endif()
    endforeach()
    list(LENGTH now_names count)
    message(STATUS "the ${count} variables and properties are as they were")
endfunction()

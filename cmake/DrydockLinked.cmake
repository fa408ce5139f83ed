# drydock::gtest and drydock::rapidcheck are headers on top of a library of others, which a project has its own
# way to find: nothing of drydock looks for it unless the project links one of the two and has not found the
# library itself. That is known when CMake has read the project: drydock_look_for_what_is_linked() runs then.
#
# A part of drydock's build, and of the installed package.

# drydock_find_quietly(PACKAGE): find_package() that leaves no variable of its own in the cache.
macro(drydock_find_quietly package)
    if(DEFINED CACHE{${package}_DIR})
        find_package(${package} CONFIG QUIET)
    else()
        find_package(${package} CONFIG QUIET)
        unset(${package}_DIR CACHE)
    endif()
endmacro()

# Sets `result` to the targets of a directory and of those below it that link `item`, as "TARGET=ITEMS", the
# items joined by commas.
function(drydock_targets_that_link result item directory)
    set(found "")
    get_property(targets DIRECTORY "${directory}" PROPERTY BUILDSYSTEM_TARGETS)
    foreach(target IN LISTS targets)
        get_property(items TARGET ${target} PROPERTY LINK_LIBRARIES)
        get_property(interface TARGET ${target} PROPERTY INTERFACE_LINK_LIBRARIES)
        list(APPEND items ${interface})
        string(REGEX REPLACE "\\$<(BUILD_INTERFACE|LINK_ONLY|BUILD_LOCAL_INTERFACE):([^<>]*)>" "\\2" items "${items}")
        if("${item}" IN_LIST items)
            list(JOIN items "," items)
            list(APPEND found "${target}=${items}")
        endif()
    endforeach()
    get_property(subdirectories DIRECTORY "${directory}" PROPERTY SUBDIRECTORIES)
    foreach(subdirectory IN LISTS subdirectories)
        drydock_targets_that_link(more "${item}" "${subdirectory}")
        list(APPEND found ${more})
    endforeach()
    set(${result} "${found}" PARENT_SCOPE)
endfunction()

# drydock_test_library(NAME): sets what drydock::NAME is on top of: drydock_item, the target that
# find_package(drydock_package) gives; drydock_items, a pattern for all targets of that library; drydock_library, its name.
macro(drydock_test_library name)
    if("${name}" STREQUAL "gtest")
        set(drydock_item GTest::gtest)
        set(drydock_package GTest)
        set(drydock_items "GTest::.*|-?l?g(test|mock)(_main)?")
        set(drydock_library "GoogleTest, which is not found (Debian: libgtest-dev)")
    else()
        set(drydock_item rapidcheck)
        set(drydock_package rapidcheck)
        set(drydock_items "-?l?rapidcheck(_.*)?")
        set(drydock_library "RapidCheck, which is not found (Debian: librapidcheck-dev)")
    endif()
endmacro()

# drydock_complete(NAME): lets drydock::NAME link the library that it is on top of, if the project has it. If a
# target links drydock::NAME and nothing of that library, it must be there.
macro(drydock_complete name)
    drydock_test_library(${name})
    if(NOT TARGET ${drydock_item})
        drydock_targets_that_link(linking drydock::${name} "${CMAKE_CURRENT_SOURCE_DIR}")
        foreach(target IN LISTS linking)
            string(REGEX MATCH "^([^=]*)=(.*)$" ignored "${target}")
            set(linking_target "${CMAKE_MATCH_1}")
            set(items "${CMAKE_MATCH_2}")
            if(NOT items MATCHES "(^|,)(${drydock_items})(,|$)" AND NOT TARGET ${drydock_item})
                drydock_find_quietly(${drydock_package})
                if(NOT TARGET ${drydock_item})
                    message(FATAL_ERROR "drydock::${name}, which ${linking_target} links, needs ${drydock_library}")
                endif()
            endif()
        endforeach()
    endif()
    if(TARGET ${drydock_item})
        get_target_property(aliased drydock::${name} ALIASED_TARGET)
        if(aliased)
            target_link_libraries(${aliased} INTERFACE $<BUILD_INTERFACE:${drydock_item}>)
        else()
            set_property(TARGET drydock::${name} APPEND PROPERTY INTERFACE_LINK_LIBRARIES ${drydock_item})
        endif()
    endif()
endmacro()

function(drydock_look_for_what_is_linked)
    drydock_complete(gtest)
    drydock_complete(rapidcheck)
    if(NOT TARGET drydock::tool) # of a package it always is there
        drydock_targets_that_link(linking drydock::tool "${CMAKE_CURRENT_SOURCE_DIR}")
        if(linking)
            string(REGEX REPLACE "=.*" "" target "${linking}")
            message(FATAL_ERROR "drydock::tool, which ${target} links, needs CLI11, fmt and nlohmann-json "
                "(Debian: libcli11-dev libfmt-dev nlohmann-json3-dev), which are not all found")
        endif()
    endif()
endfunction()

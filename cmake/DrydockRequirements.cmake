# What a project must have to use drydock: compilers and systems.
#
# The oldest compilers that have what drydock needs of C++20: coroutines, std::source_location, std::jthread.
# GCC 11 and clang 16 were tried (clang 15 lacks captures of structured bindings); the versions of
# AppleClang and MSVC are taken from their documentation.
#
# A part of drydock's build, and of the installed package.

# drydock_too_old(RESULT): sets it to a sentence if the project's compiler is too old, and to nothing if not.
function(drydock_too_old result)
    set(oldest_GNU 11)
    set(oldest_Clang 16)
    set(oldest_AppleClang 15)
    set(oldest_MSVC 19.30)
    set(oldest "${oldest_${CMAKE_CXX_COMPILER_ID}}")
    set(sentence "")
    if(NOT CMAKE_CXX_COMPILER_ID)
        set(sentence "drydock needs C++: the project has to say so, as in project(NAME LANGUAGES CXX)")
    elseif(oldest AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS oldest)
        string(CONCAT sentence "drydock needs ${CMAKE_CXX_COMPILER_ID} ${oldest} or later, as older ones lack a part "
            "of C++20 (coroutines, std::source_location), and this is ${CMAKE_CXX_COMPILER_VERSION}: "
            "name another with -DCMAKE_CXX_COMPILER=")
    endif()
    set(${result} "${sentence}" PARENT_SCOPE)
endfunction()

# drydock_name_system(RESULT): sets it to the system and processor that the project is built for, as "linux x86_64".
function(drydock_name_system result)
    string(TOLOWER "${CMAKE_SYSTEM_NAME} ${CMAKE_SYSTEM_PROCESSOR}" name)
    string(REPLACE "amd64" "x86_64" name "${name}")
    set(${result} "${name}" PARENT_SCOPE)
endfunction()

# Whether viewer/dist is what viewer/src makes: cmake -DVIEWER=.../viewer -P ViewerCurrent.cmake
#
# The first line of each file of the bundle has the hash of the sources from which it was made, as viewer/build.mjs
# computes it: of a list of "HASH  NAME", a line for each source, in the order of their names. Needs no npm.
file(GLOB sources RELATIVE "${VIEWER}" "${VIEWER}/src/*")
list(APPEND sources build.mjs package-lock.json)
list(SORT sources)
set(list "")
foreach(source IN LISTS sources)
    file(SHA256 "${VIEWER}/${source}" hash)
    string(APPEND list "${hash}  ${source}\n")
endforeach()
string(SHA256 expected "${list}")
foreach(file IN ITEMS viewer.js viewer.css)
    file(READ "${VIEWER}/dist/${file}" first LIMIT 120)
    if(NOT first MATCHES "^/\\* drydock viewer; sources sha256:${expected} \\*/\n")
        message(FATAL_ERROR "viewer/dist/${file} was not made from the present viewer/src: run viewer/build.sh and commit "
            "viewer/dist")
    endif()
endforeach()
message(STATUS "viewer/dist is current")

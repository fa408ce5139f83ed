# Installs the pages (*.md) with the links that hold there: cmake --install runs this.
#
#     PAGES_FROM, a folder of the sources; PAGES_TO, the folder to install to; PAGES_INCLUDE, where headers are
#     installed, as seen from there; PAGES_DEPTH, "" for pages at the root of the sources, and "../" for those in a folder.
#
# A link to a header leads to the installed one. A link to what is not installed becomes its text alone.
file(GLOB pages "${PAGES_FROM}/*.md")
foreach(page IN LISTS pages)
    get_filename_component(name "${page}" NAME)
    if(PAGES_DEPTH STREQUAL "" AND NOT name MATCHES "^(README|CHANGELOG)\\.md$")
        continue()
    endif()
    file(READ "${page}" text)
    string(REPLACE "](${PAGES_DEPTH}include/" "](${PAGES_INCLUDE}/" text "${text}")
    foreach(gone IN ITEMS src/ tests sim/ platform bench ci/ cmake/ fuzz .github packaging CONTRIBUTING SECURITY)
        string(REPLACE "](${PAGES_DEPTH}${gone}" "](GONE" text "${text}")
    endforeach()
    string(REGEX REPLACE "\\[([^]]*)\\]\\(GONE[^)]*\\)" "\\1" text "${text}")
    file(WRITE "$ENV{DESTDIR}${PAGES_TO}/${name}" "${text}")
    file(CHMOD "$ENV{DESTDIR}${PAGES_TO}/${name}" PERMISSIONS OWNER_READ OWNER_WRITE GROUP_READ WORLD_READ)
    list(APPEND CMAKE_INSTALL_MANIFEST_FILES "${PAGES_TO}/${name}")
    message(STATUS "Installing: ${PAGES_TO}/${name}")
endforeach()

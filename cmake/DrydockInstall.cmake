# cmake --install, and the packages of CPack: headers, libraries with their CMake files and pkg-config files,
# programs, manual pages, documentation. All paths in what is installed are relative to the folder that it is
# installed to, so that the folder may be moved.

foreach(folder IN ITEMS LIBDIR INCLUDEDIR DOCDIR)
    if(IS_ABSOLUTE "${CMAKE_INSTALL_${folder}}")
        message(FATAL_ERROR "CMAKE_INSTALL_${folder} is to be a folder below the prefix, as 'lib', so that what is installed "
            "can be moved; it is '${CMAKE_INSTALL_${folder}}'")
    endif()
endforeach()

# What is installed needs no tests and benchmarks to be built first: `cmake --build DIR --target installed` builds
# all of it, and `all` the rest, too.
if(PROJECT_IS_TOP_LEVEL)
    if(DRYDOCK_TESTS OR DRYDOCK_BENCH)
        set(CMAKE_SKIP_INSTALL_ALL_DEPENDENCY ON)
    endif()
    add_custom_target(installed)
    foreach(target IN LISTS drydock_installed ITEMS drydock drydock-sim man)
        if(TARGET ${target})
            get_target_property(type ${target} TYPE)
            if(NOT type STREQUAL "INTERFACE_LIBRARY")
                add_dependencies(installed ${target})
            endif()
        endif()
    endforeach()
endif()

# --- what another project is built with -----------------------------------------------------------

set(cmake_folder "${CMAKE_INSTALL_LIBDIR}/cmake/drydock")
install(DIRECTORY include/drydock DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}")
install(TARGETS ${drydock_installed} EXPORT drydock-targets ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}")
install(EXPORT drydock-targets NAMESPACE drydock:: DESTINATION "${cmake_folder}")

list(JOIN drydock_public_names ", " drydock_names_text)
drydock_name_system(drydock_system)
set(drydock_has_uring OFF)
if(TARGET drydock_uring)
    set(drydock_has_uring ON)
endif()
set(made "${PROJECT_BINARY_DIR}/package")
foreach(file IN ITEMS drydock-config.cmake drydock-config-version.cmake)
    configure_file(cmake/${file}.in "${made}/${file}" @ONLY)
endforeach()
install(FILES "${made}/drydock-config.cmake" "${made}/drydock-config-version.cmake"
              cmake/DrydockLinked.cmake cmake/DrydockProgram.cmake cmake/DrydockRequirements.cmake
        DESTINATION "${cmake_folder}")

# For projects that are built without CMake: drydock is what a server links, drydock-sim what its tests link.
# The linker is told of an archive before those that it needs.
function(drydock_pkgconfig name)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "DESCRIPTION;REQUIRES" "ARCHIVES;FLAGS")
    list(TRANSFORM arg_ARCHIVES PREPEND -ldrydock_)
    list(JOIN arg_ARCHIVES " " archives)
    list(JOIN arg_FLAGS " " flags)
    file(RELATIVE_PATH up "/${CMAKE_INSTALL_LIBDIR}/pkgconfig" "/")
    string(REGEX REPLACE "/$" "" up "${up}")
    file(WRITE "${made}/${name}.pc"
        "prefix=\${pcfiledir}/${up}\n"
        "libdir=\${prefix}/${CMAKE_INSTALL_LIBDIR}\n"
        "includedir=\${prefix}/${CMAKE_INSTALL_INCLUDEDIR}\n\n"
        "Name: ${name}\n"
        "Description: ${arg_DESCRIPTION}\n"
        "Version: ${PROJECT_VERSION}\n"
        "Requires: ${arg_REQUIRES}\n"
        "Libs: -L\${libdir} ${archives} ${flags}\n"
        "Cflags: -I\${includedir}\n")
    install(FILES "${made}/${name}.pc" DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig")
endfunction()

if(WIN32)
    set(archives server runtime backends iocp apc win32 host)
    set(flags -lmswsock -lws2_32)
else()
    set(archives server runtime backends epoll platform_common host)
    set(flags -pthread)
    set(requires "")
    if(TARGET drydock_uring)
        list(INSERT archives 3 uring)
        set(requires liburing)
    endif()
endif()
drydock_pkgconfig(drydock ARCHIVES ${archives} FLAGS ${flags} REQUIRES "${requires}"
    DESCRIPTION "Servers on completion queues: IOCP, completion routines, io_uring, epoll")
set(archives harness farming sim)
if(TARGET drydock_tool)
    list(PREPEND archives tool cli picture)
endif()
drydock_pkgconfig(drydock-sim ARCHIVES ${archives} FLAGS "" REQUIRES "drydock = ${PROJECT_VERSION}"
    DESCRIPTION "The simulator for servers on drydock's completion queue, and its command line")

# --- programs and documents -----------------------------------------------------------------------

if(DRYDOCK_PROGRAMS)
    install(TARGETS drydock drydock-sim RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}")
    if(TARGET man)
        install(DIRECTORY "${PROJECT_BINARY_DIR}/man/" DESTINATION "${CMAKE_INSTALL_MANDIR}/man1")
    endif()
endif()
install(FILES LICENSE DESTINATION "${CMAKE_INSTALL_DOCDIR}")
function(drydock_pages from to depth)
    file(RELATIVE_PATH include "/${CMAKE_INSTALL_DOCDIR}/${to}" "/${CMAKE_INSTALL_INCLUDEDIR}")
    install(CODE "
        set(PAGES_FROM \"${PROJECT_SOURCE_DIR}/${from}\")
        set(PAGES_TO \"\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_DOCDIR}/${to}\")
        set(PAGES_INCLUDE \"${include}\")
        set(PAGES_DEPTH \"${depth}\")
        include(\"${PROJECT_SOURCE_DIR}/cmake/InstallPages.cmake\")")
endfunction()
drydock_pages("" "" "")
drydock_pages(docs docs ../)
install(FILES docs/run.schema.json DESTINATION "${CMAKE_INSTALL_DOCDIR}/docs")
install(DIRECTORY docs/pictures DESTINATION "${CMAKE_INSTALL_DOCDIR}/docs")
install(DIRECTORY examples DESTINATION "${CMAKE_INSTALL_DOCDIR}" OPTIONAL)
if(NOT WIN32)
    install(DIRECTORY packaging/systemd packaging/slurm packaging/kubernetes DESTINATION "${CMAKE_INSTALL_DOCDIR}")
endif()

# --- packages: cpack in the folder of the build ---------------------------------------------------

if(NOT PROJECT_IS_TOP_LEVEL)
    return() # another project has packages of its own
endif()

set(CPACK_PACKAGE_NAME drydock)
set(CPACK_PACKAGE_VENDOR "The drydock authors")
set(CPACK_PACKAGE_CONTACT "The drydock authors <drydock@drydock.invalid>")
set(CPACK_RESOURCE_FILE_LICENSE "${PROJECT_SOURCE_DIR}/LICENSE")
set(CPACK_PACKAGE_DIRECTORY "${PROJECT_BINARY_DIR}/package")
set(CPACK_VERBATIM_VARIABLES ON)
set(CPACK_THREADS 0)
set(CPACK_STRIP_FILES ON)
if(WIN32)
    set(CPACK_GENERATOR ZIP)
    set(CPACK_PACKAGE_FILE_NAME "drydock-${PROJECT_VERSION}-windows-x86_64")
else()
    set(CPACK_GENERATOR DEB)
    set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
    set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
    set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
    set(CPACK_DEBIAN_PACKAGE_SECTION libdevel)
    set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
    # The headers are for a C++20 compiler; the archive of the backend on io_uring needs liburing.
    set(CPACK_DEBIAN_PACKAGE_DEPENDS "")
    if(TARGET drydock_uring)
        set(CPACK_DEBIAN_PACKAGE_DEPENDS "liburing-dev")
    endif()
    set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "g++ (>= 4:11), cmake (>= 3.21), libgtest-dev")
    set(CPACK_DEBIAN_PACKAGE_SUGGESTS "librapidcheck-dev, ninja-build")
    set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "completion-port servers in C++20, tested in a deterministic simulator")
    set(CPACK_DEBIAN_PACKAGE_DESCRIPTION
"drydock is a library for TCP servers on completion queues: Windows I/O
completion ports and completion routines, Linux io_uring and epoll. Its
simulator runs the same server code in memory, by seeds: it injects partial
receives, short sends, resets and reordered completions, explores schedules,
and shrinks a failing one to the few choices that matter.
.
This package has the headers, the static libraries with their files for CMake
and pkg-config, an echo and a chat server with their clients (drydock), and
the command line of the simulator (drydock-sim).")
    string(TIMESTAMP drydock_date "%a, %d %b %Y %H:%M:%S +0000" UTC)
    foreach(file IN ITEMS copyright changelog)
        configure_file(packaging/debian/${file} "${made}/debian/${file}" @ONLY)
    endforeach()
    set(CPACK_PRE_BUILD_SCRIPTS "${PROJECT_SOURCE_DIR}/packaging/debian/finish.cmake")
endif()
include(CPack)

# CPack runs this when the files of the Debian package are in place: adds what Debian's policy asks for, and
# takes away what it has no room for.
set(root "${CPACK_TEMPORARY_INSTALL_DIRECTORY}/usr")
set(doc "${root}/share/doc/drydock")

function(run)
    execute_process(COMMAND ${ARGN} COMMAND_ERROR_IS_FATAL ANY OUTPUT_QUIET)
endfunction()

file(COPY "${CPACK_PACKAGE_DIRECTORY}/debian/copyright" DESTINATION "${doc}")
file(COPY "${CPACK_PACKAGE_DIRECTORY}/debian/changelog" DESTINATION "${doc}")
file(RENAME "${doc}/changelog" "${doc}/changelog.Debian")
run(gzip -9nf "${doc}/changelog.Debian")
file(GLOB pages "${root}/share/man/man1/*.1")
if(pages)
    run(gzip -9nf ${pages})
endif()
# Names of functions stay, for the linker.
file(GLOB archives "${root}/lib/*.a")
run(strip --strip-debug --remove-section=.comment --remove-section=.note --enable-deterministic-archives ${archives})
# Whatever the umask is, everybody may look.
file(CHMOD_RECURSE "${CPACK_TEMPORARY_INSTALL_DIRECTORY}" DIRECTORY_PERMISSIONS
     OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)

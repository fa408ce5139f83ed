// Files that other programs see whole or not at all, also when this program is killed while it
// writes one, or the machine loses power.
//
// One header, and one source file per system (whole_file_posix.cpp, whole_file_win32.cpp).
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace drydock::host {

/// A name beside `path`, hidden on POSIX systems, that no other process and no other thread has, on
/// no machine that shares the folder: ".NAME.0123456789abcdef.part".
std::filesystem::path part_beside(const std::filesystem::path& path);

/// Gives `path` this text: writes a new file beside it (part_beside()), waits until it is on the
/// disk, and renames it, replacing a file that has the name. A program that is killed on the way
/// leaves the old file and the new one beside it. Gives why that failed, as "No space left on
/// device"; then the old file is as it was. Empty: all went well. From any thread.
std::string replace_file(const std::filesystem::path& path, std::string_view text);

}  // namespace drydock::host

// The path of a source file as messages print it: from the root of drydock's tree, with slashes.
//
// GCC and clang are given the root when they compile drydock (-fmacro-prefix-map). MSVC has no such
// option: it gives each file the path that it was called with, "C:\work\drydock\sim\world.cpp".
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <source_location>
#include <string_view>

namespace drydock {

/// A path, copied, so that a program that is about to abort need not allocate. Of a path that is
/// too long the end is kept, which names the file.
class SourcePath {
public:
    /// Copies `path`, or its last 256 bytes, with slashes in place of backslashes.
    constexpr explicit SourcePath(std::string_view path) noexcept
        : size_(std::min(path.size(), text_.size())) {
        path.remove_prefix(path.size() - size_);
        std::transform(path.begin(), path.end(), text_.begin(), slash);
    }

    /// The path; valid as long as this object.
    constexpr std::string_view text() const noexcept { return {text_.data(), size_}; }

    /// The character, or a slash if it is a backslash.
    static constexpr char slash(char character) noexcept {
        return character == '\\' ? '/' : character;
    }

private:
    std::array<char, 256> text_{};
    std::size_t size_;
};

/// The folder that has include/drydock/source_path.hpp, as this compiler spells it: empty if the
/// compiler was given it.
constexpr std::string_view source_root() noexcept {
    constexpr std::string_view below = "include/drydock/source_path.hpp";
    const std::string_view here = std::source_location::current().file_name();
    return here.substr(0, here.size() < below.size() ? 0 : here.size() - below.size());
}

/// The path of `file`, as std::source_location gives it, from the folder `root` on. A file outside
/// the root keeps its whole path, unless it is a header of drydock, wherever that is installed: its
/// path begins with "include/drydock/".
constexpr SourcePath source_path(std::string_view file,
                                 std::string_view root = source_root()) noexcept {
    const auto same = [](char a, char b) { return SourcePath::slash(a) == SourcePath::slash(b); };
    const bool below =
        file.size() > root.size() && std::equal(root.begin(), root.end(), file.begin(), same);
    if (below && !root.empty()) return SourcePath(file.substr(root.size()));
    constexpr std::string_view headers = "/include/drydock/";
    const auto header = std::search(file.begin(), file.end(), headers.begin(), headers.end(), same);
    const bool is_header = header != file.end();
    return SourcePath(is_header ? file.substr(static_cast<std::size_t>(header - file.begin()) + 1)
                                : file);
}

}  // namespace drydock

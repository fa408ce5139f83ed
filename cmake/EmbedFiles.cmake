# Writes a C++ source with files as arrays, for a build without any tool but CMake:
#   cmake -DOUTPUT=bundle.cpp -DSCRIPT=viewer.js -DSTYLE=viewer.css -P EmbedFiles.cmake
# The arrays and the digests of the files are declared in sim/picture/bundle.hpp.

set(arrays "")
foreach(name IN ITEMS SCRIPT STYLE)
    string(TOLOWER ${name} variable)
    file(READ "${${name}}" bytes HEX)
    file(SHA256 "${${name}}" digest)
    string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${bytes}")
    string(REGEX REPLACE "((0x..,)(0x..,)(0x..,)(0x..,)(0x..,)(0x..,)(0x..,)(0x..,))" "\\1\n" bytes "${bytes}")
    # One more, as an array of no element is not C++.
    string(APPEND arrays
        "const unsigned char ${variable}_bytes[] = {${bytes}0x00};\n"
        "constexpr std::size_t ${variable}_size = sizeof(${variable}_bytes) - 1;\n"
        "constexpr std::string_view ${variable}_digest = \"${digest}\";\n")
endforeach()
file(WRITE "${OUTPUT}"
    "// Made by cmake/EmbedFiles.cmake from the files of viewer/dist.\n"
    "#include \"sim/picture/bundle.hpp\"\n\n#include <cstddef>\n\nnamespace drydock::sim {\nnamespace {\n\n${arrays}\n"
    "std::string_view text(const unsigned char* bytes, std::size_t size) noexcept {\n"
    "    return {reinterpret_cast<const char*>(bytes), size};\n}\n\n}  // namespace\n\n"
    "BundledFile viewer_script() noexcept { return {text(script_bytes, script_size), script_digest}; }\n"
    "BundledFile viewer_style() noexcept { return {text(style_bytes, style_size), style_digest}; }\n\n"
    "}  // namespace drydock::sim\n")

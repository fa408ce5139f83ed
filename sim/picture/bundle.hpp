// The viewer's script and style, which the build takes from viewer/dist (cmake/EmbedFiles.cmake).
#pragma once

#include <string_view>

namespace drydock::sim {

struct BundledFile {
    std::string_view text;
    std::string_view sha256;  ///< of the text, in hexadecimal
};

BundledFile viewer_script() noexcept;
BundledFile viewer_style() noexcept;

}  // namespace drydock::sim

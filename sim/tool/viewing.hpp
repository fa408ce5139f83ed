// Writing a run in the format that was asked for: view, and --view of other commands.
#pragma once

#include <optional>
#include <string>

#include "sim/picture/json.hpp"
#include "sim/tool/commands.hpp"
#include "sim/tool/recording.hpp"

namespace drydock::app {

enum class ViewFormat : unsigned char { html, json, perfetto, mermaid };

/// None: there is no such format, and it has complained.
std::optional<ViewFormat> parse_format(const std::string& name);

/// Writes the text to a file that is complete or not there; "-" is standard output. False: it could
/// not be written, and it has complained.
bool write_view(const std::string& path, const std::string& text);

/// Whether a page at `path`, which may be empty, would take the place of the schedule `file`. True:
/// it has complained.
bool would_overwrite(const std::string& path, const std::string& file);

/// The run in this format. None: the format cannot hold it, and it has complained.
std::optional<std::string> view_text(const sim::Picture& picture, ViewFormat format);

/// Where the choices of a run come from.
struct PageOrigin {
    std::optional<std::uint64_t> seed;
    std::string file;   ///< empty: none
    std::string again;  ///< the command that repeats the run
};

/// Writes the page of a run that a command has made. False: it could not be written.
bool write_page(const Found& found, Recorded recorded, const PageOrigin& origin,
                const std::string& path);

}  // namespace drydock::app

// Schedule files that tests write and read.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <drydock/sim/schedule.hpp>

namespace drydock::sim::harness {

/// "echo-stuck-17.schedule". `setup` is the text of the settings and options that the run had, and
/// `origin` a seed or a name. If the setup is not the usual one of its scenario, the name ends in a
/// hash of it, so that two tests of one scenario never write the same file.
std::string schedule_name(const RunSetup& setup, std::string_view property,
                          std::string_view origin);

/// A file that was written, or why it was not.
struct WrittenFile {
    std::string path;       ///< absolute, with '/' between folders
    std::string complaint;  ///< empty: the file is there
};

/// Makes the folder. The file appears under its name when it is complete, so that another process
/// never sees a part of it.
WrittenFile write_file(const std::string& folder, const std::string& name, std::string_view text);

/// The text of a file of 256 MiB at most. None: it cannot be read.
std::optional<std::string> read_file(const std::string& path);

}  // namespace drydock::sim::harness

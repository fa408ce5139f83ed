// A place in the source, as reports show it.
#pragma once

#include <source_location>
#include <string>

#include <drydock/source_path.hpp>

namespace drydock::sim {

/// "server.cpp:40".
inline std::string place(std::source_location where) {
    return std::string(source_path(where.file_name()).text()) + ":" + std::to_string(where.line());
}

}  // namespace drydock::sim

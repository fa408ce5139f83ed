// Finding the variables by the table of symbols. See statics.hpp.
#include "sim/program/statics.hpp"

#include <algorithm>
#include <cstring>
#include <string_view>

#include "sim/program/symbols.hpp"

namespace drydock::sim {
namespace {

/// std::cout, stdout and their like, which a run puts back; the guards of variables that are
/// initialized at their first use, as the variables themselves are looked at; and what those
/// functions in this folder keep that the program calls by the C library's names.
bool is_of_library(std::string_view name) noexcept {
    return name.starts_with("_ZSt") || name.starts_with("_ZGV") || name.starts_with("std") ||
           name.ends_with("16found_by_drydock") || name == "__libc_single_threaded";
}

}  // namespace

StaticVariables::StaticVariables() {
    std::size_t size = 0;
    known_ = for_each_static([&](const Symbol& symbol) {
        if (!symbol.writable || is_of_drydock(symbol.name) || is_of_library(symbol.name)) return;
        ranges_.push_back({reinterpret_cast<std::byte*>(symbol.at), symbol.size});
        size += symbol.size;
    });
    values_ = std::make_unique<std::byte[]>(size);
}

void StaticVariables::remember() noexcept {
    std::byte* to = values_.get();
    for (const Range& range : ranges_) to = std::copy_n(range.first, range.size, to);
}

bool StaticVariables::as_remembered() const noexcept {
    const std::byte* kept = values_.get();
    for (const Range& range : ranges_) {
        if (std::memcmp(range.first, kept, range.size) != 0) return false;
        kept += range.size;
    }
    return known_;
}

}  // namespace drydock::sim

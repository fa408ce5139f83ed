// The symbol table of the executable: its thread_local variables, and the names of its functions.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace drydock::sim {

/// What the symbol table says of one function or variable.
struct Symbol {
    std::string_view name;  ///< as the linker has it; valid during the call
    std::size_t at = 0;    ///< behind the beginning of the executable, or of its thread_local block
    std::size_t size = 0;  ///< bytes
    bool writable = false;  ///< where it lies may be written to
};

/// Calls `use` for each thread_local variable of the executable. False: it has no symbol table.
bool for_each_thread_local(const std::function<void(const Symbol&)>& use);

/// The same for each variable with static storage duration; Symbol::at is its address.
bool for_each_static(const std::function<void(const Symbol&)>& use);

/// Whether a variable with this name belongs to drydock, to a sanitizer or to a test framework.
bool is_of_drydock(std::string_view name) noexcept;

/// The linker's name of the executable's function that has this code. Empty: it is none of the
/// executable's, or has no name.
std::string_view function_at(const void* code);

}  // namespace drydock::sim

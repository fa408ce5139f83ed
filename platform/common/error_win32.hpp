// Translates the codes of Winsock, Win32 and the NT kernel into errors, for all Windows backends.
#pragma once

#include <cstdint>

#include <drydock/operation.hpp>

#include "platform/common/winsock_win32.hpp"

namespace drydock::platform {

/// A WSA or ERROR code, as WSAGetLastError() and GetLastError() give them.
Error translate(DWORD code) noexcept;

/// The failure that such a code means, with the code in it.
Result failure(DWORD code) noexcept;

/// The WSA or ERROR code of what a packet's OVERLAPPED::Internal says; 0 for a success. It tells
/// apart what Win32 merges: ERROR_NETNAME_DELETED comes out only where the disconnect was our own
/// side's.
DWORD code_of_status(ULONG_PTR internal) noexcept;

/// Whether an operation that this program canceled may end with this code. Windows says 995; a
/// disconnect of our own side and, under Wine, closed handles mean the same then, and only then.
bool may_mean_canceled(std::int32_t code) noexcept;

}  // namespace drydock::platform

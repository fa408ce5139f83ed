// Translates the codes of Winsock, Win32 and the NT kernel into errors, for all Windows backends.
// See error_win32.hpp.
#include "platform/common/error_win32.hpp"

namespace drydock::platform {
namespace {

constexpr DWORD error_handles_closed = 676;  // mingw's headers do not have it

struct Meaning {
    DWORD code;
    Error error;
};

constexpr Meaning meanings[] = {
    {ERROR_OPERATION_ABORTED, Error::canceled},  // WSA_OPERATION_ABORTED is the same number
    {WSAECONNRESET, Error::reset},
    {WSAECONNABORTED, Error::reset},
    {WSAENETRESET, Error::reset},
    {WSAEDISCON, Error::reset},
    {ERROR_NETNAME_DELETED, Error::reset},
    {ERROR_CONNECTION_ABORTED, Error::reset},
    {error_handles_closed, Error::reset},
    {WSAESHUTDOWN, Error::broken},
    {WSAENOTCONN, Error::broken},
    {ERROR_BROKEN_PIPE, Error::broken},
    {ERROR_GRACEFUL_DISCONNECT, Error::broken},
    {ERROR_CONNECTION_INVALID, Error::broken},
    {WSAECONNREFUSED, Error::refused},
    {ERROR_CONNECTION_REFUSED, Error::refused},
    {ERROR_PORT_UNREACHABLE, Error::refused},
    {WSAENETUNREACH, Error::unreachable},
    {WSAEHOSTUNREACH, Error::unreachable},
    {WSAENETDOWN, Error::unreachable},
    {WSAEHOSTDOWN, Error::unreachable},
    {ERROR_NETWORK_UNREACHABLE, Error::unreachable},
    {ERROR_HOST_UNREACHABLE, Error::unreachable},
    {ERROR_PROTOCOL_UNREACHABLE, Error::unreachable},
    {WSAETIMEDOUT, Error::timed_out},
    {ERROR_SEM_TIMEOUT, Error::timed_out},
    {WSAENOBUFS, Error::no_buffers},
    {WSAEWOULDBLOCK, Error::no_buffers},  // of an overlapped start: too many outstanding requests
    {ERROR_NOT_ENOUGH_MEMORY, Error::no_buffers},
    {ERROR_OUTOFMEMORY, Error::no_buffers},
    {ERROR_NO_SYSTEM_RESOURCES, Error::no_buffers},
    {ERROR_NONPAGED_SYSTEM_RESOURCES, Error::no_buffers},
    {ERROR_WORKING_SET_QUOTA, Error::no_buffers},
    {ERROR_NOT_ENOUGH_QUOTA, Error::no_buffers},
    {ERROR_COMMITMENT_LIMIT, Error::no_buffers},
    {WSAEMFILE, Error::too_many_handles},
    {ERROR_TOO_MANY_OPEN_FILES, Error::too_many_handles},
    {WSAEADDRINUSE, Error::address_in_use},
    {ERROR_ADDRESS_ALREADY_ASSOCIATED, Error::address_in_use},
    {WSAEADDRNOTAVAIL, Error::address_not_available},
    {ERROR_INVALID_NETNAME, Error::address_not_available},
    {WSAEACCES, Error::access_denied},
    {ERROR_ACCESS_DENIED, Error::access_denied},
    {WSAEOPNOTSUPP, Error::not_supported},
    {WSAEAFNOSUPPORT, Error::not_supported},
    {WSAEPROTONOSUPPORT, Error::not_supported},
    {WSAESOCKTNOSUPPORT, Error::not_supported},
    {ERROR_NOT_SUPPORTED, Error::not_supported},
    {WSAEINVAL, Error::invalid_argument},
    {WSAEFAULT, Error::invalid_argument},
    {ERROR_INVALID_PARAMETER, Error::invalid_argument},
};

struct Status {
    std::uint32_t status;  // as <ntstatus.h> has it, which cannot be included beside <windows.h>
    DWORD code;
};

// Only what RtlNtStatusToDosError merges with something else, or gives an odd number for.
constexpr Status statuses[] = {
    {0xC000020DU, WSAECONNRESET},            // STATUS_CONNECTION_RESET
    {0xC000013CU, WSAECONNRESET},            // STATUS_REMOTE_DISCONNECT
    {0xC000020CU, WSAECONNRESET},            // STATUS_CONNECTION_DISCONNECTED
    {0xC000013BU, ERROR_NETNAME_DELETED},    // STATUS_LOCAL_DISCONNECT
    {0xC000021FU, ERROR_NETNAME_DELETED},    // STATUS_TRANSACTION_ABORTED
    {0xC0000241U, WSAECONNABORTED},          // STATUS_CONNECTION_ABORTED
    {0xC0000236U, WSAECONNREFUSED},          // STATUS_CONNECTION_REFUSED
    {0xC000023CU, WSAENETUNREACH},           // STATUS_NETWORK_UNREACHABLE
    {0xC000023DU, WSAEHOSTUNREACH},          // STATUS_HOST_UNREACHABLE
    {0xC00000BEU, WSAENETUNREACH},           // STATUS_BAD_NETWORK_PATH
    {0xC00000B5U, WSAETIMEDOUT},             // STATUS_IO_TIMEOUT
    {0xC0000207U, WSAEADDRNOTAVAIL},         // STATUS_INVALID_ADDRESS_COMPONENT
    {0xC0000141U, WSAEADDRNOTAVAIL},         // STATUS_INVALID_ADDRESS
    {0xC000020AU, WSAEADDRINUSE},            // STATUS_ADDRESS_ALREADY_EXISTS
    {0xC00000CDU, WSAENOBUFS},               // STATUS_TOO_MANY_NAMES, as AFD uses it
    {0xC000009AU, WSAENOBUFS},               // STATUS_INSUFFICIENT_RESOURCES
    {0xC0000120U, ERROR_OPERATION_ABORTED},  // STATUS_CANCELLED
    {0xC0000140U, WSAENOTCONN},              // STATUS_INVALID_CONNECTION
    {0xC000023AU, WSAENOTCONN},              // STATUS_CONNECTION_INVALID
};

/// ntdll's own table, for the rest. Looked up by name: not every toolchain links with ntdll.
DWORD system_code(std::uint32_t status) noexcept {
    using Convert = ULONG(WINAPI*)(LONG);
    static const Convert convert = [] {
        const HMODULE library = ::GetModuleHandleW(L"ntdll.dll");
        const FARPROC found =
            library == nullptr ? nullptr : ::GetProcAddress(library, "RtlNtStatusToDosError");
        return reinterpret_cast<Convert>(reinterpret_cast<void (*)()>(found));
    }();
    return convert == nullptr ? status : convert(static_cast<LONG>(status));
}

}  // namespace

Error translate(DWORD code) noexcept {
    if (code == 0) {
        return Error::ok;
    }
    for (const Meaning& meaning : meanings) {
        if (meaning.code == code) {
            return meaning.error;
        }
    }
    return Error::unknown;
}

Result failure(DWORD code) noexcept {
    return Result::failure(translate(code), static_cast<std::int32_t>(code));
}

DWORD code_of_status(ULONG_PTR internal) noexcept {
    const auto status = static_cast<std::uint32_t>(internal);
    constexpr std::uint32_t first_warning = 0x80000000U;  // below: successes and information
    if (status < first_warning) {
        return 0;
    }
    for (const Status& known : statuses) {
        if (known.status == status) {
            return known.code;
        }
    }
    return system_code(status);
}

bool may_mean_canceled(std::int32_t code) noexcept {
    switch (static_cast<DWORD>(code)) {
        case ERROR_OPERATION_ABORTED:
        case ERROR_NETNAME_DELETED:
        case error_handles_closed:
        case WSAEINVAL:
        case WSAECONNABORTED:
            return true;
        default:
            return false;
    }
}

}  // namespace drydock::platform

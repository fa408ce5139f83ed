// Why an operation of the Asio face failed: an error of the contract, or one that only the face
// has. The face turns it into the error_code that Asio has for it.
#pragma once

#include <cstdint>

#include <drydock/error.hpp>

namespace drydock::asio_detail {

/// Errors that the contract has no need of.
enum class Reason : std::uint8_t {
    ok,                 ///< no error
    contract,           ///< Trouble::error says which
    end_of_stream,      ///< the peer has ended its stream
    bad_descriptor,     ///< the socket is not open
    already_open,       ///< the socket is open
    not_connected,      ///< the socket has no connection
    already_connected,  ///< the socket has one
    not_listening,      ///< the acceptor does not listen
    would_block,        ///< nothing to do at once, on a socket that must not block
    invalid,            ///< an argument has no meaning here
    unsupported,        ///< the face does not have it
    unknown_option,     ///< no such socket option
    host_not_found,     ///< no such host
    service_not_found,  ///< no such service
    connection_aborted  ///< a connection was gone before it was accepted
};

/// An error, with the system's code for it.
struct Trouble {
    constexpr Trouble() noexcept = default;
    constexpr Trouble(Reason why) noexcept : reason(why) {}
    constexpr Trouble(Error failed, std::int32_t code = 0) noexcept
        : reason(failed == Error::ok ? Reason::ok : Reason::contract),
          error(failed),
          native(code) {}
    constexpr explicit operator bool() const noexcept { return reason != Reason::ok; }

    Reason reason = Reason::ok;
    Error error = Error::ok;
    std::int32_t native = 0;
};

}  // namespace drydock::asio_detail

// The portable errors of operations, and their conversion to std::error_code.
//
// Programs decide by these values only. The operating system's own code is kept beside them
// (Result::native), for logs. So a program decides in the same way on every system and in the
// simulator.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <system_error>

namespace drydock {

/// Why an operation failed, or `ok`. It is also a std::error_code enumeration.
enum class Error : std::uint8_t {
    ok = 0,                 ///< it succeeded
    canceled,               ///< this program canceled the operation, or its socket or listener
    reset,                  ///< the peer, or a device between, aborted the connection
    broken,                 ///< no more can be sent: half-closed here, or the connection is gone
    refused,                ///< no listener has that endpoint
    unreachable,            ///< no route to that host or network
    timed_out,              ///< the system gave up waiting for the peer
    no_buffers,             ///< the system has no memory for the operation; a later try may succeed
    too_many_handles,       ///< the limit on open sockets is reached; a later try may succeed
    address_in_use,         ///< another socket uses that endpoint
    address_not_available,  ///< that address is not one of this machine's
    access_denied,          ///< the system does not permit it
    not_supported,          ///< this backend or system does not support it
    invalid_argument,       ///< the system rejected the arguments
    would_block,  ///< nothing is there yet, and the call does not wait; try_receive() alone
    unknown,      ///< none of these; Result::native has the system's code
};

/// How many enumerators Error has: its values are 0 to error_count - 1.
inline constexpr int error_count = static_cast<int>(Error::unknown) + 1;

/// The name of the enumerator, for logs and schedules: "reset", "no_buffers", ... The text lives as
/// long as the program.
constexpr std::string_view name(Error error) noexcept {
    constexpr std::string_view names[] = {"ok",
                                          "canceled",
                                          "reset",
                                          "broken",
                                          "refused",
                                          "unreachable",
                                          "timed_out",
                                          "no_buffers",
                                          "too_many_handles",
                                          "address_in_use",
                                          "address_not_available",
                                          "access_denied",
                                          "not_supported",
                                          "invalid_argument",
                                          "would_block",
                                          "unknown"};
    static_assert(std::size(names) == error_count);
    return names[static_cast<std::size_t>(error)];
}

/// The meaning in words, for the end of an error message: "the connection was reset by the peer".
constexpr std::string_view sentence(Error error) noexcept {
    constexpr std::string_view sentences[] = {"no error",
                                              "the operation was canceled",
                                              "the connection was reset by the peer",
                                              "the connection can no longer send",
                                              "the connection was refused",
                                              "the host cannot be reached",
                                              "the peer did not answer in time",
                                              "the system has no buffer space left",
                                              "the limit on open sockets is reached",
                                              "the address is already in use",
                                              "the address is not one of this machine's",
                                              "the system does not permit it",
                                              "the system does not support it",
                                              "the request is malformed",
                                              "there is nothing to receive yet",
                                              "the system reported an error of its own"};
    static_assert(std::size(sentences) == error_count);
    return sentences[static_cast<std::size_t>(error)];
}

/// Whether the error is a shortage of the system, so that the same operation may succeed later.
constexpr bool is_resource_shortage(Error error) noexcept {
    return error == Error::no_buffers || error == Error::too_many_handles;
}

/// The std::error_category of Error. There is one object of it per program.
inline const std::error_category& error_category() noexcept {
    class Category final : public std::error_category {
        const char* name() const noexcept override { return "drydock"; }
        std::string message(int value) const override {
            if (value < 0 || value >= error_count) return "an unknown drydock error";
            return std::string(sentence(static_cast<Error>(value)));
        }
    };
    static const Category category;
    return category;
}

/// What the conversion of an Error to std::error_code calls. The category is error_category().
inline std::error_code make_error_code(Error error) noexcept {
    return {static_cast<int>(error), error_category()};
}

}  // namespace drydock

/// An Error converts to std::error_code by itself, and compares with one.
template <>
struct std::is_error_code_enum<drydock::Error> : std::true_type {};

// The translation of errno into errors.
#include "platform/common/error_linux.hpp"

#include <cerrno>

namespace drydock::platform {
namespace {

/// The plain meaning of a code, whatever it was that failed.
Error meaning(int code) noexcept {
    switch (code) {
        case 0:
            return Error::ok;
        case ECANCELED:
            return Error::canceled;
        case ECONNRESET:
        case ECONNABORTED:
            return Error::reset;
        case EPIPE:
        case ENOTCONN:
        case ESHUTDOWN:
            return Error::broken;
        case ECONNREFUSED:
            return Error::refused;
        case ENETUNREACH:
        case EHOSTUNREACH:
        case ENETDOWN:
        case EHOSTDOWN:
        case ENONET:
            return Error::unreachable;
        case ETIMEDOUT:
            return Error::timed_out;
        case ENOBUFS:
        case ENOMEM:
        case ENOSPC:  // epoll's limit on what one user may watch
            return Error::no_buffers;
        case EMFILE:
        case ENFILE:
            return Error::too_many_handles;
        case EADDRINUSE:
            return Error::address_in_use;
        case EADDRNOTAVAIL:
            return Error::address_not_available;
        case EACCES:
        case EPERM:
            return Error::access_denied;
        case EAFNOSUPPORT:
        case EPROTONOSUPPORT:
        case EOPNOTSUPP:
        case ENOPROTOOPT:
            return Error::not_supported;
        case EINVAL:
            return Error::invalid_argument;
        default:
            return Error::unknown;
    }
}

/// Linux reports by accept() what went wrong with the connection that it would have given
/// (accept(2)), so all but a shortage is that one connection's error and says nothing of the
/// listener.
Error meaning_for_accept(Error error) noexcept {
    return error == Error::ok || is_resource_shortage(error) ? error : Error::reset;
}

/// A connection that exists is not unreachable: the system gave up sending to it. And a receive
/// cannot find sending over; Linux says EPIPE when the reset comes after the end of the stream.
Error meaning_for_receive(Error error) noexcept {
    if (error == Error::unreachable) {
        return Error::timed_out;
    }
    return error == Error::broken ? Error::reset : error;
}

Error meaning_for_send(Error error) noexcept {
    return error == Error::unreachable ? Error::timed_out : error;
}

/// A connection that was never made cannot have ended sending.
Error meaning_for_connect(Error error) noexcept {
    return error == Error::broken ? Error::reset : error;
}

}  // namespace

Error translate(int code, OperationKind kind) noexcept {
    const Error error = meaning(code);
    switch (kind) {
        case OperationKind::accept:
            return meaning_for_accept(error);
        case OperationKind::receive:
            return meaning_for_receive(error);
        case OperationKind::send:
            return meaning_for_send(error);
        case OperationKind::connect:
            return meaning_for_connect(error);
        default:
            return error;
    }
}

// EWOULDBLOCK is the same number on every Linux.
bool would_block(int code) noexcept { return code == EAGAIN; }

bool interrupted(int code) noexcept { return code == EINTR; }

bool in_progress(int code) noexcept { return code == EINPROGRESS; }

bool unknown_call(int code) noexcept { return code == ENOSYS || code == EPERM; }

}  // namespace drydock::platform

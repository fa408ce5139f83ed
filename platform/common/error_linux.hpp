// Translates errno into errors. No other file of the Linux backends interprets a system error code.
#pragma once

#include <drydock/error.hpp>
#include <drydock/operation.hpp>

namespace drydock::platform {

/// The portable error that a call made for an operation of this kind ended with. `none` stands for
/// calls that belong to no operation (listen).
Error translate(int code, OperationKind kind) noexcept;

/// The result with both errors in it; a success for code 0.
inline Result failure(int code, OperationKind kind) noexcept {
    return Result::failure(translate(code, kind), code);
}

/// Not an error: the call has to wait for readiness.
bool would_block(int code) noexcept;

/// Not an error: a signal came first; call again.
bool interrupted(int code) noexcept;

/// Not an error: the connection is being made.
bool in_progress(int code) noexcept;

/// The kernel is older than the call, or a container's filter does not know it.
bool unknown_call(int code) noexcept;

}  // namespace drydock::platform

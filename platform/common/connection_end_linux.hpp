// Remembers how a connection ended.
//
// The kernel reports a reset once, to whichever direction asks first. After that it reports an
// orderly end to receives and EPIPE to sends. This class makes the reset permanent for both
// directions.
#pragma once

#include <cstdint>

#include <drydock/operation.hpp>

#include "platform/common/error_linux.hpp"

namespace drydock::platform {

/// Not locked.
class ConnectionEnd {
public:
    /// Whether the end of the stream was delivered: it repeats.
    bool stream_has_ended() const noexcept { return stream_ended_; }

    /// Whether a reset or a similar failure was reported.
    bool is_fatal() const noexcept { return fatal_ != Error::ok; }

    /// What a receive gives that found the end of the stream.
    Result end_of_stream() noexcept {
        stream_ended_ = !is_fatal();
        return stream_ended_ ? Result::success() : Result::failure(fatal_, code_);
    }

    /// What a receive or a send gives that failed with this code.
    Result failed(int code, OperationKind kind) noexcept {
        const Result result = failure(code, kind);
        if (result.error == Error::reset || result.error == Error::timed_out) {
            fatal_ = result.error;
            code_ = result.native;
        }
        const bool known_better =
            kind == OperationKind::send && result.error == Error::broken && is_fatal();
        return known_better ? Result::failure(fatal_, code_) : result;
    }

private:
    Error fatal_ = Error::ok;
    bool stream_ended_ = false;
    std::int32_t code_ = 0;
};

}  // namespace drydock::platform

// Remembers how a connection's stream ended for its receiver. Once a receive has reported the end,
// all later receives report the same end, whatever the system says next.
#pragma once

#include <drydock/operation.hpp>

namespace drydock::platform {

class StreamEnd {
public:
    /// The result to report for a receive that gave this one. (Windows may report a reset after the
    /// end of the stream, and Wine forgets a reset after a receive with an empty buffer.)
    /// `wants_bytes`: whether 0 bytes mean the end; with an empty buffer they do not.
    Result repeated(const Result& result, bool wants_bytes) noexcept {
        if (result.error == Error::canceled || result.bytes > 0) {
            return result;
        }
        if (ended_) {
            return Result::success();
        }
        if (!cut_off_.ok()) {
            return cut_off_;
        }
        ended_ = result.ok() && wants_bytes;
        if (result.error == Error::reset || result.error == Error::timed_out) {
            cut_off_ = result;
        }
        return result;
    }

private:
    bool ended_ = false;
    Result cut_off_;
};

}  // namespace drydock::platform

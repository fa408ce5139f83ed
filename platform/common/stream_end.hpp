// Remembers how a connection's stream ended for its receiver. Once a receive has reported the end,
// all later receives report the same end, whatever the system says next.
#pragma once

#include <drydock/operation.hpp>

namespace drydock::platform {

class StreamEnd {
public:
    /// What is to be told of a receive that gave this. (Windows may tell of a reset after the end,
    /// and Wine, asked with an empty buffer, forgets a reset.) `wants_bytes`: whether 0 bytes mean
    /// the end, as they do not with an empty buffer.
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

// Words that the scenarios' failures and outcomes share.
#pragma once

#include <string>

#include <drydock/error.hpp>
#include <drydock/time.hpp>

namespace drydock::sim {

/// "100 ms".
inline std::string in_ms(Duration span) {
    return std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(span).count()) +
           " ms";
}

/// How a client's stream ended, for outcomes and failures alike.
inline std::string ending_text(Error error) {
    if (error == Error::ok) return "the end of the stream";
    return "an error (" + std::string(sentence(error)) + ")";
}

}  // namespace drydock::sim

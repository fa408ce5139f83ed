// Words that the scenarios' failures and outcomes share.
#pragma once

#include <string>
#include <vector>

#include <drydock/error.hpp>
#include <drydock/time.hpp>

namespace drydock::sim {

/// "100 ms".
inline std::string in_ms(Duration span) {
    return std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(span).count()) +
           " ms";
}

/// The texts with "; " between them.
inline std::string joined(const std::vector<std::string>& texts) {
    std::string all;
    for (const std::string& text : texts) all += (all.empty() ? "" : "; ") + text;
    return all;
}

/// How a client's stream ended, for outcomes and failures alike.
inline std::string ending_text(Error error) {
    if (error == Error::ok) return "the end of the stream";
    return "an error (" + std::string(sentence(error)) + ")";
}

}  // namespace drydock::sim

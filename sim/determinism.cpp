// Comparing two runs by the marks of their completions.
#include "sim/determinism.hpp"

#include <algorithm>

namespace drydock::sim {
namespace {

std::string tell(const Mark& mark) {
    std::string text(name(mark.kind));
    if (mark.connection != 0) {
        text += " on connection " + std::to_string(mark.connection) +
                (mark.accepted ? " (accepted side)" : " (connecting side)");
    }
    return text + ": " + std::string(name(mark.error)) + ", " + std::to_string(mark.bytes) +
           " bytes, at " + std::to_string(mark.at.count() / 1000) + " us";
}

bool look_alike(const Mark& one, const Mark& other) noexcept {
    return one.kind == other.kind && one.connection == other.connection &&
           one.error == other.error && one.bytes == other.bytes && one.at == other.at &&
           one.accepted == other.accepted;
}

}  // namespace

std::string first_difference(const Report& one, const Report& other) {
    const auto [here, there] =
        std::mismatch(one.marks.begin(), one.marks.end(), other.marks.begin(), other.marks.end(),
                      [](const Mark& a, const Mark& b) { return a.digest == b.digest; });
    const auto number = std::to_string(here - one.marks.begin() + 1);
    if (here != one.marks.end() && there != other.marks.end()) {
        const std::string what = "at completion " + number + ": " + tell(*here);
        if (!look_alike(*here, *there)) return what + "; the second time " + tell(*there);
        return what + "; it came both times, with other bytes or after other choices";
    }
    if (here != one.marks.end() || there != other.marks.end()) {
        const bool first_ended = here == one.marks.end();
        return "before completion " + number + ": the " + (first_ended ? "first" : "second") +
               " run had ended there; the other went on with " + tell(first_ended ? *there : *here);
    }
    if (one.property != other.property) {
        const auto verdict = [](const Report& report) {
            return report.property.empty() ? std::string("nothing") : "'" + report.property + "'";
        };
        return "all completions are the same, but the first time " + verdict(one) +
               " was broken, and the second time " + verdict(other);
    }
    if (one.digest == other.digest) return {};
    return "after the last completion: the choices differ";
}

}  // namespace drydock::sim

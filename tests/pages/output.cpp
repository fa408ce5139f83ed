// Lines that agree, and lines that are left out.
#include "tests/pages/output.hpp"

#include <algorithm>
#include <regex>

namespace drydock::pages {
namespace {

const std::string left_out = "...";

/// The line without what another machine or another version of drydock prints in other words.
std::string comparable(const std::string& line) {
    static const std::regex duration(R"( *\d+\.\d+ (s|sec|million a second)\b)");
    static const std::regex own_source(R"(( (src|sim|include)/[\w./]+pp):\d+)");
    static const std::regex failed(R"( FAILED in \d+ of (\d+) seeds, first in seed \d+)");
    const std::string text = std::regex_replace(line, failed, " FAILED in # of $1 seeds");
    return std::regex_replace(std::regex_replace(text, duration, " # $1"), own_source, "$1:#");
}

bool agree(const std::string& shown, const std::string& real) {
    return shown == real || comparable(shown) == comparable(real);
}

/// From these lines on; the remaining ones are few, so trying each place is quick enough.
bool agree_from(const Lines& shown, std::size_t i, const Lines& real, std::size_t k) {
    for (; i < shown.size(); ++i, ++k) {
        if (shown[i] == left_out) {
            for (; k <= real.size(); ++k) {
                if (agree_from(shown, i + 1, real, k)) return true;
            }
            return false;
        }
        if (k == real.size() || !agree(shown[i], real[k])) return false;
    }
    return k == real.size();
}

/// The parts between the lines "...".
std::vector<Lines> parts_of(const Lines& shown) {
    std::vector<Lines> parts(1);
    for (const std::string& line : shown) {
        if (line == left_out) {
            parts.emplace_back();
        } else {
            parts.back().push_back(line);
        }
    }
    return parts;
}

std::size_t same_beginning(const std::string& a, const std::string& b) {
    const auto [end, unused] = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
    return static_cast<std::size_t>(end - a.begin());
}

/// The line of `real`, from `begin` up to `end`, that begins most like this one.
std::size_t most_like(const std::string& line, const Lines& real, std::size_t begin,
                      std::size_t end) {
    std::size_t best = begin;
    for (std::size_t i = begin; i < end; ++i) {
        if (same_beginning(line, real[i]) > same_beginning(line, real[best])) best = i;
    }
    return best;
}

}  // namespace

bool is_shown_by(const Lines& shown, const Lines& real) { return agree_from(shown, 0, real, 0); }

Lines updated(const Lines& shown, const Lines& real) {
    if (is_shown_by(shown, real)) return shown;
    const std::vector<Lines> parts = parts_of(shown);
    if (parts.size() == 1) return real;
    Lines result;
    std::size_t next = 0;  // line of `real`
    std::size_t lines_left = shown.size() - (parts.size() - 1);
    for (std::size_t i = 0; i < parts.size(); ++i) {
        const std::size_t size = parts[i].size();
        if (next + lines_left > real.size()) return real;  // it has become shorter
        if (i > 0) result.push_back(left_out);
        if (i > 0 && size > 0) {
            const std::size_t last = real.size() - lines_left;
            next = i + 1 == parts.size() ? last : most_like(parts[i][0], real, next, last + 1);
        }
        const auto begin = real.begin() + static_cast<std::ptrdiff_t>(next);
        result.insert(result.end(), begin, begin + static_cast<std::ptrdiff_t>(size));
        next += size;
        lines_left -= size;
    }
    return result;
}

}  // namespace drydock::pages

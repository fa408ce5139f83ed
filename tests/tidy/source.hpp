// A source file as the tidy rules see it: its lines, and the same lines with everything blanked out
// that is not code. Not a parser: just enough of the language that a word in a comment or in a
// string is not taken for a call.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace drydock::tidy {

struct Source {
    // `path` is relative to the root of the repository, with '/' between its parts.
    Source(std::string path, std::string_view text);

    bool is_under(std::string_view folder) const;

    std::string path;
    std::vector<std::string> lines;
    // lines[i] with comments and the insides of string and character literals turned into spaces.
    std::vector<std::string> code;
};

// Where `word` stands in `code` as a whole word, at or after `from`; std::string_view::npos if
// nowhere. An end of `word` that is no letter, digit or underscore may touch anything.
std::size_t find_word(std::string_view code, std::string_view word, std::size_t from = 0);

std::string_view trimmed(std::string_view text);

// All C++ sources of the repository at `root`, in the order of their paths.
std::vector<Source> read_tree(const std::string& root);

}  // namespace drydock::tidy

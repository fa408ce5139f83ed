// The rules that every source file of the repository is held to, by an ordinary test: who may
// include whom, what would escape the simulator, and what is banned for a reason of its own.
//
// A rule is a function from a file to findings, and carries an example that breaks it, so that a
// rule which cannot fail does not pass its own test. Where a rule is wrong for once, the line says
// so:
//
//     value = legacy(); // tidy: allow(banned-call) because the reason stands here
#pragma once

#include <cstddef>
#include <iosfwd>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tests/tidy/source.hpp"

namespace drydock::tidy {

struct Finding {
    std::string path;
    std::size_t line = 0;  // counted from 1
    std::string rule;
    std::string advice;  // what is wrong, and what to write instead
};

std::string describe(const Finding& finding);

struct Rule {
    std::string_view name;
    void (*check)(const Source& source, std::vector<Finding>& findings);
    // A file that breaks the rule, and one close to it that does not.
    std::string_view path;
    std::string_view bad;
    std::string_view good;
};

// How GoogleTest prints the rule that a test was run with.
void PrintTo(const Rule& rule, std::ostream* out);

// A banned word of one of the rules. Each one is tested by itself.
struct Ban {
    enum class Kind {
        word,           // wherever it stands as a whole word
        call,           // only as a call of a free function: `time(0)`, but not `queue.time(0)`
        include,        // as the name in an #include
        unowned_memory  // as a word, but not in `= delete`, `operator new` or placement new
    };

    std::string_view rule;
    Kind kind = Kind::word;
    std::string_view word;
    std::string_view instead;
    std::string_view example;
};

std::span<const Rule> all_rules();
std::span<const Ban> all_bans();

// The findings of one rule in one file, without those that the file allows itself with a reason.
std::vector<Finding> apply(const Rule& rule, const Source& source);

// Headers that no file includes. A property of the whole tree, hence no Rule.
std::vector<Finding> find_dead_headers(std::span<const Source> sources);

}  // namespace drydock::tidy

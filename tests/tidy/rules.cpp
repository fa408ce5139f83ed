// The rules by name, and how a ban is looked for in a line. See rules.hpp.

#include "tests/tidy/rules.hpp"

#include <algorithm>
#include <cctype>
#include <iterator>
#include <optional>
#include <ostream>

#include "tests/tidy/functions.hpp"
#include "tests/tidy/includes.hpp"

namespace drydock::tidy {
namespace {

constexpr std::size_t nowhere = std::string_view::npos;
constexpr std::size_t longest_line = 100;

std::string_view last_characters(std::string_view text, std::size_t count) {
    return text.substr(text.size() - std::min(count, text.size()));
}

bool ends_with(std::string_view text, std::string_view end) {
    return last_characters(text, end.size()) == end;
}

bool ends_in_name(std::string_view text) {
    return !text.empty() && (std::isalnum(static_cast<unsigned char>(text.back())) != 0 ||
                             text.back() == '_' || text.back() == '>');
}

// `before` is what stands in the line before a word, `after` what stands behind it.
bool is_free_call(std::string_view before, std::string_view after) {
    const std::string_view left = trimmed(before);
    const bool member = ends_with(left, ".") || ends_with(left, "->");
    const bool of_a_class = ends_with(left, "::") && !ends_with(left, "std::") &&
                            ends_in_name(left.substr(0, left.size() - 2));
    // `Time time(int)` declares; `return time(0)` calls.
    const bool declared =
        (ends_in_name(left) || ends_with(left, "*")) && !member && !ends_with(left, "return");
    return !member && !of_a_class && !declared && trimmed(after).substr(0, 1) == "(";
}

bool is_unowned_memory(std::string_view before, std::string_view after) {
    const std::string_view left = trimmed(before);
    const std::string_view right = trimmed(after);
    const bool placement = right.substr(0, 1) == "(" || ends_with(left, "::");
    return !ends_with(left, "=") ? !ends_with(left, "operator") && !placement
                                 : right.substr(0, 1) != ";" && !placement;
}

bool is_banned_at(const Ban& ban, std::string_view code, std::size_t at) {
    const std::string_view before = code.substr(0, at);
    const std::string_view after = code.substr(at + ban.word.size());
    switch (ban.kind) {
        case Ban::Kind::call:
            return is_free_call(before, after);
        case Ban::Kind::unowned_memory:
            return is_unowned_memory(before, after);
        case Ban::Kind::word:
        case Ban::Kind::include:
            break;
    }
    return true;
}

bool breaks(const Ban& ban, const Source& source, std::size_t line_index) {
    const std::optional<std::string_view> included = included_name(source, line_index);
    if (included || ban.kind == Ban::Kind::include) {
        return included && ban.kind == Ban::Kind::include && *included == ban.word;
    }
    const std::string_view code = source.code[line_index];
    for (std::size_t at = find_word(code, ban.word); at != nowhere;
         at = find_word(code, ban.word, at + 1)) {
        if (is_banned_at(ban, code, at)) {
            return true;
        }
    }
    return false;
}

void check_bans(std::string_view rule, const Source& source, std::vector<Finding>& findings) {
    for (std::size_t i = 0; i < source.code.size(); ++i) {
        for (const Ban& ban : all_bans()) {
            if (ban.rule == rule && breaks(ban, source, i)) {
                findings.push_back({source.path, i + 1, std::string(rule),
                                    "`" + std::string(ban.word) + "` is banned here; use " +
                                        std::string(ban.instead)});
            }
        }
    }
}

// The programs, their command lines, and the simulator's tool, which is a program's main part.
bool is_program(const Source& source) {
    return source.is_under("src/apps") || source.is_under("src/cli") || source.is_under("sim/tool");
}

// What runs the simulator in tests: it starts threads, and reads the environment.
bool is_around_tests(const Source& source) { return source.is_under("sim/harness"); }

// The farms, which start processes and threads around the simulator and have clocks for that.
bool is_farming(const Source& source) { return source.is_under("sim/farming"); }

// What takes the place of the system's threads, clocks, random numbers and memory; and what tells
// the explorer, of which each thread may have one, about monitors.
bool is_beneath_programs(const Source& source) {
    return source.is_under("sim/program") || source.path == "sim/memory.hpp" ||
           source.path == "src/runtime/monitor.cpp";
}

// Asio's face. It has what belongs to threads of a program, and in a real one starts some.
bool is_face(const Source& source) {
    return source.is_under("src/asio") || source.is_under("include/drydock/asio");
}

// What the simulator runs: it must own every source of nondeterminism in there.
bool is_simulated(const Source& source) {
    return !is_program(source) && !is_around_tests(source) && !is_farming(source) &&
           !is_beneath_programs(source) && !is_face(source) &&
           (source.is_under("include") || source.is_under("sim") || source.is_under("src"));
}

void check_escapes(const Source& source, std::vector<Finding>& findings) {
    if (is_simulated(source)) {
        check_bans("outside-the-contract", source, findings);
    }
}

void check_order(const Source& source, std::vector<Finding>& findings) {
    if (source.is_under("sim") || source.is_under("include/drydock/sim")) {
        check_bans("library-dependent-order", source, findings);
    }
}

void check_banned_calls(const Source& source, std::vector<Finding>& findings) {
    // The textbook's programs are kept as they are, mistakes included; and a program that the
    // simulator's tests run uses memory as programs do.
    if (!source.is_under("tests/seed_programs") && !source.is_under("tests/programs")) {
        check_bans("banned-call", source, findings);
    }
}

void check_output(const Source& source, std::vector<Finding>& findings) {
    if (is_simulated(source) || source.is_under("platform")) {
        check_bans("output-belongs-to-apps", source, findings);
    }
}

void check_checked_output(const Source& source, std::vector<Finding>& findings) {
    if (is_program(source)) check_bans("output-is-checked", source, findings);
}

void check_compiler_traps(const Source& source, std::vector<Finding>& findings) {
    // Simulated programs use all of the library, and are no coroutines.
    if (!source.is_under("tests/program")) check_bans("compiler-trap", source, findings);
    for (std::size_t i = 0; i < source.code.size(); ++i) {
        const std::string_view code = source.code[i];
        const std::size_t await = code.find("co_await (");
        if (await != nowhere && code.find(" ? ", await) != nowhere) {
            findings.push_back({source.path, i + 1, "compiler-trap",
                                "`co_await (a ? b : c)` destroys its operand twice under GCC 12; "
                                "use an if with two awaits"});
        }
    }
}

void check_static_state(const Source& source, std::vector<Finding>& findings) {
    for (std::size_t i = 0; is_simulated(source) && i < source.code.size(); ++i) {
        const std::string_view code = trimmed(source.code[i]);
        const std::string_view declared = code.substr(0, code.find_first_of("=;{"));
        const bool is_variable =
            code.substr(0, 7) == "static " && declared != code && declared.find('(') == nowhere;
        const bool is_constant =
            find_word(declared, "const") != nowhere || find_word(declared, "constexpr") != nowhere;
        if (is_variable && !is_constant) {
            findings.push_back({source.path, i + 1, "static-mutable-state",
                                "a static variable lives on from one simulated run to the next; "
                                "use a member of the object that owns the state, or constexpr"});
        }
    }
}

void check_line_length(const Source& source, std::vector<Finding>& findings) {
    for (std::size_t i = 0; i < source.lines.size(); ++i) {
        const std::string& line = source.lines[i];
        const auto columns = std::count_if(line.begin(), line.end(), [](char c) {
            return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;  // no UTF-8 continuation
        });
        if (static_cast<std::size_t>(columns) > longest_line) {
            findings.push_back({source.path, i + 1, "line-length",
                                std::to_string(columns) + " columns; break the line, " +
                                    std::to_string(longest_line) + " is the end"});
        }
    }
}

void check_opening_comment(const Source& source, std::vector<Finding>& findings) {
    constexpr std::size_t shortest = 20;  // a name alone says nothing
    const std::string_view first = source.lines.empty() ? "" : std::string_view(source.lines[0]);
    if (first.substr(0, 3) != "// " || first.size() < shortest) {
        findings.push_back({source.path, 1, "opening-comment",
                            "the file must open with a // comment that says what it does, and why "
                            "it exists"});
    }
}

const std::string too_long_line = "// " + std::string(longest_line, 'x') + "\n";
const std::string full_line = "// " + std::string(longest_line - 3, 'x') + "\n";
const std::string too_long_function = [] {
    std::string text = "void f() {\n";
    for (std::size_t i = 0; i < longest_function - 1; ++i) {
        text += "g();\n";
    }
    return text + "}\n";
}();
const std::string full_function = [] {
    std::string text = too_long_function;
    return text.erase(text.find("g();\n"), 5);
}();

const Rule rules[] = {
    {"layers", check_layers, "src/echo/server.cpp", "#include \"src/chat/room.hpp\"\n",
     "#include \"src/echo/server.hpp\"\n"},
    {"os-headers", check_os_headers, "sim/world.cpp", "#include <sys/socket.h>\n",
     "#include <vector>\n"},
    {"outside-the-contract", check_escapes, "sim/world.cpp", "int n = std::rand();\n",
     "int n = choices.rand();\n"},
    {"library-dependent-order", check_order, "sim/world.cpp", "std::unordered_map<int, int> m;\n",
     "std::map<int, int> m;\n"},
    {"banned-call", check_banned_calls, "tests/unit/x.cpp", "int n = std::atoi(text);\n",
     "int n = reader.atoi(text);\n"},
    {"output-belongs-to-apps", check_output, "src/echo/server.cpp", "std::cout << 1;\n",
     "// std::cout << 1;\n"},
    {"output-is-checked", check_checked_output, "src/apps/drydock/x.cpp", "fmt::print(text);\n",
     "print(text);\n"},
    {"compiler-trap", check_compiler_traps, "src/echo/server.cpp",
     "auto n = co_await (quick ? f() : g());\n", "auto n = co_await f(quick ? 1 : 2);\n"},
    {"static-mutable-state", check_static_state, "src/echo/server.cpp", "static int count = 0;\n",
     "static constexpr int count = 0;\n"},
    {"line-length", check_line_length, "src/echo/server.cpp", too_long_line, full_line},
    {"function-length", check_function_length, "src/echo/server.cpp", too_long_function,
     full_function},
    {"opening-comment", check_opening_comment, "src/echo/server.cpp", "#pragma once\n",
     "// Says what the file does.\n"},
};

// `tidy: allow(rule) reason`, in the line itself; without a reason nothing is allowed.
bool is_allowed(const Source& source, const Finding& finding) {
    if (finding.line > source.lines.size()) {
        return false;
    }
    const std::string_view line = source.lines[finding.line - 1];
    const std::string marker = "// tidy: allow(" + finding.rule + ")";
    const std::size_t at = line.find(marker);
    return at != nowhere && !trimmed(line.substr(at + marker.size())).empty();
}

}  // namespace

std::string describe(const Finding& finding) {
    return finding.path + ":" + std::to_string(finding.line) + ": " + finding.rule + ": " +
           finding.advice;
}

void PrintTo(const Rule& rule, std::ostream* out) { *out << rule.name; }

std::span<const Rule> all_rules() { return rules; }

std::vector<Finding> apply(const Rule& rule, const Source& source) {
    std::vector<Finding> findings;
    rule.check(source, findings);
    findings.erase(std::remove_if(findings.begin(), findings.end(),
                                  [&](const Finding& found) { return is_allowed(source, found); }),
                   findings.end());
    return findings;
}

namespace {

// As files include it: from the root of the repository, from include/, or from the root of one of
// the projects in examples/ and tests/examples.
std::string name_in_includes(const Source& header) {
    for (const std::string_view root :
         {"include", "tests/examples/lines", "tests/examples/hosts", "examples/proxy"}) {
        if (header.is_under(root)) return header.path.substr(root.size() + 1);
    }
    return header.path;
}

}  // namespace

std::vector<Finding> find_dead_headers(std::span<const Source> sources) {
    std::vector<Finding> findings;
    for (const Source& header : sources) {
        // Found by compilers: by a forced include, and by an include folder of Beast's examples.
        if (ends_with(header.path, "asio_replace.hpp")) continue;
        if (header.is_under("tests/beast_examples/trusted")) continue;
        const bool is_header = ends_with(header.path, ".hpp") || ends_with(header.path, ".ipp") ||
                               ends_with(header.path, ".h");
        const std::string name = name_in_includes(header);
        const bool is_used = std::any_of(sources.begin(), sources.end(), [&](const Source& user) {
            for (std::size_t i = 0; i < user.lines.size(); ++i) {
                if (included_name(user, i) == name) {
                    return true;
                }
            }
            return false;
        });
        if (is_header && !is_used) {
            findings.push_back({header.path, 1, "dead-header",
                                "no file includes it; use it in one, at least in a test, or "
                                "delete it"});
        }
    }
    return findings;
}

}  // namespace drydock::tidy

// Finds functions by their braces and measures them. A scan, not a parser: a brace opens a function
// if the text before it has a parameter list and is no namespace, class or enum. Lambdas and local
// classes count as lines of the function around them.

#include "tests/tidy/functions.hpp"

#include <string>

namespace drydock::tidy {
namespace {

// What stands before a brace, with template parameter lists taken out: they may contain `class`.
std::string without_templates(std::string head) {
    for (std::size_t at = find_word(head, "template"); at != std::string::npos;
         at = find_word(head, "template")) {
        std::size_t end = head.find('<', at);
        int depth = 0;
        while (end < head.size()) {
            depth += head[end] == '<' ? 1 : head[end] == '>' ? -1 : 0;
            ++end;
            if (depth == 0) {
                break;
            }
        }
        head.erase(at, end - at);
    }
    return head;
}

bool opens_function(const std::string& head) {
    const std::string plain = without_templates(head);
    for (const char* word : {"namespace", "class", "struct", "union", "enum", "extern"}) {
        // `struct` inside a parameter list is a type; before it, it is what the brace opens.
        if (find_word(plain.substr(0, plain.find('(')), word) != std::string::npos) {
            return false;
        }
    }
    return plain.find(')') != std::string::npos;
}

class Scanner {
public:
    Scanner(const Source& source, std::vector<Finding>& findings)
        : source_(source), findings_(findings) {}

    void run() {
        bool continued = false;  // the line before was a preprocessor line that ends in a backslash
        for (line_ = 0; line_ < source_.code.size(); ++line_) {
            const std::string_view code = trimmed(source_.code[line_]);
            const bool directive = continued || (!code.empty() && code.front() == '#');
            continued = directive && !code.empty() && code.back() == '\\';
            for (std::size_t i = 0; !directive && i < code.size(); ++i) {
                take(code, i);
            }
            head_ += ' ';
        }
    }

private:
    void take(std::string_view code, std::size_t at) {
        if (code[at] == '{') {
            open();
        } else if (code[at] == '}') {
            close(code, at);
        } else if (code[at] == ';') {
            head_.clear();
        } else {
            head_ += code[at];
        }
    }

    void open() {
        if (inside_ > 0 || opens_function(head_)) {
            if (inside_++ == 0 && !resumed_) {
                first_line_ = line_;
            }
        }
        resumed_ = false;
        head_.clear();
    }

    void close(std::string_view code, std::size_t at) {
        head_.clear();
        if (inside_ == 0 || --inside_ > 0) {
            return;
        }
        // `: first_{1}, second_{2} {`: a member's braces, and the function goes on after them.
        const std::string_view rest = trimmed(code.substr(at + 1));
        const std::string_view next =
            line_ + 1 < source_.code.size() ? trimmed(source_.code[line_ + 1]) : "";
        const std::string_view follows = rest.empty() ? next : rest;
        if (!follows.empty() && (follows.front() == ',' || follows.front() == '{')) {
            resumed_ = true;
            head_ = "()";  // still a function, whatever the next brace stands behind
            return;
        }
        const std::size_t length = line_ - first_line_ + 1;
        if (length > longest_function) {
            findings_.push_back({source_.path, first_line_ + 1, "function-length",
                                 "a function of " + std::to_string(length) + " lines; split it, " +
                                     std::to_string(longest_function) + " is the end"});
        }
    }

    const Source& source_;
    std::vector<Finding>& findings_;
    std::size_t line_ = 0;
    std::size_t first_line_ = 0;
    std::size_t inside_ = 0;  // braces open since the function's first
    bool resumed_ = false;
    std::string head_;  // what has been read since the last ';', '{' or '}'
};

}  // namespace

void check_function_length(const Source& source, std::vector<Finding>& findings) {
    Scanner(source, findings).run();
}

}  // namespace drydock::tidy

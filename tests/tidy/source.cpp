// Reads source files and blanks out what is not code in them. See source.hpp.

#include "tests/tidy/source.hpp"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace drydock::tidy {
namespace {

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

std::vector<std::string> split_lines(std::string_view text) {
    std::vector<std::string> lines;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        lines.emplace_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return lines;
}

// Copies a text while turning comments and the insides of literals into spaces.
class Blanker {
public:
    explicit Blanker(std::string_view text) : text_(text) { out_.reserve(text.size()); }

    std::string run() {
        while (at_ < text_.size()) {
            if (looks_at("//")) {
                blank_until(text_.find('\n', at_));
            } else if (looks_at("/*")) {
                blank_until(after(text_.find("*/", at_ + 2), 2));
            } else if (looks_at("R\"") && !follows_word()) {
                raw_string();
            } else if (text_[at_] == '"' || (text_[at_] == '\'' && !follows_word())) {
                literal(text_[at_]);
            } else {
                out_ += text_[at_++];
            }
        }
        return std::move(out_);
    }

private:
    bool looks_at(std::string_view what) const { return text_.substr(at_, what.size()) == what; }

    // True in 1'000 and u8R"(": a quote that belongs to the word before it.
    bool follows_word() const { return at_ > 0 && is_word(text_[at_ - 1]); }

    std::size_t after(std::size_t found, std::size_t length) const {
        return found == std::string_view::npos ? text_.size() : found + length;
    }

    void blank_until(std::size_t end) {
        for (end = std::min(end, text_.size()); at_ < end; ++at_) {
            out_ += text_[at_] == '\n' ? '\n' : ' ';
        }
    }

    void raw_string() {
        const std::size_t open = text_.find('(', at_);
        const std::string close =
            ")" + std::string(text_.substr(at_ + 2, after(open, 0) - at_ - 2)) + "\"";
        blank_until(after(text_.find(close, at_), close.size()));
    }

    void literal(char quote) {
        std::size_t end = at_ + 1;
        while (end < text_.size() && text_[end] != quote && text_[end] != '\n') {
            end += text_[end] == '\\' ? 2U : 1U;
        }
        out_ += text_[at_++];
        blank_until(end);
        if (at_ < text_.size() && text_[at_] == quote) {
            out_ += text_[at_++];
        }
    }

    std::string_view text_;
    std::size_t at_ = 0;
    std::string out_;
};

std::string read_file(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

}  // namespace

Source::Source(std::string path_, std::string_view text)
    : path(std::move(path_)), lines(split_lines(text)), code(split_lines(Blanker(text).run())) {}

bool Source::is_under(std::string_view folder) const {
    return path.size() > folder.size() && path.compare(0, folder.size(), folder) == 0 &&
           path[folder.size()] == '/';
}

std::size_t find_word(std::string_view code, std::string_view word, std::size_t from) {
    for (std::size_t at = code.find(word, from); at != std::string_view::npos;
         at = code.find(word, at + 1)) {
        const std::size_t end = at + word.size();
        const bool starts = at == 0 || !is_word(word.front()) || !is_word(code[at - 1]);
        const bool ends = end == code.size() || !is_word(word.back()) || !is_word(code[end]);
        if (starts && ends) {
            return at;
        }
    }
    return std::string_view::npos;
}

std::string_view trimmed(std::string_view text) {
    const std::size_t first = text.find_first_not_of(" \t\r");
    if (first == std::string_view::npos) {
        return {};
    }
    return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

std::vector<Source> read_tree(const std::string& root) {
    namespace fs = std::filesystem;
    std::vector<Source> sources;
    for (const char* folder : {"include", "src", "sim", "platform", "tests", "fuzz", "bench"}) {
        const fs::path top = fs::path(root) / folder;
        if (!fs::is_directory(top)) {
            continue;
        }
        for (const auto& entry : fs::recursive_directory_iterator(top)) {
            const fs::path extension = entry.path().extension();
            if (extension == ".hpp" || extension == ".cpp" || extension == ".h" ||
                extension == ".ipp") {
                sources.emplace_back(fs::relative(entry.path(), root).generic_string(),
                                     read_file(entry.path()));
            }
        }
    }
    std::sort(sources.begin(), sources.end(),
              [](const Source& left, const Source& right) { return left.path < right.path; });
    return sources;
}

}  // namespace drydock::tidy

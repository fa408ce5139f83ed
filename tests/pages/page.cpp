// Finding the blocks of a page, and what each is for.
#include "tests/pages/page.hpp"

#include <regex>
#include <utility>

namespace drydock::pages {
namespace {

const std::regex fence_line("```([a-z]*)");
const std::regex file_line("(?:The file )?`([^`]+)`:");
const std::regex append_line("Add to (?:the end of )?`([^`]+)`:");
const std::regex replace_line("(?:.* )?In `([^`]+)`, replace:?");
const std::regex by_line("by:?");
const std::regex status_comment(R"(.*\s# exit status (\d+)\s*)");

struct Block {
    std::size_t line = 0;  // of its first line of text
    std::string language;
    std::string before;  // the last line of text before it
    Lines text;
};

std::string mistake_in(std::size_t line, const std::string& sentence) {
    return "line " + std::to_string(line) + ": " + sentence;
}

/// A block that does not end takes the rest of the page; `mistake` then says so.
std::vector<Block> blocks_of(const Lines& lines, std::string& mistake) {
    std::vector<Block> blocks;
    std::string before;
    bool inside = false;
    for (std::size_t i = 0; i < lines.size(); ++i) {
        std::smatch fence;
        if (inside && lines[i] == "```") {
            inside = false;
            before.clear();
        } else if (inside) {
            blocks.back().text.push_back(lines[i]);
        } else if (std::regex_match(lines[i], fence, fence_line)) {
            inside = true;
            blocks.push_back({i + 2, fence[1], std::exchange(before, {}), {}});
        } else if (!lines[i].empty()) {
            before = lines[i];
        }
    }
    if (inside) mistake = mistake_in(blocks.back().line - 1, "this block has no end");
    return blocks;
}

ShownCommand command_in(std::size_t line, std::string text) {
    ShownCommand command;
    command.line = line;
    command.text = std::move(text);
    std::smatch status;
    if (std::regex_match(command.text, status, status_comment)) {
        command.status = std::stoi(status[1]);
    }
    command.in_background = command.text.ends_with('&');
    return command;
}

class Parser {
public:
    explicit Parser(const Lines& lines) : blocks_(blocks_of(lines, page_.mistake)) {}

    Page parse() {
        while (page_.mistake.empty() && next_ < blocks_.size()) take(blocks_[next_++]);
        return std::move(page_);
    }

private:
    void take(const Block& block) {
        std::smatch name;
        if (block.language == "console") {
            take_commands(block);
        } else if (std::regex_match(block.before, name, file_line)) {
            add({Step::Kind::write, block.line, name[1], text_of(block.text), {}, {}});
        } else if (std::regex_match(block.before, name, append_line)) {
            add({Step::Kind::append, block.line, name[1], text_of(block.text), {}, {}});
        } else if (std::regex_match(block.before, name, replace_line)) {
            take_replacement(block, name[1]);
        } else if (!block.language.empty() && block.language != "text") {
            fail(block, "the line before this block does not say which file it is for");
        }
    }

    void take_replacement(const Block& block, const std::string& file) {
        if (next_ == blocks_.size() || !std::regex_match(blocks_[next_].before, by_line)) {
            return fail(block, "after what is replaced, the page should say 'by' and show a block");
        }
        const Block& new_block = blocks_[next_++];
        add({Step::Kind::replace,
             block.line,
             file,
             text_of(new_block.text),
             text_of(block.text),
             {}});
    }

    void take_commands(const Block& block) {
        Step step{Step::Kind::run, block.line, {}, {}, {}, {}};
        for (std::size_t i = 0; i < block.text.size(); ++i) {
            const std::string& line = block.text[i];
            if (line.starts_with("$ ")) {
                step.commands.push_back(command_in(block.line + i, line.substr(2)));
            } else if (step.commands.empty()) {
                return fail(block, "a console block should begin with a command ('$ ...')");
            } else {
                step.commands.back().output.push_back(line);
            }
        }
        add(std::move(step));
    }

    void add(Step step) { page_.steps.push_back(std::move(step)); }
    void fail(const Block& block, const std::string& sentence) {
        page_.mistake = mistake_in(block.line, sentence);
    }

    Page page_;  // before blocks_, whose making may find a mistake
    std::vector<Block> blocks_;
    std::size_t next_ = 0;
};

}  // namespace

Lines lines_of(std::string_view text) {
    Lines lines;
    while (!text.empty()) {
        const std::size_t end = text.find('\n');
        lines.emplace_back(text.substr(0, end));
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    }
    return lines;
}

std::string text_of(const Lines& lines) {
    std::string text;
    for (const std::string& line : lines) text += line + "\n";
    return text;
}

Page parse_page(const Lines& lines) { return Parser(lines).parse(); }

}  // namespace drydock::pages

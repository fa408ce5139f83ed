// A page of documentation that a reader can follow: the files that it shows and the commands that
// it runs, in the order of the page.
//
// A fenced block is one of these, by its language and by the line of text before it:
//
//   `FILE`:                        the block is the whole file
//   Add to `FILE`:                 the block goes to the end of the file
//   In `FILE`, replace  ... by     the text of the first block, which the file has once, becomes
//                                  that of the second; "In `FILE`, replace" may stand at the end of
//                                  a line, or begin it, and "by" (or "by:") is a line of its own
//   ```console                     commands, each after "$ ", and what they print. The comment
//                                  "# exit status N" at the end of a command says how it ends; a
//                                  command without one ends with 0. A command that ends in "&" runs
//                                  on, and what it prints is waited for.
//   ```text, or no language        only shown
//
// Any other block is a mistake of the page, so that none is left out by a wrong word.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace drydock::pages {

using Lines = std::vector<std::string>;

struct ShownCommand {
    std::size_t line = 0;  ///< of the page, counted from 1
    std::string text;      ///< without "$ "; with its comment
    int status = 0;
    bool in_background = false;
    Lines output;  ///< as the page has it
};

struct Step {
    enum class Kind { write, append, replace, run };
    Kind kind = Kind::run;
    std::size_t line = 0;  ///< of the page: of the block's first line
    std::string file;
    std::string text;      ///< of the file, or what is added or put in
    std::string old_text;  ///< what is replaced
    std::vector<ShownCommand> commands;
};

/// The steps of a page; or `mistake`, one sentence that begins with the line.
struct Page {
    std::vector<Step> steps;
    std::string mistake;
};

Lines lines_of(std::string_view text);
/// Each line with its end.
std::string text_of(const Lines& lines);

Page parse_page(const Lines& lines);

}  // namespace drydock::pages

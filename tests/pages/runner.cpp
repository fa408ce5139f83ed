// The steps of a page, one after the other.
#include "tests/pages/runner.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>

#include "tests/pages/output.hpp"
#include "tests/pages/page.hpp"
#include "tests/support/tcp.hpp"

namespace drydock::pages {
namespace {

std::string replaced(std::string text, const std::string& from, const std::string& to) {
    for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size()) {
        text.replace(at, from.size(), to);
    }
    return text;
}

std::string indented(const Lines& lines) {
    std::string text;
    for (const std::string& line : lines) text += "  | " + line + "\n";
    return text.empty() ? "  (nothing)\n" : text;
}

/// The last thing that a program in the background should print before the page goes on.
std::string awaited_output(const ShownCommand& command) {
    const bool has_any = command.in_background && !command.output.empty();
    return has_any && command.output.back() != "..." ? command.output.back() + "\n" : "";
}

std::optional<std::string> read_file(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) return std::nullopt;
    return std::string{std::istreambuf_iterator<char>(file), {}};
}

/// The port if no program listens on it, otherwise one that is free. 0 is none.
std::uint16_t free_port(std::uint16_t port) {
    const bool is_taken = port != 0 && test::connect_to(port).is_open();
    return is_taken ? test::TcpListener().port() : port;
}

class Follower {
public:
    Follower(const std::string& page_text, const Surroundings& surroundings)
        : surroundings_(surroundings),
          page_lines_(lines_of(page_text)),
          shown_port_(std::to_string(surroundings.port)),
          port_(std::to_string(free_port(surroundings.port))),
          shell_(surroundings.folder, surroundings.variables) {}

    Followed follow() {
        const Page page = parse_page(page_lines_);
        if (!page.mistake.empty()) complain(0, page.mistake);
        for (const Step& step : page.steps) {
            if (stopped_ || !page.mistake.empty()) break;
            take(step);
        }
        followed_.updated_text = text_of(with_real_outputs());
        return std::move(followed_);
    }

private:
    struct NewOutput {
        std::size_t line;  // of the page, counted from 0: the first line of the old output
        std::size_t size;  // how many lines it replaces
        Lines output;
    };

    void take(const Step& step) {
        if (step.kind == Step::Kind::run) {
            for (const ShownCommand& command : step.commands) {
                if (!stopped_) run(command);
            }
            return;
        }
        const std::string path = surroundings_.folder + "/" + step.file;
        std::string text = with_port(step.text);
        if (step.kind != Step::Kind::write) {
            const std::optional<std::string> old_text = read_file(path);
            if (!old_text) return stop(step.line, "there is no file " + step.file + " to change");
            const bool is_added = step.kind == Step::Kind::append;
            text = is_added ? *old_text + text : replaced_once(step, *old_text, text);
        }
        if (!stopped_ && !(std::ofstream(path, std::ios::binary) << text).flush()) {
            stop(step.line, "the file " + step.file + " cannot be written");
        }
    }

    std::string replaced_once(const Step& step, std::string text, const std::string& new_text) {
        const std::string old_text = with_port(step.old_text);
        const std::size_t at = text.find(old_text);
        if (at == std::string::npos || text.find(old_text, at + 1) != std::string::npos) {
            stop(step.line, "the text to replace should be in " + step.file + " once");
            return text;
        }
        return text.replace(at, old_text.size(), new_text);
    }

    void run(const ShownCommand& command) {
        const std::string awaited = with_port(awaited_output(command));
        const Printed printed =
            shell_.run(with_port(command.text), awaited, surroundings_.patience);
        const Lines real = lines_of(as_shown(printed.text));
        if (!is_shown_by(command.output, real)) {
            complain(command.line, "'" + command.text + "' should print\n" +
                                       indented(command.output) + "and prints\n" + indented(real));
            new_outputs_.push_back(
                {command.line, command.output.size(), updated(command.output, real)});
        }
        if (!printed.ended) {
            stop(command.line, "'" + command.text + "' does not end");
        } else if (printed.status != command.status) {
            stop(command.line, "'" + command.text + "' should end with status " +
                                   std::to_string(command.status) + " and ends with " +
                                   std::to_string(printed.status) + "; it prints\n" +
                                   indented(real));
        }
    }

    Lines with_real_outputs() const {
        Lines lines;
        std::size_t next = 0;
        for (const NewOutput& change : new_outputs_) {
            while (next < change.line) lines.push_back(page_lines_[next++]);
            lines.insert(lines.end(), change.output.begin(), change.output.end());
            next += change.size;
        }
        while (next < page_lines_.size()) lines.push_back(page_lines_[next++]);
        return lines;
    }

    std::string with_port(const std::string& text) const {
        return surroundings_.port == 0 ? text : replaced(text, shown_port_, port_);
    }

    std::string as_shown(const std::string& text) const {
        const std::string named = replaced(text, surroundings_.folder, surroundings_.shown_folder);
        return port_ == shown_port_ ? named : replaced(named, port_, shown_port_);
    }

    void complain(std::size_t line, const std::string& sentence) {
        const std::string place = line == 0 ? "" : "line " + std::to_string(line) + ": ";
        followed_.complaints.push_back(surroundings_.page_name + ", " + place + sentence);
    }
    void stop(std::size_t line, const std::string& sentence) {
        complain(line, sentence);
        stopped_ = true;
    }

    const Surroundings& surroundings_;
    const Lines page_lines_;
    const std::string shown_port_;
    const std::string port_;
    Shell shell_;
    std::vector<NewOutput> new_outputs_;
    Followed followed_;
    bool stopped_ = false;
};

}  // namespace

Followed follow(const std::string& page_text, const Surroundings& surroundings) {
    return Follower(page_text, surroundings).follow();
}

}  // namespace drydock::pages

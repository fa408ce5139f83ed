// Lines and commands.
#include "protocol.hpp"

#include <array>

namespace kv {

void LineSplitter::add(std::string_view bytes) {
    bytes_.erase(0, begin_);
    begin_ = 0;
    bytes_ += bytes;
}

std::optional<LineSplitter::Line> LineSplitter::next() {
    const std::size_t end = bytes_.find('\n', begin_);
    if (end == std::string::npos) {
        // One more than the longest: the last byte may be the carriage return.
        if (skipping_ || bytes_.size() - begin_ > longest_ + 1) {
            skipping_ = true;
            begin_ = bytes_.size();
        }
        return std::nullopt;
    }
    std::string_view text = std::string_view(bytes_).substr(begin_, end - begin_);
    begin_ = end + 1;
    if (text.ends_with('\r')) text.remove_suffix(1);
    const bool too_long = skipping_ || text.size() > longest_;
    skipping_ = false;
    return Line{too_long ? std::string_view() : text, too_long};
}

namespace {

struct Form {
    std::string_view word;
    Verb verb;
    bool has_key;
    bool has_value;
};

constexpr std::array forms = {
    Form{"SET", Verb::set, true, true},     Form{"GET", Verb::get, true, false},
    Form{"DEL", Verb::del, true, false},    Form{"INCR", Verb::incr, true, false},
    Form{"QUIT", Verb::quit, false, false},
};

/// Takes the text before the first space off `rest`, and the space. None: there is no space.
std::optional<std::string_view> take_word(std::string_view& rest) {
    const std::size_t space = rest.find(' ');
    if (space == std::string_view::npos) return std::nullopt;
    const std::string_view word = rest.substr(0, space);
    rest.remove_prefix(space + 1);
    return word;
}

Parsed refused(std::string_view error) { return {std::nullopt, error}; }

Parsed parse_arguments(const Form& form, bool has_arguments, std::string_view rest,
                       const Limits& limits) {
    if (has_arguments != form.has_key) return refused(answers::wrong_arguments);
    Command command{form.verb, rest, {}};
    if (form.has_value) {
        const std::optional<std::string_view> key = take_word(rest);
        if (!key) return refused(answers::wrong_arguments);
        command.key = *key;
        command.value = rest;
    }
    const bool is_key = !command.key.empty() && command.key.find(' ') == std::string_view::npos;
    if (form.has_key && !is_key) return refused(answers::wrong_arguments);
    if (command.key.size() > limits.key) return refused(answers::key_too_long);
    if (command.value.size() > limits.value) return refused(answers::value_too_long);
    return {command, {}};
}

}  // namespace

Parsed parse(std::string_view line, const Limits& limits) {
    std::string_view rest = line;
    const std::optional<std::string_view> word = take_word(rest);
    for (const Form& form : forms) {
        if (form.word == word.value_or(line)) {
            return parse_arguments(form, word.has_value(), rest, limits);
        }
    }
    return refused(answers::unknown_command);
}

}  // namespace kv

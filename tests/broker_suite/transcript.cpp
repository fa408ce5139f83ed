// Reading and writing transcripts.
#include "tests/broker_suite/transcript.hpp"

#include <fstream>
#include <stdexcept>

namespace drydock::broker {
namespace {

using Line = TranscriptLine;

int digit_of(char letter) {
    const std::size_t value = std::string_view("0123456789abcdef").find(letter);
    if (value == std::string_view::npos) throw std::runtime_error("no digit in a transcript");
    return static_cast<int>(value);
}

// The byte that the escape at the front stands for, which is taken.
char take_escape(std::string_view& text) {
    const char letter = text.at(1);
    const std::size_t size = letter == 'x' ? 4 : 2;
    char byte = letter;
    if (letter == 'r') byte = '\r';
    if (letter == 'n') byte = '\n';
    if (letter == 'x') byte = static_cast<char>(digit_of(text.at(2)) * 16 + digit_of(text.at(3)));
    text.remove_prefix(size);
    return byte;
}

std::string unescaped(std::string_view text) {
    std::string bytes;
    while (!text.empty()) {
        if (text.front() == '\\') {
            bytes += take_escape(text);
        } else {
            bytes += text.front();
            text.remove_prefix(1);
        }
    }
    return bytes;
}

std::vector<std::string> words_of(std::string_view text) {
    std::vector<std::string> words;
    while (!text.empty()) {
        if (text.front() == ' ') {
            text.remove_prefix(1);
            continue;
        }
        const bool is_quoted = text.front() == '"';
        if (is_quoted) text.remove_prefix(1);
        std::string& word = words.emplace_back();
        while (!text.empty() && text.front() != (is_quoted ? '"' : ' ')) {
            if (text.front() == '\\') {
                word += take_escape(text);
                continue;
            }
            word += text.front();
            text.remove_prefix(1);
        }
        if (is_quoted) text.remove_prefix(1);
    }
    return words;
}

Line read_line(const std::string& text) {
    Line line;
    line.line = text;
    const std::string_view view = text;
    const std::size_t mark = view.substr(0, 2).find('>');
    if (view.starts_with("= ")) line.kind = Line::Kind::option;
    if (view.starts_with("! ")) line.kind = Line::Kind::condition;
    if (mark != std::string_view::npos) {
        line.kind = Line::Kind::command;
        line.connection = view.substr(0, mark);
    }
    if (line.kind == Line::Kind::text) return line;
    line.words = words_of(view.substr(mark == std::string_view::npos ? 1 : mark + 1));
    return line;
}

}  // namespace

std::vector<Line> read_transcript(const std::string& path) {
    std::ifstream file(path);
    if (!file) throw std::runtime_error("no transcript " + path);
    std::vector<Line> lines;
    for (std::string text; std::getline(file, text);) {
        if (!text.starts_with("< ")) {
            lines.push_back(read_line(text));
        } else if (lines.empty() || lines.back().kind != Line::Kind::command) {
            throw std::runtime_error(path + ": a reply without a command");
        } else {
            lines.back().reply = unescaped(std::string_view(text).substr(2));
        }
    }
    return lines;
}

void write_transcript(const std::string& path, const std::vector<Line>& lines) {
    std::ofstream file(path, std::ios::trunc);
    for (const Line& line : lines) {
        file << line.line << '\n';
        if (line.kind == Line::Kind::command) file << "< " << escaped(line.reply) << '\n';
    }
}

std::string escaped(std::string_view text) {
    std::string result;
    for (const char byte : text) {
        const auto value = static_cast<unsigned char>(byte);
        if (byte == '\r') {
            result += "\\r";
        } else if (byte == '\n') {
            result += "\\n";
        } else if (byte == '\\') {
            result += "\\\\";
        } else if (value < ' ' || value > '~') {
            result += std::string("\\x") + "0123456789abcdef"[value >> 4] +
                      "0123456789abcdef"[value & 15];
        } else {
            result += byte;
        }
    }
    return result;
}

}  // namespace drydock::broker

// The law of framing: whatever the lines, whatever the chunks, the same lines come out.
#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "src/chat/framing.hpp"
#include "tests/zoo/specimens/framers.hpp"

namespace drydock::chat {
namespace {

using Chunks = std::vector<std::string>;

struct Framed {
    std::vector<std::string> lines;
    std::string unfinished;
    bool too_long = false;
    bool operator==(const Framed&) const = default;
};

/// Newlines and what stands near them in tables are more likely than the rest of the bytes.
rc::Gen<char> bytes_of_a_line() {
    const auto any =
        rc::gen::suchThat(rc::gen::arbitrary<char>(), [](char c) { return c != '\n'; });
    return rc::gen::weightedOneOf<char>({{3, rc::gen::element('a', '\r', '\0', '\xff')}, {1, any}});
}

rc::Gen<std::string> line_contents() { return rc::gen::container<std::string>(bytes_of_a_line()); }

/// The text cut at places that RapidCheck chooses; two that are the same make an empty chunk.
Chunks any_chunking(const std::string& text) {
    auto cuts = *rc::gen::container<std::vector<std::size_t>>(
        rc::gen::inRange<std::size_t>(0, text.size() + 1));
    cuts.push_back(text.size());
    std::sort(cuts.begin(), cuts.end());
    Chunks chunks;
    std::size_t begin = 0;
    for (const std::size_t cut : cuts) {
        chunks.push_back(text.substr(begin, cut - begin));
        begin = cut;
    }
    return chunks;
}

template <typename Framer = LineFramer>
Framed frame(const Chunks& chunks, std::size_t max_line) {
    Framer framer(max_line);
    Framed framed;
    for (const std::string& chunk : chunks) {
        const Lines lines = framer.feed(chunk);
        std::string text = std::string(lines.head).append(lines.body);
        for (std::size_t i = 0; i < lines.count; ++i) {
            framed.lines.push_back(text.substr(0, text.find('\n')));
            text.erase(0, framed.lines.back().size() + 1);
        }
        RC_ASSERT(text.empty());
        framed.too_long = lines.too_long;
        if (framed.too_long) return framed;
    }
    framed.unfinished = framer.unfinished();
    return framed;
}

RC_GTEST_PROP(Framing, GivesTheLinesThatWereSentWhateverTheChunks, ()) {
    const auto lines = *rc::gen::container<std::vector<std::string>>(line_contents());
    const std::string rest = *line_contents();
    std::string text;
    for (const std::string& line : lines) text += line + "\n";
    RC_ASSERT(frame(any_chunking(text + rest), text.size() + rest.size()) ==
              (Framed{lines, rest, false}));
}

RC_GTEST_PROP(Framing, EndsAtTheSameLineThatIsTooLongWhateverTheChunks, ()) {
    std::vector<std::string> lines = *rc::gen::container<std::vector<std::string>>(line_contents());
    std::string text;
    std::size_t longest = 0;
    for (const std::string& line : lines) {
        text += line + "\n";
        longest = std::max(longest, line.size());
    }
    const auto limit = *rc::gen::element(longest, longest + 1,
                                         longest - std::min<std::size_t>(longest, 1), longest / 2);
    const auto first_long =
        std::find_if(lines.begin(), lines.end(),
                     [limit](const std::string& line) { return line.size() > limit; });
    const bool too_long = first_long != lines.end();
    lines.erase(first_long, lines.end());
    RC_CLASSIFY(too_long);
    RC_ASSERT(frame(any_chunking(text), limit) == (Framed{lines, "", too_long}));
}

TEST(FramingLaw, IsBrokenByAFramerThatDropsAnEmptyLineAtABorder) {
    EXPECT_FALSE(rc::check("a specimen: this failure is wanted", [] {
        // Half of them empty: otherwise a hundred cases may well have none behind a border.
        const auto lines =
            *rc::gen::container<std::vector<std::string>>(rc::gen::element<std::string>("", "a"));
        std::string text;
        for (const std::string& line : lines) text += line + "\n";
        const Chunks chunks = any_chunking(text);
        RC_ASSERT(frame<zoo::DropsAnEmptyLineAtABorder>(chunks, text.size()) ==
                  (Framed{lines, "", false}));
    })) << "a law that a broken framer keeps proves nothing about the real one";
}

}  // namespace
}  // namespace drydock::chat

// The laws of RESP2's reader: whatever the replies and the chunks, the same replies come out; and
// what is refused does not depend on the chunks.
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tests/support/replies.hpp"
#include "tests/zoo/specimens/reply_readers.hpp"

namespace drydock::relay {
namespace {

using test::Read;
using test::read_replies;

/// Bytes that the protocol itself uses are more likely than others.
rc::Gen<std::string> texts() {
    return rc::gen::container<std::string>(
        rc::gen::weightedOneOf<char>({{3, rc::gen::element('\r', '\n', '$', '*', '-', '1', '\0')},
                                      {1, rc::gen::arbitrary<char>()}}));
}

/// What ends at the first CR LF cannot have one, nor a CR that the ending would follow as LF.
std::string without_line_ends(std::string text) {
    for (char& byte : text) {
        if (byte == '\n') byte = ' ';
    }
    return text;
}

/// A reply as it is sent, with arrays within each other up to the depth.
std::string any_reply(int depth) {
    switch (*rc::gen::inRange(0, depth > 0 ? 8 : 6)) {
        case 0:
            return "+" + without_line_ends(*texts()) + "\r\n";
        case 1:
            return "-" + without_line_ends(*texts()) + "\r\n";
        case 2:
            return ":" + std::to_string(*rc::gen::arbitrary<std::int64_t>()) + "\r\n";
        case 3:
            return "$-1\r\n";
        case 4:
            return "*-1\r\n";
        case 5: {
            const std::string text = *texts();
            return "$" + std::to_string(text.size()) + "\r\n" + text + "\r\n";
        }
        default:
            break;
    }
    const int size = *rc::gen::inRange(0, 5);
    std::string array = "*" + std::to_string(size) + "\r\n";
    for (int i = 0; i < size; ++i) array += any_reply(depth - 1);
    return array;
}

std::vector<std::string> any_replies() {
    std::vector<std::string> replies;
    for (int left = *rc::gen::inRange(0, 6); left > 0; --left) replies.push_back(any_reply(4));
    return replies;
}

std::vector<std::size_t> any_sizes() {
    return *rc::gen::nonEmpty(
        rc::gen::container<std::vector<std::size_t>>(rc::gen::inRange<std::size_t>(1, 9)));
}

RC_GTEST_PROP(Resp, GivesTheRepliesThatWereSentWhateverTheChunks, ()) {
    const std::vector<std::string> replies = any_replies();
    std::string text;
    for (const std::string& reply : replies) text += reply;
    const Read read = read_replies(text, any_sizes());
    RC_ASSERT(read.refusal == Refusal::none);
    RC_ASSERT(read.replies.size() == replies.size());
    for (std::size_t i = 0; i < replies.size(); ++i) {
        std::string encoded;
        test::encode(read.replies[i].root(), encoded);
        RC_ASSERT(encoded == replies[i]);
    }
}

RC_GTEST_PROP(Resp, RefusesTheSameAfterTheSameRepliesWhateverTheChunks, ()) {
    std::string text;
    for (const std::string& reply : any_replies()) text += reply;
    if (!text.empty() && *rc::gen::arbitrary<bool>()) {
        text[*rc::gen::inRange<std::size_t>(0, text.size())] =
            *rc::gen::element('\r', '\n', '$', '9', 'x');
    }
    const auto limit = [&text] { return *rc::gen::inRange<std::size_t>(0, text.size() + 2); };
    ReplyLimits limits{limit(), limit(), 8, limit()};
    limits.max_depth = *rc::gen::inRange<std::size_t>(0, 6);
    const Read whole = read_replies(text, {}, limits);
    RC_CLASSIFY(whole.refusal != Refusal::none);
    RC_ASSERT(read_replies(text, any_sizes(), limits) == whole);
    RC_ASSERT(text.starts_with(whole.bytes));
}

TEST(RespLaw, IsBrokenByAReaderThatDropsAReturnAtABorder) {
    EXPECT_FALSE(rc::check("a specimen: this failure is wanted", [] {
        std::string text;
        for (int i = 0; i < 4; ++i) text += any_reply(1);
        RC_ASSERT(read_replies<zoo::DropsAReturnAtABorder>(text, any_sizes()).bytes == text);
    })) << "a law that a broken reader keeps proves nothing about the real one";
}

}  // namespace
}  // namespace drydock::relay

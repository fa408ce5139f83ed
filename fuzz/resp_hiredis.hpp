// The oracle of the resp fuzz target: hiredis' reader, which must give the same replies and refuse
// the same, but for the differences that src/relay/resp.hpp names.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <span>
#include <string>

#include <hiredis/read.h>

#include "fuzz/resp_input.hpp"

namespace drydock::fuzz {

/// A reply as hiredis sees it. An array has those elements that have come.
struct OracleReply {
    int type = 0;
    long long number = 0;  // the integer, or the length of the array
    std::string text;
    std::vector<OracleReply*> elements;
};

/// Lets hiredis make its replies in memory of this object, and arrays by the element: its own
/// functions take memory for the length that an array announces.
class Oracle {
public:
    Oracle() : reader_(redisReaderCreateWithFunctions(&functions_)) { reader_->privdata = this; }
    Oracle(const Oracle&) = delete;
    Oracle& operator=(const Oracle&) = delete;
    ~Oracle() { redisReaderFree(reader_); }

    void feed(std::string_view bytes) { redisReaderFeed(reader_, bytes.data(), bytes.size()); }
    /// The next reply, or null.
    const OracleReply* next() {
        void* reply = nullptr;
        if (redisReaderGetReply(reader_, &reply) != 0) return nullptr;
        return static_cast<OracleReply*>(reply);
    }
    bool refused() const { return reader_->err != 0; }
    std::string reason() const { return reader_->errstr; }

private:
    static OracleReply* make(const redisReadTask* task, long long number, std::string text) {
        auto& oracle = *static_cast<Oracle*>(task->privdata);
        OracleReply& reply =
            oracle.replies_.emplace_back(OracleReply{task->type, number, std::move(text), {}});
        if (task->parent != nullptr) {
            static_cast<OracleReply*>(task->parent->obj)->elements.push_back(&reply);
        }
        return &reply;
    }
    static void* make_string(const redisReadTask* task, char* text, std::size_t size) {
        return make(task, 0, std::string(text, size));
    }
    static void* make_array(const redisReadTask* task, int size) { return make(task, size, {}); }
    static void* make_integer(const redisReadTask* task, long long value) {
        return make(task, value, {});
    }
    static void* make_nil(const redisReadTask* task) {
        OracleReply* const reply = make(task, 0, {});
        reply->type = REDIS_REPLY_NIL;
        return reply;
    }
    static void forget(void*) {}

    redisReplyObjectFunctions functions_{&make_string, &make_array, &make_integer, &make_nil,
                                         &forget};
    std::deque<OracleReply> replies_;
    redisReader* reader_;
};

inline bool same_reply(relay::ReplyView ours, const OracleReply& theirs) {
    using relay::ReplyKind;
    switch (ours.kind()) {
        case ReplyKind::simple_string:
            return theirs.type == REDIS_REPLY_STATUS && ours.text() == theirs.text;
        case ReplyKind::error:
            return theirs.type == REDIS_REPLY_ERROR && ours.text() == theirs.text;
        case ReplyKind::bulk:
            return theirs.type == REDIS_REPLY_STRING && ours.text() == theirs.text;
        case ReplyKind::integer:
            return theirs.type == REDIS_REPLY_INTEGER && ours.integer() == theirs.number;
        case ReplyKind::null_bulk:
        case ReplyKind::null_array:
            return theirs.type == REDIS_REPLY_NIL;
        case ReplyKind::array:
            break;
    }
    if (theirs.type != REDIS_REPLY_ARRAY || theirs.elements.size() != ours.size()) return false;
    std::size_t index = 0;
    for (const relay::ReplyView element : ours) {
        if (!same_reply(element, *theirs.elements[index++])) return false;
    }
    return true;
}

/// A documented difference: hiredis may then take what the reader refuses.
inline bool refused_by_ours_alone(relay::Refusal refusal, std::string_view payload) {
    switch (refusal) {
        case relay::Refusal::unended_bulk:
        case relay::Refusal::text_too_long:
        case relay::Refusal::too_many_elements:
        case relay::Refusal::reply_too_large:
            return true;
        // Hiredis waits for the end of a line, which may not have come.
        case relay::Refusal::bad_integer:
        case relay::Refusal::bad_bulk_length:
        case relay::Refusal::bad_array_length:
            return payload.find("\r\n") == payload.npos;
        default:
            return false;
    }
}

/// Whether the reader and hiredis agree about the payload: what does not hold, or nothing.
inline std::string hiredis_failure(std::span<const std::uint8_t> bytes) {
    RespInput input = read_resp_input(bytes);
    input.limits = {};
    relay::ReplyReader reader;
    Oracle oracle;
    oracle.feed(input.payload);
    std::string_view left = input.payload;
    std::string_view behind = left;  // what follows the last reply
    while (const relay::Reply* reply = reader.feed(left)) {
        const OracleReply* const theirs = oracle.next();
        if (theirs == nullptr) {
            return "hiredis " + (oracle.refused() ? "refuses a reply: " + oracle.reason()
                                                  : std::string("waits for more of a reply"));
        }
        if (!same_reply(reply->root(), *theirs)) return "hiredis reads another reply";
        behind = left;
    }
    const bool theirs = oracle.next() != nullptr;
    if (reader.refusal() == relay::Refusal::none) {
        if (theirs) return "hiredis reads one reply more";
        if (oracle.refused()) return "hiredis alone refuses: " + oracle.reason();
        return {};
    }
    // Where ours stands at its refusal, the rest of an unended number begins.
    if (oracle.refused() || refused_by_ours_alone(reader.refusal(), left)) return {};
    return "hiredis takes what was refused because " +
           std::string(relay::describe(reader.refusal()));
}

}  // namespace drydock::fuzz

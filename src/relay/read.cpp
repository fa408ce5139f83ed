// The reading link: from the stream to the room, with nothing missing between.
#include <algorithm>
#include <charconv>
#include <utility>

#include "src/relay/exchange.hpp"
#include "src/relay/probes.hpp"

namespace drydock::relay {
namespace {

constexpr std::string_view is_no_entry = "an entry of the stream is not the relay's";
constexpr std::string_view is_no_count = "the counter of the entries is no number";
// Entries that were not read are gone.
constexpr std::string_view was_trimmed =
    "the stream was trimmed before it was read, or the broker has lost all data";
// Entries that were read are gone.
constexpr std::string_view has_lost = "the broker has lost entries of its stream";
// So many bytes of entries are delivered in one step.
constexpr std::size_t group_bytes = 64 * 1024;

bool read_number(std::string_view text, std::uint64_t& number) noexcept {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc() && end == text.data() + text.size();
}

/// "n-0". Redis has no entry 0-0.
bool read_id(std::string_view text, std::uint64_t& n) noexcept {
    return text.ends_with("-0") && read_number(text.substr(0, text.size() - 2), n) && n > 0;
}

/// `[[stream, entries]]`
bool is_of_stream(ReplyView streams, std::string_view stream) noexcept {
    if (!streams.is_array() || streams.size() != 1) return false;
    const ReplyView only = streams[0];
    return only.is_array() && only.size() == 2 && only[0].text() == stream && only[1].is_array() &&
           only[1].size() > 0;
}

std::string id_of(std::uint64_t n) { return std::to_string(n) + "-0"; }

}  // namespace

Task<void> Exchange::read(Client& client) {
    if (!position_.known) {
        const bool located = co_await locate(client);
        if (!located) co_return;
    } else {
        queue_.probe(probes::resumed);
    }
    // The first read does not wait: its answer shows that all is well.
    bool verify = position_.can_verify;
    bool wait = false;
    for (;;) {
        settle(reading_, client, (verify ? 1U : 0U) | (wait ? 2U : 0U));
        const bool measured = co_await measure(client);
        if (!measured) co_return;
        ask_for_entries(client, verify, wait);
        const Reply* reply = co_await client.next_good();
        if (reply == nullptr) co_return;
        bool good = true;
        const bool is_empty = reply->root().is_null();
        if (is_empty) read_full_ = false;
        if (!is_empty) {
            good = co_await take_entries(client, *reply, verify);
            verify = false;
        } else if (verify) {
            good = co_await start_anew(client, has_lost);
            verify = false;
        } else if (wait && !position_.can_verify) {
            good = co_await count(client);
        } else {
            verify = wait;
        }
        if (!good) co_return;
        if (is_empty) co_await tell_up(reading_);
        wait = !verify && !read_full_;
    }
}

/// Nothing has come, and there is no last entry to ask for again: the stream was empty when the
/// reading began. Is something gone that has been in it since? Redis answers in order, so what the
/// counter has counted is in the stream when it is read after that.
Task<bool> Exchange::count(Client& client) {
    client.add({"HGET", keys_.publishers, "#"});
    ask_for_entries(client, false, false);
    const Reply* counted = co_await client.next_good();
    if (counted == nullptr) co_return false;
    std::uint64_t newest = 0;
    const ReplyView counter = counted->root();
    if (!counter.is_null() && !read_number(counter.text(), newest)) {
        co_return client.reject(std::string(is_no_count)) != nullptr;
    }
    const Reply* reply = co_await client.next_good();
    if (reply == nullptr) co_return false;
    if (!reply->root().is_null()) co_return co_await take_entries(client, *reply, false);
    if (newest == position_.n) co_return true;
    if (newest < position_.n) {
        queue_.probe(probes::rewritten);
        co_return co_await start_anew(client, has_lost);
    }
    queue_.probe(probes::trimmed);
    co_return co_await start_anew(client, was_trimmed);
}

/// While there is more than one read's fill, how far the stream goes is asked, too. A reader that
/// is half of what the stream keeps behind its end waits for slow members no more: better they are
/// dropped than all members reset.
Task<bool> Exchange::measure(Client& client) {
    behind_ = false;
    if (!read_full_) co_return true;
    client.add({"HGET", keys_.publishers, "#"});
    const Reply* counted = co_await client.next_good();
    if (counted == nullptr) co_return false;
    std::uint64_t newest = 0;
    const ReplyView counter = counted->root();
    if (!counter.is_null() && !read_number(counter.text(), newest)) {
        co_return client.reject(std::string(is_no_count)) != nullptr;
    }
    behind_ = newest > position_.n && newest - position_.n > options_.keep / 2;
    if (behind_) queue_.probe(probes::behind);
    co_return true;
}

void Exchange::ask_for_entries(Client& client, bool verify, bool wait) {
    const std::string count = std::to_string(options_.read_count);
    const std::string id = id_of(position_.n - (verify ? 1 : 0));
    if (wait) {
        const auto block = std::chrono::duration_cast<std::chrono::milliseconds>(options_.block);
        client.add({"XREAD", "COUNT", count, "BLOCK", std::to_string(block.count()), "STREAMS",
                    keys_.stream, id});
    } else {
        client.add({"XREAD", "COUNT", count, "STREAMS", keys_.stream, id});
    }
}

/// The position becomes the end of the stream. Nothing is published before there is a position: a
/// member's first line could come to lie before it, and the member would miss it.
Task<bool> Exchange::locate(Client& client) {
    Position end;
    bool good = co_await find_end(client, end);
    if (good && !end.known) {
        good = co_await begin_counting(client);
        good = good && co_await find_end(client, end);
    }
    if (!good) co_return false;
    if (!end.known) {
        co_return client.reject("to the publish script: there is no counter") != nullptr;
    }
    position_ = end;
    bool wake = false;
    {
        auto state = co_await state_.enter();
        state->located = true;
        wake = std::exchange(state->idle, false);
    }
    if (wake) work_.set();
    co_return true;
}

/// An empty stream ends where its counter says. Without a counter, as when the broker has just lost
/// all data, the end is not known. False: the client has failed.
Task<bool> Exchange::find_end(Client& client, Position& end) {
    client.add({"HGET", keys_.publishers, "#"});
    client.add({"XREVRANGE", keys_.stream, "+", "-", "COUNT", "1"});
    const Reply* counted = co_await client.next_good();
    if (counted == nullptr) co_return false;
    const ReplyView counter = counted->root();
    end.known = !counter.is_null();
    if (end.known && !read_number(counter.text(), end.n)) {
        co_return client.reject(std::string(is_no_count)) != nullptr;
    }
    const Reply* last = co_await client.next_good();
    if (last == nullptr) co_return false;
    Entries entries;
    const bool is_one = last->root().is_array() && last->root().size() <= 1;
    if (!is_one) co_return client.reject("to XREVRANGE") != nullptr;
    if (!parse(client, last->root(), entries)) co_return false;
    if (end.known && !entries.empty()) {
        end.n = entries.front().n;
        end.can_verify = true;
        end.publisher = entries.front().publisher;
        end.number = entries.front().number;
    }
    co_return true;
}

/// The script begins the counting when it is asked. The reader has to know where: the number of the
/// first entry that it gets says nothing about entries before it.
Task<bool> Exchange::begin_counting(Client& client) {
    queue_.probe(probes::begun);
    std::string sha;
    const bool loaded = co_await load_script(client, sha);
    if (!loaded) co_return false;
    client.add({"EVALSHA", sha, "3", keys_.stream, keys_.publishers, keys_.heard,
                options_.publisher, "0", "", std::to_string(options_.keep)});
    const Reply* const asked = co_await client.next_good();
    co_return asked != nullptr;
}

/// Members that join from the losing on are owed what is delivered then: it lies behind the new
/// position, which is therefore found first.
Task<bool> Exchange::start_anew(Client& client, std::string_view reason) {
    const bool located = co_await locate(client);
    if (!located) co_return false;
    read_full_ = false;
    co_await lose(reason);
    client.moved();
    co_return true;
}

/// `[[stream, [entry, ...]]]`. With `verify` the first is to be the one that was read last. False:
/// the client has failed.
Task<bool> Exchange::take_entries(Client& client, const Reply& reply, bool verify) {
    const ReplyView streams = reply.root();
    Entries entries;
    if (!is_of_stream(streams, keys_.stream)) co_return client.reject("to XREAD") != nullptr;
    if (!parse(client, streams[0][1], entries)) co_return false;
    if (entries.front().n < position_.n + (verify ? 0 : 1)) {
        co_return client.reject("to XREAD: an entry comes before those that were asked for") !=
            nullptr;
    }
    co_await tell_up(reading_);
    std::span<const Entry> rest(entries);
    read_full_ = entries.size() >= options_.read_count;
    if (verify) {
        const Entry& first = rest.front();
        if (first.n != position_.n) {
            queue_.probe(probes::trimmed);
            co_return co_await start_anew(client, was_trimmed);
        }
        if (first.publisher != position_.publisher || first.number != position_.number) {
            queue_.probe(probes::rewritten);
            co_return co_await start_anew(client, has_lost);
        }
        rest = rest.subspan(1);
    }
    std::uint64_t n = position_.n;
    for (const Entry& entry : rest) {
        if (entry.n == ++n) continue;
        if (entry.n < n) co_return client.reject("to XREAD: entries are not in order") != nullptr;
        queue_.probe(probes::trimmed);
        co_return co_await start_anew(client, was_trimmed);
    }
    if (!rest.empty()) co_await deliver(client, rest);
    co_return true;
}

/// `[id, [p, PUBLISHER, i, NUMBER, l, LINES]]` each. False: the client has failed.
bool Exchange::parse(Client& client, ReplyView entries, Entries& parsed) {
    for (const ReplyView each : entries) {
        bool good = each.is_array() && each.size() == 2 && each[1].size() == 6;
        Entry entry;
        if (good) {
            auto field = each[1].begin();
            const auto next = [&field, &good](std::string_view name) {
                good = good && (*field).text() == name;
                ++field;
                good = good && (*field).kind() == ReplyKind::bulk;
                const std::string_view text = (*field).text();
                ++field;
                return text;
            };
            entry.publisher = next("p");
            const std::string_view number = next("i");
            entry.lines = next("l");
            good = good && read_id(each[0].text(), entry.n) && read_number(number, entry.number);
        }
        if (!good) return client.reject(std::string(is_no_entry)) != nullptr;
        parsed.push_back(entry);
    }
    return true;
}

/// In groups. The next one may wait for slow members.
Task<void> Exchange::deliver(Client& client, std::span<const Entry> entries) {
    const Entry& last = entries.back();
    std::vector<ConstBuffer> lines;
    while (!entries.empty()) {
        std::size_t count = 0;
        std::size_t bytes = 0;
        lines.clear();
        while (count < entries.size() &&
               (count == 0 || bytes + entries[count].lines.size() <= group_bytes)) {
            lines.emplace_back(entries[count].lines);
            bytes += entries[count++].lines.size();
        }
        co_await audience_->deliver(lines, behind_);
        client.moved();
        co_await bring_back(entries.first(count));
        entries = entries.subspan(count);
    }
    position_.n = last.n;
    position_.can_verify = true;
    position_.publisher = last.publisher;
    position_.number = last.number;
}

/// Members that wait for their own lines among these.
Task<void> Exchange::bring_back(std::span<const Entry> entries) {
    auto state = co_await state_.enter();
    bool any = false;
    for (const Entry& entry : entries) {
        if (entry.publisher != state->publisher) continue;
        state->returned = std::max(state->returned, state->base + entry.number);
        any = true;
    }
    if (!any) co_return;
    std::erase_if(state->waits, [&](chat::Return* wait) {
        if (wait->receipt.number > state->returned) return false;
        wait->set();
        return true;
    });
}

}  // namespace drydock::relay

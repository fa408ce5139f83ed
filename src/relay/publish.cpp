// The publishing link: batches go out in order, and once.
#include <algorithm>
#include <utility>

#include "src/relay/exchange.hpp"
#include "src/relay/probes.hpp"

namespace drydock::relay {
namespace {

// So often the link asks for an answer when there is nothing to publish: a broker that has gone is
// noticed, and the script does not forget the publisher.
constexpr Duration heartbeat = std::chrono::seconds(3);

/// The two integers of the script's reply, or nothing.
struct Answer {
    std::uint64_t number = 0;
    std::uint64_t n = 0;
};

bool read_answer(ReplyView reply, Answer& answer) noexcept {
    if (!reply.is_array() || reply.size() != 2) return false;
    for (const ReplyView element : reply) {
        if (element.kind() != ReplyKind::integer || element.integer() < 0) return false;
    }
    answer.number = static_cast<std::uint64_t>(reply[0].integer());
    answer.n = static_cast<std::uint64_t>(reply[1].integer());
    return true;
}

std::string_view risk_of(std::string_view only, std::string_view fsync) noexcept {
    if (only == "no") return "a crash of the broker loses lines that it had acknowledged";
    if (fsync == "everysec") {
        return "a crash of the broker's machine loses the lines of about the last second";
    }
    if (fsync == "no") return "a crash of the broker's machine loses the lines of half a minute";
    return {};
}

}  // namespace

void Exchange::add_publish(Client& client, std::string_view publisher, std::uint64_t number,
                           std::string_view lines) {
    client.add({"EVALSHA", sha_, "3", keys_.stream, keys_.publishers, keys_.heard, publisher,
                std::to_string(number), lines, std::to_string(options_.keep)});
}

Task<void> Exchange::publish(Client& client) {
    const bool greeted = co_await greet(client);
    if (!greeted) co_return;
    co_await tell_durability(client);
    if (!client.failure().ok()) co_return;
    TaskGroup beating(queue_);
    Timer timer(queue_);
    beating.spawn(beat(timer));
    co_await serve_batches(client);
    timer.cancel();
    co_await beating.join();
}

/// False: the client has failed.
Task<bool> Exchange::load_script(Client& client, std::string& sha) {
    client.add({"SCRIPT", "LOAD", publish_script});
    const Reply* loaded = co_await client.next_good();
    if (loaded == nullptr) co_return false;
    constexpr std::size_t hex_digits = 40;  // of SHA-1
    sha = loaded->root().text();
    if (sha.size() == hex_digits) co_return true;
    co_return client.reject("to SCRIPT LOAD") != nullptr;
}

/// Loads the script, and asks for the last number.
Task<bool> Exchange::greet(Client& client) {
    const bool loaded = co_await load_script(client, sha_);
    if (!loaded) co_return false;
    co_return co_await ask(client);
}

/// Number 0: which batch was the last one? False: the client has failed.
Task<bool> Exchange::ask(Client& client) {
    add_publish(client, publisher_, 0, {});
    const Reply* reply = co_await client.next_good();
    if (reply == nullptr) co_return false;
    Answer answer;
    if (!read_answer(reply->root(), answer)) {
        co_return client.reject("to the publish script") != nullptr;
    }
    const bool possible = co_await reconcile(answer.number);
    if (!possible) {
        co_return client.reject("to the publish script: it knows more than was sent") != nullptr;
    }
    last_contact_ = queue_.now();
    co_return true;
}

/// Once. A broker that does not let this server ask is no failure.
Task<void> Exchange::tell_durability(Client& client) {
    if (std::exchange(told_durability_, true)) co_return;
    std::string values[2];
    std::string reply_text;
    constexpr std::string_view names[] = {"appendonly", "appendfsync"};
    for (const std::string_view name : names) client.add({"CONFIG", "GET", name});
    for (std::string& value : values) {
        const Reply* reply = co_await client.next();
        if (reply == nullptr) co_return;
        const ReplyView root = reply->root();
        if (root.is_array() && root.size() == 2) value = root[1].text();
        if (root.is_error()) reply_text = root.text();
    }
    const std::string& only = values[0];
    const std::string& fsync = values[1];
    if (only.empty() || fsync.empty()) {
        log_.write(Severity::info, "relay durability unknown", {{"reply", reply_text}});
        co_return;
    }
    const std::string_view risk = risk_of(only, fsync);
    if (risk.empty()) co_return;
    log_.write(Severity::warning, "relay durability",
               {{"appendonly", only}, {"appendfsync", fsync}, {"risk", risk}});
}

/// The last number that the broker has of this publisher says which batches it has. If it has fewer
/// than it has acknowledged, then it has lost them, or has forgotten the publisher. False: it has
/// more than it was sent, which makes no sense.
Task<bool> Exchange::reconcile(std::uint64_t number) {
    bool as_expected = false;
    bool too_many = false;
    std::size_t applied = 0;
    std::size_t again = 0;
    {
        auto state = co_await state_.enter();
        const std::uint64_t known = state->acknowledged - state->base;
        too_many = number > known + state->sealed;
        as_expected = number >= known && !too_many;
        if (as_expected) {
            applied = static_cast<std::size_t>(number - known);
            again = state->sealed - applied;
            forget_front(*state, applied);
        }
        state.takes({as_expected ? 1U : 0U, too_many ? 1U : 0U, applied, again});
    }
    if (too_many) co_return false;
    if (applied > 0) queue_.probe(probes::was_applied);
    if (again > 0) queue_.probe(probes::sent_again);
    if (!as_expected) co_await renew(number);
    co_return true;
}

/// Begins under a new name. Of the batches that are not acknowledged, none is in what the broker
/// still has, as it would have the earlier ones, too; so they are sent under the new name. But a
/// broker that may have forgotten the publisher for its silence may have had them: then they are
/// lost, or would come twice. What was acknowledged and has not come back is lost with the rest.
Task<void> Exchange::renew(std::uint64_t number) {
    queue_.probe(probes::renewed);
    const bool may_be_forgotten = number == 0 && queue_.now() - last_contact_ > forgotten_after / 2;
    bool unknown = false;
    bool unread = false;
    {
        auto state = co_await state_.enter();
        unknown = may_be_forgotten && state->sealed > 0;
        unread = state->returned < state->acknowledged;
        if (unknown) forget_front(*state, state->sealed);
        state->base = state->acknowledged;
        state->publisher = options_.publisher + "-" + std::to_string(++state->renewals);
        publisher_ = state->publisher;
        state.takes({unknown ? 1U : 0U, unread ? 1U : 0U, state->renewals});
        // The reader finds out whether entries are missing.
        if (reading_.client != nullptr) reading_.client->cancel();
    }
    log_.write(Severity::warning, "relay has another past",
               {{"reason", "the broker does not know the last lines that it acknowledged"}});
    if (unread) {
        co_await lose("the broker has lost lines that it had acknowledged");
    } else if (unknown) {
        co_await lose("it is unknown whether the broker has had the last lines");
    }
}

void Exchange::forget_front(State& state, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
        state.bytes -= state.batches.front().lines.size();
        state.acknowledged = state.batches.front().number;
        state.batches.pop_front();
    }
    state.sealed -= count;
}

Task<void> Exchange::beat(Timer& timer) {
    for (;;) {
        queue_.settled(0);
        const bool elapsed = co_await timer.after(heartbeat);
        if (!elapsed) co_return;
        bool wake = false;
        {
            auto state = co_await state_.enter();
            wake = std::exchange(state->idle, false);
            state->beat = state->beat || wake;
            state.takes({wake ? 1U : 0U});
        }
        if (wake) work_.set();
    }
}

Task<void> Exchange::serve_batches(Client& client) {
    for (;;) {
        settle(publishing_, client, 0);
        std::size_t count = 0;
        bool asks = false;
        bool over = false;
        {
            auto state = co_await state_.enter();
            const std::size_t ready = state->located ? state->batches.size() : 0;
            count = std::min(ready, options_.most_batches);
            state->sealed = std::max(state->sealed, count);
            asks = std::exchange(state->beat, false);
            over = state->abandoned || (state->finishing && state->batches.empty());
            state->idle = !over && count == 0 && !asks;
            state.takes({count, asks ? 1U : 0U, over ? 1U : 0U});
        }
        if (over) co_return;
        if (count > 1) queue_.probe(probes::pipelined);
        if (count == 0) co_await tell_up(publishing_);
        if (count == 0 && !asks) {
            co_await work_.wait();
            continue;
        }
        const bool good = count > 0 ? co_await send_batches(client, count) : co_await ask(client);
        if (!good) co_return;
    }
}

/// The first `count` batches, which get no more lines. False: the client has failed.
Task<bool> Exchange::send_batches(Client& client, std::size_t count) {
    std::vector<const Batch*> batches;
    std::uint64_t base = 0;
    {
        auto state = co_await state_.enter();
        base = state->base;
        // They stay where they are: only this link takes batches away.
        for (std::size_t i = 0; i < count; ++i) batches.push_back(&state->batches[i]);
        state.takes({base, state->batches.front().number});
    }
    for (const Batch* batch : batches) {
        add_publish(client, publisher_, batch->number - base, batch->lines);
    }
    for (const Batch* batch : batches) {
        const Reply* reply = co_await client.next_good();
        if (reply == nullptr) co_return false;
        Answer answer;
        if (!read_answer(reply->root(), answer) || answer.number != batch->number - base) {
            co_return client.reject("to the publish script") != nullptr;
        }
    }
    last_contact_ = queue_.now();
    co_await acknowledge(count);
    co_await tell_up(publishing_);
    co_return true;
}

Task<void> Exchange::acknowledge(std::size_t count) {
    bool goes_on = false;
    {
        auto state = co_await state_.enter();
        forget_front(*state, count);
        goes_on = state->full && state->bytes <= options_.waiting_limit / 2;
        if (goes_on) state->full = false;
        state.takes({goes_on ? 1U : 0U});
    }
    if (goes_on) log_.write(Severity::info, "relay takes lines again");
}

}  // namespace drydock::relay

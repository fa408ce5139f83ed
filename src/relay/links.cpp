// Both links: connecting again and again, what the log is told of it, and the end.
#include <algorithm>
#include <utility>

#include <drydock/hash.hpp>

#include "src/relay/exchange.hpp"
#include "src/relay/probes.hpp"

namespace drydock::relay {
namespace {

std::int64_t milliseconds(Duration span) noexcept {
    return std::chrono::duration_cast<std::chrono::milliseconds>(span).count();
}

std::string_view probe_of(Failure::Kind kind) noexcept {
    switch (kind) {
        case Failure::Kind::not_connected:
            return probes::not_connected;
        case Failure::Kind::no_answer:
            return probes::no_answer;
        case Failure::Kind::refused:
            return probes::refused;
        default:
            return probes::broker_gone;
    }
}

}  // namespace

Exchange::Exchange(CompletionQueue& queue, const ExchangeOptions& options, Log& log)
    : queue_(queue),
      options_(options),
      keys_(options.room),
      log_(log),
      work_(queue, wakes_only),
      finishing_(queue, wakes_only),
      deadline_(queue),
      publishing_(queue, false, options.seed),
      reading_(queue, true, ~options.seed),
      publisher_(options.publisher),
      last_contact_(queue.now()) {
    state_.unguarded().publisher = options.publisher;
    publishing_.next_pause = reading_.next_pause = options_.first_pause;
}

std::uint64_t Exchange::State::state_hash() const noexcept {
    std::uint64_t hash =
        hash_of({sealed, numbered, acknowledged, returned, base, renewals, era, waits.size(),
                 located ? 1U : 0U, idle ? 1U : 0U, beat ? 1U : 0U, finishing ? 1U : 0U,
                 published ? 1U : 0U, abandoned ? 1U : 0U, ever_up ? 1U : 0U, away ? 1U : 0U,
                 waiting ? 1U : 0U, full ? 1U : 0U,
                 static_cast<std::uint64_t>(deadline.time_since_epoch().count())});
    for (const Batch& batch : batches) hash = hash_of(batch.lines, hash);
    for (const chat::Return* wait : waits) {
        hash = hash_with(hash, wait->receipt.number);
    }
    return hash;
}

// --- for exploration -----------------------------------------------------------------------------

std::uint64_t Exchange::own_of(const Link& link) const noexcept {
    const std::uint64_t hash = hash_of(
        {link.dice, static_cast<std::uint64_t>(link.next_pause.count()), link.has_worked ? 1U : 0U,
         link.up ? 1U : 0U, hash_of(std::string_view(link.refusal)),
         link.suspect ? static_cast<std::uint64_t>(link.since.time_since_epoch().count()) : 0U});
    if (link.is_reader) {
        return hash_of({hash, position_.known ? 1U : 0U, position_.n,
                        position_.can_verify ? 1U : 0U,
                        hash_of(std::string_view(position_.publisher)), position_.number,
                        read_full_ ? 1U : 0U, behind_ ? 1U : 0U});
    }
    return hash_of({hash, hash_of(std::string_view(sha_)), hash_of(std::string_view(publisher_)),
                    static_cast<std::uint64_t>(last_contact_.time_since_epoch().count()),
                    told_durability_ ? 1U : 0U});
}

std::uint64_t Exchange::state_hash() const noexcept {
    return hash_of({own_of(publishing_), own_of(reading_)});
}

/// The link's coroutine is at a place to which it comes again and again. What it does from here on
/// follows from what is the link's own.
void Exchange::settle(const Link& link) const noexcept {
    if (queue_.explores()) queue_.settled(own_of(link));
}

/// The same where it has a client. `place` is what the place alone knows.
void Exchange::settle(const Link& link, const Client& client, std::uint64_t place) const noexcept {
    if (!queue_.explores() || !client.is_settled()) return;
    queue_.settled(hash_of({own_of(link), client.state_hash(), place}));
}

// -------------------------------------------------------------------------------------------------

Task<Failure> Exchange::check(Duration patience) {
    const Time deadline = later(queue_.now(), patience);
    bool told = false;
    for (;;) {
        Client client(queue_, options_.broker);
        co_await client.open();
        bool good = client.failure().ok() && co_await greet(client);
        good = good && co_await locate(client);
        if (good) {
            ask_for_entries(client, false, false);
            co_await client.next_good();
        }
        co_await client.close();
        const Failure& failure = client.failure();
        const bool loads =
            failure.kind == Failure::Kind::refused && failure.words.starts_with("LOADING");
        if (!loads || queue_.now() >= deadline) co_return failure;
        if (!std::exchange(told, true)) {
            log_.write(Severity::warning, "relay refused", {{"reply", failure.words}});
        }
        co_await publishing_.pause.after(jittered(publishing_, options_.first_pause * 4));
    }
}

Task<void> Exchange::run(chat::Audience& audience) {
    audience_ = &audience;
    TaskGroup links(queue_);
    TaskGroup helpers(queue_);
    helpers.spawn(abandon_late());
    links.spawn(keep_up(publishing_));
    links.spawn(keep_up(reading_));
    co_await links.join();
    deadline_.cancel();
    co_await helpers.join();
    tell_left_over();
}

Task<void> Exchange::finish(Time deadline) {
    {
        auto state = co_await state_.enter();
        state->finishing = true;
        state->deadline = deadline;
        state->idle = false;
        // With nothing to publish, there is nothing to try again for.
        if (state->batches.empty()) publishing_.pause.cancel();
    }
    finishing_.set();
    work_.set();
}

Task<void> Exchange::abandon_late() {
    co_await finishing_.wait();
    Time deadline = never;
    {
        auto state = co_await state_.enter();
        deadline = state->deadline;
        state.takes({static_cast<std::uint64_t>(deadline.time_since_epoch().count())});
    }
    const bool elapsed = co_await deadline_.until(deadline);
    if (elapsed) co_await abandon();
}

Task<void> Exchange::abandon() {
    queue_.probe(probes::abandoned);
    {
        auto state = co_await state_.enter();
        state->abandoned = true;
        state->idle = false;
        // Inside: a link closes its client after it has taken it away here.
        for (Link* link : {&publishing_, &reading_}) {
            if (link->client != nullptr) link->client->cancel();
        }
    }
    publishing_.pause.cancel();
    reading_.pause.cancel();
    work_.set();
}

/// Connects and works, again and again, until the exchange has ended.
Task<void> Exchange::keep_up(Link& link) {
    for (;;) {
        settle(link);
        Client client(queue_, options_.broker);
        const bool goes_on = co_await begin(link, client);
        if (!goes_on) break;
        const Failure opened = co_await client.open();
        if (opened.ok()) {
            link.since = queue_.now();
            if (link.is_reader) {
                co_await read(client);
            } else {
                co_await publish(client);
            }
        }
        const bool over = co_await end(link);
        co_await client.close();
        if (over) break;
        queue_.probe(probe_of(client.failure().kind));
        co_await tell_away(link, client.failure());
        co_await rest(link);
    }
    if (link.is_reader) co_return;
    // The reader has nothing to do any more: all members have left before finish().
    auto state = co_await state_.enter();
    state->published = true;
    if (reading_.client != nullptr) reading_.client->cancel();
    reading_.pause.cancel();
}

Task<bool> Exchange::begin(Link& link, Client& client) {
    auto state = co_await state_.enter();
    const bool done =
        link.is_reader ? state->published : state->finishing && state->batches.empty();
    const bool over = state->abandoned || done;
    state.takes({over ? 1U : 0U});
    if (!over) link.client = &client;
    co_return !over;
}

Task<bool> Exchange::end(Link& link) {
    auto state = co_await state_.enter();
    link.client = nullptr;
    link.up = false;
    const bool done =
        link.is_reader ? state->published : state->finishing && state->batches.empty();
    const bool over = state->abandoned || done;
    state.takes({over ? 1U : 0U});
    co_return over;
}

Task<void> Exchange::rest(Link& link) {
    if (std::exchange(link.has_worked, false)) link.next_pause = options_.first_pause;
    co_await link.pause.after(jittered(link, link.next_pause));
    link.next_pause = std::min(2 * link.next_pause, options_.longest_pause);
}

/// Servers that have lost one broker should not all come back at the same moment. SplitMix64
/// (https://prng.di.unimi.it/splitmix64.c).
Duration Exchange::jittered(Link& link, Duration pause) noexcept {
    std::uint64_t value = link.dice += 0x9e3779b97f4a7c15;
    value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
    value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
    value ^= value >> 31;
    const Duration half = pause / 2;
    return half + half * static_cast<std::int64_t>(value % 1024) / 1024;
}

/// The link has got an answer that makes sense. After answers that made none, that alone shows
/// little, as the next one may make none again: then the link is up when the connection has lasted.
Task<void> Exchange::tell_up(Link& link) {
    if (link.suspect && queue_.now() - link.since < options_.longest_pause) co_return;
    link.suspect = false;
    link.has_worked = true;
    bool is_first = false;
    bool is_back = false;
    Duration span{0};
    std::size_t bytes = 0;
    {
        auto state = co_await state_.enter();
        if (link.up) co_return;
        link.up = true;
        if (!publishing_.up || !reading_.up) co_return;
        is_first = !std::exchange(state->ever_up, true);
        is_back = std::exchange(state->away, false);
        state->waiting = false;
        publishing_.refusal.clear();
        reading_.refusal.clear();
        span = queue_.now() - state->away_since;
        bytes = state->bytes;
        state.takes({is_first ? 1U : 0U, is_back ? 1U : 0U, bytes});
    }
    if (is_back) {
        queue_.probe(probes::back);
        log_.write(Severity::info, "relay back",
                   {{"after_ms", milliseconds(span)},
                    {"waiting_bytes", static_cast<std::int64_t>(bytes)}});
    } else if (is_first) {
        log_.write(Severity::info, "relay connected", {{"room", options_.room}});
    }
}

Task<void> Exchange::tell_away(Link& link, const Failure& failure) {
    bool is_new = false;
    bool is_news = false;
    link.suspect = link.suspect || failure.kind == Failure::Kind::nonsense;
    {
        auto state = co_await state_.enter();
        if (!std::exchange(state->away, true)) {
            is_new = true;
            state->away_since = queue_.now();
        }
        if (failure.kind == Failure::Kind::refused || failure.kind == Failure::Kind::nonsense) {
            // Answers may make no sense in many ways, by turns: one line is enough for all.
            const std::string news =
                failure.kind == Failure::Kind::nonsense ? "nonsense" : failure.words;
            is_news = publishing_.refusal != news && reading_.refusal != news;
            link.refusal = news;
        }
        state.takes({is_new ? 1U : 0U, is_news ? 1U : 0U});
    }
    const std::string reason = failure.sentence();
    if (failure.kind == Failure::Kind::refused) {
        if (!is_news) co_return;
        log_.write(Severity::warning, "relay refused",
                   {{"reply", failure.words}, {"link", link.is_reader ? "reading" : "publishing"}});
    } else if (is_new || is_news) {
        log_.write(Severity::warning, "relay away", {{"reason", reason}});
    }
}

void Exchange::tell_left_over() {
    const State& state = state_.unguarded();
    if (state.batches.empty()) {
        queue_.probe(probes::finished);
        return;
    }
    log_.write(Severity::error, "lines not acknowledged",
               {{"bytes", static_cast<std::int64_t>(state.bytes)},
                {"reason", "the grace time ended before the broker had them"}});
}

// --- what members give, and wait for ---------------------------------------------------------

Task<chat::Receipt> Exchange::take(std::span<const ConstBuffer> lines) {
    const std::size_t size = total_size(lines);
    chat::Receipt receipt;
    bool wake = false;
    bool waits = false;
    bool fills = false;
    {
        auto state = co_await state_.enter();
        std::deque<Batch>& batches = state->batches;
        const bool fits = batches.size() > state->sealed &&
                          batches.back().lines.size() + size <= options_.batch_bytes;
        if (!fits) batches.push_back({++state->numbered, {}});
        std::string& batch = batches.back().lines;
        if (fits) queue_.probe(probes::batched);
        for (const ConstBuffer& part : lines) batch += as_text({part.data, part.size});
        state->bytes += size;
        receipt.number = state->numbered;
        receipt.era = state->era;
        receipt.full = state->bytes > options_.waiting_limit;
        wake = std::exchange(state->idle, false);
        waits = state->away && !std::exchange(state->waiting, true);
        fills = receipt.full && !std::exchange(state->full, true);
        state.takes({receipt.number, receipt.era, receipt.full ? 1U : 0U});
    }
    if (wake) work_.set();
    if (waits) log_.write(Severity::warning, "lines wait for the relay");
    if (fills) {
        queue_.probe(probes::full);
        log_.write(Severity::warning, "relay full",
                   {{"limit", static_cast<std::int64_t>(options_.waiting_limit)}});
    }
    co_return receipt;
}

Task<chat::Receipt> Exchange::newest() {
    auto state = co_await state_.enter();
    chat::Receipt receipt;
    receipt.number = state->numbered;
    receipt.era = state->era;
    state.takes({receipt.number, receipt.era});
    co_return receipt;
}

Task<bool> Exchange::returned(const chat::Receipt& receipt, chat::Return& wait) {
    {
        auto state = co_await state_.enter();
        const bool is_back = receipt.number <= state->returned;
        const bool is_lost = receipt.era != state->era;
        state.takes({is_back ? 1U : 0U, is_lost ? 1U : 0U});
        if (is_back || is_lost) co_return !is_lost;
        wait.receipt = receipt;
        state->waits.push_back(&wait);
    }
    co_await wait.wait();
    auto state = co_await state_.enter();
    std::erase(state->waits, &wait);  // if it was canceled
    const bool is_back = receipt.era == state->era && receipt.number <= state->returned;
    state.takes({is_back ? 1U : 0U});
    co_return is_back;
}

/// The members' lines are lost, or lines that they should have heard.
Task<void> Exchange::lose(std::string_view reason) {
    {
        auto state = co_await state_.enter();
        ++state->era;
        for (chat::Return* wait : state->waits) wait->set();
        state->waits.clear();
    }
    co_await audience_->lose(reason);
}

}  // namespace drydock::relay

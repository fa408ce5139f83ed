// The sound keeper, ledger and worker of the lock service.
#include "tests/zoo/specimens/lock_service.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include <drydock/hash.hpp>

namespace drydock::zoo {
namespace {

/// Ends what is done on a socket when its time is up.
class Patience {
public:
    Patience(CompletionQueue& queue, AsyncSocket& socket, Duration span)
        : watch_(queue), timer_(queue) {
        if (span == Duration::max()) return;
        is_limited_ = true;
        watch_.spawn(cancel_at(timer_, later(queue.now(), span), socket));
    }
    Task<void> over() {
        if (!is_limited_) co_return;
        timer_.cancel();
        co_await watch_.join();
    }

private:
    TaskGroup watch_;
    Timer timer_;
    bool is_limited_ = false;
};

/// A line without its newline; empty: the connection ended first.
Task<std::string> receive_line(AsyncSocket& socket) {
    std::string line;
    std::array<std::byte, 64> buffer{};
    for (;;) {
        const Result received = co_await receive(socket, buffer);
        if (!received.ok() || received.bytes == 0) co_return "";
        line += as_text(std::span(buffer).first(received.bytes));
        if (line.back() == '\n') break;
    }
    line.pop_back();
    co_return line;
}

}  // namespace

std::string_view LockWords::word() noexcept {
    const std::string_view word = rest_.substr(0, rest_.find(' '));
    rest_.remove_prefix(std::min(word.size() + 1, rest_.size()));
    return word;
}

std::uint64_t LockWords::number() noexcept {
    const std::string_view text = word();
    std::uint64_t value = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
    return read.ec == std::errc() && read.ptr == text.data() + text.size() ? value : 0;
}

Task<std::string> ask_once(CompletionQueue& queue, Endpoint whom, std::string request,
                           Duration patience) {
    SocketResult connected = co_await connect(queue, whom);
    if (!connected.ok()) co_return "";
    Patience waiting(queue, *connected.socket, patience);
    request += '\n';
    const Result sent = co_await send_all(*connected.socket, request);
    std::string answer;
    if (sent.ok()) answer = co_await receive_line(*connected.socket);
    co_await waiting.over();
    co_return answer;
}

// --- what keeper and ledger share ----------------------------------------------------------------

Task<void> LockNode::run() {
    begin();
    const ListenResult listening = host_.listen(Endpoint().with_port(lock_port), {});
    TaskGroup tasks(host_);
    tasks.spawn(recover());
    for (;;) {
        SocketResult accepted = co_await accept(*listening.listener);
        if (accepted.ok()) {
            tasks.spawn(serve(std::move(accepted.socket)));
        } else if (accepted.error != Error::reset) {
            Timer pause(host_);
            co_await pause.after(std::chrono::milliseconds(20));
        }
    }
}

Task<void> LockNode::serve(std::unique_ptr<AsyncSocket> socket) {
    Patience waiting(host_, *socket, patience_);
    const std::string request = co_await receive_line(*socket);
    if (!request.empty()) {
        std::string told = co_await answer(request);
        told += '\n';
        co_await send_all(*socket, told);
    }
    co_await waiting.over();
}

// --- the keeper ----------------------------------------------------------------------------------

std::uint64_t Keeper::State::state_hash() const noexcept {
    return hash_of({token, holder, static_cast<std::uint64_t>(until.time_since_epoch().count())});
}

/// How much of the lease is over the store does not say: the clock may have stood still.
Keeper::State Keeper::recovered() {
    const std::string grant = host_.store().read("grant");
    LockWords words(grant);
    State state;
    state.token = words.number();
    state.holder = words.number();
    state.until = later(host_.now(), lease);
    return state;
}

Task<std::string> Keeper::answer(std::string request) {
    LockWords words(request);
    const std::string_view what = words.word();
    const std::uint64_t worker = words.number();
    const std::uint64_t token = words.number();
    auto state = co_await state_.enter();
    std::string told = what == "lock" ? lock(*state, worker) : release(*state, worker, token);
    state.takes({hash_of(std::string_view(told))});
    co_return told;
}

bool Keeper::is_held_by_another(const State& state, std::uint64_t worker) const noexcept {
    return state.holder != 0 && state.holder != worker && host_.now() < state.until;
}

/// The holder itself gets a new grant: it has started anew, or has not heard the answer.
std::string Keeper::lock(State& state, std::uint64_t worker) {
    if (is_held_by_another(state, worker)) return "held";
    return grant(state, worker);
}

std::string Keeper::grant(State& state, std::uint64_t worker) {
    ++state.token;
    state.holder = worker;
    state.until = later(host_.now(), lease);
    host_.store().replace("grant", std::to_string(state.token) + " " + std::to_string(worker));
    host_.store().sync();
    return "token " + std::to_string(state.token);
}

/// A request that comes late frees nothing.
std::string Keeper::release(State& state, std::uint64_t, std::uint64_t token) {
    if (state.token == token) state.holder = 0;
    return "free";
}

// --- the ledger ----------------------------------------------------------------------------------

std::uint64_t Ledger::State::state_hash() const noexcept {
    std::uint64_t hash = recovered ? 1 : 0;
    for (const Record& record : records) {
        hash = hash_of({hash, record.worker, record.number, record.token});
    }
    return hash;
}

std::string Ledger::whole_records() {
    std::string log = host_.store().read("log");
    const std::size_t whole = log.rfind('\n') + 1;  // 0: no record is whole
    if (whole == log.size()) return log;
    log.resize(whole);
    host_.store().replace("log", log);
    host_.store().sync();
    return log;
}

/// A long log takes its time.
Task<void> Ledger::recover() {
    const std::string log = whole_records();
    for (std::string_view rest = log; !rest.empty();) {
        Timer reading(host_);
        co_await reading.after(std::chrono::milliseconds(1));
        const std::string_view line = rest.substr(0, rest.find('\n'));
        rest.remove_prefix(std::min(line.size() + 1, rest.size()));
        LockWords words(line);
        Record record;
        record.worker = words.number();
        record.number = words.number();
        record.token = words.number();
        auto state = co_await state_.enter();
        state->records.push_back(record);
    }
    auto state = co_await state_.enter();
    state->recovered = true;
}

Task<std::string> Ledger::answer(std::string request) {
    LockWords words(request);
    if (words.word() == "sum") co_return co_await sum();
    Record record;
    record.worker = words.number();
    record.number = words.number();
    record.token = words.number();
    co_return co_await add(record);
}

std::uint64_t Ledger::place_of(const State& state, const Record& add) const {
    const auto is_it = [&](const Record& known) {
        return known.worker == add.worker && known.number == add.number;
    };
    const auto found = std::find_if(state.records.begin(), state.records.end(), is_it);
    if (found == state.records.end()) return 0;
    return static_cast<std::uint64_t>(found - state.records.begin()) + 1;
}

bool Ledger::is_stale(const State& state, const Record& add) const {
    return std::any_of(state.records.begin(), state.records.end(),
                       [&](const Record& known) { return known.token > add.token; });
}

/// An add that is sent again may be in the log already, and may not last yet: it waits, too.
Task<std::string> Ledger::add(Record record) {
    std::uint64_t place = 0;
    std::uint64_t token = 0;
    bool is_known = false;
    {
        auto state = co_await state_.enter();
        state.takes({state->state_hash()});
        if (!answers(*state)) co_return "later";
        place = place_of(*state, record);
        is_known = place != 0;
        if (!is_known) {
            if (is_stale(*state, record)) co_return "stale";
            state->records.push_back(record);
            place = state->records.size();
            host_.store().append("log", std::to_string(record.worker) + " " +
                                            std::to_string(record.number) + " " +
                                            std::to_string(record.token) + "\n");
        }
        token = state->records[place - 1].token;
    }
    if (is_known) {
        co_await settle_known();
    } else {
        co_await settle();
    }
    co_return "place " + std::to_string(place) + " " + std::to_string(token);
}

Task<std::string> Ledger::sum() {
    std::uint64_t count = 0;
    {
        auto state = co_await state_.enter();
        state.takes({state->records.size(), answers(*state) ? 1U : 0U});
        if (!answers(*state)) co_return "later";
        count = state->records.size();
    }
    co_await settle();
    co_return "sum " + std::to_string(count);
}

Task<void> Ledger::settle() {
    Timer others(host_);
    co_await others.after(std::chrono::milliseconds(2));
    host_.store().sync();
}

// --- the worker ----------------------------------------------------------------------------------

Task<void> Worker::run() {
    plan_.judge->starts(plan_.number);
    const std::string done = host_.store().read("done");
    done_ = LockWords(done).number();
    while (done_ < plan_.adds) {
        const Grant grant = co_await acquire();
        if (grant.token == 0) {
            co_await sleep(std::chrono::milliseconds(500));
            continue;
        }
        co_await work(grant);
        co_await ask(plan_.keeper, "keeper",
                     "free " + std::to_string(plan_.number) + " " + std::to_string(grant.token));
    }
}

Task<std::string> Worker::ask(Endpoint whom, std::string_view name, std::string request) {
    plan_.judge->asks(plan_.number, name, request);
    std::string answer = co_await ask_once(host_, whom, std::move(request), patience());
    plan_.judge->answered(plan_.number, answer);
    co_return answer;
}

Task<Worker::Grant> Worker::acquire() {
    const Time asked = host_.now();
    const std::string answer =
        co_await ask(plan_.keeper, "keeper", "lock " + std::to_string(plan_.number));
    LockWords words(answer);
    Grant grant;
    if (words.word() != "token") co_return grant;
    grant.token = words.number();
    grant.until = lease_end(asked, words);
    if (host_.now() >= grant.until) co_return Grant();
    plan_.judge->granted(plan_.number, grant.token);
    co_return grant;
}

/// The keeper's lease began after the question, and by another clock.
Time Worker::lease_end(Time asked, LockWords) const { return later(asked, usable_lease); }

Task<void> Worker::work(Grant grant) {
    while (done_ < plan_.adds && host_.now() < grant.until) {
        plan_.judge->acts(plan_.number, grant.token);
        const std::string answer =
            co_await ask(plan_.ledger, "ledger",
                         "add " + std::to_string(plan_.number) + " " +
                             std::to_string(add_number()) + " " + std::to_string(grant.token));
        LockWords words(answer);
        const std::string_view what = words.word();
        if (what == "stale") co_return;
        if (what != "place") {
            co_await sleep(what.empty() ? plan_.retry : std::chrono::milliseconds(700));
            continue;
        }
        const std::uint64_t place = words.number();
        plan_.judge->counted(plan_.number, done_ + 1, place, words.number());
        add_done();
        if (plan_.pause > Duration(0)) co_await sleep(plan_.pause);
    }
}

void Worker::add_done() {
    ++done_;
    host_.store().replace("done", std::to_string(done_));
    host_.store().sync();
}

Task<void> Worker::sleep(Duration span) {
    Timer timer(host_);
    co_await timer.after(span);
}

}  // namespace drydock::zoo

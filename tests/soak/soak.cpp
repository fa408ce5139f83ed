// The rounds of a soak, and the clients that come in them.
#include "tests/soak/soak.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "src/cli/output.hpp"

namespace drydock::soak {
namespace {

using namespace std::chrono_literals;

/// How much there is at most, of each kind at once.
struct Load {
    std::size_t echo_clients;
    std::size_t chat_members;
    std::uint64_t echo_flood;  // bytes
    std::uint64_t chat_flood;
};
constexpr Load full_load{60, 40, 4 << 20, 256 << 10};
constexpr Load gentle_load{20, 12, 256 << 10, 96 << 10};

const Load& load_for(const SoakOptions& options) {
    return options.under_wine ? gentle_load : full_load;
}

ChatSizes sizes_for(const SoakOptions& options) {
    ChatSizes sizes;
    sizes.flood = load_for(options).chat_flood;
    return sizes;
}

std::vector<std::string> server_options(const SoakOptions& options,
                                        const std::vector<std::string>& others) {
    std::vector<std::string> words{"--backend",   options.backend,
                                   "--workers",   std::to_string(options.workers),
                                   "--log-level", "error"};
    words.insert(words.end(), others.begin(), others.end());
    return words;
}

/// At least ten rounds, so that the second fifth and the last have two quiet points each.
Milliseconds round_length(double minutes) {
    return Milliseconds(static_cast<std::int64_t>(std::clamp(minutes * 60 / 15, 0.5, 8.0) * 1000));
}

void raise(Health& worst, const Health& health) {
    worst.descriptors = std::max(worst.descriptors, health.descriptors);
    worst.threads = std::max(worst.threads, health.threads);
    worst.resident = std::max(worst.resident, health.resident);
}

}  // namespace

Soak::Soak(const SoakOptions& options, Verdict& verdict)
    : options_(options),
      verdict_(verdict),
      sizes_(sizes_for(options)),
      dice_(options.seed),
      echo_server_(options.program, server_options(options, {})),
      chat_server_(options.program,
                   server_options(options, {"--outbox-limit", std::to_string(sizes_.outbox_limit),
                                            "--max-line", std::to_string(sizes_.max_line)})),
      echo_{"echo", &echo_server_, {}, {}, {}},
      chat_{"chat", &chat_server_, {}, {}, {}},
      order_(verdict) {
    for (Patient* patient : {&echo_, &chat_}) {
        std::string complaint = patient->server->process().errors();
        complaint.erase(std::min(complaint.find_last_not_of("\r\n") + 1, complaint.size()));
        verdict.expect(patient->server->port() != 0,
                       fmt::format("the {} server did not start: {}", patient->name, complaint));
        patient->fresh = look_at(patient->server->process().pid());
    }
}

double Soak::minutes(Clock::time_point now) const {
    return std::chrono::duration<double>(now - start_).count() / 60;
}

void Soak::run() {
    while (verdict_.holds() && minutes(Clock::now()) < options_.minutes) round();
    if (verdict_.holds()) stop_servers();
    print_summary();
}

// --- a round -------------------------------------------------------------------------------------

void Soak::round() {
    if (!open_round()) return;
    inviting_ = true;
    talk_until([] { return false; }, round_length(options_.minutes));
    inviting_ = false;
    hurry_all();
    const bool emptied = talk_until([this] { return clients_.size() == 1; }, 20s);
    verdict_.expect(emptied,
                    fmt::format("twenty seconds after all clients were to come to their end, "
                                "{} of the echo server and {} of the chat server have not",
                                echo_here_, chat_here_));
    if (verdict_.holds()) close_round();
    if (!verdict_.holds()) return;
    order_.settle();
    rest(echo_);
    rest(chat_);
}

bool Soak::open_round() {
    test::SocketFile socket = test::connect_to(chat_.server->port());
    if (!socket.is_open()) {
        verdict_.fail("the chat server takes no connection");
        return false;
    }
    auto recorder =
        std::make_unique<ChatRecorder>(std::move(socket), verdict_, chat_tally_, order_);
    recorder_ = recorder.get();
    enter(std::move(recorder));
    const bool inside = talk_until([this] { return recorder_->is_inside(); }, test::patience);
    verdict_.expect(inside, "the chat's recorder never heard its own first line");
    next_steer_ = Clock::now();
    return verdict_.holds();
}

/// The recorder leaves when the server has nothing to do with anybody else any more; what a member
/// has left behind may be published after its connection is gone.
void Soak::close_round() {
    const auto has_all = [this] {
        const Health now = look_at(chat_.server->process().pid());
        return open_connections(chat_.server->port()) == 1 &&
               (chat_.quiet.empty() || now.descriptors <= chat_.quiet.front().descriptors + 1);
    };
    talk_until(has_all, 5s);  // rest() says what is wrong if it is not so
    std::size_t heard = order_.size();
    Clock::time_point since = Clock::now();
    talk_until(
        [&] {
            if (heard != order_.size()) since = Clock::now();
            heard = order_.size();
            return Clock::now() - since > 100ms;
        },
        5s);
    recorder_->hurry();
    const bool ended = talk_until([this] { return clients_.empty(); }, test::patience);
    verdict_.expect(ended, "the chat's recorder left, and did not see the end");
    recorder_ = nullptr;
}

/// All clients of this server have gone: it must be as it was at the first quiet point.
void Soak::rest(Patient& patient) {
    const std::uint16_t port = patient.server->port();
    Health health;
    std::size_t open = 0;
    const Health* const idle = patient.quiet.empty() ? nullptr : &patient.quiet.front();
    const auto is_idle = [&] {
        open = open_connections(port);
        health = look_at(patient.server->process().pid());
        return open == 0 && (idle == nullptr || (health.descriptors == idle->descriptors &&
                                                 health.threads == idle->threads));
    };
    // Nothing says when a first quiet point is reached, but that nothing changes any more.
    if (idle == nullptr) talk_until([] { return false; }, 300ms);
    const bool reached = talk_until(is_idle, 10s);
    health.minute = minutes(Clock::now());
    patient.quiet.push_back(health);
    if (reached || !verdict_.holds()) return;
    const Health& first = patient.quiet.front();
    verdict_.fail(fmt::format(
        "ten seconds after the last client had gone the {} server had {} "
        "connections, {} descriptors and {} threads; before there had been "
        "0, {} and {}",
        patient.name, open, health.descriptors, health.threads, first.descriptors, first.threads));
}

// --- the clients ---------------------------------------------------------------------------------

bool Soak::talk_until(const std::function<bool()>& condition, Milliseconds timeout) {
    const Clock::time_point deadline = Clock::now() + timeout;
    while (verdict_.holds() && !condition()) {
        if (Clock::now() >= deadline) return false;
        step(5ms);
    }
    return verdict_.holds();
}

void Soak::step(Milliseconds at_most) {
    Clock::time_point now = Clock::now();
    loop_.step(at_most, [&](std::uint64_t key, std::uint32_t events) {
        const auto client = clients_.find(key);
        if (client != clients_.end()) client->second->step(loop_, events, now);
    });
    now = Clock::now();
    if (now < next_scan_) return;
    next_scan_ = now + 2ms;
    for (const auto& [key, client] : clients_) client->step(loop_, 0, now);
    std::erase_if(clients_, [this](const auto& entry) {
        if (!entry.second->is_over()) return false;
        if (entry.second.get() != recorder_) {
            --(dynamic_cast<EchoClient*>(entry.second.get()) != nullptr ? echo_here_ : chat_here_);
        }
        return true;
    });
    steer(now);
    watch(now);
}

/// Other numbers of clients are wanted from time to time, now and then none or all at once.
void Soak::steer(Clock::time_point now) {
    if (!inviting_) return;
    if (now >= next_steer_) {
        const Load& load = load_for(options_);
        const auto most = round_length(options_.minutes).count() / 4;
        next_steer_ = now + Milliseconds(dice_.between(50, static_cast<std::uint64_t>(most)));
        echo_wanted_ = dice_.between(1, load.echo_clients);
        chat_wanted_ = dice_.between(1, load.chat_members);
    }
    // A few at once: who comes in crowds is not let in crowds by a loop that does all the rest.
    for (int i = 0; i < 3 && verdict_.holds(); ++i) {
        if (echo_here_ < echo_wanted_) invite_echo();
        if (chat_here_ < chat_wanted_) invite_chat();
    }
}

void Soak::invite_echo() {
    test::SocketFile socket = test::connect_to(echo_.server->port());
    if (!socket.is_open()) return verdict_.fail("the echo server takes no connection");
    const std::uint64_t number = next_client_;
    ++echo_here_;
    enter(std::make_unique<EchoClient>(std::move(socket), verdict_, echo_tally_, number,
                                       Dice(hash_of({options_.seed, number})),
                                       load_for(options_).echo_flood));
}

void Soak::invite_chat() {
    const std::uint64_t number = next_client_;
    const Dice dice(hash_of({options_.seed, number}));
    const std::uint16_t port = chat_.server->port();
    test::SocketFile socket =
        ChatMember::is_deaf(dice) ? test::connect_narrowly_to(port) : test::connect_to(port);
    if (!socket.is_open()) return verdict_.fail("the chat server takes no connection");
    ++chat_here_;
    enter(std::make_unique<ChatMember>(std::move(socket), verdict_, chat_tally_, order_, number,
                                       dice, sizes_));
}

Client& Soak::enter(std::unique_ptr<Client> client) {
    Client& entered = *client;
    const std::uint64_t key = next_client_++;
    clients_.emplace(key, std::move(client));
    entered.enter(loop_, key);
    entered.step(loop_, 0, Clock::now());
    return entered;
}

void Soak::hurry_all() {
    for (const auto& [key, client] : clients_) {
        if (client.get() != recorder_) client->hurry();
    }
}

// --- watching ------------------------------------------------------------------------------------

void Soak::watch(Clock::time_point now) {
    if (now < next_look_) return;
    next_look_ = now + 1s;
    look(echo_);
    look(chat_);
    if (now >= next_line_) print_progress(now);
}

void Soak::look(Patient& patient) {
    test::Process& process = patient.server->process();
    raise(patient.worst, look_at(process.pid()));
    verdict_.expect(process.runs_for(1ms), fmt::format("the {} server has ended by itself: {}",
                                                       patient.name, process.errors()));
}

void Soak::print_progress(Clock::time_point now) {
    const double every = std::clamp(options_.minutes * 60 / 6, 1.0, 10.0);
    next_line_ = now + Milliseconds(static_cast<std::int64_t>(every * 1000));
    const Health echo = look_at(echo_.server->process().pid());
    const Health chat = look_at(chat_.server->process().pid());
    app::print(
        "{:6.1f} s: {} echo clients, {:.1f} MiB; {} chat members, {} lines; "
        "echo server {} fds, {:.1f} MiB; chat server {} fds, {:.1f} MiB\n",
        minutes(now) * 60, echo_tally_.clients, in_mebibytes(echo_tally_.received),
        chat_tally_.members, order_.lines(), echo.descriptors, in_mebibytes(echo.resident),
        chat.descriptors, in_mebibytes(chat.resident));
    app::standard_output().flush();
}

}  // namespace drydock::soak

// The phases of a chat measurement, and the epoll loop that drives the members through them.
#include "bench/chat_load_run.hpp"
#include "bench/open_files.hpp"

#include <arpa/inet.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "bench/chat_member.hpp"

namespace drydock::bench {
namespace {

// How long the server may take to let everybody join, to deliver what is owed, and to answer the
// half close.
constexpr auto patience = std::chrono::seconds(20);

/// How many members have received each line.
class Deliveries {
public:
    Deliveries(std::size_t senders, std::size_t members) : heard_(senders), members_(members) {}

    /// One more. True: it was the last.
    bool add(const ChatLine& line) {
        std::vector<std::uint16_t>& heard = heard_[line.sender];
        if (line.number >= heard.size()) heard.resize(std::size_t{2} * line.number + 64);
        return ++heard[line.number] == members_;
    }

private:
    std::vector<std::vector<std::uint16_t>> heard_;
    std::size_t members_;
};

/// When the lines of a load with a rate are due. Its descriptor is readable when one may be.
class Schedule {
public:
    explicit Schedule(double rate)
        : interval_(1e9 / rate), descriptor_(::timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC)) {
        if (descriptor_ < 0) fail("timerfd_create");
    }
    Schedule(const Schedule&) = delete;
    Schedule& operator=(const Schedule&) = delete;
    ~Schedule() { ::close(descriptor_); }

    int descriptor() const noexcept { return descriptor_; }
    std::uint64_t passed() const noexcept { return passed_; }

    void start(Clock::time_point now) {
        start_ = now;
        set(static_cast<long>(interval_));
    }
    void stop() { set(0); }
    /// After its descriptor was readable.
    void acknowledge() const {
        std::uint64_t times = 0;
        if (::read(descriptor_, &times, sizeof times) < 0) fail("read");
    }
    Clock::time_point due() const {
        const double after = interval_ * static_cast<double>(passed_);
        return start_ + std::chrono::nanoseconds(static_cast<std::int64_t>(after));
    }
    void pass() noexcept { ++passed_; }

private:
    void set(long nanoseconds) const {
        constexpr long second = 1'000'000'000;
        const ::timespec time{nanoseconds / second, nanoseconds % second};
        const ::itimerspec spec{time, time};
        if (::timerfd_settime(descriptor_, 0, &spec, nullptr) != 0) fail("timerfd_settime");
    }

    double interval_;  // nanoseconds
    int descriptor_;
    Clock::time_point start_;
    std::uint64_t passed_ = 0;
};

class ChatLoad {
public:
    explicit ChatLoad(const ChatOptions& options)
        : options_(options),
          lines_(options.size),
          memory_(128 * 1024),
          deliveries_(options.senders, options.members) {}

    LoadResult run();

private:
    void connect();
    ::sockaddr_in server_of(std::size_t member) const;
    void join();
    void start_talking();
    void say_what_is_due();
    void drain();
    void wait_for_end();
    void run_until(Clock::time_point end);
    void take_events(Clock::time_point end);
    void handle(ChatMember& member, std::uint32_t events);
    void count(const ChatLine& line, std::uint64_t nanoseconds);
    void watch(int action, ChatMember& member);

    /// Takes events until `done`, or throws a LoadError with that message.
    template <typename Done>
    void wait_until(const char* sentence, Done done);

    const ChatOptions options_;
    const ChatLines lines_;
    Poller poller_;
    std::vector<char> memory_;
    std::vector<std::unique_ptr<ChatMember>> members_;
    std::vector<ChatMember*> senders_;
    bool go_on_ = true;
    bool closing_ = false;
    std::size_t ended_ = 0;
    Deliveries deliveries_;
    std::unique_ptr<Schedule> schedule_;  // with a rate
    std::uint64_t delivered_ = 0;
    Histogram latency_;
};

LoadResult ChatLoad::run() {
    raise_open_file_limit();
    connect();
    join();
    start_talking();
    run_until(Clock::now() + options_.warm_up);
    LoadResult result;
    latency_ = Histogram();
    delivered_ = 0;
    const Observation observation(options_);
    run_until(observation.start() + options_.window);
    // On a busy machine a server may get no turn within a short window: it is given time for one.
    const Clock::time_point end = observation.start() + patience;
    while (latency_.count() == 0 && Clock::now() < end) take_events(end);
    result.window = observation.end();
    result.latency = latency_;
    result.messages = delivered_;
    if (result.messages == 0) throw LoadError("the server delivers nothing");
    drain();
    wait_for_end();
    return result;
}

/// Talking members are spread evenly in the order of joining: a server may send to its members in
/// that order, and a member that receives its own line early says its next one early.
void ChatLoad::connect() {
    const std::size_t every = options_.members / options_.senders;
    auto listener = static_cast<std::uint16_t>(options_.senders);
    for (std::size_t i = 0; i < options_.members; ++i) {
        const bool talks = i % every == every / 2 && senders_.size() < options_.senders;
        const auto id = talks ? static_cast<std::uint16_t>(senders_.size()) : listener++;
        members_.push_back(
            std::make_unique<ChatMember>(server_of(i), lines_, id, options_.senders));
        if (talks) senders_.push_back(members_.back().get());
        watch(EPOLL_CTL_ADD, *members_.back());
    }
}

::sockaddr_in ChatLoad::server_of(std::size_t member) const {
    ::sockaddr_in server = options_.server;
    const std::size_t servers = 1 + options_.more_ports.size();
    const std::size_t which = member * servers / options_.members;
    if (which > 0) server.sin_port = htons(options_.more_ports[which - 1]);
    return server;
}

/// A member cannot see that the server has let it in, until it hears something. One probe at a
/// time: the textbook's server relays in pieces the bytes that arrive together.
void ChatLoad::join() {
    constexpr auto between = std::chrono::milliseconds(10);
    Clock::time_point next = Clock::now();
    std::size_t probes = 0;
    wait_until("not all members have joined", [&] {
        if (Clock::now() >= next && senders_.front()->probes_heard() == probes) {
            senders_.front()->probe();
            ++probes;
            take_events(Clock::now() + between);
            next = Clock::now() + between;
        }
        return std::all_of(members_.begin(), members_.end(),
                           [](const auto& member) { return member->has_joined(); });
    });
}

void ChatLoad::start_talking() {
    const Clock::time_point start = Clock::now();
    if (options_.rate == 0) {
        for (ChatMember* sender : senders_) sender->say(options_.depth, start);
        return;
    }
    schedule_ = std::make_unique<Schedule>(options_.rate);
    poller_.watch(EPOLL_CTL_ADD, schedule_->descriptor(), EPOLLIN, nullptr);
    schedule_->start(start);
}

void ChatLoad::say_what_is_due() {
    schedule_->acknowledge();
    const Clock::time_point now = Clock::now();
    for (; go_on_ && schedule_->due() <= now; schedule_->pass()) {
        ChatMember& sender = *senders_[schedule_->passed() % senders_.size()];
        const bool was_blocked = sender.blocked();
        sender.say(1, schedule_->due());
        if (sender.blocked() != was_blocked) watch(EPOLL_CTL_MOD, sender);
    }
}

/// The last lines must still reach every member, though they no longer count.
void ChatLoad::drain() {
    go_on_ = false;
    if (schedule_) schedule_->stop();
    std::uint64_t said = 0;
    for (const ChatMember* sender : senders_) said += sender->said();
    wait_until("not everybody got all that was said", [&] {
        return std::all_of(members_.begin(), members_.end(),
                           [said](const auto& member) { return member->delivered() == said; });
    });
}

void ChatLoad::wait_for_end() {
    closing_ = true;
    for (const auto& member : members_) member->shutdown_send();
    wait_until("the server does not answer the half close",
               [this] { return ended_ == members_.size(); });
}

template <typename Done>
void ChatLoad::wait_until(const char* sentence, Done done) {
    const Clock::time_point end = Clock::now() + patience;
    while (!done()) {
        if (Clock::now() >= end) throw LoadError(sentence);
        take_events(std::min(end, Clock::now() + std::chrono::milliseconds(10)));
    }
}

void ChatLoad::run_until(Clock::time_point end) {
    while (Clock::now() < end) take_events(end);
}

void ChatLoad::take_events(Clock::time_point end) {
    for (const ::epoll_event& event : poller_.wait(end)) {
        if (event.data.ptr == nullptr) {
            say_what_is_due();
        } else {
            handle(*static_cast<ChatMember*>(event.data.ptr), event.events);
        }
    }
}

void ChatLoad::handle(ChatMember& member, std::uint32_t events) {
    const bool was_blocked = member.blocked();
    if ((events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0) {
        const bool ended = member.receive(
            memory_, [this](const ChatLine& line, std::uint64_t time) { count(line, time); });
        if (ended) {
            if (!closing_) throw LoadError("the server closed a member's connection");
            ++ended_;
            return poller_.watch(EPOLL_CTL_DEL, member.descriptor(), 0, nullptr);
        }
        const bool says_next = go_on_ && !schedule_ && member.came_back() > 0;
        if (says_next) member.say(member.came_back(), Clock::now());
    } else {
        member.flush();
    }
    if (member.blocked() != was_blocked) watch(EPOLL_CTL_MOD, member);
}

void ChatLoad::count(const ChatLine& line, std::uint64_t nanoseconds) {
    ++delivered_;
    if (!options_.to_last || deliveries_.add(line)) latency_.add(nanoseconds);
}

void ChatLoad::watch(int action, ChatMember& member) {
    poller_.watch(action, member.descriptor(), member.blocked() ? EPOLLIN | EPOLLOUT : EPOLLIN,
                  &member);
}

}  // namespace

LoadResult run_chat(const ChatOptions& options) { return ChatLoad(options).run(); }

}  // namespace drydock::bench

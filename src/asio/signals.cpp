// Signal sets: the signals of the process, or those that a world raises.
#include <drydock/asio/signals.hpp>

#include <array>
#include <atomic>
#include <csignal>
#include <thread>
#include <utility>

namespace drydock::asio_detail {

namespace {

#if defined(NSIG)
constexpr std::size_t signals_end = NSIG;
#else
constexpr std::size_t signals_end = 32;
#endif

constexpr std::size_t at(int number) noexcept { return static_cast<std::size_t>(number); }

/// The signals of this process. It lives as long as the process: a signal may come at any time.
class SystemSignals {
public:
    static SystemSignals& instance() {
        static auto* const signals = new SystemSignals;  // tidy: allow(banned-call) as said above
        return *signals;
    }

    void join(SignalSet& set) {
        const std::lock_guard lock(mutex_);
        sets_.push_back(&set);
    }
    void leave(SignalSet& set) noexcept {
        const std::lock_guard lock(mutex_);
        std::erase(sets_, &set);
    }
    /// One more set waits for the signal. False: the system has no such signal.
    bool use(int number) {
        const std::lock_guard lock(mutex_);
        if (uses_[at(number)] == 0 && std::signal(number, &SystemSignals::caught) == SIG_ERR) {
            return false;
        }
        ++uses_[at(number)];
        return true;
    }
    void disuse(int number) noexcept {
        const std::lock_guard lock(mutex_);
        if (--uses_[at(number)] == 0) std::signal(number, SIG_DFL);
    }

private:
    SystemSignals() {
        std::thread([this] { deliver(); }).detach();
    }

    /// In the context of a signal handler: counts, and wakes the thread.
    static void caught(int number) {
        std::signal(number, &SystemSignals::caught);
        counts_[at(number)].fetch_add(1);
        total_.fetch_add(1);
        total_.notify_one();
    }

    void deliver() {
        std::array<unsigned, signals_end> delivered{};
        unsigned seen = 0;
        for (;;) {
            total_.wait(seen);
            seen = total_.load();
            for (int number = 0; at(number) < signals_end; ++number) {
                while (delivered[at(number)] != counts_[at(number)].load()) {
                    ++delivered[at(number)];
                    const std::lock_guard lock(mutex_);
                    for (SignalSet* set : sets_) set->raised(number);
                }
            }
        }
    }

    static inline std::array<std::atomic<unsigned>, signals_end> counts_{};
    static inline std::atomic<unsigned> total_{0};
    std::mutex mutex_;
    std::vector<SignalSet*> sets_;
    std::array<unsigned, signals_end> uses_{};
};

}  // namespace

SignalSet::SignalSet(Loop& loop) : Closable(loop), loop_(loop), mutex_(loop.locks()) {
    if (Surroundings* const surroundings = loop.surroundings()) {
        surroundings->join(static_cast<SignalSink&>(*this));
    } else if (!loop.queue().has_virtual_time()) {
        SystemSignals::instance().join(*this);
    }
}

SignalSet::~SignalSet() {
    leave();
    clear();
    cancel();
    if (Surroundings* const surroundings = loop_.surroundings()) {
        surroundings->leave(static_cast<SignalSink&>(*this));
    } else if (!loop_.queue().has_virtual_time()) {
        SystemSignals::instance().leave(*this);
    }
}

SignalSet::Member* SignalSet::find(int number) noexcept {
    for (Member& member : members_) {
        if (member.number == number) return &member;
    }
    return nullptr;
}

Trouble SignalSet::add(int number) {
    if (number <= 0 || at(number) >= signals_end) return Reason::invalid;
    {
        const std::lock_guard lock(mutex_);
        if (find(number) != nullptr) return {};
        members_.push_back({number, 0});
    }
    if (loop_.queue().has_virtual_time() || SystemSignals::instance().use(number)) return {};
    const std::lock_guard lock(mutex_);
    members_.pop_back();
    return Reason::invalid;
}

Trouble SignalSet::remove(int number) {
    if (number < 0 || at(number) >= signals_end) return Reason::invalid;
    {
        const std::lock_guard lock(mutex_);
        if (find(number) == nullptr) return {};
        std::erase_if(members_, [&](const Member& member) { return member.number == number; });
    }
    if (!loop_.queue().has_virtual_time()) SystemSignals::instance().disuse(number);
    return {};
}

void SignalSet::clear() {
    while (!members_.empty()) remove(members_.back().number);
}

void SignalSet::start_wait(SignalWait& wait) {
    const std::lock_guard lock(mutex_);
    loop_.work_started();
    for (Member& member : members_) {
        if (member.pending == 0) continue;
        --member.pending;
        wait.number = member.number;
        return loop_.add(wait);
    }
    SignalWait** last = &first_;
    while (*last != nullptr) last = &(*last)->following_;
    *last = &wait;
}

void SignalSet::cancel() noexcept {
    const std::lock_guard lock(mutex_);
    while (first_ != nullptr) {
        SignalWait& wait = *std::exchange(first_, first_->following_);
        wait.trouble = Error::canceled;
        loop_.add(wait);
    }
}

void SignalSet::cancel(SignalWait& wait) noexcept {
    const std::lock_guard lock(mutex_);
    for (SignalWait** at = &first_; *at != nullptr; at = &(*at)->following_) {
        if (*at != &wait) continue;
        *at = wait.following_;
        wait.trouble = Error::canceled;
        return loop_.add(wait);
    }
}

bool SignalSet::raised(int number) noexcept {
    const std::lock_guard lock(mutex_);
    Member* const member = find(number);
    if (member == nullptr) return false;
    if (first_ == nullptr) {
        ++member->pending;
        return true;
    }
    // As Asio: every wait of the set gets the signal.
    while (first_ != nullptr) {
        SignalWait& wait = *std::exchange(first_, first_->following_);
        wait.number = number;
        loop_.add(wait);
    }
    return true;
}

}  // namespace drydock::asio_detail

// Specimen: only what a member says keeps it from being idle.
//
// A defect that every server with an idle timeout can have: a member that listens to a busy room,
// and says nothing itself, is closed in the middle of what it hears.
#include "tests/zoo/specimens/chat_specimens.hpp"

namespace drydock::zoo {
namespace {

class TakesListenersForIdle final : public ChatSpecimen {
public:
    TakesListenersForIdle(sim::World& world, Listener listener, const chat::ServerOptions& options)
        : ChatSpecimen(world, std::move(listener), options), watching_(world), timer_(world) {}

private:
    Task<void> add(Handle handle) override {
        if (options_.idle_timeout > Duration::zero() && is_first()) watching_.spawn(watch());
        moved(handle);
        co_await ChatSpecimen::add(handle);
    }

    Task<bool> take(Seat& seat, chat::LineFramer& framer, std::string_view bytes) override {
        moved(seat.handle);  // and nothing of the kind where it is sent something
        return ChatSpecimen::take(seat, framer, bytes);
    }

    Task<void> stopped() override {
        timer_.cancel();
        co_await watching_.join();
    }

    Task<void> watch() {
        for (;;) {
            const bool elapsed = co_await timer_.after(options_.idle_timeout / 4);
            if (!elapsed) co_return;
            const auto shared = use_shared();
            for (const Handle handle : members_) {
                const bool idle = world_.now() - moved_[handle] >= options_.idle_timeout;
                if (Seat* const seat = find(handle); seat != nullptr && idle) cut_off(*seat);
            }
        }
    }

    bool is_first() {
        const auto shared = use_shared();
        return learn(!std::exchange(watched_, true));
    }

    void moved(Handle handle) {
        const auto shared = use_shared();
        if (moved_.size() <= handle) moved_.resize(handle + 1);
        moved_[handle] = world_.now();
    }

    std::uint64_t more_state() const noexcept override {
        std::uint64_t hash = hash_of({ChatSpecimen::more_state(), watched_ ? 1U : 0U});
        for (const Time moved : moved_) {
            const Duration since_epoch = moved.time_since_epoch();
            hash = hash_with(hash, static_cast<std::uint64_t>(since_epoch.count()));
        }
        return hash;
    }

    TaskGroup watching_;
    Timer timer_;
    std::vector<Time> moved_;  // by handle
    bool watched_ = false;
};

}  // namespace

DRYDOCK_CHAT_SPECIMEN(make_takes_listeners_for_idle) {
    return std::make_unique<TakesListenersForIdle>(world, std::move(listener), options);
}

}  // namespace drydock::zoo

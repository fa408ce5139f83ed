// Specimen: a broadcast sends to one member after the other, and waits for each.
//
// IOCPchatserv_win 4: a blocking send inside a worker, so that one member who does not read stops
// everybody. Lines go through one queue here, so order and wholeness are right.
#include <drydock/async_queue.hpp>

#include "tests/zoo/specimens/chat_specimens.hpp"

namespace drydock::zoo {
namespace {

class WaitsForSlowReaders final : public ChatSpecimen {
public:
    WaitsForSlowReaders(sim::World& world, Listener listener, const chat::ServerOptions& options)
        : ChatSpecimen(world, std::move(listener), options), said_(world), broadcasting_(world) {
        broadcasting_.spawn(broadcast());
    }

private:
    Task<void> publish(Seat&, std::string lines) override {
        said_.push(std::move(lines));
        const auto shared = use_shared();
        ++pushed_;
        co_return;
    }

    Task<void> broadcast() {
        for (;;) {
            const std::optional<std::string> lines = co_await said_.pop();
            if (!lines) co_return;
            const std::vector<Handle> members = members_now();
            for (const Handle handle : members) {
                Seat* const seat = seated_now(handle);
                if (seat == nullptr) continue;
                serve_now(seat);
                const Result sent = co_await send_all(seat->socket, std::string_view(*lines));
                if (!sent.ok()) cut_off(*seat);
                serve_now(nullptr);
            }
            const auto shared = use_shared();
            ++done_;
        }
    }

    void serve_now(Seat* seat) {
        const auto shared = use_shared();
        serving_ = seat;
    }

    std::size_t pushed() const {
        const auto shared = use_shared();
        return learn(pushed_);
    }

    Task<void> finish(Seat&) override {
        const auto given_out = [this, underway = pushed()] { return done_ >= underway; };
        co_await until(given_out);
    }

    Task<void> release(Seat& seat) override {
        const auto unused = [this, &seat] { return serving_ != &seat; };
        co_await until(unused);
    }

    Task<void> stopped() override {
        said_.close();
        co_await broadcasting_.join();
    }

    std::uint64_t more_state() const noexcept override {
        const std::uint64_t serving = serving_ == nullptr ? 0 : serving_->number();
        return hash_of({ChatSpecimen::more_state(), serving, pushed_, done_});
    }

    AsyncQueue<std::string> said_;
    TaskGroup broadcasting_;
    Seat* serving_ = nullptr;
    std::size_t pushed_ = 0;
    std::size_t done_ = 0;
};

}  // namespace

DRYDOCK_CHAT_SPECIMEN(make_waits_for_slow_readers) {
    return std::make_unique<WaitsForSlowReaders>(world, std::move(listener), options);
}

}  // namespace drydock::zoo

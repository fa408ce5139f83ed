// Specimen: a broadcast goes on with the handles that it has noted at its beginning.
//
// IOCPchatserv_win 6: a socket that one worker has closed is still being sent to by another; once
// the handle is used again, one person's line goes to another connection. One broadcast at a time
// here, so order is right, and nobody is waited for.
#include <drydock/async_queue.hpp>

#include "tests/zoo/specimens/chat_specimens.hpp"

namespace drydock::zoo {
namespace {

class SendsToReusedHandles final : public ChatSpecimen {
public:
    SendsToReusedHandles(sim::World& world, Listener listener, const chat::ServerOptions& options)
        : ChatSpecimen(world, std::move(listener), options), said_(world), broadcasting_(world) {
        broadcasting_.spawn(broadcast());
    }

private:
    struct Said {
        std::string lines;
        std::vector<Handle> members;
        AutoResetEvent* given_out = nullptr;
    };

    Task<void> publish(Seat&, std::string lines) override {
        AutoResetEvent given_out(world_);
        Said said;
        said.lines = std::move(lines);
        said.members = members_now();
        said.given_out = &given_out;
        said_.push(std::move(said));
        co_await given_out.wait();
    }

    Task<void> broadcast() {
        Timer timer(world_);
        for (;;) {
            const std::optional<Said> said = co_await said_.pop();
            if (!said) co_return;
            for (const Handle handle : said->members) {
                if (Seat* const seat = find(handle); seat != nullptr) put(*seat, said->lines);
                // A send takes its time.
                co_await timer.after(std::chrono::microseconds(100));
            }
            said->given_out->set();
        }
    }

    Task<void> stopped() override {
        said_.close();
        co_await broadcasting_.join();
    }

    AsyncQueue<Said> said_;
    TaskGroup broadcasting_;
};

}  // namespace

DRYDOCK_CHAT_SPECIMEN(make_sends_to_reused_handles) {
    return std::make_unique<SendsToReusedHandles>(world, std::move(listener), options);
}

}  // namespace drydock::zoo

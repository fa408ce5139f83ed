// Chat servers that share a room by a relay, in simulated worlds: what members hear.
#include <algorithm>
#include <array>

#include "src/chat/probes.hpp"
#include "src/chat/server.hpp"
#include "tests/relay/worlds.hpp"

namespace drydock::relay {
namespace {

/// A chat server with a relay.
class Host {
public:
    Host(sim::World& world, const TestBroker& broker, const std::string& name)
        : group_(world), exchange_(world, options_for(broker, name), log) {
        ListenResult listening = world.listen(Endpoint::loopback(0), {});
        endpoint_ = listening.listener->local_endpoint();
        chat::ServerOptions options;
        options.grace = 20s;
        server_ = std::make_unique<chat::Server>(world, std::move(listening.listener), options, log,
                                                 &exchange_);
        group_.spawn(server_->run());
    }

    Endpoint endpoint() const { return endpoint_; }
    void request_stop() { server_->request_stop(); }
    Task<void> stop() {
        server_->request_stop();
        co_await group_.join();
    }
    chat::ServerStats stats() { return server_->stats(); }

    test::RecordingLog log;

private:
    TaskGroup group_;
    Exchange exchange_;
    Endpoint endpoint_;
    std::unique_ptr<chat::Server> server_;
};

/// A member that says its lines, half-closes, and listens to the end.
struct Member {
    std::size_t number = 0;
    std::string lines;
    std::string heard;
    bool joined = false;
    bool has_said_all = false;
    bool saw_end = false;
    bool damaged = false;
};

Task<void> listen_to_the_end(AsyncSocket& socket, Member& member) {
    std::vector<std::byte> buffer(256);
    for (;;) {
        const Result received = co_await receive(socket, buffer);
        if (!received.ok()) co_return;
        if (received.bytes == 0) {
            member.saw_end = true;
            co_return;
        }
        member.heard += as_text(std::span(buffer).first(received.bytes));
    }
}

class SharedRoom {
public:
    explicit SharedRoom(sim::World& world)
        : world_(world),
          broker_(world, kept()),
          oracle_(world, options_for(broker_, "oracle")),
          hosts_{{{world, broker_, "one"}, {world, broker_, "second"}}} {}

    Task<void> run() {
        Timer timer(world_);
        while (!(co_await oracle_.exchange.check(0s)).ok()) co_await timer.after(10ms);
        oracle_.start();
        for (std::size_t i = 0; i < members_.size(); ++i) members_[i].number = i;
        TaskGroup group(world_);
        for (Member& member : members_) group.spawn(visit(member));
        group.spawn(disturb());
        co_await group.join();
        for (Host& host : hosts_) co_await host.stop();
        co_await oracle_.say("the end\n", true);
        co_await oracle_.finish();
        co_await broker_.stop();
        for (const Member& member : members_) judge(member);
    }

private:
    Task<void> visit(Member& member) {
        Timer timer(world_);
        co_await timer.after(std::chrono::milliseconds(20 * world_.choose(4, "joins after")));
        SocketResult connected = co_await connect(world_, hosts_[member.number % 2].endpoint());
        if (!connected.ok()) co_return;
        AsyncSocket& socket = *connected.socket;
        world_.identify(socket, "member", static_cast<std::uint32_t>(member.number));
        member.joined = true;
        TaskGroup group(world_);
        group.spawn(listen_to_the_end(socket, member));
        bool good = true;
        for (int k = 0; k < 3 && good; ++k) {
            const std::string line =
                std::to_string(member.number) + "." + std::to_string(k) + (k < 2 ? "\n" : "");
            good = (co_await send_all(socket, std::string_view(line))).ok();
            member.lines += line;
            if (world_.flip(2, "pauses")) co_await timer.after(20ms);
        }
        member.lines += "\n";
        member.has_said_all = good;
        if (good) {
            socket.shutdown_send();
        } else {
            socket.cancel();
        }
        co_await group.join();
        member.damaged = world_.damaged(socket);
    }

    Task<void> disturb() {
        Timer timer(world_);
        const std::uint32_t times = world_.choose(3, "disturbances");
        for (std::uint32_t i = 0; i < times; ++i) {
            co_await timer.after(std::chrono::milliseconds(10 * world_.choose(10, "waits")));
            if (world_.flip(4, "stops a server")) {
                stopped_ = true;
                hosts_[1].request_stop();
                continue;
            }
            co_await broker_.stop();
            co_await timer.after(std::chrono::milliseconds(100 * world_.choose(5, "down for")));
            broker_.start();
        }
    }

    void judge(const Member& member) {
        const std::string name = "member " + std::to_string(member.number);
        const std::string all = "\n" + oracle_.heard;
        const std::size_t at = all.find("\n" + member.heard);
        if (!member.heard.empty() && at == std::string::npos) {
            world_.fail("room-order", name + " heard\n" + member.heard + "of" + all);
        }
        if (member.damaged) return;
        const bool owed = member.has_said_all && member.saw_end && !stopped_;
        if (!owed) {
            const bool excused = !member.joined || stopped_ || any_damage();
            if (!excused) world_.fail("room-end", name + " saw no end of the stream");
            return;
        }
        std::size_t from = 0;
        for (int k = 0; k < 3; ++k) {
            const std::string line = std::to_string(member.number) + "." + std::to_string(k) + "\n";
            const std::size_t place = member.heard.find(line, from);
            if (place == std::string::npos) {
                world_.fail("room-own", name + " lacks " + line + " in\n" + member.heard);
                return;
            }
            from = place + line.size();
        }
    }
    /// A server that was short of something may have cut its member.
    bool any_damage() const {
        return world_.active_faults().has(sim::Fault::no_buffers) ||
               world_.active_faults().has(sim::Fault::network_reset) ||
               world_.active_faults().has(sim::Fault::accept_reset);
    }

    sim::World& world_;
    TestBroker broker_;
    Station oracle_;
    std::array<Host, 2> hosts_;
    std::array<Member, 4> members_;
    bool stopped_ = false;
};

Task<void> run_room(sim::World& world) {
    SharedRoom room(world);
    co_await room.run();
}

TEST(SharedRoom, GivesEveryMemberOneOrderAndItsOwnLastLinesWhateverHappens) {
    const auto seeds = static_cast<std::uint64_t>(test::scaled(600));
    ProbeCounts hits = expect_runs_pass(&run_room, seeds);
    if (seeds < 600) return;
    EXPECT_GT(hits[chat::probes::awaited_return], 0U);
    EXPECT_GT(hits[chat::probes::drained_after_leave], 0U);
}

}  // namespace
}  // namespace drydock::relay

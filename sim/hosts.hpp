// The hosts of a world: the machines beside its own, their faults, and the partitions between them.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <source_location>
#include <string>
#include <string_view>
#include <vector>

#include <drydock/event.hpp>
#include <drydock/sim/host.hpp>
#include <drydock/task_group.hpp>

#include "sim/durable_store.hpp"
#include "sim/machine.hpp"
#include "sim/network.hpp"

namespace drydock::sim {

/// The clock of a host beside the world's: ahead by some time, and faster or slower.
struct HostClock {
    Duration ahead{0};
    std::int64_t ticks = 1;  // of the host for
    std::int64_t per = 1;    // so many of the world

    Time of_host(Time world) const noexcept {
        return Time(ahead + world.time_since_epoch() * ticks / per);
    }
    /// The earliest time of the world at which the host's clock shows this. `never` stays.
    Time of_world(Time host) const noexcept;
};

class SimHost final : public Host {
public:
    SimHost(SimWorld& world, std::string name, std::uint8_t number);
    ~SimHost() override;

    // Host
    std::string_view name() const noexcept override { return name_; }
    Endpoint endpoint(std::uint16_t port) const noexcept override {
        return machine_.address(Endpoint::Family::ipv4, port);
    }
    Endpoint endpoint_v6(std::uint16_t port) const noexcept override {
        return machine_.address(Endpoint::Family::ipv6, port);
    }
    void run(Program program) override;
    bool running() const noexcept override;
    std::uint64_t starts() const noexcept override;
    Task<void> ended() override;
    void spare() noexcept override { spared_ = true; }
    void be_prompt() noexcept override { machine_.prompt = true; }
    void shut_down() override;
    void crash(bool power, Duration pause) override;
    DurableStore& store() noexcept override { return store_; }

    // CompletionQueue
    Time now() const noexcept override;
    ListenResult listen(const Endpoint& endpoint, const ListenOptions& options) override;
    void connect(SocketOperation& operation, const Endpoint& endpoint) noexcept override;
    void start_timer(Operation& operation, Time deadline) noexcept override;
    void cancel(Operation& operation) noexcept override;
    void post(Operation& operation) noexcept override;
    std::size_t wait(std::span<Completion> completions, Time deadline) noexcept override;
    bool start_step(Operation& operation) noexcept override;
    bool has_virtual_time() const noexcept override { return true; }
    bool has_steps() const noexcept override;
    void monitor_entered(const void* monitor, std::source_location where) noexcept override;
    void monitor_left(const void* monitor) noexcept override;
    bool monitor_contended(std::source_location where) noexcept override;
    void task_joined(const void* task, std::source_location where) noexcept override;
    void task_left(const void* task) noexcept override;
    void probe(std::string_view probe) noexcept override;
    void violated(const Violation& violation) noexcept override;
    void waits(const Operation& operation) noexcept override;
    void touched(const void* object) noexcept override;
    void entered(const void* object) noexcept override;
    void learned(std::uint64_t value) noexcept override;
    void left(const void* object, const StateView& view) noexcept override;
    bool explores() const noexcept override;
    bool counts_overtakings() const noexcept override;
    void settled(std::uint64_t value, std::source_location where) noexcept override;
    void gave(const void* object) noexcept override;
    void created(const void* object) noexcept override;
    void created_open(const void* object) noexcept override;
    void gone(const void* object) noexcept override;

    // For Hosts
    Machine& machine() noexcept { return machine_; }
    void set_clock(const HostClock& clock) noexcept { clock_ = clock; }
    bool spared() const noexcept { return spared_; }
    /// The program has begun, and no crash has ended it.
    bool up() const noexcept { return program_ != nullptr && !machine_.down; }
    /// Everything on it ends as it stands.
    void go_down(Network::Farewell farewell, std::string_view how);
    /// It comes back then; `never`: when the world turns calm.
    void come_back(Time at) noexcept;
    void became_calm() noexcept;
    /// Destroys what is left of the program.
    void clear() noexcept;
    std::uint64_t state_hash() const noexcept;

private:
    class Boot final : public Operation {
    public:
        explicit Boot(SimHost& host) noexcept : Operation(&Boot::run), host_(host) {}
        ~Boot() = default;

    private:
        static void run(Operation& operation, const Result& result) noexcept;
        SimHost& host_;
    };

    void boot();
    Task<void> supervise(Task<void> program);
    void forget(Operation& operation) noexcept;

    SimWorld& world_;
    const std::string name_;
    Machine machine_;
    HostClock clock_;
    SimStore store_;
    Program program_;
    Boot boot_;
    AsyncEvent ended_;
    std::optional<TaskGroup> tasks_;
    std::uint64_t starts_ = 0;
    bool running_ = false;
    bool spared_ = false;
};

class Hosts {
public:
    explicit Hosts(SimWorld& world) noexcept : world_(world) {}

    Host& host(std::string_view name);
    bool any() const noexcept { return !hosts_.empty(); }
    /// Number 0 is the world's own.
    Machine& machine(std::uint8_t number) noexcept;
    /// The host for which `fits` holds, or null.
    template <typename Fits>
    Machine* find(Fits fits) noexcept {
        for (const auto& host : hosts_) {
            if (fits(host->machine())) return &host->machine();
        }
        return nullptr;
    }

    /// A completion is about to come out on this host. True: it crashes instead. `step` is the
    /// number of the operation's start, for the step watcher.
    bool crashes(std::uint8_t number, std::uint64_t step) noexcept;
    /// When something that is sent now gets from one machine to the other: now, or at the end of a
    /// partition, which may begin here.
    Time passes(const Machine& from, const Machine& to) noexcept;

    void became_calm() noexcept;
    /// A step of this host is dependent on its crash.
    void touch(std::uint8_t number) noexcept;
    void clear() noexcept;
    std::uint64_t state_hash() const noexcept;

private:
    /// By the numbers of machines, as bits.
    struct Partition {
        std::uint64_t from = 0;
        std::uint64_t to = 0;
        bool both_ways = true;
        Time until{};

        bool blocks(const Machine& sender, const Machine& receiver) const noexcept {
            const auto has = [](std::uint64_t set, const Machine& machine) {
                return (set >> machine.number & 1) != 0;
            };
            return (has(from, sender) && has(to, receiver)) ||
                   (both_ways && has(to, sender) && has(from, receiver));
        }
    };

    void skew_clock(SimHost& host);
    void maybe_partition() noexcept;
    std::string text(const Partition& partition) const;

    SimWorld& world_;
    std::vector<std::unique_ptr<SimHost>> hosts_;  // number 1 first
    std::vector<Partition> partitions_;
    std::uint64_t crashes_ = 0;
};

}  // namespace drydock::sim

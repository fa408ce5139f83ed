// Hosts that start, crash and come back, and what lies between them.
#include "sim/hosts.hpp"

#include <algorithm>
#include <array>

#include <drydock/hash.hpp>

#include "sim/invalid.hpp"
#include "sim/world.hpp"

namespace drydock::sim {
namespace {

constexpr std::size_t most_hosts = 60;
constexpr std::size_t longest_host_name = 40;

bool is_host_name(std::string_view name) noexcept {
    const auto fits = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == ' ' || c == '-' || c == '_' || c == '.';
    };
    return !name.empty() && name.size() <= longest_host_name &&
           std::all_of(name.begin(), name.end(), fits);
}

std::string milliseconds_text(Duration span) {
    return std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(span).count()) +
           " ms";
}

}  // namespace

Time HostClock::of_world(Time host) const noexcept {
    const Duration since = host.time_since_epoch() - ahead;
    if (since <= Duration::zero()) return Time();
    constexpr std::int64_t most = Duration::max().count() / 16;
    if (since.count() > most) return never;
    return Time(Duration((since.count() * per + ticks - 1) / ticks));
}

// --- the life of a host -------------------------------------------------------------------------

SimHost::SimHost(SimWorld& world, std::string name, std::uint8_t number)
    : world_(world),
      name_(std::move(name)),
      machine_{this, number, name_},
      store_(world.choices(), world.watch()),
      boot_(*this),
      ended_(world) {
    world.watch().created(&machine_, Owner::network);
}

SimHost::~SimHost() { clear(); }

void SimHost::clear() noexcept {
    machine_.down = true;
    tasks_.reset();
    boot_.abandon();
}

void SimHost::run(Program program) {
    if (program_ != nullptr) {
        return world_.fail("scenario", "run() was called twice for the host '" + name_ + "'");
    }
    program_ = std::move(program);
    boot();
}

void SimHost::boot() {
    machine_.down = machine_.silent = false;
    ++starts_;
    running_ = true;
    world_.watch().touched(&machine_, Owner::network);
    world_.chronicle().host_started(machine_, starts_);
    world_.network().machine_back(machine_);
    tasks_.emplace(static_cast<CompletionQueue&>(*this));
    tasks_->spawn(supervise(program_(*this)));
}

void SimHost::Boot::run(Operation& operation, const Result&) noexcept {
    static_cast<Boot&>(operation).host_.boot();
}

Task<void> SimHost::supervise(Task<void> program) {
    co_await std::move(program);
    running_ = false;
    ended_.set();
}

bool SimHost::running() const noexcept {
    world_.watch().touched(&machine_, Owner::network);
    return world_.watch().learned(running_ ? 1 : 0) == 1;
}

std::uint64_t SimHost::starts() const noexcept {
    world_.watch().touched(&machine_, Owner::network);
    return world_.watch().learned(starts_);
}

Task<void> SimHost::ended() { co_await ended_.wait(); }

/// Its memory goes away with the host.
void SimHost::forget(Operation& operation) noexcept {
    if (record_of(operation).in_timeline) world_.timeline().remove(operation);
    world_.order().forget(operation);
    world_.in_flight().abandon(operation);
    operation.abandon();
}

void SimHost::go_down(Network::Farewell farewell, std::string_view how) {
    world_.watch().touched(&machine_, Owner::network);
    machine_.down = true;
    machine_.silent = farewell == Network::Farewell::none;
    running_ = false;
    world_.chronicle().host_ended(machine_, how);
    world_.in_flight().for_each([&](Operation& operation) {
        if (record_of(operation).machine == machine_.number) forget(operation);
    });
    world_.in_flight().forget_waiting(machine_);
    world_.network().machine_gone(machine_, farewell);
    if (farewell != Network::Farewell::close) store_.lose_power();
    tasks_.reset();
}

/// What the program was before the crash has no influence on what it will be: only its store has.
void SimHost::come_back(Time at) noexcept {
    world_.watch().begins_anew(hash_of({machine_.number, starts_}));
    world_.start_timer(world_.own_machine(), boot_, at);
}

void SimHost::became_calm() noexcept {
    const bool pending = boot_.in_flight() && !record_of(boot_).decided;
    if (!pending) return;
    if (record_of(boot_).in_timeline) world_.timeline().remove(boot_);
    world_.decide(boot_, Result::success());
}

void SimHost::shut_down() {
    if (world_.frozen()) return;
    world_.watch().touched(&machine_, Owner::network);
    if (boot_.in_flight()) forget(boot_);
    if (up()) go_down(Network::Farewell::close, "it was shut down");
    ended_.set();
}

void SimHost::crash(bool power, Duration pause) {
    if (world_.frozen()) return;
    world_.watch().touched(&machine_, Owner::network);
    if (!up()) return;
    go_down(power ? Network::Farewell::none : Network::Farewell::close,
            power ? "its power was cut" : "its program was killed");
    come_back(world_.calm() ? world_.now() : later(world_.now(), pause));
}

std::uint64_t SimHost::state_hash() const noexcept {
    const std::uint64_t flags =
        (machine_.down ? 1U : 0U) | (machine_.silent ? 2U : 0U) | (running_ ? 4U : 0U);
    return hash_of({machine_.number, flags, starts_, store_.state_hash(),
                    static_cast<std::uint64_t>(clock_.ahead.count()),
                    static_cast<std::uint64_t>(clock_.ticks),
                    static_cast<std::uint64_t>(clock_.per)});
}

// --- the queue of its programs ------------------------------------------------------------------

Time SimHost::now() const noexcept { return clock_.of_host(world_.now()); }

ListenResult SimHost::listen(const Endpoint& endpoint, const ListenOptions& options) {
    return world_.network().listen(machine_, endpoint, options);
}

void SimHost::connect(SocketOperation& operation, const Endpoint& endpoint) noexcept {
    world_.connect(machine_, operation, endpoint);
}

void SimHost::start_timer(Operation& operation, Time deadline) noexcept {
    world_.start_timer(machine_, operation, deadline == never ? never : clock_.of_world(deadline));
}

void SimHost::cancel(Operation& operation) noexcept { world_.cancel(machine_, operation); }

void SimHost::post(Operation& operation) noexcept { world_.post(machine_, operation); }

std::size_t SimHost::wait(std::span<Completion>, Time) noexcept {
    world_.fail("scenario",
                "wait() was called for the host '" + name_ + "': the world drives all hosts");
    return 0;
}

bool SimHost::start_step(Operation& operation) noexcept {
    return world_.start_step(machine_, operation);
}

bool SimHost::has_steps() const noexcept { return world_.has_steps(); }

void SimHost::monitor_entered(const void* monitor, std::source_location where) noexcept {
    if (!machine_.down) world_.monitor_entered(monitor, where);
}

void SimHost::monitor_left(const void* monitor) noexcept {
    if (!machine_.down) world_.monitor_left(monitor);
}

bool SimHost::monitor_contended(std::source_location where) noexcept {
    return machine_.down ? false : world_.monitor_contended(where);
}

void SimHost::task_joined(const void* task, std::source_location where) noexcept {
    world_.task_joined(task, where);
}

void SimHost::task_left(const void* task) noexcept { world_.task_left(task); }

void SimHost::probe(std::string_view probe) noexcept {
    if (!machine_.down) world_.probe(probe);
}

/// What a crash destroys breaks no rule.
void SimHost::violated(const Violation& violation) noexcept {
    if (!machine_.down) world_.violated(violation);
}

void SimHost::waits(const Operation& operation) noexcept { world_.waits(machine_, operation); }

void SimHost::touched(const void* object) noexcept {
    if (!machine_.down) world_.touched(object);
}

void SimHost::entered(const void* object) noexcept {
    if (!machine_.down) world_.entered(object);
}

void SimHost::learned(std::uint64_t value) noexcept { world_.learned(value); }

void SimHost::left(const void* object, const StateView& view) noexcept {
    if (!machine_.down) world_.left(object, view);
}

bool SimHost::explores() const noexcept { return world_.explores(); }

bool SimHost::counts_overtakings() const noexcept { return world_.counts_overtakings(); }

void SimHost::settled(std::uint64_t value, std::source_location where) noexcept {
    world_.settled(value, where);
}

void SimHost::gave(const void* object) noexcept { world_.gave(object); }

void SimHost::created(const void* object) noexcept { world_.created(object); }

void SimHost::created_open(const void* object) noexcept { world_.created_open(object); }

void SimHost::gone(const void* object) noexcept { world_.gone(object); }

// --- all hosts ----------------------------------------------------------------------------------

Host& Hosts::host(std::string_view name) {
    for (const auto& host : hosts_) {
        if (host->name() == name) return *host;
    }
    if (!is_host_name(name)) {
        refuse_argument("'" + std::string(name) +
                        "' cannot be the name of a host: it has 1 to 40 letters, digits, spaces, "
                        "'-', '_' and '.'");
    }
    if (hosts_.size() == most_hosts) refuse_argument("a world has at most 60 hosts");
    if (hosts_.empty()) {
        const RunOptions& options = world_.options();
        world_.swarm().choose_for_hosts(options.faults, options.always);
    }
    const auto number = static_cast<std::uint8_t>(hosts_.size() + 1);
    hosts_.push_back(std::make_unique<SimHost>(world_, std::string(name), number));
    SimHost& made = *hosts_.back();
    world_.chronicle().host_made(made.name());
    skew_clock(made);
    return made;
}

void Hosts::skew_clock(SimHost& host) {
    constexpr std::array<HostClock, 5> clocks = {
        HostClock{std::chrono::milliseconds(1500), 1, 1}, HostClock{std::chrono::hours(30), 1, 1},
        HostClock{Duration(0), 11, 10}, HostClock{Duration(0), 9, 10},
        HostClock{std::chrono::seconds(40), 2, 1}};
    const auto which = world_.swarm().strikes(Fault::clock_skew, "host: clock",
                                              static_cast<std::uint32_t>(clocks.size()),
                                              "host: how its clock runs");
    if (which) host.set_clock(clocks[*which]);
}

Machine& Hosts::machine(std::uint8_t number) noexcept {
    return number == 0 ? world_.own_machine() : hosts_[number - 1U]->machine();
}

/// The farewells: 0, its program is killed; 1, the machine reboots at once; 2, its power is cut.
bool Hosts::crashes(std::uint8_t number, std::uint64_t step) noexcept {
    SimHost& host = *hosts_[number - 1U];
    const Swarm& swarm = world_.swarm();
    if (host.spared() || !host.up()) return false;
    if (!swarm.active(Fault::crash) && !swarm.active(Fault::restart)) return false;
    world_.watch().touched(&crashes_, Owner::network);  // all hosts share what is allowed
    if (crashes_ >= world_.options().most_crashes) return false;
    constexpr std::array<std::string_view, 3> how = {"its program was killed", "it was rebooted",
                                                     "its power was cut"};
    constexpr std::array<std::int64_t, 3> pauses_ms = {1, 500, 10'000};
    constexpr auto kinds = static_cast<std::uint32_t>(how.size());
    std::optional<std::uint32_t> which =
        world_.swarm().strikes(Fault::crash, "host: crash", kinds, "host: how it ends");
    Time back = never;
    if (!which) {
        which = world_.swarm().strikes(Fault::restart, "host: restart", kinds * pauses_ms.size(),
                                       "host: how it ends, and for how long");
        if (!which) return false;
        back = world_.now() + std::chrono::milliseconds(pauses_ms[*which / kinds]);
    }
    ++crashes_;
    if (StepWatcher* const watcher = world_.watch().watcher()) {
        watcher->begins(step, hash_of({*which, back == never ? 1U : 0U}));
    }
    const auto farewell = static_cast<Network::Farewell>(*which % kinds);
    host.go_down(farewell, how[*which % kinds]);
    host.come_back(back);
    return true;
}

void Hosts::became_calm() noexcept {
    partitions_.clear();
    for (const auto& host : hosts_) host->became_calm();
}

void Hosts::touch(std::uint8_t number) noexcept {
    world_.watch().touched(&machine(number), Owner::network);
}

void Hosts::clear() noexcept {
    for (const auto& host : hosts_) host->clear();
}

std::uint64_t Hosts::state_hash() const noexcept {
    std::uint64_t hash = std::min(world_.options().most_crashes, crashes_);
    for (const auto& host : hosts_) hash = hash_with(hash, host->state_hash());
    for (const Partition& partition : partitions_) {
        hash = hash_of({hash, partition.from, partition.both_ways ? 1U : 0U,
                        static_cast<std::uint64_t>(partition.until.time_since_epoch().count())});
    }
    return hash;
}

// --- partitions ---------------------------------------------------------------------------------

Time Hosts::passes(const Machine& from, const Machine& to) noexcept {
    Time at = world_.now();
    if (!from.is_host() || !to.is_host()) return at;
    maybe_partition();
    for (const Partition& partition : partitions_) {
        if (partition.blocks(from, to)) at = std::max(at, partition.until);
    }
    return at;
}

/// All ways to cut the hosts in two, where they are few; else each host from all others. Three
/// directions, three spans.
void Hosts::maybe_partition() noexcept {
    Swarm& swarm = world_.swarm();
    if (!swarm.active(Fault::partition) || hosts_.size() < 2) return;
    world_.watch().touched(&partitions_, Owner::network);
    std::erase_if(partitions_, [&](const Partition& known) { return known.until <= world_.now(); });
    if (swarm.hits(Fault::partition) >= world_.options().most_partitions) return;
    constexpr std::array<std::int64_t, 3> spans_ms = {300, 5'000, 40'000};
    constexpr std::size_t few = 6;
    const auto count = static_cast<std::uint32_t>(hosts_.size());
    const bool all_cuts = count <= few;
    const std::uint32_t cuts = all_cuts ? (1U << (count - 1)) - 1 : count;
    const auto which =
        swarm.strikes(Fault::partition, "network: partition", cuts * 9, "network: which partition");
    if (!which) return;
    const std::uint64_t everybody = ((std::uint64_t{1} << count) - 1) << 1;
    const std::uint64_t cut = *which / 9;
    const std::uint64_t side = (all_cuts ? cut + 1 : std::uint64_t{1} << cut) << 1;
    Partition made{side, everybody & ~side, *which / 3 % 3 == 0,
                   world_.now() + std::chrono::milliseconds(spans_ms[*which % 3])};
    if (*which / 3 % 3 == 2) std::swap(made.from, made.to);
    partitions_.push_back(made);
    if (world_.chronicle().heard()) world_.chronicle().partitioned(text(made));
}

/// "broker, server 1 | server 2, both ways, for 300 ms".
std::string Hosts::text(const Partition& partition) const {
    const auto names = [&](std::uint64_t set) {
        std::string list;
        for (std::size_t i = 0; i < hosts_.size(); ++i) {
            if ((set >> (i + 1) & 1) == 0) continue;
            list += (list.empty() ? "" : ", ") + std::string(hosts_[i]->name());
        }
        return list;
    };
    return names(partition.from) + (partition.both_ways ? " | " : " -> ") + names(partition.to) +
           (partition.both_ways ? ", both ways" : ", one way") + ", for " +
           milliseconds_text(partition.until - world_.now());
}

}  // namespace drydock::sim

// The simulated world: the queue that a program starts its operations on, and what holds the rooms
// of the simulator together. See <drydock/sim/world.hpp> for what scenarios see of it.
//
// Each room has one reason to change: the chronicle (the stream of events), the log of choices, the
// swarm of faults, the timeline, the ledger of operations in flight, the order of completions, the
// network with its connections, the hosts, the buffers, and the judge. A room reaches the others
// through here.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <drydock/sim/choices.hpp>
#include <drydock/sim/run.hpp>
#include <drydock/sim/world.hpp>

#include "sim/buffers.hpp"
#include "sim/choice_log.hpp"
#include "sim/chronicle.hpp"
#include "sim/hosts.hpp"
#include "sim/in_flight.hpp"
#include "sim/judge.hpp"
#include "sim/machine.hpp"
#include "sim/network.hpp"
#include "sim/order.hpp"
#include "sim/swarm.hpp"
#include "sim/timeline.hpp"
#include "sim/watch.hpp"

namespace drydock::sim {

class SimWorld final : public World {
public:
    /// Chooses the run's swarm of faults right away. The source outlives the world.
    SimWorld(ChoiceSource& source, const RunOptions& options);
    /// With exactly these faults, and violations that abort: a queue for tests of the contract.
    SimWorld(std::unique_ptr<ChoiceSource> source, FaultSet active);
    ~SimWorld() override;

    // CompletionQueue
    Time now() const noexcept override { return timeline_.now(); }
    ListenResult listen(const Endpoint& endpoint, const ListenOptions& options) override {
        return network_.listen(own_, endpoint, options);
    }
    void connect(SocketOperation& operation, const Endpoint& endpoint) noexcept override {
        connect(own_, operation, endpoint);
    }
    void start_timer(Operation& operation, Time deadline) noexcept override {
        start_timer(own_, operation, deadline);
    }
    void cancel(Operation& operation) noexcept override { cancel(own_, operation); }
    void post(Operation& operation) noexcept override { post(own_, operation); }
    std::size_t wait(std::span<Completion> completions, Time deadline) noexcept override;
    bool start_step(Operation& operation) noexcept override { return start_step(own_, operation); }
    bool has_virtual_time() const noexcept override { return true; }
    bool has_steps() const noexcept override { return swarm_.active(Fault::interleave); }
    void monitor_entered(const void* monitor, std::source_location where) noexcept override {
        judge_.monitor_entered(monitor, where);
    }
    void monitor_left(const void* monitor) noexcept override { judge_.monitor_left(monitor); }
    bool monitor_contended(std::source_location where) noexcept override;
    void task_joined(const void* task, std::source_location where) noexcept override {
        watch_.spawns();
        chronicle_.task_joined(task, where);
    }
    void task_left(const void* task) noexcept override { chronicle_.task_left(task); }
    void probe(std::string_view name) noexcept override;
    void violated(const Violation& violation) noexcept override { judge_.violated(violation); }
    void waits(const Operation& operation) noexcept override { waits(own_, operation); }
    void touched(const void* object) noexcept override { watch_.touched(object, Owner::program); }
    void entered(const void* object) noexcept override {
        watch_.touched(object, Owner::open_program);
    }
    void learned(std::uint64_t value) noexcept override { watch_.learned(value); }
    void left(const void* object, const StateView& view) noexcept override {
        watch_.left(object, view);
    }
    bool explores() const noexcept override { return watch_.watcher() != nullptr; }
    bool counts_overtakings() const noexcept override { return watch_.counts_overtakings(); }
    void settled(std::uint64_t value, std::source_location where) noexcept override;
    void gave(const void* object) noexcept override { watch_.gave(object); }
    void created(const void* object) noexcept override { watch_.created(object, Owner::program); }
    void created_open(const void* object) noexcept override {
        watch_.created(object, Owner::open_program);
    }
    void gone(const void* object) noexcept override { watch_.gone(object, Owner::program); }

    // The same for the programs of any machine
    void connect(Machine& machine, SocketOperation& operation, const Endpoint& endpoint) noexcept;
    void start_timer(Machine& machine, Operation& operation, Time deadline) noexcept;
    void cancel(Machine& machine, Operation& operation) noexcept;
    void post(Machine& machine, Operation& operation) noexcept;
    bool start_step(Machine& machine, Operation& operation) noexcept;
    void waits(Machine& machine, const Operation& operation) noexcept;

    // World
    Host& host(std::string_view name) override { return hosts_.host(name); }
    std::uint32_t choose(std::uint32_t options, Label label) noexcept override;
    bool flip(std::uint32_t one_in, Label label) noexcept override;
    void begin_span(Label label) noexcept override;
    void end_span() noexcept override;
    bool equal_clients(std::uint32_t count) noexcept override {
        return watch_.equal_clients(count);
    }
    bool calm() const noexcept override { return judge_.calm(); }
    void fail(std::string_view property, std::string sentence) noexcept override {
        judge_.fail(property, std::move(sentence));
    }
    bool failed() const noexcept override { return judge_.failed(); }
    void explain_waits(std::function<std::string()> text) noexcept override {
        judge_.explain_waits(std::move(text));
    }
    bool damaged(const AsyncSocket& socket) const noexcept override;
    std::string suspicion(const AsyncSocket& socket) const override;
    OtherEnd other_end(const AsyncSocket& socket) const noexcept override;
    void identify(const AsyncSocket& socket, Label role, std::uint32_t number) noexcept override;
    std::uint64_t most_held() const noexcept override { return network_.most_held(); }
    std::size_t pipe_capacity() const noexcept override { return swarm_.pipe_capacity(); }
    FaultSet active_faults() const noexcept override { return swarm_.active(); }
    void printed(std::string_view stream, std::string_view line) noexcept override {
        chronicle_.printed(stream, line);
    }
    void abandon() noexcept override { abandoned_ = true; }

    // For the runner
    std::vector<ProbeHits> probe_hits() const;
    /// The source has given this run up.
    bool redundant() const noexcept { return order_.redundant(); }
    bool frozen() const noexcept { return judge_.frozen(); }
    /// The same for what belongs to a machine.
    bool frozen(const Machine& machine) const noexcept { return machine.down || judge_.frozen(); }
    /// What runs on hosts is cleared away as it stands.
    void clear_hosts() noexcept { hosts_.clear(); }
    bool abandoned() const noexcept { return abandoned_; }

    // The rooms
    const RunOptions& options() const noexcept { return options_; }
    const Watch& watch() const noexcept { return watch_; }
    Timeline& timeline() noexcept { return timeline_; }
    Chronicle& chronicle() noexcept { return chronicle_; }
    ChoiceLog& choices() noexcept { return choices_; }
    Swarm& swarm() noexcept { return swarm_; }
    InFlight& in_flight() noexcept { return in_flight_; }
    Network& network() noexcept { return network_; }
    Hosts& hosts() noexcept { return hosts_; }
    Order& order() noexcept { return order_; }
    Machine& own_machine() noexcept { return own_; }
    Buffers& buffers() noexcept { return *buffers_; }
    Judge& judge() noexcept { return judge_; }

    // What several rooms take part in
    bool begin(const Machine& machine, Operation& operation, OperationKind kind) noexcept {
        if (frozen(machine) || !may_start_on(machine, operation, kind)) return false;
        return in_flight_.begin(machine, operation, kind);
    }
    void decide(Operation& operation, const Result& result) noexcept {
        order_.decide(operation, result);
    }
    /// Memory for the bytes of a receive that was started there.
    ProvidedBuffer provide(std::size_t size, std::source_location where);
    /// No fault strikes from here on.
    void became_calm() noexcept;
    /// The program has ended: what is underway arrives nowhere.
    void let_the_rest_happen() noexcept;

private:
    void nothing_is_ready() noexcept;
    void happen(const Event& event) noexcept;
    bool take_completion(Completion& completion) noexcept;
    bool may_start_on(const Machine& machine, Operation& operation, OperationKind kind) noexcept {
        if (running_on_ == 0 || machine.number == running_on_) return true;
        // A program may wake the scenario: as the judge is told.
        if (machine.number == 0 && kind == OperationKind::post) return true;
        refuse_start(machine, kind, operation.where());
        return false;
    }
    void refuse_start(const Machine& machine, OperationKind kind,
                      std::source_location where) noexcept;
    void begin_step_of(const Order::Ready& taken, std::uint64_t data_hash) noexcept;
    void touch_all_of(Operation& operation) noexcept;
    void tell_of_cancel(const Operation& operation, bool remembered) const noexcept;
    StateView network_state() const noexcept;
    std::uint64_t state_hash() const noexcept;

    std::unique_ptr<ChoiceSource> owned_source_;
    const RunOptions options_;
    const Watch watch_;
    Machine own_;
    Timeline timeline_;
    Chronicle chronicle_;
    ChoiceLog choices_;
    Swarm swarm_;
    InFlight in_flight_;
    Order order_;
    Network network_;
    Hosts hosts_;
    std::shared_ptr<Buffers> buffers_ = std::make_shared<Buffers>();
    Judge judge_;
    const bool aborts_;
    bool abandoned_ = false;
    std::uint8_t running_on_ = 0;  // the machine whose completion came out last
    std::vector<ProbeHits> probes_;
};

}  // namespace drydock::sim

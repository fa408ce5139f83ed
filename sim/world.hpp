// The simulated world: virtual clock, choices, sockets, listeners, and the queue that hands
// completions out. See <drydock/sim/world.hpp> for what scenarios see of it.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <drydock/sim/choices.hpp>
#include <drydock/sim/run.hpp>
#include <drydock/sim/world.hpp>

#include "sim/buffers.hpp"
#include "sim/connection.hpp"
#include "sim/digest.hpp"
#include "sim/record.hpp"
#include "sim/socket.hpp"
#include "sim/timeline.hpp"
#include "sim/trace.hpp"

namespace drydock::sim {

class SimWorld final : public World {
public:
    /// Chooses the run's swarm of faults right away. The source outlives the world.
    SimWorld(ChoiceSource& source, const RunOptions& options);
    /// With exactly these faults, and violations that abort: a queue for tests of the contract.
    SimWorld(std::unique_ptr<ChoiceSource> source, FaultSet active);
    ~SimWorld() override;

    // CompletionQueue
    Time now() const noexcept override { return now_; }
    ListenResult listen(const Endpoint& endpoint, const ListenOptions& options) override;
    void connect(SocketOperation& operation, const Endpoint& endpoint) noexcept override;
    void start_timer(Operation& operation, Time deadline) noexcept override;
    void cancel(Operation& operation) noexcept override;
    void post(Operation& operation) noexcept override;
    std::size_t wait(std::span<Completion> completions, Time deadline) noexcept override;
    bool start_step(Operation& operation) noexcept override;
    bool has_steps() const noexcept override { return active(Fault::interleave); }
    bool monitor_contended(std::source_location where) noexcept override;
    void probe(std::string_view name) noexcept override;
    void violated(const Violation& violation) noexcept override { violated(violation, {}); }
    void waits(const Operation& operation) noexcept override {
        if (!frozen()) waiting_.push_back(&operation);
    }
    void touched(const void* object) noexcept override { touched(object, Owner::program); }
    void entered(const void* object) noexcept override { touched(object, Owner::open_program); }
    void learned(std::uint64_t value) noexcept override { learn(value); }
    void left(const void* object, const StateView& view) noexcept override {
        if (watcher_ != nullptr) watcher_->left(object, view);
    }
    void created(const void* object) noexcept override { created(object, Owner::program); }
    void gone(const void* object) noexcept override {
        if (watcher_ != nullptr) watcher_->gone(object, Owner::program);
    }

    // World
    std::uint32_t choose(std::uint32_t options, const char* label) noexcept override;
    bool flip(std::uint32_t one_in, const char* label) noexcept override;
    void begin_span(const char* label) noexcept override;
    void end_span() noexcept override;
    bool calm() const noexcept override { return calm_; }
    void fail(std::string_view property, std::string sentence) noexcept override;
    bool failed() const noexcept override { return failed_; }
    bool damaged(const AsyncSocket& socket) const noexcept override;
    std::string suspicion(const AsyncSocket& socket) const override;
    OtherEnd other_end(const AsyncSocket& socket) const noexcept override;
    void identify(const AsyncSocket& socket, const char* role,
                  std::uint32_t number) noexcept override;
    std::uint64_t most_held() const noexcept override { return most_held_; }
    std::size_t pipe_capacity() const noexcept override { return pipe_capacity_; }
    FaultSet active_faults() const noexcept override { return active_; }

    // For the runner
    std::uint64_t completions() const noexcept { return completions_; }
    std::uint64_t choices() const noexcept { return choices_; }
    std::uint64_t digest() const noexcept { return digest_.value(); }
    const std::string& property() const noexcept { return property_; }
    const std::string& sentence() const noexcept { return sentence_; }
    std::string fault_options() const;
    std::vector<ProbeHits> probe_hits() const;
    std::vector<Choice> take_schedule() noexcept { return std::move(schedule_); }
    std::vector<ChoiceSpan> take_spans() noexcept { return std::move(spans_); }
    std::vector<std::string> take_trace();
    std::vector<Mark> take_marks() noexcept { return std::move(marks_); }
    /// The source has given this run up.
    bool redundant() const noexcept { return redundant_; }
    /// After the main task: fails the run if anything is still in flight or open.
    void check_nothing_left();
    /// Nothing is checked or started from here on: what remains is only cleared away.
    void freeze() noexcept { frozen_ = true; }

    // For connections, sockets and listeners
    void touched(const void* object, Owner owner) noexcept {
        if (watcher_ != nullptr) watcher_->touched(object, owner);
    }
    void created(const void* object, Owner owner) noexcept {
        if (watcher_ != nullptr) watcher_->created(object, owner);
    }
    /// Nothing may be touched any more: a failed run's operations may be gone.
    bool frozen() const noexcept { return frozen_ || failed_; }
    bool active(Fault fault) const noexcept { return active_.has(fault); }
    /// choose() and flip() for the network's own purposes.
    std::uint32_t pick(std::uint32_t options, const char* label) noexcept;
    bool toss(std::uint32_t one_in, const char* label) noexcept;
    /// Whether the fault strikes here and now; counts it.
    bool fires(Fault fault, const char* label) noexcept;
    /// The same for a fault that comes in `shapes` kinds or sizes: which one.
    std::optional<std::uint32_t> strikes(Fault fault, const char* label, std::uint32_t shapes,
                                         const char* shape) noexcept;
    /// Whether the network may abort one more connection.
    bool may_reset() noexcept;
    /// How many of `count` bytes a fault keeps back: all but one at most.
    std::size_t part(Fault fault, std::size_t count, const char* label, const char* size) noexcept;
    void hit(Fault fault) noexcept {
        ++fault_hits_[static_cast<std::size_t>(fault)];
        if (trace_.kept()) trace_.note(std::string(name(fault)));
    }
    Duration flight_time() noexcept;
    /// Memory for the bytes of a receive that was started there.
    ProvidedBuffer provide(std::size_t size, std::source_location where);
    bool begin(Operation& operation, OperationKind kind) noexcept;
    /// The operation's result is fixed; it comes out in its turn.
    void decide(Operation& operation, const Result& result) noexcept;
    void schedule(const Event& event) { timeline_.add(event); }
    void held(std::uint64_t bytes) noexcept { most_held_ = std::max(most_held_, bytes); }
    void socket_opened(SimSocket& socket);
    void socket_closed(SimSocket& socket) noexcept;
    void listener_closed(SimListener& listener) noexcept;
    void release_if_over(Connection& connection) noexcept;
    std::unique_ptr<AsyncSocket> make_socket(Connection& connection, int side);

private:
    struct Ready {
        Operation* operation;
        Result result;
    };

    void choose_swarm(FaultSet allowed);
    void choose_pipe_capacity();
    void record(std::uint32_t value, std::uint32_t options, const char* label) noexcept;
    void keep(const Choice& choice) noexcept;
    void happen(const Event& event) noexcept;
    void establish(SocketOperation& operation) noexcept;
    Connection& make_connection();
    Completion take_ready() noexcept;
    void touch_all_of(Operation& operation) noexcept;
    void violated(const Violation& violation, const std::string& whose) noexcept;
    void check_nothing_leaked();
    void check_buffers_untouched();
    std::uint64_t state_hash() const noexcept;
    std::uint64_t learn(std::uint64_t value) const noexcept;
    void note(const Completion& completion, std::uint64_t data_hash) noexcept;
    std::size_t choose_ready(std::size_t count) noexcept;
    void become_calm_if_due() noexcept;
    void check_progress(Operation& last) noexcept;
    std::string waiting_for() const;
    std::string describe(Operation& operation) const;
    void unlink(Operation& operation) noexcept;

    std::unique_ptr<ChoiceSource> owned_source_;
    ChoiceSource& source_;
    RunOptions options_;
    StepWatcher* watcher_ = nullptr;
    bool aborts_ = false;  // a violation ends the process, not the run
    bool keeps_choices_ = false;

    Time now_{};
    Timeline timeline_;
    std::shared_ptr<Buffers> buffers_ = std::make_shared<Buffers>();
    std::vector<Ready> ready_;
    std::size_t ready_first_ = 0;
    Operation* in_flight_first_ = nullptr;
    Operation* in_flight_last_ = nullptr;

    std::vector<const Operation*> waiting_;  // for what other coroutines do; few
    std::vector<SimSocket*> open_sockets_;
    std::vector<SimListener*> listeners_;
    std::vector<std::unique_ptr<Connection>> connections_;  // by slot
    std::vector<std::uint32_t> free_slots_;                 // last in, first out: reused at once
    std::uint64_t connection_serial_ = 0;
    std::uint16_t next_port_ = 49152;
    std::uint16_t next_client_port_ = 1024;

    FaultSet active_;
    std::array<std::uint32_t, fault_count> one_in_{};
    std::array<std::uint64_t, fault_count> fault_hits_{};
    std::size_t pipe_capacity_ = 256;
    std::vector<ProbeHits> probes_;

    bool calm_ = false;
    bool failed_ = false;
    bool frozen_ = false;
    bool redundant_ = false;
    bool time_passed_ = false;  // since the last completion came out
    std::uint64_t calm_since_ = 0;
    std::uint64_t completions_ = 0;
    std::uint64_t choices_ = 0;
    std::uint64_t starts_ = 0;
    std::uint64_t most_held_ = 0;
    Digest digest_;
    std::string property_;
    std::string sentence_;
    std::vector<Choice> schedule_;
    std::vector<ChoiceSpan> spans_;
    std::vector<std::size_t> open_spans_;
    std::vector<Step> steps_;  // reused
    Trace trace_;
    bool steps_ended_ = false;  // what fails now fails after the last step
    std::vector<Mark> marks_;
};

}  // namespace drydock::sim

// The timeline: what will happen at which virtual time. Ties go by the order of scheduling.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include <drydock/operation.hpp>
#include <drydock/time.hpp>

#include "sim/record.hpp"

namespace drydock::sim {

enum class EventKind : std::uint8_t {
    timer,    // an operation's timer is due
    deliver,  // a delayed completion comes out
    connect,  // a connect reaches the listener
    give_up,  // a connect is given up
    bytes,    // bytes have arrived at a side
    end,      // the end of the stream has arrived at a side
    reset,    // a reset has arrived at a side
    lost,     // a side has sent in vain for too long: its system gives the connection up
};

struct Event {
    Time at{};
    std::uint64_t sequence = 0;
    Operation* operation = nullptr;  // timer, deliver, connect, give_up
    Connection* connection = nullptr;
    std::uint64_t upto = 0;  // bytes: the stream position
    EventKind kind = EventKind::timer;
    std::uint8_t side = 0;
};

/// The virtual clock, and a binary heap of what is to happen. An event of an operation can be
/// removed; the record knows where it is.
class Timeline {
public:
    Time now() const noexcept { return now_; }
    /// Virtual time passes. It never goes back.
    void advance_to(Time now) noexcept { now_ = std::max(now_, now); }

    bool empty() const noexcept { return heap_.empty(); }
    Time next_time() const noexcept { return heap_.front().at; }

    void add(Event event) {
        event.sequence = next_sequence_++;
        heap_.push_back(event);
        sift_up(heap_.size() - 1);
    }

    Event take_first() noexcept {
        Event first = heap_.front();
        remove_at(0);
        return first;
    }

    /// Of what is going to happen, in whatever order it was scheduled.
    std::uint64_t state_hash() const noexcept;

    void remove(Operation& operation) noexcept { remove_at(record_of(operation).heap_index); }

private:
    static bool before(const Event& a, const Event& b) noexcept {
        return a.at != b.at ? a.at < b.at : a.sequence < b.sequence;
    }

    void remove_at(std::size_t index) noexcept {
        forget(heap_[index]);
        const Event last = heap_.back();
        heap_.pop_back();
        if (index == heap_.size()) return;
        place(index, last);
        sift_up(index);
        sift_down(index);
    }

    void sift_up(std::size_t index) noexcept {
        const Event event = heap_[index];
        while (index > 0) {
            const std::size_t parent = (index - 1) / 2;
            if (!before(event, heap_[parent])) break;
            place(index, heap_[parent]);
            index = parent;
        }
        place(index, event);
    }

    void sift_down(std::size_t index) noexcept {
        const Event event = heap_[index];
        for (;;) {
            std::size_t child = 2 * index + 1;
            if (child >= heap_.size()) break;
            if (child + 1 < heap_.size() && before(heap_[child + 1], heap_[child])) ++child;
            if (!before(heap_[child], event)) break;
            place(index, heap_[child]);
            index = child;
        }
        place(index, event);
    }

    void place(std::size_t index, const Event& event) noexcept {
        heap_[index] = event;
        if (event.operation == nullptr) return;
        Record& record = record_of(*event.operation);
        record.heap_index = index;
        record.in_timeline = true;
    }

    static void forget(const Event& event) noexcept {
        if (event.operation != nullptr) record_of(*event.operation).in_timeline = false;
    }

    Time now_{};
    std::vector<Event> heap_;
    std::uint64_t next_sequence_ = 0;
};

}  // namespace drydock::sim

// A list of a backend's records, first in, first out. Records are linked through their own `next`,
// so a record is on at most one list, and nothing is allocated. A list owns nothing.
#pragma once

#include <utility>

namespace drydock::platform {

template <typename Record>
class RecordList {
public:
    bool empty() const noexcept { return first_ == nullptr; }

    void push(Record& record) noexcept {
        record.next = nullptr;
        (last_ != nullptr ? last_->next : first_) = &record;
        last_ = &record;
    }

    /// Null when there is none.
    Record* pop() noexcept {
        Record* const record = first_;
        if (record == nullptr) {
            return nullptr;
        }
        first_ = record->next;
        if (first_ == nullptr) {
            last_ = nullptr;
        }
        return record;
    }

    /// Takes the first one out that matches. Null when none does.
    template <typename Matches>
    Record* take_first(Matches matches) noexcept {
        Record* previous = nullptr;
        Record* record = first_;
        while (record != nullptr && !matches(*record)) {
            previous = std::exchange(record, record->next);
        }
        if (record == nullptr) {
            return nullptr;
        }
        (previous != nullptr ? previous->next : first_) = record->next;
        if (last_ == record) {
            last_ = previous;
        }
        return record;
    }

    /// All of them, and leaves none.
    RecordList take_all() noexcept { return std::exchange(*this, RecordList()); }

private:
    Record* first_ = nullptr;
    Record* last_ = nullptr;
};

}  // namespace drydock::platform

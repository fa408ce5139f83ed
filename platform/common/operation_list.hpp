// A list of operations, first in, first out, linked through `next` in a backend's records. So
// neither a ready list nor moving all of it to another worker ever allocates. Not locked.
#pragma once

#include <cstddef>

#include <drydock/operation.hpp>

namespace drydock::platform {

/// `Record` is what the backend keeps inside an operation, and has a member `Operation* next`.
template <typename Record>
class OperationList {
public:
    bool empty() const noexcept { return first_ == nullptr; }
    std::size_t size() const noexcept { return size_; }

    void push(Operation& operation) noexcept {
        next(operation) = nullptr;
        (last_ == nullptr ? first_ : next(*last_)) = &operation;
        last_ = &operation;
        ++size_;
    }

    /// Null when the list is empty.
    Operation* pop() noexcept {
        Operation* const operation = first_;
        if (operation != nullptr) {
            first_ = next(*operation);
            last_ = first_ == nullptr ? nullptr : last_;
            --size_;
        }
        return operation;
    }

    /// Takes this operation out, wherever it is. False: it is not in the list.
    bool remove(const Operation& operation) noexcept {
        OperationList rest;
        bool found = false;
        while (Operation* const other = pop()) {
            if (other == &operation) {
                found = true;
            } else {
                rest.push(*other);
            }
        }
        splice(rest);
        return found;
    }

    /// Puts all of `other` at the end.
    void splice(OperationList& other) noexcept {
        if (other.empty()) {
            return;
        }
        (last_ == nullptr ? first_ : next(*last_)) = other.first_;
        last_ = other.last_;
        size_ += other.size_;
        other = OperationList();
    }

private:
    static Operation*& next(Operation& operation) noexcept {
        return operation.native<Record>().next;
    }

    Operation* first_ = nullptr;
    Operation* last_ = nullptr;
    std::size_t size_ = 0;
};

}  // namespace drydock::platform

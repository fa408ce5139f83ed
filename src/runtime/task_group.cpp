// TaskGroup's bookkeeping: the list of children, their start, their end, and the joiner.
#include <drydock/task_group.hpp>

namespace drydock {

void detail::RootPromise::Start::run(Operation& operation, const Result&) noexcept {
    RootPromise& root = static_cast<Start&>(operation).root_;
    root.start.reset();
    root.own_context.resume(std::coroutine_handle<RootPromise>::from_promise(root));
}

void detail::RootPromise::Ended::await_suspend(
    std::coroutine_handle<RootPromise> handle) const noexcept {
    RootPromise& root = handle.promise();
    root.group->ended(root);
}

detail::Root::~Root() {
    if (promise_ != nullptr) std::coroutine_handle<RootPromise>::from_promise(*promise_).destroy();
}

TaskGroup::~TaskGroup() {
    queue_.gone(&first_);
    if (first_ == nullptr) return;
    queue_.violated({Rule::task_group_not_joined, OperationKind::none, first_->spawned});
    // Only the simulator comes here, to clear away a run that has failed.
    while (first_ != nullptr) {
        detail::RootPromise& root = *first_;
        first_ = root.next;
        std::coroutine_handle<detail::RootPromise>::from_promise(root).destroy();
    }
}

std::size_t TaskGroup::size() const noexcept {
    const std::lock_guard lock(mutex_);
    return size_;
}

void TaskGroup::start(detail::Root spawned, std::source_location where) {
    detail::RootPromise& root = spawned.promise();
    root.start = std::make_unique<detail::RootPromise::Start>(root, where);
    root.spawned = where;
    root.own_context.queue = &queue_;
    root.group = this;
    queue_.entered(&first_);  // which children there are is known from the children
    queue_.task_joined(&root, where);
    {
        const std::lock_guard lock(mutex_);
        root.next = first_;
        if (first_ != nullptr) first_->previous = &root;
        first_ = &root;
        ++size_;
    }
    spawned.release();
    queue_.post(*root.start);
}

void TaskGroup::start_join(Operation& joiner) noexcept {
    queue_.entered(&first_);
    {
        const std::lock_guard lock(mutex_);
        if (size_ > 0) {
            queue_.waits(joiner);
            joiner_ = &joiner;
            return;
        }
    }
    queue_.post(joiner);
}

void TaskGroup::ended(detail::RootPromise& root) noexcept {
    CompletionQueue& queue = queue_;
    queue.entered(&first_);
    queue.task_left(&root);
    Operation* joiner = nullptr;
    // The frame goes first, and all that the child held with it: whoever joins may rely on that.
    // The list must not name it by then, so it is unlinked before, and counted out after.
    {
        const std::lock_guard lock(mutex_);
        if (root.next != nullptr) root.next->previous = root.previous;
        (root.previous != nullptr ? root.previous->next : first_) = root.next;
    }
    std::coroutine_handle<detail::RootPromise>::from_promise(root).destroy();
    queue.gave(&first_);
    {
        const std::lock_guard lock(mutex_);
        if (--size_ == 0) joiner = std::exchange(joiner_, nullptr);
    }
    // From here on the joiner may end the group.
    if (joiner != nullptr) queue.post(*joiner);
}

}  // namespace drydock

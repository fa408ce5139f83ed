// The loop of an execution context that is no io_context: a thread_pool, the system_context.
//
// Such a context runs handlers on threads of its own, which know nothing of completion queues. So
// the loop has one thread, which waits on the queue and passes handlers on to the context's
// executor.
#pragma once

#include <memory>

#include <drydock/asio/loop.hpp>

namespace drydock::asio_detail {

/// A loop with a thread that runs it.
class BackgroundLoop {
public:
    BackgroundLoop() noexcept;
    ~BackgroundLoop();
    BackgroundLoop(const BackgroundLoop&) = delete;
    BackgroundLoop& operator=(const BackgroundLoop&) = delete;

    /// The loop. Its thread starts with the first call: in each simulated program anew, since a
    /// context may outlive it. Throws as Loop's constructor, and std::system_error.
    Loop& loop();
    /// Ends the thread, and closes what is open on the loop.
    void stop() noexcept;

private:
    class Running;
    std::mutex mutex_;
    std::unique_ptr<Running> running_;
};

}  // namespace drydock::asio_detail

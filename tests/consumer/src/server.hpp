// The project's server: sends back what it receives, in capitals.
#pragma once

#include <memory>

#include <drydock/queue.hpp>
#include <drydock/task.hpp>

namespace shout {

class Server {
public:
    enum class Defect {
        none,
        forgets_the_rest,  // of a short send
    };

    Server(drydock::CompletionQueue& queue, std::unique_ptr<drydock::AsyncListener> listener,
           Defect defect)
        : queue_(queue), listener_(std::move(listener)), defect_(defect) {}

    drydock::Task<void> run();
    void request_stop() { listener_->cancel(); }

private:
    drydock::Task<void> serve(std::unique_ptr<drydock::AsyncSocket> socket) const;

    drydock::CompletionQueue& queue_;
    std::unique_ptr<drydock::AsyncListener> listener_;
    Defect defect_;
};

}  // namespace shout

// The loop of a context that is no io_context, and its thread.
#include <drydock/asio/background.hpp>

#include <thread>
#include <utility>

namespace drydock::asio_detail {

class BackgroundLoop::Running {
public:
    Running() : program_(Surroundings::current() ? Surroundings::current()->id() : 0), loop_(1) {
        loop_.run_in_background();
        loop_.work_started();
        thread_ = std::thread([this] { work(); });
    }
    Running(const Running&) = delete;
    Running& operator=(const Running&) = delete;
    ~Running() {
        loop_.stop();
        thread_.join();
    }

    Loop& loop() noexcept { return loop_; }
    std::uint64_t program() const noexcept { return program_; }

private:
    void work() {
        try {
            loop_.run();
        } catch (const Unwinding&) {
            // The simulated program is over, and a context that is a static object stays. Nothing
            // of this program may be left in flight.
            loop_.shut_down();
            throw;
        }
    }

    const std::uint64_t program_;
    Loop loop_;
    std::thread thread_;
};

BackgroundLoop::BackgroundLoop() noexcept = default;

BackgroundLoop::~BackgroundLoop() { stop(); }

Loop& BackgroundLoop::loop() {
    const std::lock_guard lock(mutex_);
    const std::uint64_t program = Surroundings::current() ? Surroundings::current()->id() : 0;
    if (running_ && running_->program() != program) {
        // It belongs to a simulated program that has ended, with its world and its threads. There
        // is nothing left that it could be closed with.
        static_cast<void>(running_.release());
    }
    if (!running_) running_ = std::make_unique<Running>();
    return running_->loop();
}

void BackgroundLoop::stop() noexcept {
    std::unique_ptr<Running> running;
    {
        const std::lock_guard lock(mutex_);
        const std::uint64_t program = Surroundings::current() ? Surroundings::current()->id() : 0;
        if (running_ && running_->program() != program) static_cast<void>(running_.release());
        running = std::move(running_);
    }
}

}  // namespace drydock::asio_detail

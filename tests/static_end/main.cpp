// A queue of an object with static storage duration: its destructor waits on the queue, when the
// thread_local objects of the main thread have ended already. A library without main() has it so.
//
//     static_end BACKEND     ends with 0
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <utility>

#include <drydock/backend.hpp>
#include <drydock/operation.hpp>
#include <drydock/queue.hpp>

namespace {

class Waiting {
public:
    void begin(const char* backend) {
        drydock::OpenedQueue opened = drydock::open_queue(backend);
        if (opened.queue == nullptr) {
            std::fprintf(stderr, "%s\n", opened.complaint.c_str());
            std::exit(2);
        }
        queue_ = std::move(opened.queue);
        post_and_wait();
    }
    ~Waiting() {
        if (queue_ == nullptr) return;
        post_and_wait();
        queue_.reset();
        if (completed_ != 2) std::_Exit(1);
    }

private:
    struct Posted : drydock::Operation {
        explicit Posted(int& count) : Operation(&Posted::complete), completed(count) {}
        static void complete(Operation& operation, const drydock::Result&) noexcept {
            ++static_cast<Posted&>(operation).completed;
        }
        int& completed;
    };

    void post_and_wait() {
        Posted posted(completed_);
        queue_->post(posted);
        for (const int before = completed_; completed_ == before;) {
            drydock::Completion batch[1];
            const std::size_t count = queue_->wait(batch, drydock::Time::max());
            for (std::size_t i = 0; i < count; ++i) batch[i].operation->complete(batch[i].result);
        }
    }

    std::unique_ptr<drydock::CompletionQueue> queue_;
    int completed_ = 0;
};

Waiting waiting;

}  // namespace

int main(int argc, char** argv) {
    if (argc != 2) return 2;
    waiting.begin(argv[1]);
    return 0;
}

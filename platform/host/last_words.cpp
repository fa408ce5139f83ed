// What the last words are, on all systems. The parts for one system catch the crash and write.
#include "platform/host/last_words.hpp"

#include <cstddef>
#include <cstring>

#include "platform/host/last_words_system.hpp"

namespace drydock::host {
namespace {

struct Work {
    bool any = false;
    bool has_seed = false;
    std::uint64_t seed = 0;
    const std::atomic<std::uint64_t>* step = nullptr;
};

constinit thread_local Work current_work;

// Set before the handlers are installed, and cleared after they are gone.
std::atomic<const char*> work_text{nullptr};
std::atomic<const char*> again_text{nullptr};

/// A line put together without allocating.
class Line {
public:
    Line& add(const char* text) noexcept {
        while (*text != '\0' && size_ < sizeof text_) text_[size_++] = *text++;
        return *this;
    }
    Line& add(std::uint64_t number) noexcept {
        char digits[21];
        std::size_t at = sizeof digits - 1;
        digits[at] = '\0';
        do {
            digits[--at] = static_cast<char>('0' + number % 10);
            number /= 10;
        } while (number > 0);
        return add(digits + at);
    }
    void write() const noexcept { write_last_words(text_, size_); }

private:
    char text_[1024];
    std::size_t size_ = 0;
};

}  // namespace

void say_last_words(const char* what) noexcept {
    const char* const text = work_text.load();
    if (text == nullptr || !current_work.any) return;
    const Work last = current_work;
    current_work.any = false;  // once: one crash can end in several signals
    Line line;
    line.add(what).add(" in ").add(text);
    if (last.has_seed) line.add(", seed ").add(last.seed);
    if (last.step != nullptr) line.add(", in step ").add(last.step->load());
    const char* const again = again_text.load();
    if (last.has_seed && again != nullptr && *again != '\0') {
        line.add("; again: ").add(again).add(last.seed);
    }
    line.add("\n").write();
}

LastWords::LastWords(const std::string& work, const std::string& again)
    : work_(work), again_(again) {
    work_text = work_.c_str();
    again_text = again_.c_str();
    catch_crashes();
}

LastWords::~LastWords() {
    release_crashes();
    work_text = nullptr;
    again_text = nullptr;
}

void LastWords::work_on(std::uint64_t seed, const std::atomic<std::uint64_t>* step) noexcept {
    current_work = {true, true, seed, step};
}

void LastWords::work_on(const std::atomic<std::uint64_t>* step) noexcept {
    current_work = {true, false, 0, step};
}

void LastWords::done() noexcept { current_work.any = false; }

}  // namespace drydock::host

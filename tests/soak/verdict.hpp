// What has failed: the first thing is what matters, the others follow from it.
#pragma once

#include <string>
#include <utility>

namespace drydock::soak {

class Verdict {
public:
    bool holds() const { return failure_.empty(); }
    const std::string& failure() const { return failure_; }

    void fail(std::string sentence) {
        if (holds()) failure_ = std::move(sentence);
    }
    void expect(bool condition, std::string sentence) {
        if (!condition) fail(std::move(sentence));
    }

private:
    std::string failure_;
};

}  // namespace drydock::soak

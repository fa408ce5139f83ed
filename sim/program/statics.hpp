// Whether a run changes the program's variables with static storage duration: the next run of the
// process finds them as this one leaves them.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

namespace drydock::sim {

/// The variables of the executable that neither drydock nor the C++ library has defined. Those of
/// shared libraries are not looked at. For one thread at a time.
class StaticVariables {
public:
    StaticVariables();

    /// Keeps the values that they have.
    void remember() noexcept;
    /// Whether they have these values. False, too: the executable has no table of symbols.
    bool as_remembered() const noexcept;

private:
    struct Range {
        std::byte* first;
        std::size_t size;
    };
    bool known_ = false;
    std::vector<Range> ranges_;
    std::unique_ptr<std::byte[]> values_;
};

}  // namespace drydock::sim

// A latency histogram of fixed size: every value within 1.6 %, from a nanosecond to centuries.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace drydock::bench {

/// Buckets of equal width inside each power of two, as in HdrHistogram. Adding never allocates.
class Histogram {
public:
    void add(std::uint64_t nanoseconds) noexcept {
        ++buckets_[index_of(nanoseconds)];
        ++count_;
    }

    std::uint64_t count() const noexcept { return count_; }

    /// The value that `share` (0..1) of all values do not exceed; 0 when there are none.
    std::uint64_t quantile(double share) const noexcept {
        const auto wanted = static_cast<std::uint64_t>(share * static_cast<double>(count_));
        std::uint64_t seen = 0;
        for (std::size_t index = 0; index < buckets_.size() && count_ > 0; ++index) {
            seen += buckets_[index];
            if (seen > wanted || seen == count_) return highest_of(index);
        }
        return 0;
    }

private:
    static constexpr unsigned precision = 6;  // bits below the highest one that are kept
    static constexpr std::size_t linear = std::size_t{2} << precision;
    static constexpr std::size_t size = linear + ((64 - precision - 1) << precision);

    static constexpr std::size_t index_of(std::uint64_t value) noexcept {
        if (value < linear) return value;
        const auto shift = static_cast<unsigned>(std::bit_width(value)) - precision - 1;
        return (std::size_t{shift} << precision) + (value >> shift);
    }
    static constexpr std::uint64_t highest_of(std::size_t index) noexcept {
        if (index < linear) return index;
        const std::size_t shift = (index >> precision) - 1;
        const std::uint64_t kept = index - (shift << precision);
        return ((kept + 1) << shift) - 1;
    }

    std::array<std::uint64_t, size> buckets_{};
    std::uint64_t count_ = 0;
};

}  // namespace drydock::bench

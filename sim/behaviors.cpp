// Counting behaviors in bounded memory, so that counts of parts of a farm add up exactly.
#include <drydock/sim/behaviors.hpp>

#include <algorithm>
#include <cmath>

namespace drydock::sim {

void Behaviors::add(std::uint64_t behavior) { add(behavior, false); }

void Behaviors::add(std::uint64_t behavior, bool more_than_once) {
    if (!keeps(behavior)) return;
    const auto [known, is_new] = kept_.try_emplace(behavior, more_than_once);
    if (!is_new) known->second = true;
    halve_while_too_many();
}

void Behaviors::merge(const Behaviors& other) {
    if (other.halvings_ > halvings_) {
        halvings_ = other.halvings_;
        std::erase_if(kept_, [this](const auto& each) { return !keeps(each.first); });
    }
    for (const auto& [behavior, more_than_once] : other.kept_) add(behavior, more_than_once);
}

void Behaviors::halve_while_too_many() {
    while (kept_.size() > most_kept && halvings_ < 63) {
        ++halvings_;
        std::erase_if(kept_, [this](const auto& each) { return !keeps(each.first); });
    }
}

std::uint64_t Behaviors::seen_once() const noexcept {
    const auto count =
        std::count_if(kept_.begin(), kept_.end(), [](const auto& each) { return !each.second; });
    return static_cast<std::uint64_t>(count) << halvings_;
}

double Behaviors::chance_of_new(std::uint64_t seeds) const noexcept {
    return std::min(1.0, static_cast<double>(seen_once()) / static_cast<double>(seeds));
}

bool Behaviors::read(unsigned halvings, const std::map<std::uint64_t, bool>& kept,
                     Behaviors& behaviors) {
    if (halvings > 63 || kept.size() > most_kept) return false;
    behaviors.halvings_ = halvings;
    behaviors.kept_ = kept;
    return std::all_of(kept.begin(), kept.end(),
                       [&](const auto& each) { return behaviors.keeps(each.first); });
}

double most_likely_failing(std::uint64_t seeds) noexcept {
    constexpr double doubt = 0.05;
    return -std::expm1(std::log(doubt) / static_cast<double>(seeds));
}

}  // namespace drydock::sim

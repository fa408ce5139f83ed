// The search for the nearest run that passes.
#include "sim/tool/benign.hpp"

#include <algorithm>

namespace drydock::app {
namespace {

using Choices = std::vector<sim::Choice>;

class BenignSearch {
public:
    BenignSearch(const Found& found, std::span<const sim::Choice> choices, sim::Apart apart)
        : found_(found), choices_(choices.begin(), choices.end()), apart_(std::move(apart)) {
        apart_.quiet = true;
        for (std::size_t i = choices_.size(); i > 0; --i) {
            if (choices_[i - 1].value != 0) later_first_.push_back(i - 1);
        }
    }

    std::optional<Choices> search() {
        for (const std::size_t one : later_first_) {
            if (passes(with_benign({&one, 1}))) return with_benign({&one, 1});
        }
        std::size_t count = 0;
        do {
            if (++count > later_first_.size()) return std::nullopt;
        } while (!passes(with_benign(std::span(later_first_).first(count))));
        return give_back(std::span(later_first_).first(count));
    }

private:
    Choices with_benign(std::span<const std::size_t> places) const {
        Choices changed = choices_;
        for (const std::size_t place : places) changed[place].value = 0;
        return changed;
    }

    /// The earliest choices first: what comes later often depends on them.
    Choices give_back(std::span<const std::size_t> places) const {
        Choices kept = with_benign(places);
        for (auto place = places.rbegin(); place != places.rend(); ++place) {
            kept[*place].value = choices_[*place].value;
            if (!passes(kept)) kept[*place].value = 0;
        }
        return kept;
    }

    bool passes(const Choices& choices) const {
        sim::RunOptions options = found_.setup.options;
        const auto run = [&](sim::RunListener* listener) {
            options.listener = listener;
            sim::ReplayChoices replayed{std::span<const sim::Choice>(choices)};
            return sim::run(*found_.scenario, found_.setup.settings, replayed, options);
        };
        return sim::run_apart(run, apart_).passed;
    }

    const Found& found_;
    const Choices choices_;
    sim::Apart apart_;
    std::vector<std::size_t> later_first_;  // places of choices that are not benign
};

}  // namespace

std::optional<Choices> nearest_benign(const Found& found, std::span<const sim::Choice> choices,
                                      const sim::Apart& apart) {
    return BenignSearch(found, choices, apart).search();
}

}  // namespace drydock::app

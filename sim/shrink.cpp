// The means of shrinking, from the coarse to the fine, again and again until none helps.
#include <drydock/sim/shrink.hpp>

#include <algorithm>
#include <utility>
#include <vector>

#include "sim/label.hpp"

namespace drydock::sim {
namespace {

using Choices = std::vector<Choice>;

/// What follows the last choice that is not benign is answered with 0 anyway.
void drop_benign_tail(Report& report) {
    Choices& schedule = report.schedule;
    while (!schedule.empty() && schedule.back().value == 0) schedule.pop_back();
    for (ChoiceSpan& span : report.spans) {
        span.first = std::min(span.first, schedule.size());
        span.last = std::min(span.last, schedule.size());
    }
    std::erase_if(report.spans, [](const ChoiceSpan& span) { return span.first == span.last; });
}

bool less(const Choices& one, const Choices& other) noexcept {
    const std::size_t one_count = not_benign(one);
    const std::size_t other_count = not_benign(other);
    if (one_count != other_count) return one_count < other_count;
    if (one.size() != other.size()) return one.size() < other.size();
    return std::lexicographical_compare(
        one.begin(), one.end(), other.begin(), other.end(),
        [](const Choice& a, const Choice& b) { return a.value < b.value; });
}

class Shrinker {
public:
    Shrinker(const Experiment& experiment, Report failing, const ShrinkOptions& options)
        : experiment_(experiment), options_(options), best_(std::move(failing)) {}

    Shrunk run() {
        if (!starts()) return {std::move(best_), runs_, false};
        bool better = true;
        while (better && !over()) {
            better = leave_out_spans();
            better = silence_labels() || better;
            better = zero_blocks() || better;
            better = leave_out_choices() || better;
            better = lower_values() || better;
            better = swap_spans() || better;
            better = move_forward() || better;
            // Dear, and of use only where nothing else is.
            if (!better) better = trade() || zero_three();
        }
        return {std::move(best_), runs_, !over()};
    }

private:
    bool over() const { return completions_ >= options_.most_completions || options_.stop(); }

    /// The record itself must fail when it is replayed.
    bool starts() {
        Report again = replay(best_.schedule);
        if (again.passed || again.property != best_.property) return false;
        best_ = std::move(again);
        drop_benign_tail(best_);
        return true;
    }

    Report replay(const Choices& choices) {
        ReplayChoices source{std::span<const Choice>(choices)};
        Report report = experiment_(source);
        ++runs_;
        completions_ += report.completions;
        return report;
    }

    /// True: it fails in the same way and is less, and is the best from now on.
    bool attempt(const Choices& candidate) {
        if (over()) return false;
        Report report = replay(candidate);
        if (report.passed || report.property != best_.property) return false;
        drop_benign_tail(report);
        if (!less(report.schedule, best_.schedule)) return false;
        best_ = std::move(report);
        return true;
    }

    /// A whole client, a whole fault: left out, or turned down where it was asked for.
    bool leave_out_spans() {
        bool better = false;
        for (std::size_t i = best_.spans.size(); i-- > 0;) {
            if (i >= best_.spans.size()) continue;
            const ChoiceSpan span = best_.spans[i];
            if (not_benign(within(span)) == 0) continue;
            better =
                attempt(without(span.first, span.last)) || attempt(turned_down(span)) || better;
        }
        return better;
    }

    std::span<const Choice> within(const ChoiceSpan& span) const {
        return std::span(best_.schedule).subspan(span.first, span.last - span.first);
    }

    Choices without(std::size_t first, std::size_t last) const {
        Choices choices(best_.schedule.begin(), at(best_.schedule, first));
        choices.insert(choices.end(), at(best_.schedule, last), best_.schedule.end());
        return choices;
    }

    Choices turned_down(const ChoiceSpan& span) const {
        Choices choices = without(span.first + 1, span.last);
        choices[span.first].value = 0;
        return choices;
    }

    static Choices::const_iterator at(const Choices& choices, std::size_t index) {
        return choices.begin() + static_cast<std::ptrdiff_t>(index);
    }

    /// All choices for one purpose at once: the order of completions, all latency.
    bool silence_labels() {
        bool better = false;
        Choices tried;
        for (std::size_t i = 0; i < best_.schedule.size(); ++i) {
            const Choice here = best_.schedule[i];
            const auto known = [&](const Choice& other) {
                return same_label(here.label, other.label);
            };
            if (here.value == 0 || std::any_of(tried.begin(), tried.end(), known)) continue;
            tried.push_back(here);
            Choices choices = best_.schedule;
            for (Choice& choice : choices) {
                if (same_label(choice.label, here.label)) choice.value = 0;
            }
            better = attempt(choices) || better;
        }
        return better;
    }

    std::vector<std::size_t> places() const {
        std::vector<std::size_t> list;
        for (std::size_t i = 0; i < best_.schedule.size(); ++i) {
            if (best_.schedule[i].value != 0) list.push_back(i);
        }
        return list;
    }

    /// Half of those that are not benign, then quarters, down to each one: those made last first,
    /// as what was made early has consequences.
    bool zero_blocks() {
        bool better = false;
        for (std::size_t size = std::max<std::size_t>(places().size() / 2, 1); size > 0;
             size /= 2) {
            std::size_t end = places().size();
            while (end > 0 && !over()) {
                const std::vector<std::size_t> list = places();
                end = std::min(end, list.size());
                if (end == 0) break;
                const std::size_t begin = end > size ? end - size : 0;
                Choices choices = best_.schedule;
                for (std::size_t i = begin; i < end; ++i) choices[list[i]].value = 0;
                better = attempt(choices) || better;
                end = begin;
            }
        }
        return better;
    }

    /// A choice that is gone lets the later ones of its label move up by one.
    bool leave_out_choices() {
        bool better = false;
        for (std::size_t size = 8; size > 0; size /= 2) {
            for (std::size_t i = best_.schedule.size(); i-- > 0 && !over();) {
                if (i + size > best_.schedule.size()) continue;
                const bool matters = not_benign(within({"", i, i + size})) > 0;
                if (matters) better = attempt(without(i, i + size)) || better;
            }
        }
        return better;
    }

    /// As far down as each goes: 0 was tried; so by halves between what passes and what fails.
    bool lower_values() {
        bool better = false;
        for (std::size_t i = 0; i < best_.schedule.size(); ++i) {
            std::uint32_t passing = 0;
            while (i < best_.schedule.size() && best_.schedule[i].value > passing + 1 && !over()) {
                const std::uint32_t value = best_.schedule[i].value;
                const std::uint32_t lower = passing == 0 ? 1 : passing + (value - passing) / 2;
                Choices choices = best_.schedule;
                choices[i].value = lower;
                if (attempt(choices)) {
                    better = true;
                } else {
                    passing = lower;
                }
            }
        }
        return better;
    }

    /// Neighbours of one kind in the other order: the plainer client first.
    bool swap_spans() {
        bool better = false;
        for (std::size_t i = 0; i < best_.spans.size(); ++i) {
            const ChoiceSpan first = best_.spans[i];
            const auto next =
                std::find_if(best_.spans.begin(), best_.spans.end(), [&](const ChoiceSpan& other) {
                    return other.first == first.last && same_label(other.label, first.label);
                });
            if (next == best_.spans.end()) continue;
            Choices choices = best_.schedule;
            std::rotate(choices.begin() + static_cast<std::ptrdiff_t>(first.first),
                        choices.begin() + static_cast<std::ptrdiff_t>(next->first),
                        choices.begin() + static_cast<std::ptrdiff_t>(next->last));
            if (less(choices, best_.schedule)) better = attempt(choices) || better;
        }
        return better;
    }

    /// What happens late might happen at an earlier opportunity: the first, or halfway there.
    bool move_forward() {
        bool better = false;
        for (std::size_t i = 0; i < best_.schedule.size() && !over(); ++i) {
            if (best_.schedule[i].value == 0) continue;
            const std::vector<std::size_t> earlier = benign_before(i);
            for (std::size_t from = 0; from < earlier.size();) {
                Choices choices = best_.schedule;
                std::swap(choices[i].value, choices[earlier[from]].value);
                if (attempt(choices)) {
                    better = true;
                    break;
                }
                from += (earlier.size() - from + 1) / 2;
            }
        }
        return better;
    }

    /// Two may do each other's work: one goes, and another one is made stronger or goes as well.
    bool trade() {
        for (std::size_t i = 0; i < best_.schedule.size(); ++i) {
            if (best_.schedule[i].value == 0) continue;
            for (std::size_t j = 0; j < best_.schedule.size(); ++j) {
                const Choice& other = best_.schedule[j];
                if (j == i || other.value == 0) continue;
                for (const std::uint32_t value :
                     {0U, other.options - 1, other.options / 2, other.value + 1}) {
                    if (over()) return false;
                    if (value >= other.options || value == other.value) continue;
                    Choices choices = best_.schedule;
                    choices[i].value = 0;
                    choices[j].value = value;
                    if (attempt(choices)) return true;
                }
            }
        }
        return false;
    }

    /// Three that need each other, as the manner, the messages and the pauses of one client do.
    /// Only where few are left, for it takes their number's third power.
    bool zero_three() {
        constexpr std::size_t few = 16;
        const std::vector<std::size_t> list = places();
        if (list.size() > few) return false;
        for (std::size_t i = 0; i < list.size(); ++i) {
            for (std::size_t j = i + 1; j < list.size(); ++j) {
                for (std::size_t k = j + 1; k < list.size(); ++k) {
                    Choices choices = best_.schedule;
                    for (const std::size_t chosen : {i, j, k}) choices[list[chosen]].value = 0;
                    if (attempt(choices)) return true;
                }
            }
        }
        return false;
    }

    std::vector<std::size_t> benign_before(std::size_t place) const {
        std::vector<std::size_t> list;
        const Choice& here = best_.schedule[place];
        for (std::size_t i = 0; i < place; ++i) {
            const Choice& other = best_.schedule[i];
            const bool fits = other.value == 0 && other.options > here.value;
            if (fits && same_label(other.label, here.label)) list.push_back(i);
        }
        return list;
    }

    const Experiment& experiment_;
    const ShrinkOptions& options_;
    Report best_;
    std::uint64_t runs_ = 0;
    std::uint64_t completions_ = 0;
};

}  // namespace

std::size_t not_benign(std::span<const Choice> schedule) noexcept {
    return static_cast<std::size_t>(std::count_if(
        schedule.begin(), schedule.end(), [](const Choice& choice) { return choice.value != 0; }));
}

Shrunk shrink(const Experiment& experiment, Report failing, const ShrinkOptions& options) {
    return Shrinker(experiment, std::move(failing), options).run();
}

}  // namespace drydock::sim

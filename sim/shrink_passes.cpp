// The passes, from the coarse to the fine.
#include "sim/shrink_passes.hpp"

#include <algorithm>

#include "sim/label.hpp"

namespace drydock::sim {
namespace {

Choices::const_iterator at(const Choices& choices, std::size_t index) {
    return choices.begin() + static_cast<std::ptrdiff_t>(index);
}

/// The choices with each that is not benign, from a position on, moved to an earlier occurrence of
/// its label: `by` says by how many of the occurrences that are free.
template <typename By>
Choices moved_forward(Choices choices, std::size_t from, By by) {
    for (std::size_t i = from; i < choices.size(); ++i) {
        if (choices[i].value == 0) continue;
        std::vector<std::size_t> free;
        for (std::size_t j = from; j < i; ++j) {
            if (!same_label(choices[j].label, choices[i].label)) continue;
            if (choices[j].value != 0) free.clear();  // they stay in their order
            if (choices[j].value == 0) free.push_back(j);
        }
        const std::size_t moves = by(free.size());
        if (moves > 0) std::swap(choices[i].value, choices[free[free.size() - moves]].value);
    }
    return choices;
}

}  // namespace

bool less(const Choices& one, const Choices& other) noexcept {
    const std::size_t one_count = not_benign(one);
    const std::size_t other_count = not_benign(other);
    if (one_count != other_count) return one_count < other_count;
    if (one.size() != other.size()) return one.size() < other.size();
    return std::lexicographical_compare(
        one.begin(), one.end(), other.begin(), other.end(),
        [](const Choice& a, const Choice& b) { return a.value < b.value; });
}

void Passes::remove() {
    bool better = true;
    while (better && !trials_.over()) {
        better = silence_labels();
        better = zero_blocks() || better;
        better = leave_out_spans() || better;
    }
}

void Passes::settle() {
    bool better = true;
    while (better && !trials_.over()) {
        remove();
        better = leave_out_choices();
        better = lower_values() || better;
        better = swap_spans() || better;
        better = move_forward() || better;
    }
}

void Passes::shrink() {
    do {
        settle();
    } while (leave_out_and_move() || trade() || zero_three());
}

/// True: the candidate fails in the same way and is less, and is the best from now on.
bool Passes::attempt(const Choices& candidate) {
    std::optional<Report> report = trials_.fails(candidate);
    if (!report || !less(report->schedule, best_.schedule)) return false;
    best_ = *std::move(report);
    return true;
}

/// A whole client, a whole fault: left out, or turned down where it was asked for.
bool Passes::leave_out_spans() {
    bool better = false;
    for (std::size_t i = best_.spans.size(); i-- > 0;) {
        if (i >= best_.spans.size()) continue;
        const ChoiceSpan span = best_.spans[i];
        if (not_benign(within(span)) == 0) continue;
        better = attempt(without(span.first, span.last)) || attempt(turned_down(span)) || better;
    }
    return better;
}

std::span<const Choice> Passes::within(const ChoiceSpan& span) const {
    return std::span(best_.schedule).subspan(span.first, span.last - span.first);
}

Choices Passes::without(std::size_t first, std::size_t last) const {
    Choices choices(best_.schedule.begin(), at(best_.schedule, first));
    choices.insert(choices.end(), at(best_.schedule, last), best_.schedule.end());
    return choices;
}

Choices Passes::turned_down(const ChoiceSpan& span) const {
    Choices choices = without(span.first + 1, span.last);
    choices[span.first].value = 0;
    return choices;
}

/// All choices for one purpose at once: the order of completions, all latency.
bool Passes::silence_labels() {
    bool better = false;
    Choices tried;
    for (std::size_t i = 0; i < best_.schedule.size(); ++i) {
        const Choice here = best_.schedule[i];
        const auto known = [&](const Choice& other) { return same_label(here.label, other.label); };
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

std::vector<std::size_t> Passes::places() const {
    std::vector<std::size_t> list;
    for (std::size_t i = 0; i < best_.schedule.size(); ++i) {
        if (best_.schedule[i].value != 0) list.push_back(i);
    }
    return list;
}

/// Half of those that are not benign, then quarters, down to each one: those made last first,
/// as what was made early has consequences.
bool Passes::zero_blocks() {
    bool better = false;
    for (std::size_t size = std::max<std::size_t>(places().size() / 2, 1); size > 0; size /= 2) {
        std::size_t end = places().size();
        while (end > 0 && !trials_.over()) {
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
bool Passes::leave_out_choices() {
    bool better = false;
    for (std::size_t size = 8; size > 0; size /= 2) {
        for (std::size_t i = best_.schedule.size(); i-- > 0 && !trials_.over();) {
            if (i + size > best_.schedule.size()) continue;
            const bool matters = not_benign(within({"", i, i + size})) > 0;
            if (matters) better = attempt(without(i, i + size)) || better;
        }
    }
    return better;
}

/// As far down as each goes: 0 was tried; so by halves between what passes and what fails.
bool Passes::lower_values() {
    bool better = false;
    for (std::size_t i = 0; i < best_.schedule.size(); ++i) {
        std::uint32_t passing = 0;
        while (i < best_.schedule.size() && best_.schedule[i].value > passing + 1 &&
               !trials_.over()) {
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
bool Passes::swap_spans() {
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
bool Passes::move_forward() {
    bool better = false;
    for (std::size_t i = 0; i < best_.schedule.size() && !trials_.over(); ++i) {
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

/// Without a client, what it did of a label no longer counts: a later strike must hit an earlier
/// occurrence of its label, or it misses. All strikes move by one number of occurrences, then each
/// by a number of its own.
bool Passes::leave_out_and_move() {
    constexpr std::size_t most_moves = 16;
    constexpr int draws = 16;
    SeedChoices random(1);
    for (std::size_t i = best_.spans.size(); i-- > 0;) {
        const ChoiceSpan span = best_.spans[i];
        // A plain client may be left out as well, but not a fault that has not struck.
        if (span.last - span.first == 1 && not_benign(within(span)) == 0) continue;
        const Choices shorter = without(span.first, span.last);
        const std::size_t from = end_of_neighbors(span) - (span.last - span.first);
        if (not_benign(std::span(shorter).subspan(from)) == 0) continue;
        for (std::size_t moves = 1; moves <= most_moves; ++moves) {
            const auto by = [&](std::size_t room) { return std::min(moves, room); };
            if (attempt(moved_forward(shorter, from, by))) return true;
        }
        for (int draw = 0; draw < draws; ++draw) {
            const auto by = [&](std::size_t room) {
                return random.choose(static_cast<std::uint32_t>(room + 1), "");
            };
            if (attempt(moved_forward(shorter, from, by))) return true;
        }
    }
    return false;
}

/// Where the last span ends of those of its kind that follow it directly: the other clients.
std::size_t Passes::end_of_neighbors(const ChoiceSpan& span) const {
    std::size_t end = span.last;
    for (const ChoiceSpan& other : best_.spans) {
        if (other.first == end && same_label(other.label, span.label)) end = other.last;
    }
    return end;
}

/// Two may do each other's work: one goes, and another one is made stronger or goes as well.
bool Passes::trade() {
    for (std::size_t i = 0; i < best_.schedule.size(); ++i) {
        if (best_.schedule[i].value == 0) continue;
        for (std::size_t j = 0; j < best_.schedule.size(); ++j) {
            const Choice& other = best_.schedule[j];
            if (j == i || other.value == 0) continue;
            for (const std::uint32_t value :
                 {0U, other.options - 1, other.options / 2, other.value + 1}) {
                if (trials_.over()) return false;
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
bool Passes::zero_three() {
    constexpr std::size_t few = 12;
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

std::vector<std::size_t> Passes::benign_before(std::size_t place) const {
    std::vector<std::size_t> list;
    const Choice& here = best_.schedule[place];
    for (std::size_t i = 0; i < place; ++i) {
        const Choice& other = best_.schedule[i];
        const bool fits = other.value == 0 && other.options > here.value;
        if (fits && same_label(other.label, here.label)) list.push_back(i);
    }
    return list;
}

}  // namespace drydock::sim

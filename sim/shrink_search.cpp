// The ways to draw a run that might fail in the same way, and how the search divides its runs among
// them.
#include "sim/shrink_search.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

#include <drydock/hash.hpp>

#include "sim/label.hpp"

namespace drydock::sim {
namespace {

/// How labels are told apart where a draw decides which of them keep their choices: each by itself,
/// or by its first word, so that all of "client: ..." are kept, or none.
enum class Grain : std::uint8_t { label, group };

std::string_view group_of(const char* label) {
    const std::string_view text = label;
    return text.substr(0, text.find_first_of(":."));
}

/// Answers the choices of some labels from a schedule, and draws those of all others. Which labels
/// keep their choices is drawn as well: of eight, about `kept`.
class RedrawnChoices final : public ChoiceSource {
public:
    RedrawnChoices(std::span<const Choice> schedule, std::uint32_t kept, Grain grain,
                   std::uint64_t seed)
        : replay_(schedule), random_(seed), coin_(~seed), kept_(kept), grain_(grain) {}

    std::uint32_t choose(std::uint32_t options, const char* label) noexcept override {
        return keeps(label) ? replay_.choose(options, label) : random_.choose(options, label);
    }
    std::uint32_t flip(std::uint32_t one_in, const char* label) noexcept override {
        return keeps(label) ? replay_.flip(one_in, label) : random_.flip(one_in, label);
    }

private:
    struct Known {
        const char* label;
        bool kept;
    };
    bool keeps(const char* label) {
        for (const Known& known : known_) {
            if (same_label(known.label, label)) return known.kept;
            if (grain_ == Grain::group && group_of(known.label) == group_of(label)) {
                return known.kept;
            }
        }
        return known_.emplace_back(Known{label, coin_.choose(8, label) < kept_}).kept;
    }

    ReplayChoices replay_;
    SeedChoices random_;
    SeedChoices coin_;
    std::uint32_t kept_;
    Grain grain_;
    std::vector<Known> known_;
};

std::uint64_t hash_of_choices(const Choices& schedule) {
    std::uint64_t hash = hash_seed;
    for (const Choice& choice : schedule) {
        const std::string_view label = choice.label;
        hash = hash_with(hash, hash_of(std::as_bytes(std::span(label))));
        hash = hash_with(hash, choice.value);
    }
    return hash;
}

class Search {
public:
    Search(Trials& trials, const Choices& whole, Report least)
        : trials_(trials), whole_(whole), least_(std::move(least)) {}

    Report run(std::uint64_t most_completions) {
        constexpr std::uint64_t most_rounds = 50'000;  // some scenarios have hardly a completion
        constexpr std::size_t fruitless_for_each = 12;
        std::size_t fruitless = 0;
        for (std::uint64_t round = 0; round < most_rounds; ++round) {
            if (fruitless >= fruitless_for_each * length(least_)) break;
            const bool ends = trials_.over() || trials_.completions() >= most_completions;
            if (ends || length(least_) < 2) break;
            Way& way = *std::min_element(
                ways_.begin(), ways_.end(),
                [](const Way& one, const Way& other) { return one.spent < other.spent; });
            const std::uint64_t before = trials_.completions();
            if (std::optional<Report> found = draw(way, round)) {
                fruitless = improves(*std::move(found)) ? 0 : fruitless + 1;
            }
            way.spent += trials_.completions() - before;
        }
        return std::move(least_);
    }

private:
    /// Each way gets as many completions as each other: a way that seldom fails in the same way
    /// makes many short attempts, and one that often does makes few.
    struct Way {
        enum From : std::uint8_t { whole, least };
        From from;
        std::uint32_t kept;  // of eight labels
        Grain grain = Grain::label;
        std::uint64_t spent = 0;
    };

    static std::size_t length(const Report& report) { return not_benign(report.schedule); }

    std::optional<Report> draw(const Way& way, std::uint64_t seed) {
        const Choices& schedule = way.from == Way::whole ? whole_ : least_.schedule;
        RedrawnChoices choices(schedule, way.kept, way.grain, seed);
        return trials_.fails(choices);
    }

    /// Shrinks what was found as far as it might become less than the least, and keeps it if so.
    bool improves(Report found) {
        constexpr std::size_t near = 3;
        Passes passes(trials_, std::move(found));
        passes.remove();
        if (length(passes.best()) > length(least_) + near || known(passes.best())) return false;
        passes.settle();
        if (length(passes.best()) > length(least_) || known(passes.best())) return false;
        passes.shrink();
        known(passes.best());
        const bool shorter = length(passes.best()) < length(least_);
        if (less(passes.best().schedule, least_.schedule)) least_ = passes.take();
        return shorter;
    }

    /// Whether the search was here before.
    bool known(const Report& report) {
        return !seen_.insert(hash_of_choices(report.schedule)).second;
    }

    Trials& trials_;
    const Choices& whole_;
    Report least_;
    std::array<Way, 9> ways_ = {{{Way::whole, 7},
                                 {Way::whole, 6},
                                 {Way::whole, 4},
                                 {Way::whole, 2},
                                 {Way::whole, 0},
                                 {Way::least, 4},
                                 {Way::least, 2},
                                 {Way::least, 4, Grain::group},
                                 {Way::least, 2, Grain::group}}};
    std::set<std::uint64_t> seen_;
};

}  // namespace

Report search(Trials& trials, const Choices& whole, Report least, std::uint64_t most_completions) {
    return Search(trials, whole, std::move(least)).run(most_completions);
}

}  // namespace drydock::sim

// Sampling the futures of a run's beginnings.
#include "sim/tool/inevitability.hpp"

#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include <drydock/hash.hpp>

namespace drydock::app {
namespace {

constexpr std::size_t most_points = 200;
constexpr std::uint64_t batch_size = 16;
constexpr std::chrono::milliseconds patience_with_hangs{500};

/// The first choices of a schedule, and random ones after them.
class PrefixChoices final : public sim::ChoiceSource {
public:
    PrefixChoices(std::span<const sim::Choice> prefix, std::uint64_t seed) noexcept
        : prefix_(prefix), random_(seed) {}

    std::uint32_t choose(std::uint32_t options, const char* label) noexcept override {
        return at_ < prefix_.size() ? next(options) : random_.choose(options, label);
    }
    std::uint32_t flip(std::uint32_t one_in, const char* label) noexcept override {
        return at_ < prefix_.size() ? next(2) : random_.flip(one_in, label);
    }

private:
    std::uint32_t next(std::uint32_t options) noexcept { return prefix_[at_++].value % options; }

    std::span<const sim::Choice> prefix_;
    std::size_t at_ = 0;
    sim::SeedChoices random_;
};

class Sampler {
public:
    Sampler(const Found& found, const sim::Report& failing, sim::Apart apart,
            const std::function<bool()>& stop)
        : found_(found), failing_(failing), apart_(std::move(apart)), stop_(stop) {
        apart_.quiet = true;
        apart_.trace = 0;
        if (failing.property == "hang") {
            apart_.timeout = std::min(apart_.timeout, patience_with_hangs);
        }
        one_by_one_ = found.scenario->runs_program || sim::ends_process(failing.property);
    }

    /// Draws samples for points that have none, until all have as many as the budget says, or are
    /// stopped. False: stopped.
    bool sample(const std::set<std::size_t>& points) {
        for (std::uint64_t drawn = 0; drawn < most_samples;) {
            // 1, 1, 2, 4, ...: each round doubles what is there.
            const std::uint64_t count = std::max<std::uint64_t>(drawn, 1);
            std::map<std::size_t, std::uint64_t> failed;
            for (const std::size_t point : points) {
                const std::optional<std::uint64_t> some = draw(point, drawn, count);
                if (!some) return false;
                failed[point] = *some;
            }
            drawn += count;
            for (const auto& [point, some] : failed) {
                failed_[point] += some;
                runs_[point] = drawn;
            }
        }
        return true;
    }

    std::vector<sim::Inevitability> curve() const {
        std::vector<sim::Inevitability> points;
        for (const auto& [point, runs] : runs_) points.push_back({point, failed_.at(point), runs});
        return points;
    }

private:
    /// How many of the runs [first, first + count) from this point fail in the same way.
    std::optional<std::uint64_t> draw(std::size_t point, std::uint64_t first, std::uint64_t count) {
        std::uint64_t failed = 0;
        for (std::uint64_t done = 0; done < count;) {
            if (stop_()) return std::nullopt;
            const std::uint64_t some =
                one_by_one_ ? 1 : std::min<std::uint64_t>(batch_size, count - done);
            failed +=
                one_by_one_ ? run_apart(point, first + done) : run_batch(point, first + done, some);
            done += some;
        }
        return failed;
    }

    bool fails_alike(const sim::Report& report) const {
        return report.property == failing_.property;
    }

    sim::Report run_once(std::size_t point, std::uint64_t sample, sim::RunListener* listener) {
        sim::RunOptions options = found_.setup.options;
        options.listener = listener;
        PrefixChoices choices(std::span(failing_.schedule).first(point), hash_of({point, sample}));
        return sim::run(*found_.scenario, found_.setup.settings, choices, options);
    }

    std::uint64_t run_apart(std::size_t point, std::uint64_t sample) {
        const sim::Report report = sim::run_apart(
            [&](sim::RunListener* listener) { return run_once(point, sample, listener); }, apart_);
        return fails_alike(report) ? 1 : 0;
    }

    /// Several runs in one child process, which are many times faster. A run that ends the child
    /// ends the batch, and each of its runs then gets a child of its own.
    std::uint64_t run_batch(std::size_t point, std::uint64_t first, std::uint64_t count) {
        const auto batch = [&](sim::RunListener*) {
            sim::Report sum;
            sum.passed = true;
            for (std::uint64_t i = 0; i < count; ++i) {
                if (fails_alike(run_once(point, first + i, nullptr))) ++sum.choices;
            }
            return sum;
        };
        const sim::Report sum = sim::run_apart(batch, apart_);
        if (sum.passed) return sum.choices;
        std::uint64_t failed = 0;
        for (std::uint64_t i = 0; i < count; ++i) failed += run_apart(point, first + i);
        return failed;
    }

    const Found& found_;
    const sim::Report& failing_;
    sim::Apart apart_;
    const std::function<bool()>& stop_;
    bool one_by_one_ = false;
    std::map<std::size_t, std::uint64_t> failed_;
    std::map<std::size_t, std::uint64_t> runs_;
};

/// At most so many numbers of [first, last], both included, at equal distances.
std::set<std::size_t> spread(std::size_t first, std::size_t last) {
    std::set<std::size_t> points;
    const std::size_t steps = std::min(last - first, most_points);
    for (std::size_t i = 0; i <= steps; ++i) {
        points.insert(steps == 0 ? first : first + (last - first) * i / steps);
    }
    return points;
}

/// Beginnings of the schedule that end before and after choices which are not benign, or all.
std::set<std::size_t> first_points(std::span<const sim::Choice> schedule) {
    std::set<std::size_t> points = spread(0, schedule.size());
    std::size_t left = most_points;
    for (std::size_t i = 0; i < schedule.size() && left > 0; ++i) {
        if (schedule[i].value == 0) continue;
        points.insert({i, i + 1});
        --left;
    }
    return points;
}

double share(const sim::Inevitability& point) {
    return point.runs == 0 ? 0
                           : static_cast<double>(point.failed) / static_cast<double>(point.runs);
}

/// The position in the curve behind which the share grows most.
std::size_t jump_of(const std::vector<sim::Inevitability>& curve) {
    std::size_t best = 0;
    for (std::size_t i = 1; i + 1 < curve.size(); ++i) {
        const auto growth = [&](std::size_t at) { return share(curve[at + 1]) - share(curve[at]); };
        if (growth(i) > growth(best)) best = i;
    }
    return best;
}

/// "in step 3, which began with the completion of a receive started at server.cpp:40".
std::string moment_of(const sim::RecordedRun& run, std::size_t choice) {
    const sim::RecordedEvent* step = nullptr;
    for (const sim::RecordedEvent& event : run.events) {
        if (event.kind == sim::RunEventKind::completed) step = &event;
        if (event.kind == sim::RunEventKind::choice && event.index == choice) break;
    }
    if (step == nullptr) return "before the first step";
    std::string text = fmt::format("in step {}, which began with the completion of a {}",
                                   step->step, name(step->operation));
    if (step->place == 0) return text;
    const sim::RecordedPlace& place = run.places[step->place - 1];
    return text + fmt::format(" started at {}:{}", place.file, place.line);
}

std::string percent(const sim::Inevitability& point) {
    return fmt::format("{:.0f} %", 100 * share(point));
}

std::string sentence_of(const Recorded& failing, const std::vector<sim::Inevitability>& curve,
                        std::size_t jump) {
    if (curve.size() < 2) return "time was up before a whole round of runs had been made";
    const sim::Inevitability& before = curve[jump];
    const sim::Inevitability& after = curve[jump + 1];
    const std::string& property = failing.report.property;
    if (share(after) <= share(before)) {
        return fmt::format("no choice made {} more likely than it was at the beginning, {}",
                           property, percent(curve.front()));
    }
    const sim::Choice& choice =
        failing.report.schedule[static_cast<std::size_t>(after.choices) - 1];
    constexpr double nearly_all = 0.9;
    return fmt::format(
        "{} at choice {}, '{}' = {} (0 to {}), {}: of the runs that keep the choices before it, {} "
        "fail {}, and of those that keep it as well, {}",
        share(after) >= nearly_all ? "the failure became inevitable"
                                   : "the failure became much more likely",
        after.choices, choice.label, choice.value, choice.options - 1,
        moment_of(failing.run, static_cast<std::size_t>(after.choices)), percent(before), property,
        percent(after));
}

}  // namespace

Explained explain(const Found& found, const Recorded& failing, const sim::Apart& apart,
                  const std::function<bool()>& stop) {
    Sampler sampler(found, failing.report, apart, stop);
    Explained explained;
    explained.cut = !sampler.sample(first_points(failing.report.schedule));
    explained.curve = sampler.curve();
    std::size_t jump = jump_of(explained.curve);
    while (!explained.cut && jump + 1 < explained.curve.size()) {
        const auto before = static_cast<std::size_t>(explained.curve[jump].choices);
        const auto after = static_cast<std::size_t>(explained.curve[jump + 1].choices);
        if (after - before < 2) break;
        std::set<std::size_t> between = spread(before, after);
        between.erase(before);
        between.erase(after);
        explained.cut = !sampler.sample(between);
        explained.curve = sampler.curve();
        jump = jump_of(explained.curve);
    }
    for (const sim::Inevitability& point : explained.curve) {
        explained.samples = std::max(explained.samples, point.runs);
    }
    explained.sentence = sentence_of(failing, explained.curve, jump);
    if (explained.curve.size() >= 2) {
        explained.jump = static_cast<std::size_t>(explained.curve[jump + 1].choices);
    }
    return explained;
}

}  // namespace drydock::app

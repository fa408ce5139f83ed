// Aligning two runs, as patience diff does: by events that both have once.
#include "sim/picture/comparison.hpp"

#include <algorithm>
#include <map>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <drydock/hash.hpp>

#include "sim/picture/encoding.hpp"

namespace drydock::sim {
namespace {

using Pairs = std::vector<std::pair<std::size_t, std::size_t>>;

/// What makes two events of different runs the same, as text.
std::string signature(const RecordedRun& run, const RecordedEvent& event) {
    std::string place;
    if (event.place > 0) {
        const RecordedPlace& where = run.places[event.place - 1];
        place = where.file + ":" + std::to_string(where.line) + ":" + std::to_string(where.column);
    }
    const std::uint64_t data = hash_of(std::string_view(event.data));
    const bool is_start = event.kind == RunEventKind::started;
    return fmt::format("{}|{}|{}|{}{}|{}|{}|{}|{}|{}/{}|{}|{}|{}|{}|{}|{}", name(event.kind),
                       event.host, name(event.operation), event.connection,
                       event.accepted ? "a" : "c", event.size, is_start ? "" : name(event.error),
                       event.bytes, event.label, event.value, event.options,
                       event.kind == RunEventKind::fault ? name(event.fault) : std::string_view(),
                       event.number, event.name, event.text, data, place);
}

std::vector<std::string> signatures(const RecordedRun& run) {
    std::vector<std::string> all;
    all.reserve(run.events.size());
    for (const RecordedEvent& event : run.events) all.push_back(signature(run, event));
    return all;
}

/// Ids of events with equal signatures: the n-th of the first run and the n-th of the second.
Pairs pair_up(const std::vector<std::string>& first, const std::vector<std::string>& second) {
    std::map<std::string_view, std::vector<std::size_t>> places;
    for (std::size_t i = 0; i < second.size(); ++i) places[second[i]].push_back(i + 1);
    std::map<std::string_view, std::size_t> used;
    Pairs pairs;
    for (std::size_t i = 0; i < first.size(); ++i) {
        const auto found = places.find(first[i]);
        if (found == places.end()) continue;
        std::size_t& next = used[first[i]];
        if (next < found->second.size()) pairs.emplace_back(i + 1, found->second[next++]);
    }
    return pairs;
}

/// Splits the pairs, which ascend in the first run, into a longest part that ascends in the second
/// run, too, and the rest.
void split(const Pairs& pairs, Comparison& comparison) {
    std::vector<std::size_t> ends;  // of the best chain of each length: positions in pairs
    std::vector<std::size_t> before(pairs.size(), pairs.size());
    for (std::size_t i = 0; i < pairs.size(); ++i) {
        const auto at = std::lower_bound(
            ends.begin(), ends.end(), pairs[i].second,
            [&](std::size_t end, std::size_t id) { return pairs[end].second < id; });
        if (at != ends.begin()) before[i] = *std::prev(at);
        if (at == ends.end()) {
            ends.push_back(i);
        } else {
            *at = i;
        }
    }
    std::vector<bool> in_chain(pairs.size(), false);
    std::size_t at = ends.empty() ? pairs.size() : ends.back();
    for (; at < pairs.size(); at = before[at]) in_chain[at] = true;
    for (std::size_t i = 0; i < pairs.size(); ++i) {
        (in_chain[i] ? comparison.aligned : comparison.moved).push_back(pairs[i]);
    }
}

std::vector<const RecordedEvent*> choices_of(const RecordedRun& run) {
    std::vector<const RecordedEvent*> choices;
    for (const RecordedEvent& event : run.events) {
        if (event.kind == RunEventKind::choice) choices.push_back(&event);
    }
    return choices;
}

/// The first choice that both runs made, in the same place and for the same, and differently.
std::optional<DifferentChoice> different_choice(const RecordedRun& first,
                                                const RecordedRun& second) {
    const auto a = choices_of(first);
    const auto b = choices_of(second);
    for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
        if (a[i]->label != b[i]->label || a[i]->options != b[i]->options) return std::nullopt;
        if (a[i]->value == b[i]->value) continue;
        return DifferentChoice{i + 1, a[i]->label, a[i]->options, a[i]->value, b[i]->value};
    }
    return std::nullopt;
}

std::string value_text(std::uint32_t value) {
    return value == 0 ? std::string("0, the benign value,") : std::to_string(value);
}

std::string sentence_of(const FirstDifference& difference) {
    const std::size_t same = std::max(difference.first, difference.second);
    std::string text = difference.first == 0 || difference.second == 0
                           ? fmt::format("one run is the beginning of the other one")
                           : fmt::format("the runs are the same up to event {}", same - 1);
    if (!difference.choice) return text;
    const DifferentChoice& choice = *difference.choice;
    return text + fmt::format(
                      "; choice {}, '{}', is {} in the first run and {} in the second "
                      "(of 0 to {})",
                      choice.index, as_utf8(choice.label), value_text(choice.first),
                      value_text(choice.second), choice.options - 1);
}

std::optional<FirstDifference> first_difference(const RecordedRun& first, const RecordedRun& second,
                                                const std::vector<std::string>& a,
                                                const std::vector<std::string>& b) {
    std::size_t at = 0;
    const std::size_t both = std::min(a.size(), b.size());
    while (at < both && a[at] == b[at] && first.events[at].at == second.events[at].at) ++at;
    if (at == a.size() && at == b.size()) return std::nullopt;
    FirstDifference difference;
    difference.first = at < a.size() ? at + 1 : 0;
    difference.second = at < b.size() ? at + 1 : 0;
    difference.choice = different_choice(first, second);
    difference.sentence = sentence_of(difference);
    return difference;
}

// --- as JSON ------------------------------------------------------------------------------------

using Json = nlohmann::ordered_json;

Json id_json(std::size_t id) { return id == 0 ? Json(nullptr) : Json(id); }

Json difference_json(const std::optional<FirstDifference>& difference) {
    if (!difference) return nullptr;
    Json object;
    object["events"] = Json::array({id_json(difference->first), id_json(difference->second)});
    if (difference->choice) {
        const DifferentChoice& choice = *difference->choice;
        object["choice"] = {{"choice", choice.index},
                            {"label", as_utf8(choice.label)},
                            {"options", choice.options},
                            {"values", Json::array({choice.first, choice.second})}};
    }
    object["sentence"] = difference->sentence;
    return object;
}

Json pairs_json(const Pairs& pairs) {
    Json list = Json::array();
    for (const auto& [first, second] : pairs) list.push_back(Json::array({first, second}));
    return list;
}

}  // namespace

Comparison compare(const RecordedRun& first, const RecordedRun& second) {
    const std::vector<std::string> a = signatures(first);
    const std::vector<std::string> b = signatures(second);
    Comparison comparison;
    comparison.difference = first_difference(first, second, a, b);
    split(pair_up(a, b), comparison);
    return comparison;
}

nlohmann::ordered_json comparison_of(const Picture& first, const Picture& second) {
    const Comparison comparison = compare(first.run, second.run);
    Json object;
    object["format"] = "drydock-comparison";
    object["version"] = picture_version;
    object["scenario"] = as_utf8(first.scenario->name);
    object["runs"] = Json::array({json_of(first), json_of(second)});
    object["first_difference"] = difference_json(comparison.difference);
    object["aligned"] = pairs_json(comparison.aligned);
    object["moved"] = pairs_json(comparison.moved);
    return object;
}

}  // namespace drydock::sim

// Shards by their text, and by the variables of schedulers.
#include "sim/tool/shards.hpp"

#include <algorithm>
#include <cstdlib>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "sim/tool/common.hpp"
#include "sim/tool/report.hpp"

namespace drydock::app {

sim::SeedRange Shard::seeds() const noexcept {
    const std::uint64_t each = whole.count / parts;
    const std::uint64_t rest = whole.count % parts;
    return {whole.first + (part - 1) * each + std::min(part - 1, rest),
            each + (part <= rest ? 1 : 0)};
}

NamedShard parse_shard(const std::string& text) {
    Shard shard;
    const std::size_t slash = text.find('/');
    const bool numbers = slash != std::string::npos &&
                         to_number(text.substr(0, slash), shard.part) &&
                         to_number(text.substr(slash + 1), shard.parts);
    if (numbers && shard.part >= 1 && shard.part <= shard.parts) return {std::move(shard), {}};
    return {std::nullopt,
            fmt::format("'{}' is not a shard: give a part and the number of parts, as 2/8",
                        shown(text))};
}

namespace {

constexpr const char* count_name = "DRYDOCK_SHARDS";

/// Why the environment names no shard, as an exception: there are many reasons, and each ends the
/// search.
struct Objection {
    std::string sentence;
};

class Variables {
public:
    explicit Variables(const Environment& environment) : environment_(environment) {}

    std::optional<std::string> text(const char* name) const {
        std::string value = environment_(name);
        return value.empty() ? std::nullopt : std::optional(std::move(value));
    }

    std::optional<std::uint64_t> number(const char* name) const {
        const std::optional<std::string> value = text(name);
        std::uint64_t number = 0;
        if (!value) return std::nullopt;
        if (to_number(*value, number)) return number;
        throw Objection{fmt::format("the environment variable {} is '{}', which is no whole number",
                                    name, shown(*value))};
    }

    std::uint64_t needed(const char* name, const char* because_of) const {
        if (const std::optional<std::uint64_t> value = number(name)) return *value;
        throw Objection{
            fmt::format("the environment has {} and no {}, which says how many shards there are",
                        because_of, name)};
    }

private:
    const Environment& environment_;
};

/// The part `index` (from `lowest` on) of the number of parts that the user has set.
Shard counted(const char* name, std::uint64_t index, std::uint64_t lowest, std::uint64_t parts) {
    if (index >= lowest && index - lowest < parts) {
        return {index - lowest + 1, parts, fmt::format("{}={}", name, index), {}};
    }
    if (parts == 0) throw Objection{fmt::format("{} is 0", count_name)};
    throw Objection{fmt::format("{} is {}, and for {}={} it must be from {} to {}", name, index,
                                count_name, parts, lowest, lowest + (parts - 1))};
}

/// The numbers of a whole array are those from MIN to MAX in steps. With DRYDOCK_SHARDS an array
/// may have a part of the numbers alone: that repeats single shards.
std::optional<Shard> slurm_array(const Variables& variables) {
    constexpr const char* id_name = "SLURM_ARRAY_TASK_ID";
    const std::optional<std::uint64_t> id = variables.number(id_name);
    if (!id) return std::nullopt;
    if (const std::optional<std::uint64_t> parts = variables.number(count_name)) {
        const std::uint64_t count = variables.number("SLURM_ARRAY_TASK_COUNT").value_or(1);
        if (count <= *parts) return counted(id_name, *id, 1, *parts);
        throw Objection{
            fmt::format("SLURM_ARRAY_TASK_COUNT is {}, and {} is {}", count, count_name, *parts)};
    }
    const std::uint64_t least = variables.needed("SLURM_ARRAY_TASK_MIN", id_name);
    const std::uint64_t most = variables.needed("SLURM_ARRAY_TASK_MAX", id_name);
    const std::uint64_t count = variables.needed("SLURM_ARRAY_TASK_COUNT", id_name);
    const std::uint64_t step = variables.number("SLURM_ARRAY_TASK_STEP").value_or(1);
    const bool is_even = step > 0 && least <= *id && *id <= most && (*id - least) % step == 0 &&
                         (most - least) / step + 1 == count;
    if (is_even)
        return Shard{(*id - least) / step + 1, count, fmt::format("{}={}", id_name, *id), {}};
    throw Objection{fmt::format(
        "the {} tasks of the Slurm array are not the numbers from {} to {} in steps of {}; to run "
        "single shards again, set {} to the number of all",
        count, least, most, step, count_name)};
}

std::optional<Shard> slurm_step(const Variables& variables) {
    const std::optional<std::uint64_t> tasks = variables.number("SLURM_STEP_NUM_TASKS");
    const std::optional<std::uint64_t> rank = variables.number("SLURM_PROCID");
    if (!tasks || !rank) return std::nullopt;
    if (*rank < *tasks) return Shard{*rank + 1, *tasks, fmt::format("SLURM_PROCID={}", *rank), {}};
    throw Objection{
        fmt::format("SLURM_PROCID is {}, and SLURM_STEP_NUM_TASKS is {}", *rank, *tasks)};
}

/// Each task of an array may start a step of several tasks. A step of one says nothing.
std::optional<Shard> slurm(const Variables& variables) {
    const std::optional<Shard> array = slurm_array(variables);
    const std::optional<Shard> step = slurm_step(variables);
    if (!array || !step || step->parts == 1) return array ? array : step;
    if (array->parts > UINT64_MAX / step->parts) {
        throw Objection{"the Slurm array and its steps have more tasks than there are numbers"};
    }
    return Shard{(array->part - 1) * step->parts + step->part,
                 array->parts * step->parts,
                 array->from + " " + step->from,
                 {}};
}

std::optional<Shard> kubernetes(const Variables& variables) {
    constexpr const char* name = "JOB_COMPLETION_INDEX";
    const std::optional<std::uint64_t> index = variables.number(name);
    if (!index) return std::nullopt;
    return counted(name, *index, 0, variables.needed(count_name, name));
}

std::optional<Shard> gnu_parallel(const Variables& variables) {
    constexpr const char* name = "PARALLEL_SEQ";
    const std::optional<std::uint64_t> number = variables.number(name);
    if (!number) return std::nullopt;
    return counted(name, *number, 1, variables.needed(count_name, name));
}

std::optional<Shard> plain(const Variables& variables) {
    const std::optional<std::string> text = variables.text("DRYDOCK_SHARD");
    if (!text) return std::nullopt;
    NamedShard named = parse_shard(*text);
    if (!named.shard) throw Objection{"DRYDOCK_SHARD: " + named.complaint};
    const std::uint64_t parts = variables.number(count_name).value_or(named.shard->parts);
    if (parts != named.shard->parts) {
        throw Objection{fmt::format("DRYDOCK_SHARD is {}, and {} is {}", *text, count_name, parts)};
    }
    named.shard->from = "DRYDOCK_SHARD=" + *text;
    return named.shard;
}

bool says_something(const Shard& shard) {
    return shard.parts > 1 || !shard.from.starts_with("SLURM_PROCID");
}

Shard the_one_of(const Variables& variables) {
    std::optional<Shard> found;
    for (const auto look : {&plain, &slurm, &kubernetes, &gnu_parallel}) {
        const std::optional<Shard> other = look(variables);
        if (!other) continue;
        if (!found || !says_something(*found)) {
            found = other;
        } else if (says_something(*other) &&
                   (found->part != other->part || found->parts != other->parts)) {
            throw Objection{fmt::format(
                "the environment contradicts itself: {} names shard {} of {}, and {} shard {} of "
                "{}; unset one, or give --shard PART/PARTS",
                found->from, found->part, found->parts, other->from, other->part, other->parts)};
        }
    }
    if (found) return *found;
    throw Objection{
        "--shard auto finds no shard in the environment: none of DRYDOCK_SHARD, "
        "SLURM_ARRAY_TASK_ID, SLURM_STEP_NUM_TASKS, JOB_COMPLETION_INDEX and PARALLEL_SEQ is set"};
}

}  // namespace

NamedShard shard_of_environment(const Environment& environment) {
    try {
        return {the_one_of(Variables(environment)), {}};
    } catch (const Objection& objection) {
        return {std::nullopt, objection.sentence};
    }
}

std::string environment_variable(const char* name) {
    const char* const value = std::getenv(name);
    return value == nullptr ? "" : value;
}

}  // namespace drydock::app

// What a run waits for, as text and as a hash.
#include "sim/in_flight.hpp"

#include "sim/connection.hpp"
#include "sim/digest.hpp"
#include "sim/place.hpp"

namespace drydock::sim {

std::string describe(Operation& operation) {
    const Record& record = record_of(operation);
    std::string text(name(operation.kind()));
    if (record.connection != nullptr) text += " on " + record.connection->name(record.side);
    return text + " started at " + place(operation.where());
}

std::string InFlight::text() const {
    constexpr int most_named = 8;
    std::string text = "it waits for: ";
    int named = 0;
    const auto name_one = [&](const auto& describe_it) {
        ++named;
        if (named > most_named) return;
        if (named > 1) text += ", ";
        text += describe_it();
    };
    for_each([&](Operation& operation) { name_one([&] { return describe(operation); }); });
    for (const Waiting& waiting : waiting_) {
        name_one([&] { return "another coroutine at " + place(waiting.operation->where()); });
    }
    if (named > most_named) text += ", and more";
    return named == 0 ? "it waits for nothing that was started" : text;
}

std::uint64_t InFlight::state_hash() const noexcept {
    std::uint64_t sum = 0;
    for_each([&](Operation& operation) {
        const Record& record = record_of(operation);
        Digest part;
        part.mix(record.number);
        part.mix((static_cast<std::uint64_t>(operation.kind()) << 8) | record.side);
        part.mix(record.connection == nullptr ? 0 : record.connection->number());
        part.mix(record.progress);
        part.mix(record.send_hash);
        part.mix(record.decided ? 1 + static_cast<std::uint64_t>(record.result.error) : 0);
        part.mix(record.decided ? record.result.bytes : 0);
        sum += part.value();
    });
    return sum;
}

}  // namespace drydock::sim

// What a child process found, as bytes for its parent, and back. Both are one program on one
// machine, so there is no format to agree on: numbers are sent as they lie in memory.
//
// Labels and names that a report only points to are texts of the program. The child's may be ones
// that its parent has not got at that address, so the texts are sent, and the parent keeps one copy
// of each until it ends.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <drydock/sim/farm.hpp>

namespace drydock::sim {

class Encoder {
public:
    void number(std::uint64_t value);
    void text(std::string_view value);
    void summary(const FarmSummary& value);
    void report(const Report& value);
    void shrunk(const Shrunk& value);

    const std::string& bytes() const noexcept { return bytes_; }

private:
    std::string bytes_;
};

/// Reads what an Encoder wrote, in the same order. After the end of the bytes everything is 0 or
/// empty, and good() is false.
class Decoder {
public:
    explicit Decoder(std::string_view bytes) noexcept : bytes_(bytes) {}

    std::uint64_t number() noexcept;
    std::string text();
    FarmSummary summary();
    Report report();
    Shrunk shrunk();

    bool good() const noexcept { return good_; }

private:
    std::size_t count() noexcept;
    void read_behaviors(Behaviors& behaviors);

    std::string_view bytes_;
    bool good_ = true;
};

/// The bytes with their length before them.
std::string framed(const std::string& bytes);
/// Takes the first whole frame out of what has come. None: it has not come yet.
std::optional<std::string> take_frame(std::string& received);

/// A copy of the text that lives as long as the program; one for all equal texts. From any thread.
const char* lasting(std::string_view text);

}  // namespace drydock::sim

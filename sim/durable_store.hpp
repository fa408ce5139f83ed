// The disk of a host: what was written, and what of it would survive a loss of power.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <drydock/sim/host.hpp>

#include "sim/choice_log.hpp"
#include "sim/watch.hpp"

namespace drydock::sim {

class SimStore final : public DurableStore {
public:
    SimStore(ChoiceLog& choices, Watch watch) noexcept : choices_(choices), watch_(watch) {}

    void append(std::string_view file, std::string_view bytes) override;
    void replace(std::string_view file, std::string_view bytes) override;
    void remove(std::string_view file) override;
    std::string read(std::string_view file) const override;
    void sync() override;

    /// The power is gone: of the writes since the last sync(), the world chooses how many last.
    void lose_power();

    std::uint64_t state_hash() const noexcept {
        if (!hash_) hash_ = hash_of_files();
        return *hash_;
    }

private:
    enum class Kind : std::uint8_t { append, replace, remove };
    struct Write {
        Kind kind = Kind::append;
        std::string file;
        std::string bytes;
    };
    using Files = std::map<std::string, std::string, std::less<>>;

    std::uint64_t hash_of_files() const noexcept;
    void write(Kind kind, std::string_view file, std::string_view bytes);
    static void apply(Files& files, const Write& write, std::size_t bytes);

    ChoiceLog& choices_;
    const Watch watch_;
    Files synced_;
    Files files_;
    std::vector<Write> unsynced_;
    mutable std::optional<std::uint64_t> hash_;  // none: something has changed
};

}  // namespace drydock::sim

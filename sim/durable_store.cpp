// Writes, in their order, and which of them last.
#include "sim/durable_store.hpp"

#include <algorithm>

#include <drydock/hash.hpp>

namespace drydock::sim {

void SimStore::append(std::string_view file, std::string_view bytes) {
    write(Kind::append, file, bytes);
}

void SimStore::replace(std::string_view file, std::string_view bytes) {
    write(Kind::replace, file, bytes);
}

void SimStore::remove(std::string_view file) { write(Kind::remove, file, {}); }

void SimStore::write(Kind kind, std::string_view file, std::string_view bytes) {
    watch_.touched(this, Owner::network);
    unsynced_.push_back({kind, std::string(file), std::string(bytes)});
    apply(files_, unsynced_.back(), bytes.size());
    hash_.reset();
}

void SimStore::apply(Files& files, const Write& write, std::size_t bytes) {
    switch (write.kind) {
        case Kind::append:
            files[write.file].append(write.bytes, 0, bytes);
            return;
        case Kind::replace:
            files[write.file] = write.bytes;
            return;
        case Kind::remove:
            files.erase(write.file);
            return;
    }
}

std::string SimStore::read(std::string_view file) const {
    watch_.touched(this, Owner::network);
    const auto known = files_.find(file);
    const std::string bytes = known == files_.end() ? std::string() : known->second;
    watch_.learned(hash_of(std::as_bytes(std::span(bytes))));
    return bytes;
}

void SimStore::sync() {
    watch_.touched(this, Owner::network);
    for (const Write& write : unsynced_) apply(synced_, write, write.bytes.size());
    unsynced_.clear();
    hash_.reset();
}

/// Two options for each write: it is lost with all that follow it, or it is the last that lasts,
/// cut in the middle if it is one that can be. The benign option is that all last.
void SimStore::lose_power() {
    if (unsynced_.empty()) return;
    constexpr std::size_t most_considered = 1000;  // of the latest
    const std::size_t considered = std::min(unsynced_.size(), most_considered);
    const std::uint32_t lost =
        choices_.pick(static_cast<std::uint32_t>(2 * considered + 1), "host: writes that are lost");
    const std::size_t kept = unsynced_.size() - (lost + 1) / 2;
    for (std::size_t i = 0; i < kept; ++i) {
        apply(synced_, unsynced_[i], unsynced_[i].bytes.size());
    }
    const bool cuts = lost % 2 == 1 && unsynced_[kept].kind == Kind::append;
    if (cuts) apply(synced_, unsynced_[kept], unsynced_[kept].bytes.size() / 2);
    files_ = synced_;
    unsynced_.clear();
    hash_.reset();
}

std::uint64_t SimStore::hash_of_files() const noexcept {
    std::uint64_t hash = unsynced_.size();
    for (const Files* files : {&synced_, &files_}) {
        for (const auto& [name, bytes] : *files) {
            hash = hash_of(std::as_bytes(std::span(name)), hash);
            hash = hash_of(std::as_bytes(std::span(bytes)), hash);
        }
    }
    return hash;
}

}  // namespace drydock::sim

// Where the model of Redis keeps its append-only file. The owner decides what a crash leaves of it.
#pragma once

#include <string>
#include <string_view>

namespace drydock::broker {

/// A file. The model calls it on the workers of its queue, one call at a time.
class Store {
public:
    Store() = default;
    Store(const Store&) = delete;
    Store& operator=(const Store&) = delete;
    virtual ~Store() = default;

    /// What a restart finds.
    virtual std::string read() = 0;
    /// Adds bytes at the end: the write of a file.
    virtual void append(std::string_view bytes) = 0;
    /// Makes what was written last, also when the machine crashes: fsync().
    virtual void sync() = 0;
    /// Makes `bytes` the whole of the file, as a rewrite of the append-only file does: after a
    /// crash it has the old bytes or the new ones.
    virtual void replace(std::string_view bytes) = 0;
};

/// In memory: what a model in one process finds again after its restart. A test that lets the
/// machine crash calls lose_unsynced().
class MemoryStore final : public Store {
public:
    std::string read() override { return bytes_; }
    void append(std::string_view bytes) override { bytes_ += bytes; }
    void sync() override {
        synced_ = bytes_.size();
        ++syncs_;
    }
    void replace(std::string_view bytes) override {
        bytes_ = bytes;
        synced_ = bytes_.size();
    }

    /// A crash of the machine, which leaves `more` bytes of what was not synced.
    void lose_unsynced(std::size_t more = 0) {
        if (more < bytes_.size() - synced_) bytes_.resize(synced_ + more);
    }
    std::size_t size() const noexcept { return bytes_.size(); }
    std::size_t syncs() const noexcept { return syncs_; }

private:
    std::string bytes_;
    std::size_t synced_ = 0;
    std::size_t syncs_ = 0;
};

}  // namespace drydock::broker

// A password: kept once, and overwritten when it is no longer needed.
#pragma once

#include <string>
#include <string_view>
#include <utility>

namespace drydock::relay {

/// Overwrites the text before it gives its memory back. Through a volatile pointer: a compiler may
/// leave out writes to memory that nothing reads again.
inline void wipe(std::string& text) noexcept {
    volatile char* bytes = text.data();
    for (std::size_t i = 0; i < text.size(); ++i) bytes[i] = '\0';
    text.clear();
}

/// A text that is wiped at its end. It has no operator for printing.
class Secret {
public:
    Secret() noexcept = default;
    /// Takes the text over and wipes what was given.
    explicit Secret(std::string&& text) : text_(text) { wipe(text); }
    Secret(const Secret&) = default;
    Secret& operator=(const Secret&) = delete;
    Secret(Secret&& other) noexcept : text_(std::move(other.text_)) { wipe(other.text_); }
    Secret& operator=(Secret&& other) noexcept {
        if (this == &other) return *this;
        wipe(text_);
        text_ = std::move(other.text_);
        wipe(other.text_);
        return *this;
    }
    ~Secret() { wipe(text_); }

    bool empty() const noexcept { return text_.empty(); }
    /// The text itself, for the one command that needs it.
    std::string_view reveal() const noexcept { return text_; }

private:
    std::string text_;
};

}  // namespace drydock::relay

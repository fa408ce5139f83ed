// Both sides of what clients and servers say to each other, without any I/O.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace drydock::beast_examples {

/// What is wrong, with the property that does not hold. Without a property nothing is.
struct Wrong {
    std::string_view property;
    std::string sentence;
    explicit operator bool() const noexcept { return !property.empty(); }
};

/// The client's side of a connection.
class Conversation {
public:
    virtual ~Conversation() = default;
    /// The next message to send. Empty: there are no more.
    virtual std::string next() = 0;
    /// Whether all messages that next() has returned are answered.
    virtual bool answered() const = 0;
    /// Bytes have come, cut anywhere.
    virtual Wrong received(std::string_view bytes) = 0;
};

/// The server's side of a connection.
class Service {
public:
    virtual ~Service() = default;
    /// Bytes have come, cut anywhere. Returns what is to be sent for them.
    virtual std::string received(std::string_view bytes) = 0;
    /// Whether the server closes when it has sent that.
    virtual bool done() const = 0;
};

}  // namespace drydock::beast_examples

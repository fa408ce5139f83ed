// Windows has no fork(), so there are no children. See children.hpp.
#include "platform/host/children.hpp"

#include <algorithm>
#include <new>
#include <stdexcept>

namespace drydock::host {

bool has_children() noexcept { return false; }

unsigned thread_count() noexcept { return 0; }

SharedMemory::SharedMemory(std::size_t size)
    : data_(static_cast<std::byte*>(::operator new(size))), size_(size) {
    std::fill_n(data_, size_, std::byte{0});
}

SharedMemory::~SharedMemory() { ::operator delete(data_); }

std::string describe(const ChildEnd&) { return "the process has ended"; }

void ChildOutput::send(std::string_view) noexcept {}

Child::Child(const std::function<void(ChildOutput&)>&, ChildErrors) {
    throw std::runtime_error("this system has no child processes of this kind");
}

Child::~Child() = default;

bool Child::receive(std::string&) { return false; }

void Child::kill() noexcept {}

ChildEnd Child::wait() noexcept { return {}; }

void Child::wait_for_any(std::span<const Child* const>, std::chrono::milliseconds) {}

}  // namespace drydock::host

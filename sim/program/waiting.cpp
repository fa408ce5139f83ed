// What the fibers wait for, as text for the error message of the property `stuck`.
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <memory>
#include <string>
#include <typeinfo>

#include <cxxabi.h>
#include <dlfcn.h>
#include <pthread.h>

#include "sim/program/fibers.hpp"
#include "sim/program/mutexes.hpp"

namespace drydock::sim {
namespace {

std::string readable(const char* symbol) {
    int status = 0;
    const std::unique_ptr<char, decltype(&std::free)> name(
        abi::__cxa_demangle(symbol, nullptr, nullptr, &status), &std::free);
    return status == 0 ? name.get() : symbol;
}

}  // namespace

std::string text_of_current_exception() {
    try {
        throw;
    } catch (const std::exception& exception) {
        return readable(typeid(exception).name()) + ": " + exception.what();
    } catch (...) {
        const std::type_info* const type = abi::__cxa_current_exception_type();
        return type == nullptr ? "an exception" : readable(type->name());
    }
}

std::string place_of(const void* caller) {
    if (caller == nullptr) return {};
    Dl_info info{};
    if (::dladdr(caller, &info) == 0) return {};
    if (info.dli_sname != nullptr) return " in " + readable(info.dli_sname);
    const std::string path = info.dli_fname != nullptr ? info.dli_fname : "";
    char offset[32];
    std::snprintf(offset, sizeof offset, "+%#tx",
                  static_cast<const char*>(caller) - static_cast<const char*>(info.dli_fbase));
    return " at " + path.substr(path.rfind('/') + 1) + offset;
}

namespace {

const char* text_of(Wait wait) noexcept {
    switch (wait) {
        case Wait::start:
        case Wait::turn:
            return "for its turn";
        case Wait::key:
            return "in an I/O context";
        case Wait::mutex:
            return "to lock a mutex";
        case Wait::reader:
            return "to lock a reader-writer lock for reading";
        case Wait::writer:
            return "to lock a reader-writer lock for writing";
        case Wait::condition:
            return "for a condition variable";
        case Wait::thread:
            return "for the end of thread ";
        case Wait::sleep:
            return "for its sleep to end";
        case Wait::semaphore:
            return "for a semaphore";
        case Wait::futex:
            return "for a future or an atomic value";
        case Wait::once:
            return "for the end of a call_once() elsewhere";
        case Wait::barrier:
            return "at a barrier";
        case Wait::exit:
            return "for the end of the run, as it has called exit()";
    }
    return "";
}

}  // namespace

std::string Fibers::describe(const Fiber& fiber) const {
    std::string text = fiber.text() + " waits " + text_of(fiber.waits_for);
    if (fiber.waits_for == Wait::thread) text += std::to_string(fiber.joins);
    if (fiber.waits_for == Wait::mutex) {
        const auto& mutex = *static_cast<const pthread_mutex_t*>(fiber.key);
        const std::uint32_t owner = owner_of(*this, mutex);
        if (owner == fiber.number) text += " that it has locked itself";
        if (owner != 0 && owner != fiber.number) {
            text += " that thread " + std::to_string(owner) + " has locked";
        }
    }
    return text + place_of(fiber.caller);
}

std::string Fibers::waiting() const {
    constexpr int most_named = 12;
    int named = 0;
    std::string text;
    for (const std::unique_ptr<Fiber>& fiber : fibers_) {
        if (fiber->gone()) continue;
        if (++named > most_named) return text + ", and more";
        if (!text.empty()) text += ", ";
        text += describe(*fiber);
    }
    return text;
}

}  // namespace drydock::sim

// What the fibers wait for, as text for the error message of the property `stuck`.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <memory>
#include <string>
#include <string_view>
#include <typeinfo>

#include <cxxabi.h>
#include <dlfcn.h>
#include <pthread.h>
#include <unwind.h>

#include "sim/program/fibers.hpp"
#include "sim/program/mutexes.hpp"
#include "sim/program/symbols.hpp"

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
    // A return address may lie behind the function's last instruction.
    const void* const code = static_cast<const char*>(caller) - 1;
    const std::string_view own = function_at(code);
    if (!own.empty()) return " in " + readable(std::string(own).c_str());
    Dl_info info{};
    if (::dladdr(code, &info) == 0) return {};
    if (info.dli_sname != nullptr) return " in " + readable(info.dli_sname);
    const std::string path = info.dli_fname != nullptr ? info.dli_fname : "";
    char offset[32];
    std::snprintf(offset, sizeof offset, "+%#tx",
                  static_cast<const char*>(code) - static_cast<const char*>(info.dli_fbase));
    return " at " + path.substr(path.rfind('/') + 1) + offset;
}

namespace {

/// Whether it is the program's own function, and none of the libraries that it waits by.
bool is_program(std::string_view name) noexcept {
    constexpr std::string_view libraries[] = {"NSt",    "KSt",    "ZSt",      "4asio",   "5boost",
                                              "9__gnu", "__gthr", "drydock_", "7drydock"};
    const std::string_view beginning = name.substr(0, 12);
    return !name.empty() &&
           std::none_of(std::begin(libraries), std::end(libraries), [&](std::string_view library) {
               return beginning.find(library) != std::string_view::npos;
           });
}

/// The innermost frame of the program, from the one on that has called what waits; that one, if
/// all are of libraries.
const void* place_in_program(const Fiber& fiber) {
    const auto caller = std::find(fiber.frames.begin(), fiber.frames.end(), fiber.caller);
    const auto found = std::find_if(caller, fiber.frames.end(), [](const void* frame) {
        return frame != nullptr && is_program(function_at(static_cast<const char*>(frame) - 1));
    });
    return found == fiber.frames.end() ? fiber.caller : *found;
}

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

void Fibers::look_at_frames(Fiber& fiber) noexcept {
    constexpr std::size_t most = 64;
    fiber.frames.clear();
    fiber.frames.reserve(most);
    ::_Unwind_Backtrace(
        [](_Unwind_Context* context, void* to) {
            auto& frames = *static_cast<std::vector<const void*>*>(to);
            frames.push_back(reinterpret_cast<const void*>(::_Unwind_GetIP(context)));
            return frames.size() < most ? _URC_NO_REASON : _URC_END_OF_STACK;
        },
        &fiber.frames);
}

/// A parked fiber looks at its own frames, for the place.
std::string Fibers::describe(Fiber& fiber) {
    const bool parked = std::find(parked_.begin(), parked_.end(), &fiber) != parked_.end();
    if (parked && running_ == nullptr) {
        fiber.asked = true;
        resume(fiber);
    }
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
    return text + place_of(place_in_program(fiber));
}

std::string Fibers::waiting() {
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

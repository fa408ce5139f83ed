// Random numbers: the system's, std::random_device's and OpenSSL's. On fibers they all come from
// the stream of the run.
#include <cerrno>
#include <cstdint>
#include <cstdlib>

#include <sys/random.h>
#include <sys/types.h>

#include "sim/program/interposed.hpp"

namespace drydock::sim {
namespace {

constinit Real<ssize_t(void*, std::size_t, unsigned)> real_getrandom("getrandom");
constinit Real<int(void*, std::size_t)> real_getentropy("getentropy");
constinit Real<std::uint32_t()> real_arc4random("arc4random");
constinit Real<void(void*, std::size_t)> real_arc4random_buf("arc4random_buf");
constinit Real<std::uint32_t(std::uint32_t)> real_arc4random_uniform("arc4random_uniform");
constinit Real<unsigned(void*)> real_random_device("_ZNSt13random_device9_M_getvalEv");

/// As much of the stream as wanted; elsewhere of the system's numbers.
void fill(void* to, std::size_t size) noexcept {
    if (Fibers* const fibers = simulated()) return fibers->random().fill(to, size);
    real_arc4random_buf(to, size);
}

// --- OpenSSL ------------------------------------------------------------------------------------

/// RAND_METHOD of <openssl/rand.h>, which a program need not have.
struct OpensslRandom {
    int (*seed)(const void*, int);
    int (*bytes)(unsigned char*, int);
    void (*cleanup)();
    int (*add)(const void*, int, double);
    int (*pseudorandom)(unsigned char*, int);
    int (*status)();
};

/// Clients of the scenario may speak TLS, too. They are on no fiber, and use the run's stream.
int openssl_bytes(unsigned char* to, int count) {
    if (count <= 0) return 1;
    if (Fibers* const fibers = Fibers::of_this_thread()) {
        fibers->random().fill(to, static_cast<std::size_t>(count));
    } else {
        real_arc4random_buf(to, static_cast<std::size_t>(count));
    }
    return 1;
}

constexpr OpensslRandom openssl_random = {
    [](const void*, int) { return 1; },         &openssl_bytes, nullptr,
    [](const void*, int, double) { return 1; }, &openssl_bytes, [] { return 1; },
};

}  // namespace
}  // namespace drydock::sim

extern "C" int RAND_set_rand_method(const void*) __attribute__((weak));

namespace drydock::sim {

void reset_random_functions() noexcept {
    ::srand(1);
    unsigned short seed[3] = {0x330e, 0xabcd, 0x1234};  // as a process begins with, by glibc
    ::seed48(seed);
    if (RAND_set_rand_method != nullptr) RAND_set_rand_method(&openssl_random);
}

ssize_t program_getrandom(void*, std::size_t, unsigned) DRYDOCK_SYMBOL("getrandom");
ssize_t program_getrandom(void* to, std::size_t size, unsigned flags) {
    Fibers* const fibers = simulated();
    if (fibers == nullptr) return real_getrandom(to, size, flags);
    fibers->random().fill(to, size);
    return static_cast<ssize_t>(size);
}

int program_getentropy(void*, std::size_t) DRYDOCK_SYMBOL("getentropy");
int program_getentropy(void* to, std::size_t size) {
    Fibers* const fibers = simulated();
    if (fibers == nullptr) return real_getentropy(to, size);
    constexpr std::size_t most = 256;
    if (size > most) {
        errno = EIO;
        return -1;
    }
    fibers->random().fill(to, size);
    return 0;
}

std::uint32_t program_arc4random() noexcept DRYDOCK_SYMBOL("arc4random");
std::uint32_t program_arc4random() noexcept {
    Fibers* const fibers = simulated();
    if (fibers == nullptr) return real_arc4random();
    return static_cast<std::uint32_t>(fibers->random().next() >> 32);
}

void program_arc4random_buf(void*, std::size_t) noexcept DRYDOCK_SYMBOL("arc4random_buf");
void program_arc4random_buf(void* to, std::size_t size) noexcept { fill(to, size); }

std::uint32_t program_arc4random_uniform(std::uint32_t) noexcept
    DRYDOCK_SYMBOL("arc4random_uniform");
std::uint32_t program_arc4random_uniform(std::uint32_t bound) noexcept {
    Fibers* const fibers = simulated();
    if (fibers == nullptr) return real_arc4random_uniform(bound);
    // The high half of the product: fair but for one part in four billion.
    const std::uint64_t value = fibers->random().next() >> 32;
    return static_cast<std::uint32_t>((value * bound) >> 32);
}

// std::random_device::_M_getval(): it would use an instruction of the processor.
unsigned program_random_device(void*) DRYDOCK_SYMBOL("_ZNSt13random_device9_M_getvalEv");
unsigned program_random_device(void* device) {
    Fibers* const fibers = simulated();
    if (fibers == nullptr) return real_random_device(device);
    return static_cast<unsigned>(fibers->random().next() >> 32);
}

void link_random() noexcept {}

}  // namespace drydock::sim

// A program that looks at addresses, or keeps things from run to run, as its first argument says.
// It knows nothing of drydock.
#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <unordered_set>
#include <vector>

namespace {

volatile std::sig_atomic_t told = 0;

struct Guest {
    int number;
    std::string name;
};

std::set<Guest*> of_initialiser = [] {
    std::set<Guest*> guests;
    for (int i = 0; i < 5; ++i) guests.insert(new Guest{i, std::string(30, 'i')});
    return guests;
}();

/// Guests that come and go in an order by chance, so that addresses are used again.
std::vector<std::unique_ptr<Guest>> make_guests() {
    std::minstd_rand random(std::random_device{}());
    std::vector<std::unique_ptr<Guest>> guests;
    for (int i = 0; i < 200; ++i) {
        guests.push_back(std::make_unique<Guest>(Guest{i, std::string(random() % 60, 'x')}));
        if (random() % 3 == 0) guests.erase(guests.begin() + random() % guests.size());
    }
    return guests;
}

template <typename Set>
void greet(const Set& guests) {
    unsigned sum = 0;
    for (const Guest* guest : guests) sum = sum * 31 + static_cast<unsigned>(guest->number);
    std::printf("%u\n", sum);
    // So that the sum is in the digest: a thread for each bit.
    for (int bit = 0; bit < 8; ++bit) {
        if ((sum >> bit) % 2 == 1) std::thread([] {}).join();
    }
}

void look_at_addresses() {
    const auto guests = make_guests();
    std::set<Guest*> ordered;
    std::unordered_set<Guest*> hashed;
    std::vector<Guest*> sorted;
    for (const auto& guest : guests) {
        ordered.insert(guest.get());
        hashed.insert(guest.get());
        sorted.push_back(guest.get());
    }
    greet(ordered);
    greet(hashed);
    std::sort(sorted.begin(), sorted.end(), std::greater<>());
    greet(sorted);
    greet(of_initialiser);
    char* const copy = strdup("copy");
    const auto bits = reinterpret_cast<std::uintptr_t>(copy);
    if ((bits >> 4) % 2 == 1) std::thread([] {}).join();
    std::free(copy);
}

/// What was found once is kept for ever, and lies among what later runs allocate.
void use_cache() {
    static std::map<unsigned, std::unique_ptr<Guest>> cache;
    std::unordered_set<Guest*> found;
    std::minstd_rand random(std::random_device{}());
    for (int i = 0; i < 20; ++i) {
        auto& guest = cache[random() % 100];
        if (!guest) guest = std::make_unique<Guest>(Guest{i, "cached"});
        found.insert(guest.get());
    }
    greet(found);
    look_at_addresses();
}

void use_after_free() {
    auto guest = std::make_unique<Guest>(Guest{7, "gone"});
    Guest* const kept = guest.get();
    guest.reset();
    if (*reinterpret_cast<volatile int*>(&kept->number) != 7) std::exit(3);
}

void free_twice() {
    void* volatile block = std::malloc(40);
    std::free(block);
    std::free(block);
}

}  // namespace

int main(int, char** argv) {
    std::signal(SIGTERM, [](int) { told = 1; });
    const std::string what = argv[1];
    if (what == "addresses") look_at_addresses();
    if (what == "cache") use_cache();
    if (what == "use-after-free") use_after_free();
    if (what == "free-twice") free_twice();
    while (told == 0) std::this_thread::sleep_for(std::chrono::milliseconds(50));
    if (what != "flag") told = 0;
}

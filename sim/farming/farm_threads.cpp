// A farm in threads of this process. A crash ends it, with last words that name the seed.
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

#include "platform/host/last_words.hpp"
#include "sim/farm_parts.hpp"
#include "sim/farming/processes.hpp"

namespace drydock::sim {
namespace {

class LastWordsWatch final : public SeedWatch {
public:
    const KnownFailure* begins(std::uint64_t seed) override {
        host::LastWords::work_on(seed, nullptr);
        return nullptr;
    }
};

}  // namespace

FarmSummary run_threads(const ScenarioInfo& scenario, const FarmOptions& options,
                        const FarmRun& how, unsigned jobs) {
    const host::LastWords words("scenario " + std::string(scenario.name), how.again);
    LastWordsWatch watch;
    Farm farm(scenario, options, &watch);
    std::mutex mutex;
    std::condition_variable changed;
    unsigned working = jobs;
    std::vector<std::jthread> threads;
    for (unsigned i = 0; i < jobs; ++i) {
        threads.emplace_back([&] {
            farm.work();
            host::LastWords::done();
            const std::lock_guard lock(mutex);
            --working;
            changed.notify_one();
        });
    }
    std::unique_lock lock(mutex);
    while (working > 0) {
        changed.wait_for(lock, PatienceClock::tick);
        if (how.progress) how.progress(farm.seeds_done(), farm.failures());
        if (how.stop && how.stop()) farm.stop();
    }
    lock.unlock();
    threads.clear();
    return farm.summary();
}

}  // namespace drydock::sim

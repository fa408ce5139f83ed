#!/usr/bin/env bash
# Sets up what is missing and runs every test: what CI runs, and what a person runs before a push.
#
# Phase by phase, each with its seconds; the first failure ends the run with its name and a status
# other than 0. The Windows build comes first, as the end-to-end tests of the dev build start it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source ci/packages.sh

farm_scenarios=(echo chat)
farm_seeds=20000   # simulated runs of each scenario in the release phase
memcheck_seeds=100 # simulated runs of each scenario under valgrind
fuzz_seconds=5     # for each fuzz target
canary_seconds=60  # at most, for the broken one; it takes one or two

current="start"
summary=()

at_exit() {
    local status=$?
    cmake/wine.sh --stop >/dev/null 2>&1 || true
    echo
    printf '%s\n' "${summary[@]}"
    if ((status != 0)); then
        echo "ci/test.sh: FAILED in phase \"$current\" after $SECONDS s (status $status)"
    else
        echo "ci/test.sh: all phases passed in $SECONDS s"
    fi
}
trap at_exit EXIT

# phase NAME COMMAND...: not to be called from an `if` or a `||`, where `set -e` would be off.
phase() {
    current=$1
    local started=$SECONDS
    printf '\n=== %s\n' "$current"
    "${@:2}"
    summary+=("$(printf '%-10s %4d s' "$current" $((SECONDS - started)))")
}

# Several sources compile as one, which takes half the time where all is to be built. The release
# phase compiles each by itself, as a person's builds do.
together=(-DCMAKE_UNITY_BUILD=ON -DCMAKE_UNITY_BUILD_BATCH_SIZE=10)

# preset NAME [CONFIGURE-ARGUMENT...]
preset() {
    cmake --preset "$@" "${together[@]}" >/dev/null
    cmake --build --preset "$1"
    ctest --preset "$1"
}

dev() {
    preset dev -DDRYDOCK_E2E_WINDOWS=ON
    bash ci/memcheck.sh "$memcheck_seeds"
}

# ThreadSanitizer is for what has threads: the backends and the programs under load.
tsan() {
    cmake --preset tsan "${together[@]}" >/dev/null
    cmake --build --preset tsan --target conformance_tests e2e_tests
    ctest --preset tsan -L 'conformance|e2e'
}

# The tests have run on the dev build; what users get is farmed, and the benchmarks are shown to work.
release() {
    cmake --preset release -DDRYDOCK_E2E_WINDOWS=ON >/dev/null
    cmake --build --preset release --target drydock drydock-sim bench/all
    ctest --preset release -R '^bench'
    local scenario
    for scenario in "${farm_scenarios[@]}"; do
        build/release/drydock-sim farm "$scenario" --seeds "$farm_seeds" --jobs "$(nproc)"
    done
}

fuzz() {
    preset fuzz
    bash ci/fuzz.sh all "$fuzz_seconds"
    # That nothing was found is good news only from a fuzzer that finds what there is.
    local status=0 log=build/fuzz/canary.txt
    bash ci/fuzz.sh canary "$canary_seconds" >"$log" 2>&1 || status=$?
    if ((status != 1)) || ! grep -q 'the canary fails, as it must' "$log"; then
        cat "$log"
        echo "ci/test.sh: the fuzzer did not find the canary's defect"
        return 1
    fi
    echo "fuzz: the canary was found out, as it must be"
}

phase packages install_packages
phase format bash ci/format.sh
phase windows preset windows
phase dev dev
# The programs run under ThreadSanitizer and in the dev build; a third time would cost two minutes.
phase asan preset asan -DDRYDOCK_E2E=OFF
phase tsan tsan
phase release release
phase fuzz fuzz

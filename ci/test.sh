#!/usr/bin/env bash
# Sets up what is missing and runs every test: what CI runs, and what a person runs before a push.
#
# The work is cut into steps, which ci/steps.sh runs side by side: most tests wait more than they
# compute, and the compilers use the processors meanwhile. Builds run one after the other at low
# priority, tests at normal priority, so that a test that measures time is not held up by a build.
# Each step's output is in build/ci/STEP.log, and what each cost is in the table at the end. The
# first step that fails ends the run: its log is printed, and the status is other than 0.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source ci/packages.sh
source ci/steps.sh

farm_scenarios=(echo chat)
farm_seeds=20000   # simulated runs of each scenario of the release build
memcheck_seeds=60  # simulated runs of each scenario under valgrind
fuzz_seconds=4     # for each fuzz target
canary_seconds=60  # at most, for the broken one; it takes one or two

# Several sources compile as one, which takes half the time where all is to be built. (The benchmarks
# compile each by itself, as a person's builds do.)
together=(-DCMAKE_UNITY_BUILD=ON -DCMAKE_UNITY_BUILD_BATCH_SIZE=24)

# A compiler cache is used where there is one. It goes by the files that the compiler says it has
# read (depend mode), so that a cache with nothing in it costs no time.
launcher=""
if command -v ccache >/dev/null; then
    launcher=ccache
    export CCACHE_DEPEND=1 CCACHE_BASEDIR=$PWD
    export CCACHE_SLOPPINESS=time_macros,include_file_mtime,include_file_ctime
fi

# build PRESET [CONFIGURE-ARGUMENT...] [-- TARGET...]
build() {
    local preset=$1 arguments=() targets=()
    shift
    while (($# > 0)) && [[ $1 != -- ]]; do
        arguments+=("$1")
        shift
    done
    (($# < 2)) || targets=(--target "${@:2}")
    cmake --preset "$preset" "${arguments[@]}" -DCMAKE_C_COMPILER_LAUNCHER="$launcher" \
        -DCMAKE_CXX_COMPILER_LAUNCHER="$launcher" >/dev/null
    cmake --build --preset "$preset" -j "$(nproc)" "${targets[@]}"
    # ctest asks new test programs for their cases and writes them down; two at once would collide.
    ctest --preset "$preset" -N >/dev/null
}

farm() {
    local scenario
    for scenario in "${farm_scenarios[@]}"; do
        build/release/drydock-sim farm "$scenario" --seeds "$farm_seeds" --jobs "$(nproc)"
    done
}

fuzz() {
    ctest --preset fuzz
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

docs() {
    bash ci/docs.sh
    bash ci/docs_test.sh
}

at_exit() {
    local status=$?
    steps_stop
    cmake/wine.sh --stop >/dev/null 2>&1 || true
    steps_table
    if ((status != 0)); then
        [[ -z $failed_step ]] || echo "ci/test.sh: the step \"$failed_step\" failed"
        echo "ci/test.sh: FAILED after $SECONDS s (status $status)"
    else
        echo "ci/test.sh: all steps passed in $SECONDS s"
    fi
}
trap at_exit EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

install_packages

# step NAME LANE NICENESS "NEEDED-STEP..." COMMAND...
# Steps of one lane run one after the other. `waiting` and `wine` have the tests that mostly wait,
# `working` those that compute; only steps of `wine` use Wine, which has one server. The builds are two
# lanes, so that a build that is down to its last file leaves no processor idle. The Windows build
# comes first, as end-to-end tests of the dev build start it.
step format working 0 "" bash ci/format.sh
# Optimising less saves a fifth of its time; the released Windows programs are built with -O2.
step windows-build gcc 15 "" build windows "${together[@]}" -DCMAKE_CXX_FLAGS_RELEASE=-O1
# ThreadSanitizer is for what has threads: the backends and the programs under load.
step tsan-build clang 15 "" build tsan "${together[@]}" -- conformance_tests e2e_tests asio_face
# Debug information takes a fifth of the compiler's time. (The canary of memcheck has its own.)
step dev-build gcc 15 "" build dev "${together[@]}" -DDRYDOCK_E2E_WINDOWS=ON \
    -DCMAKE_CXX_FLAGS_DEBUG="-O1 -g0"
step fuzz-build clang 15 "" build fuzz "${together[@]}" -- fuzz/all
# The programs, the tool and simulated programs run under ThreadSanitizer or in the dev build; a third time would cost
# three minutes. The fuzz targets have AddressSanitizer in their own build.
step asan-build clang 15 "" build asan "${together[@]}" -DDRYDOCK_E2E=OFF \
    -- unit_tests sim_tests property_tests farming_tests relay_tests conformance_tests allocation_tests
step playground-build clang 15 "viewer" bash ci/playground.sh build
# The tests run on the dev build; what users get is farmed, and the benchmarks are shown to work.
step release-build gcc 15 "" build release "${together[@]}" -DDRYDOCK_E2E_WINDOWS=ON \
    -- installed bench/all

step windows-test wine 0 "windows-build" ctest --preset windows --repeat until-pass:2
# Wine 8.0 now and then fails to start a program (status 1, no word), or its server ends: then again, once.
step dev-e2e-wine wine 0 "windows-test dev-build" \
    ctest --preset dev -R '^e2e.(Windows|Textbook)' -j 3 --repeat until-pass:2
step bench-wine wine 0 "windows-test release-build" \
    ctest --preset release -R '^bench.*wine' --repeat until-pass:2

step dev-e2e waiting 0 "dev-build" \
    ctest --preset dev -L e2e -E '^e2e.(Windows|Textbook|package|tutorial|tour|cluster|asio_chat)' -j 4
step tsan-test waiting 0 "tsan-build" ctest --preset tsan -L 'conformance|e2e|asio_face' -j 4
step asan-test waiting 5 "asan-build" ctest --preset asan -E '_NOT_BUILT|^fuzz|^sim\.ledger_|^broker'
step bench waiting 0 "release-build" ctest --preset release -R '^bench' -E wine

step dev-test working 5 "dev-build" ctest --preset dev -LE e2e
# (The package test of examples/asio-chat compiles all of Asio five times: ci/boost_tests.sh runs it.)
step dev-package waiting 5 "dev-build" ctest --preset dev -R '^e2e.(package|tutorial|tour|cluster)' -E asio_chat -j 2
step memcheck working 5 "dev-build" bash ci/memcheck.sh "$memcheck_seeds"
step fuzz working 0 "fuzz-build" fuzz
step farm working 5 "release-build" farm
step package working 5 "release-build" bash ci/package.sh build/release
step playground working 0 "playground-build" bash ci/playground.sh test
step pages working 0 "release-build viewer" bash ci/pages.sh build/release/drydock-sim
step pictures working 5 "release-build viewer" env DRYDOCK_SIM=build/release/drydock-sim bash ci/pictures.sh --check
step yaml working 5 "" bash ci/yaml.sh
step docs working 5 "" docs
# It measures how long a step in the picture takes.
step viewer waiting 0 "" bash ci/viewer.sh

steps_run

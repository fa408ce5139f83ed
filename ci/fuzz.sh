#!/usr/bin/env bash
# Fuzzes: ci/fuzz.sh [SECONDS-PER-TARGET [TARGET...]], five seconds and all targets by default.
#
# Starts from fuzz/corpus/TARGET/ and keeps what it finds in build/fuzz/found/TARGET/; an input that
# fails is written there too, as crash-*, and its replay is printed. Needs the preset `fuzz` built.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

seconds=${1:-5}
targets=("${@:2}")
if ((${#targets[@]} == 0)); then
    for source in fuzz/*.cpp; do
        targets+=("$(basename "$source" .cpp)")
    done
fi

for target in "${targets[@]}"; do
    found=build/fuzz/found/$target
    options=(-max_total_time="$seconds" -timeout=20 -print_final_stats=1
             -artifact_prefix="$found/")
    if [[ -f fuzz/dictionaries/$target.dict ]]; then
        options+=(-dict="fuzz/dictionaries/$target.dict")
    fi
    mkdir -p "$found"
    echo "fuzz: $target for $seconds s"
    log=build/fuzz/$target.log
    if ! "build/fuzz/fuzz/fuzz_$target" "${options[@]}" "$found" "fuzz/corpus/$target" >"$log" 2>&1; then
        cat "$log"
        echo "fuzz: $target FAILED; replay: build/fuzz/fuzz/fuzz_$target $found/crash-..." >&2
        exit 1
    fi
    grep -E 'number_of_executed_units|new_units_added' "$log"
done

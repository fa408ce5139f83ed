#!/usr/bin/env bash
# Fuzzes one target, for as long as is wanted, or all of them, each for so long:
#     ci/fuzz.sh TARGET SECONDS [--build-dir DIR]       e.g. ci/fuzz.sh framing 600
#     ci/fuzz.sh all SECONDS [--build-dir DIR]
#
# Starts from fuzz/corpus/TARGET/ and keeps what it finds in build/fuzz/found/TARGET/; an input that
# fails is written there too, as crash-*, and how to replay it is printed. Needs the preset `fuzz`
# built. The target `canary` is broken and must fail; `all` leaves it out.
#
# Exit status: 0, nothing fails; 1, a target fails; 2, what was asked for cannot be done.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

refuse() {
    echo "ci/fuzz.sh: $1" >&2
    exit 2
}

build_dir=build/fuzz
arguments=()
while (($# > 0)); do
    case $1 in
        --build-dir)
            (($# > 1)) || refuse "--build-dir wants a folder behind it"
            build_dir=$2
            shift
            ;;
        -*) refuse "'$1' is no option of this script; its first lines name them" ;;
        *) arguments+=("$1") ;;
    esac
    shift
done

known=()
for source in fuzz/*.cpp; do
    known+=("$(basename "$source" .cpp)")
done
((${#arguments[@]} == 2)) ||
    refuse "usage: ci/fuzz.sh TARGET SECONDS, where TARGET is 'all' or one of: ${known[*]}"
seconds=${arguments[1]}
[[ $seconds =~ ^[1-9][0-9]{0,6}$ ]] || refuse "'$seconds' is no whole number of seconds above 0"

targets=()
for target in "${known[@]}"; do
    if [[ ${arguments[0]} == "$target" || (${arguments[0]} == all && $target != canary) ]]; then
        targets+=("$target")
    fi
done
((${#targets[@]} > 0)) ||
    refuse "there is no fuzz target '${arguments[0]}'; there are 'all' and: ${known[*]}"
for target in "${targets[@]}"; do
    if [[ ! -x $build_dir/fuzz/fuzz_$target ]] ||
        ! grep -qs '^DRYDOCK_FUZZ:[A-Z]*=ON$' "$build_dir/CMakeCache.txt"; then
        refuse "$build_dir has no fuzz_$target to fuzz with; cmake --workflow --preset fuzz builds it"
    fi
done

# run TARGET: status 1 if it fails.
run() {
    local target=$1 program=$build_dir/fuzz/fuzz_$1 found=$build_dir/found/$1
    local log=$build_dir/$1.log crash
    # The canary is to be found out anew each time; elsewhere a failure stays one until it is mended.
    [[ $target != canary ]] || rm -rf "$found"
    mkdir -p "$found"
    local options=(-max_total_time="$seconds" -timeout=20 -print_final_stats=1
                   -artifact_prefix="$found/")
    [[ ! -f fuzz/dictionaries/$target.dict ]] || options+=(-dict="fuzz/dictionaries/$target.dict")
    local corpora=("$found")
    [[ ! -d fuzz/corpus/$target ]] || corpora+=("fuzz/corpus/$target")

    echo "fuzz: $target for $seconds s"
    if "$program" "${options[@]}" "${corpora[@]}" >"$log" 2>&1; then
        grep -E 'number_of_executed_units|new_units_added' "$log"
        return 0
    fi
    cat "$log"
    crash=$(sed -nE 's/.*Test unit written to (.*)$/\1/p' "$log" | tail -n 1)
    echo "fuzz: $target FAILED; replay: $program ${crash:-the file that is named above}" >&2
    return 1
}

for target in "${targets[@]}"; do
    run "$target" || exit 1
done

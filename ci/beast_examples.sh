#!/usr/bin/env bash
# Builds Boost.Beast's examples as simulated programs, from their unchanged sources, and runs each over many seeds.
# Prints a line for each scenario: its time, and what fails, with the first seed. docs/BEAST-EXAMPLES.md judges it.
#
#   ci/beast_examples.sh [--seeds N] [--twice] [--build FOLDER] [EXAMPLE...]
#
# Exit status: 0 all examples were built and have run; 1 one was not built, or an error ended a farm; 2 wrong usage.
# Needs libboost1.81-doc, libboost1.81-dev, libboost-{coroutine,context,json}1.81-dev and libssl-dev (Debian's names).
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
build="$root/build/beast-examples"
seeds=1000
twice=()
examples=()

usage() {
    echo "beast_examples.sh: $1" >&2
    exit 2
}

while [ $# -gt 0 ]; do
    case "$1" in
        --seeds) [ $# -gt 1 ] || usage "--seeds needs a number"; seeds=$2; shift ;;
        --build) [ $# -gt 1 ] || usage "--build needs a folder"; build=$2; shift ;;
        --twice) twice=(--twice) ;;
        -*) usage "there is no option $1" ;;
        *) examples+=("$1") ;;
    esac
    shift
done

mkdir -p "$build"
build=$(cd "$build" && pwd)
launcher=()
if command -v ccache > /dev/null; then launcher=(-DCMAKE_CXX_COMPILER_LAUNCHER=ccache); fi
cmake -S "$root/tests/beast_examples" -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DCMAKE_UNITY_BUILD=ON \
    -DCMAKE_UNITY_BUILD_BATCH_SIZE=24 "${launcher[@]}" "-DBEAST_EXAMPLES=$(IFS=';'; echo "${examples[*]}")" > "$build.log" ||
    { cat "$build.log" >&2; exit 1; }
status=0
cmake --build "$build" -- -k 0 >> "$build.log" 2>&1 || { echo "not all is built: see $build.log" >&2; status=1; }

# One scenario: "name  seconds  what failed".
farm() {
    local program=$1 scenario=$2 output code=0 start=$SECONDS
    output=$("$program" farm "$scenario" --seeds "$seeds" --no-shrink "${twice[@]}" 2>&1) || code=$?
    local failed
    failed=$(sed -nE 's/^([a-z-]+) FAILED in ([0-9]+) of [0-9]+ seeds, first in seed ([0-9]+)/\1 in \2 (seed \3)/p' \
        <<< "$output" | paste -sd ';' | sed 's/;/; /g')
    printf '%-48s %5d s   %s\n' "$scenario" $((SECONDS - start)) "${failed:-holds}"
    if [ "$code" -gt 1 ]; then
        echo "$output" >&2
        status=1
    fi
}

cd "$build"
for program in beast-*; do
    [ -x "$program" ] && [ -f "$program" ] || continue
    name=${program#beast-}
    farm "./$program" "$name"
    if "./$program" list 2> /dev/null | grep -q "${name}_threads"; then farm "./$program" "${name}_threads"; fi
done
exit "$status"

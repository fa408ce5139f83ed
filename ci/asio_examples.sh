#!/usr/bin/env bash
# Compiles Asio's own examples in place, runs each in the simulator, and compares what it finds with what is known.
#
#     ci/asio_examples.sh [--seeds N] [--jobs N] [--build-dir DIR] [--no-build] [--write] [EXAMPLE...]
#
# The examples are Debian's (libasio-doc); tests/asio_examples/table.cmake says which scenario each is run with, and
# tests/asio_examples/findings.txt which properties each breaks, and why. With --write, docs/ASIO-EXAMPLES.md is
# written anew. Without EXAMPLEs (their names in the table), all are run. A property that breaks and is not in
# findings.txt, and one that is there and holds, is an error: status 1.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

seeds=1000
jobs=$(nproc)
build_dir=build/release
builds=yes
writes=no
wanted=()
usage() {
    echo "ci/asio_examples.sh: $1" >&2
    exit 2
}
while (($# > 0)); do
    case $1 in
        --seeds | --jobs | --build-dir)
            (($# > 1)) || usage "$1 needs a value"
            case $1 in
                --seeds) seeds=$2 ;;
                --jobs) jobs=$2 ;;
                --build-dir) build_dir=$2 ;;
            esac
            shift
            ;;
        --no-build) builds=no ;;
        --write) writes=yes ;;
        -*) usage "there is no option $1" ;;
        *) wanted+=("$1") ;;
    esac
    shift
done
if [[ $writes == yes ]] && ((${#wanted[@]} > 0)); then
    usage "--write is for all examples"
fi

here=$PWD
[[ $build_dir == /* ]] || build_dir=$here/$build_dir
folder=$build_dir/tests/asio_examples
if [[ $builds == yes ]]; then
    cmake --preset release -B "$build_dir" -DDRYDOCK_BOOST_TESTS=ON >/dev/null
    cmake --build "$build_dir" --target asio_examples -j "$(nproc)" -- -k 0 >"$folder/build.log" 2>&1 ||
        echo "ci/asio_examples.sh: some examples do not compile: see $folder/build.log"
fi
if [[ ! -f $folder/table.txt ]]; then
    echo "ci/asio_examples.sh: there is no $folder/table.txt; the examples need Debian's libasio-doc" >&2
    exit 2
fi

examples=$(sed -n 's/^DRYDOCK_ASIO_EXAMPLES:PATH=//p' "$build_dir/CMakeCache.txt")
findings=$here/tests/asio_examples/findings.txt
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
# The programs with TLS look for these in the folder that they are started in.
cp "$examples"/cpp11/ssl/*.pem .
gunzip -c "$examples/cpp11/ssl/server.pem.gz" >server.pem

rows=()       # of the page
reasons=()    # rows of its second table
declare -A first_seed # by example and property
broken=0
count=0
compiled=0
ran=0

is_wanted() {
    local name
    ((${#wanted[@]} > 0)) || return 0
    for name in "${wanted[@]}"; do
        [[ $name != "$1" ]] || return 0
    done
    return 1
}

error() {
    echo "ci/asio_examples.sh: $1"
    broken=1
}

# read_log LOG EXAMPLE: sets `result` to what the page says of a run, and `properties` to those that it broke.
read_log() {
    local line property times of first
    result=""
    properties=()
    while read -r line; do
        if [[ $line =~ ^([a-z-]+)\ FAILED\ in\ ([0-9]+)\ of\ ([0-9]+)\ seeds,\ first\ in\ seed\ ([0-9]+) ]]; then
            property=${BASH_REMATCH[1]} times=${BASH_REMATCH[2]} of=${BASH_REMATCH[3]} first=${BASH_REMATCH[4]}
            properties+=("$property")
            result+="${result:+, }\`$property\` in $times of $of, first in seed $first"
            first_seed[$2/$property]=$first
        fi
    done <"$1"
    [[ -n $result ]] || result="holds"
}

while IFS='|' read -r -u 3 example program scenario without uses; do
    is_wanted "$example" || continue
    count=$((count + 1))
    if [[ -z $program ]]; then
        reasons+=("| \`$example\` | $uses |")
        continue
    fi
    if [[ ! -x $folder/bin/$program ]]; then
        error "$example does not compile"
        reasons+=("| \`$example\` | it does not compile |")
        continue
    fi
    compiled=$((compiled + 1))
    faults=all
    if [[ -n $without ]]; then
        faults=$("$folder/bin/$program" farm --help | tr -d '\n' | tr -s ' ' | sed 's/.*Kinds: //; s/\. Default.*//; s/, /,/g')
        for fault in ${without//,/ }; do
            faults=$(sed "s/\(^\|,\)$fault\(,\|$\)/\1/; s/,$//" <<<"$faults")
        done
    fi
    status=0
    "$folder/bin/$program" farm "$scenario" --seeds "$seeds" --jobs "$jobs" --faults "$faults" --no-shrink \
        >"$program.log" 2>"$program.err" || status=$?
    if ((status > 1)); then
        error "$example: the farm ended with status $status: $(tail -1 "$program.err")"
        continue
    fi
    ran=$((ran + 1))
    read_log "$program.log" "$example"
    for property in "${properties[@]}"; do
        if ! grep -q "^$example|$property|" "$findings"; then
            error "$example breaks $property, which is not in findings.txt:"
            sed -n "/^$property FAILED/,/again:/p" "$program.log"
        fi
    done
    while IFS='|' read -r _ property _; do
        [[ " ${properties[*]} " == *" $property "* ]] || error "$example holds $property, which findings.txt has"
    done < <(grep "^$example|" "$findings" || true)
    echo "$example: $result"
    rows+=("| \`$example\` | $uses | \`$scenario\` | $result |")
done 3<"$folder/table.txt"
echo "ci/asio_examples.sh: $count examples, $compiled compile, $ran ran $seeds seeds"

if [[ $writes == yes ]]; then
    {
        sed "s/@COUNT@/$count/; s/@COMPILED@/$compiled/; s/@RAN@/$ran/; s/@SEEDS@/$seeds/" \
            "$here/tests/asio_examples/page.md"
        echo
        echo "## Results"
        echo
        echo "| example | what it uses | scenario | $seeds seeds |"
        echo "|---|---|---|---|"
        printf '%s\n' "${rows[@]}"
        echo
        echo "## Findings"
        echo
        echo "| example | property | first seed | what is wrong | where |"
        echo "|---|---|---|---|---|"
        while IFS='|' read -r example property what where; do
            echo "| \`$example\` | \`$property\` | ${first_seed[$example/$property]:-} | $what | $where |"
        done < <(grep -v '^#' "$findings")
        echo
        echo "## Not run"
        echo
        echo "| example | why |"
        echo "|---|---|"
        printf '%s\n' "${reasons[@]}"
    } >"$here/docs/ASIO-EXAMPLES.md"
    echo "ci/asio_examples.sh: docs/ASIO-EXAMPLES.md is written"
fi
exit "$broken"

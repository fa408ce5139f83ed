#!/usr/bin/env bash
# Tests ci/docs.sh: in a copy of what it reads, things are broken, and the script must name each of
# them, and no other. Status 0: all held.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
cd "$root"
git ls-files --cached --others --exclude-standard --deduplicate |
    while read -r file; do [[ ! -f $file ]] || echo "$file"; done | tar -cT - | tar -xC "$copy"
cd "$copy"

fail() {
    echo "ci/docs_test.sh: $1; the output:" >&2
    cat "$copy/output" >&2
    exit 1
}

# docs EXPECTED-STATUS [ARGUMENT...]
docs() {
    local expected=$1 status=0
    shift
    bash ci/docs.sh "$@" >output 2>&1 || status=$?
    ((status == expected)) || fail "status $status instead of $expected"
}

# plant FILE EXPRESSION FINDING: makes the change of sed's expression to the file, of which the script
# must say the finding.
planted=()
plant() {
    cp "$1" before
    sed -E -i "$2" "$1"
    ! cmp -s "$1" before || fail "nothing in $1 is changed by $2"
    rm before
    planted+=("$3")
}

docs 2 --html
[[ $(<output) == "ci/docs.sh: "*"'--html'"* ]] || fail "a wrong argument is not named"

docs 0
grep -q '^The reference is build/docs/html/index.html' output || fail "the site is not named"

plant include/drydock/timer.hpp 's/^( +)\/\/\/ Cancels the sleep/\1void planted() noexcept;\n\n&/' \
    '^include/drydock/timer.hpp:[0-9]+: .*planted.* is not documented'
plant include/drydock/error.hpp 's/^    refused, .*/    refused,/' \
    '^include/drydock/error.hpp:[0-9]+: the enumerator drydock::Error::refused is not documented'
plant include/drydock/buffer.hpp 's/^(    std::size_t size = 0;).*/\1/' \
    '^include/drydock/buffer.hpp:[0-9]+: .*size.* is not documented'
plant include/drydock/version.hpp '/^\/\/\/ The second number/d' \
    '^include/drydock/version.hpp:[0-9]+: .*DRYDOCK_VERSION_MINOR.* is not documented'
plant include/drydock/event.hpp 's/^(#pragma once)/\n\1/' \
    '^include/drydock/event.hpp:1: the header is not documented'
plant include/drydock/io.hpp 's/<drydock\/socket.hpp> and/<drydock\/sockets.hpp> and/' \
    '^include/drydock/io.hpp:[0-9]+: there is no header <drydock/sockets.hpp>'
plant include/drydock/backend.hpp 's/platform\/README.md compares/platform\/READ.md compares/' \
    '^include/drydock/backend.hpp:[0-9]+: the link leads nowhere: platform/READ.md'
plant include/drydock/server.hpp 's/Options::linger is over/Options::lingers is over/' \
    '^include/drydock/server.hpp:[0-9]+: .*unable to resolve .*Options::lingers'
plant docs/README.md 's/\(BENCHMARKS.md\)/(BENCH.md)/' '^docs/README.md:[0-9]+: the link leads nowhere: BENCH.md'
plant docs/README.md 's/\(SERVERS.md\)/(SERVERS.md#nowhere)/' \
    '^docs/README.md:[0-9]+: the link leads nowhere: SERVERS.md#nowhere'
plant docs/README.md 's/\(..\/include\/drydock\/queue.hpp\)/(..\/src\/nowhere.cpp)/' \
    '^docs/README.md:[0-9]+: the link leads nowhere: ../src/nowhere.cpp'
plant docs/TOUR.md 's/\(pictures\/tour-relays-chunks.svg\)/(pictures\/nowhere.svg)/' \
    '^docs/TOUR.md:[0-9]+: the link leads nowhere: pictures/nowhere.svg'
plant docs/ZOO.md '1s/$/\n\n<a href="nowhere.html">x<\/a> <a href="index.html#nowhere">y<\/a>/' \
    '^docs_zoo.html: the link.*nowhere'

docs 1
for finding in "${planted[@]}"; do
    grep -qE -- "$finding" output || fail "no line has '$finding'"
done
[[ $(tail -n 1 output) == "ci/docs.sh: "* ]] || fail "the last line does not say how it ended"
while read -r finding; do
    for expected in "${planted[@]}"; do
        [[ ! $finding =~ $expected ]] || continue 2
    done
    fail "this was not broken: $finding"
done < <(head -n -1 output)
echo "ci/docs.sh names each of ${#planted[@]} planted faults: all held"

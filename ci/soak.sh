#!/usr/bin/env bash
# Soaks the echo server and the chat server: for a long time clients of all manners come and go, each
# byte is checked, and so is that nothing grows.
#     ci/soak.sh MINUTES BACKEND [--seed N] [--build-dir DIR]
#
# BACKEND is one of Linux (uring, epoll, auto) or one of Windows (iocp, apc), which run under Wine.
# Without --build-dir, what is needed is built first; with it, the program is taken from there
# (build/release/drydock, build/windows/drydock.exe), and the clients from there or build/release.
# Exit status: 0 nothing lost and nothing grown; 1 one sentence says what was, and the seed; 2 wrong
# usage.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

refuse() {
    echo "ci/soak.sh: $1" >&2
    exit 2
}

(($# >= 2)) || refuse "usage: ci/soak.sh MINUTES BACKEND [--seed N] [--build-dir DIR]"
minutes=$1 backend=$2
shift 2
build_dir=""
options=()
while (($# > 0)); do
    (($# > 1)) || refuse "'$1' is no option of this script, or lacks its value"
    case $1 in
        --seed) options+=(--seed "$2") ;;
        --build-dir) build_dir=$2 ;;
        *) refuse "'$1' is no option of this script; its first lines name them" ;;
    esac
    shift 2
done

# APC runs on one thread; the others are to show what several do to each other.
case $backend in
    uring | epoll | auto) preset=release program=(drydock) options+=(--workers 3) ;;
    iocp) preset=windows program=(drydock.exe) options+=(--workers 3 --wine) ;;
    apc) preset=windows program=(drydock.exe) options+=(--workers 1 --wine) ;;
    *) refuse "there is no backend '$backend'; known are uring, epoll, auto, iocp and apc" ;;
esac

if [[ -z $build_dir ]]; then
    cmake --preset release >/dev/null
    cmake --build --preset release --target drydock-soak >/dev/null
    cmake --preset "$preset" >/dev/null
    cmake --build --preset "$preset" --target drydock >/dev/null
    build_dir=build/$preset
fi
program=("$build_dir/${program[0]}")
[[ -x ${program[0]} ]] || refuse "there is no ${program[0]}; without --build-dir it would be built"
[[ $preset != windows ]] || program=(cmake/wine.sh "${program[0]}")
soak=$build_dir/tests/drydock-soak
[[ -x $soak ]] || soak=build/release/tests/drydock-soak
[[ -x $soak ]] || refuse "there is no $soak; without --build-dir it would be built"

exec "$soak" "$minutes" "${program[@]}" --backend "$backend" "${options[@]}"

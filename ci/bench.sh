#!/usr/bin/env bash
# Measures drydock's servers beside others, and prints the ratios:
#     ci/bench.sh [echo] [OPTION...]     the echo server beside bare io_uring and epoll loops, libuv, Asio
#     ci/bench.sh chat [OPTION...]       the chat server beside one on Asio
#     ci/bench.sh sim [OPTION...]        the simulator, and one workload in it and over sockets
#     ci/bench.sh relay [OPTION...]      one room over several servers beside one server
#     ci/bench.sh wine [OPTION...]       the Windows servers beside the textbook's, under Wine
# Options: [--short] [--no-build] [--check] [--rounds N] [--seconds S] [--build-dir DIR]
#          of servers alone, [--only WORDS]; of echo and chat, [--workers N];
#          and of wine, [--windows-build-dir DIR]
#
# What is compared takes turns, round after round, each started anew, so that what else the machine
# does meets all of them alike; see bench/README.md. --short: one round of a fraction of a second
# each, which shows that all of it works and measures nothing. --check: status 1 when drydock misses
# a target. --only: the scenarios whose names have these words in them. --workers: threads of each
# server, 1 by default; with more, the bare loops are left out, as they have one, and nothing is
# pinned to a core. Where the system gives no io_uring, "drydock" is the server on epoll, and what
# would be the same or cannot run is left out. With --build-dir or --windows-build-dir, nothing is
# built: the one has the native programs, the other the Windows programs.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

source ci/bench_common.sh

what="echo"
case ${1-} in
    echo | chat | sim) what=$1 && shift ;;
    wine) exec bash ci/bench_wine.sh "${@:2}" ;;
    relay) exec bash ci/bench_relay.sh "${@:2}" ;;
esac
parse_options "$@"
if [[ $what == sim ]] && { ((workers != 1)) || [[ -n $only ]]; }; then
    refuse "--workers and --only are about servers, not about 'sim'"
fi
((workers > 1)) || pin_cores || true

if ((build)); then
    cmake --preset release -DDRYDOCK_BENCH=ON >/dev/null
    cmake --build --preset release --target drydock bench/all
fi

if [[ $what == sim ]]; then
    echo "load average at the start: $(cut -d ' ' -f 1-3 /proc/loadavg) on $(nproc) cores"
    # One process does all of it, and its status is this script's.
    on 1 "$build_dir/bench/drydock-bench-simulator" --rounds "$rounds" --seconds "$seconds" \
        "${report_options[@]}"
fi

# name|options of the load; the report knows the targets by these names.
if [[ $what == echo ]]; then
    load=load
    asio="asio"
    servers=(drydock epoll bare-uring bare libuv asio)
    scenarios=(
        "1 connection, ping-pong|--connections 1 --depth 1"
        "64 connections, ping-pong|--connections 64 --depth 1"
        "1000 connections, ping-pong|--connections 1000 --depth 1"
        "64 connections, 16 in flight|--connections 64 --depth 16"
    )
else
    load=chat-load
    asio="asio-chat"
    servers=(drydock epoll asio)
    scenarios=(
        "chat: 10 members, 1 talks|--members 10 --senders 1"
        "chat: 10 members, 10 talk|--members 10 --senders 10"
        "chat: 100 members, 1 talks|--members 100 --senders 1"
        "chat: 100 members, 10 talk|--members 100 --senders 10"
        "chat: 1000 members, 1 talks|--members 1000 --senders 1"
        "chat: 1000 members, 10 talk|--members 1000 --senders 10"
    )
fi
if ((workers > 1)) && [[ $what == echo ]]; then
    servers=(drydock epoll asio)
fi

# The loop on a ring serves until it is told to stop, or says at once that there is no ring.
gives_io_uring() {
    local bare=$build_dir/bench/drydock-bench-bare-uring status=0
    [[ -x $bare ]] || return 1
    timeout 0.2 "$bare" >/dev/null 2>&1 || status=$?
    ((status == 124))
}
if ! gives_io_uring; then
    echo "ci/bench.sh: without io_uring, which this build or this system has not" >&2
    for i in "${!servers[@]}"; do
        case ${servers[i]} in
            epoll | bare-uring) unset "servers[i]" ;;
        esac
    done
    servers=("${servers[@]}")
fi

command_of() {
    case $1 in
        drydock) echo "$build_dir/drydock $what-server 0 --bind 127.0.0.1 --workers $workers" ;;
        epoll) echo "$(command_of drydock) --backend epoll" ;;
        bare-uring) echo "$build_dir/bench/drydock-bench-bare-uring 0" ;;
        bare) echo "$build_dir/bench/drydock-bench-bare 0" ;;
        libuv) echo "$build_dir/bench/drydock-bench-libuv 0" ;;
        asio) echo "$build_dir/bench/drydock-bench-$asio 0 --workers $workers" ;;
    esac
}

start_server() {
    local -a command
    read -ra command <<<"$(command_of "$1")"
    start_telling "$1" "${command[@]}"
}

stop_server() { stop_telling "$1"; }

if [[ ! -x $build_dir/bench/drydock-bench-$asio ]]; then
    echo "ci/bench.sh: without Asio, which this build has not found" >&2
    unset 'servers[-1]'
fi
if [[ ! -x $build_dir/bench/drydock-bench-libuv ]]; then
    echo "ci/bench.sh: without libuv, which this build has not found" >&2
    for i in "${!servers[@]}"; do
        [[ ${servers[i]} != libuv ]] || unset "servers[i]"
    done
fi
servers=("${servers[@]}")

begin "$what"
take_turns
report

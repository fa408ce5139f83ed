#!/usr/bin/env bash
# `ci/bench.sh wine`, whose first lines name the options: drydock's Windows servers and the textbook's
# under Wine, with drydock's native load generators. Ratios alone are printed: Wine is not Windows.
#
# The textbook's servers print a line for a message, so each is measured twice: on a terminal, as a
# book's reader runs it, and with its output in a file. The Wine server does a part of each program's
# work, in a process of its own: the load asks for its processor time, too, and it has one core with
# the program. On two, each wakes the other through the kernel's idle loop, or does not, as it happens,
# and a message takes three times as much of both, or does not.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

source ci/bench_common.sh

rounds=8 seconds=0.8 warm_up=0.2
parse_options "$@"
((workers == 1)) || refuse "--workers is not about 'wine': the textbook's servers take no options"
report_options+=(--wine)

if ((build)); then
    cmake --preset release -DDRYDOCK_BENCH=ON >/dev/null
    cmake --build --preset release --target drydock-bench-load drydock-bench-chat-load \
        drydock-bench-report
    cmake --preset windows >/dev/null
    cmake --build --preset windows --target drydock seed_iocp_echo_server \
        seed_completion_routine_echo_server seed_iocp_chat_server
fi

for program in drydock.exe tests/seed_programs/iocp_chat_server.exe; do
    [[ -x $windows_build_dir/$program ]] ||
        fail "there is no $windows_build_dir/$program; the preset windows builds it"
done

# --- servers ---------------------------------------------------------------------------------------

# command_of NAME [PORT]: the words to run it with.
command_of() {
    local seeds=$windows_build_dir/tests/seed_programs
    command=(cmake/wine.sh)
    case $1 in
        seed-iocp*) command+=("$seeds/iocp_${kind}_server.exe" "$2") ;;
        seed-apc*) command+=("$seeds/completion_routine_echo_server.exe" "$2") ;;
        *) command+=("$windows_build_dir/drydock.exe" "$kind-server" 0 --bind 127.0.0.1 --workers 1
            --backend "$1") ;;
    esac
}

# The textbook's servers do not say that they listen, and a trial connection would be served.
listens() { [[ $(</proc/net/tcp) == *"$(printf ':%04X 00000000:0000 0A ' "$1")"* ]]; }

# Below those that the system gives to clients.
choose_port() {
    port=$((20000 + RANDOM % 10000))
    while listens "$port"; do port=$((20000 + RANDOM % 10000)); done
}

is_ready() { listens "$port" || ! kill -0 "$child" 2>/dev/null; }

# Wine shows a program's console on the terminal that its standard streams are: here one that
# `script` makes, and of the usual size. The shell there leaves its id behind, and becomes the
# program.
on_a_terminal() {
    local id=$logs/id
    rm -f "$id"
    local words="stty cols 80 rows 24; echo \$\$ >${id@Q}; exec ${*@Q}"
    (TERM=xterm SHELL=/bin/sh on 0 script -qfc "$words" /dev/null) >/dev/null 2>&1 </dev/null &
    child=$! server_pid=$!
    wait_for 10 test -s "$id" || fail "no program on a terminal"
    server_pid=$(<"$id")
}

start_textbooks() {
    local log=$logs/$1.log
    choose_port
    command_of "$1" "$port"
    if [[ $1 == *-to-file ]]; then
        (on 0 "${command[@]}") >"$log" 2>&1 </dev/null &
        child=$! server_pid=$!
    else
        on_a_terminal "${command[@]}"
    fi
    wait_for 10 is_ready || true
    listens "$port" || fail "$1 did not start"
}

start_server() {
    if [[ $1 == seed-* ]]; then
        start_textbooks "$1"
    else
        command_of "$1"
        start_telling "$1" "${command[@]}"
    fi
    find_wine_server
}

# The textbook's servers know no end of their own.
stop_server() {
    if [[ $1 == seed-* ]]; then
        kill -KILL "$server_pid"
        server_pid=""
        wait "$child" 2>/dev/null || true # bash would tell who was killed
    else
        stop_telling "$1"
    fi
}

# Should it have ended between two programs, the later one has started it anew.
find_wine_server() {
    ! kill -0 "$wine_server" 2>/dev/null || return 0
    wine_server=$(cmake/wine.sh --server-pid)
    load_options=(--helper-pid "$wine_server")
    [[ -z $all_cores ]] || taskset -cp 0 "$wine_server" >/dev/null
}

# Back to all its cores when we end: it serves others, too.
release_wine_server() {
    [[ -z $all_cores ]] || taskset -cp "$all_cores" "$wine_server" >/dev/null || true
}

# --- measuring -------------------------------------------------------------------------------------

begin wine
wine_server=$(cmake/wine.sh --server-pid)
load_options=(--helper-pid "$wine_server")
all_cores=""
if pin_cores; then
    all_cores=$(taskset -cp $$ | sed 's/.*: //')
    taskset -cp 0 "$wine_server" >/dev/null
    trap 'at_exit; release_wine_server' EXIT
fi

kind=echo load=load
servers=(iocp apc seed-iocp seed-iocp-to-file seed-apc seed-apc-to-file)
scenarios=(
    "1 connection, ping-pong|--connections 1"
    "16 connections, ping-pong|--connections 16"
    "64 connections, ping-pong|--connections 64"
    "a new connection for each message|--fresh"
)
take_turns

kind=chat load=chat-load
servers=(iocp apc seed-iocp seed-iocp-to-file)
scenarios=(
    "chat: 10 members, 1 talks|--members 10 --senders 1"
    "chat: 10 members, 10 talk|--members 10 --senders 10"
)
take_turns
report

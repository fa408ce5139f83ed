#!/usr/bin/env bash
# Sets up what is missing and shows the main job: the same servers and clients on Windows (under
# Wine) and on Linux talk to each other, then run in the simulator. Exit status 0 only if every echo
# was right, every chat member was shown every line and every server stopped as it should.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source ci/packages.sh

logs=build/demo
linux_backend="io_uring, or epoll" # as `auto` chooses; the server's log says which
windows=(cmake/wine.sh build/windows/drydock.exe)
linux=(build/release/drydock)
lines=("Hello, drydock" "the second line" "and a third, a little longer than the two before it")
server_pid=""

at_exit() {
    local status=$?
    if [[ -n $server_pid ]]; then
        kill -KILL "$server_pid" 2>/dev/null || true
    fi
    cmake/wine.sh --stop >/dev/null 2>&1 || true
    ((status == 0)) || echo "ci/demo.sh: FAILED (status $status)"
}
trap at_exit EXIT

title() {
    printf '\n--- %s\n' "$1"
}

fail() {
    echo "ci/demo.sh: $1" >&2
    exit 1
}

build() {
    cmake --preset "$1" >/dev/null
    cmake --build --preset "$1" --target "${@:2}"
}

# start_server LOG PROGRAM... COMMAND: sets server_pid and port once the server says it is ready.
start_server() {
    local log=$1
    "${@:2}" 0 --bind 127.0.0.1 >"$log" 2>&1 </dev/null &
    server_pid=$!
    port=""
    for ((tries = 0; tries < 300; ++tries)); do
        port=$(sed -nE 's/^listening on .*:([0-9]+)\r?$/\1/p' "$log" | head -n 1)
        [[ -z $port ]] || break
        kill -0 "$server_pid" 2>/dev/null || break
        sleep 0.1
    done
    [[ -n $port ]] || { cat "$log"; fail "the server did not start"; }
    echo "The server listens on port $port."
}

# talk LOG PROGRAM...: sends the lines through a client and checks that each comes back.
talk() {
    local log=$1 line
    printf '%s\n' "${lines[@]}" Q |
        timeout 60 "${@:2}" echo-client 127.0.0.1 "$port" >"$log" 2>&1 ||
        { cat "$log"; fail "the client failed"; }
    tr -d '\r' <"$log"
    echo # the client's last prompt has no line end
    for line in "${lines[@]}"; do
        tr -d '\r' <"$log" | grep -qF "Message from server : $line" ||
            fail "this line did not come back: $line"
    done
    echo "All ${#lines[@]} lines came back as they were sent."
}

# wait_for LOG TEXT: until a chat member was shown the text.
wait_for() {
    local tries
    for ((tries = 0; tries < 300; ++tries)); do
        ! grep -qF "$2" "$1" || return 0
        sleep 0.1
    done
    return 1
}

# chat_member LOG NAME PROGRAM...: says what it reads; what it is shown goes to LOG.
chat_member() {
    timeout 90 "${@:3}" chat-client 127.0.0.1 "$port" "$2" >"$1" 2>&1
}

# chat: amy, on Windows, and bob, on Linux; each speaks when the other has, and both leave.
chat() {
    local amy_log=$logs/amy.log bob_log=$logs/bob.log amy_pid status=0 line
    : >"$amy_log" >"$bob_log"
    {
        echo "Hello, I am amy"
        wait_for "$amy_log" "[bob] ${lines[-1]}" && echo "Goodbye, bob"
        echo q
    } | chat_member "$amy_log" amy "${windows[@]}" &
    amy_pid=$!
    {
        wait_for "$amy_log" "[amy] Hello" && printf '%s\n' "${lines[@]}"
        wait_for "$bob_log" "[amy] Goodbye" || true
        echo q
    } | chat_member "$bob_log" bob "${linux[@]}" || status=$?
    wait "$amy_pid" || status=$?
    echo "amy was shown:"
    tr -d '\r' <"$amy_log" | sed 's/^/    /'
    ((status == 0)) || { cat "$bob_log"; fail "a chat client failed"; }
    for line in "${lines[@]/#/[bob] }" "[amy] Goodbye, bob"; do
        tr -d '\r' <"$amy_log" | grep -qxF "$line" || fail "amy was not shown: $line"
        grep -qxF "$line" "$bob_log" || fail "bob was not shown: $line"
    done
    echo "Both were shown every line."
}

# stop_server LOG: a graceful stop, as by Ctrl-C, and the server's own summary.
stop_server() {
    local status=0
    kill -INT "$server_pid"
    for ((tries = 0; tries < 300; ++tries)); do
        kill -0 "$server_pid" 2>/dev/null || break
        sleep 0.1
    done
    ((tries < 300)) || { cat "$1"; fail "the server did not stop within 30 s of Ctrl-C"; }
    wait "$server_pid" || status=$?
    server_pid=""
    echo "The server, stopped by Ctrl-C, says:"
    tr -d '\r' <"$1" | sed 's/^/    /'
    ((status == 0)) || fail "the server ended with status $status instead of 0"
}

title "Setting up"
install_packages
build windows drydock
build release drydock drydock-sim
mkdir -p "$logs"

title "1. A Windows server (I/O completion port, under Wine) and a Linux client ($linux_backend)"
start_server "$logs/windows-server.log" "${windows[@]}" echo-server
talk "$logs/linux-client.log" "${linux[@]}"
stop_server "$logs/windows-server.log"

title "2. A Linux server ($linux_backend) and a Windows client (I/O completion port, under Wine)"
start_server "$logs/linux-server.log" "${linux[@]}" echo-server
talk "$logs/windows-client.log" "${windows[@]}"
stop_server "$logs/linux-server.log"

title "3. A chat: a Windows server, a Windows member and a Linux one"
start_server "$logs/chat-server.log" "${windows[@]}" chat-server
chat
stop_server "$logs/chat-server.log"

title "4. The echo server and client in the simulator, with faults, from seed 1"
build/release/drydock-sim run echo --seed 1

title "What you saw"
cat <<'END'
An echo and a chat, server and client, each written once against an abstract completion queue.
The same sources ran on a Windows completion port, on Linux (io_uring, or epoll where the system
refuses io_uring), and in a simulator in which every event follows from a seed: run the last
command again and it prints the same digest.
Next: `build/release/drydock-sim farm echo --seeds 10000 --jobs 2` tries ten thousand schedules.
END

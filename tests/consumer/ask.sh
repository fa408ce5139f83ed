#!/usr/bin/env bash
# Starts a server, sends it one line, prints what it answers, and stops it:
#     ask.sh LINE PROGRAM [ARGUMENT...]
# The server prints "listening on ADDR:PORT" when it is ready, and has to end well after a SIGINT.
set -euo pipefail
line=$1
shift
folder=$(mktemp -d)
touch "$folder/output" "$folder/errors"
"$@" >"$folder/output" 2>"$folder/errors" &
server=$!
trap 'kill -KILL "$server" 2>/dev/null || true; rm -rf "$folder"' EXIT
port=""
for ((i = 0; i < 200 && ${#port} == 0; ++i)); do
    port=$(sed -n 's/^listening on 127\.0\.0\.1:\([0-9]*\).*/\1/p' "$folder/output" | tr -d '\r')
    [[ -n $port ]] || sleep 0.05
done
if [[ -z $port ]]; then
    echo "ask.sh: the server does not listen:" "$(cat "$folder/output" "$folder/errors")" >&2
    exit 1
fi
exec 3<>"/dev/tcp/127.0.0.1/$port"
printf '%s\n' "$line" >&3
if ! IFS= read -r -t 10 answer <&3; then
    echo "ask.sh: the server does not answer" >&2
    exit 1
fi
exec 3>&-
printf '%s\n' "$answer"
kill -INT "$server"
for ((i = 0; i < 200; ++i)); do
    kill -0 "$server" 2>/dev/null || break
    sleep 0.05
done
if kill -0 "$server" 2>/dev/null; then
    echo "ask.sh: the server does not stop" >&2
    exit 1
fi
wait "$server"

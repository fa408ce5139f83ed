#!/usr/bin/env bash
# A proxy in front of drydock's echo server:
#     behind.sh DRYDOCK PROXY
# The proxy takes the place of this script. The echo server ends soon after it.
set -euo pipefail
folder=$(mktemp -d)
touch "$folder/output"
"$1" echo-server 0 --bind 127.0.0.1 >"$folder/output" 2>/dev/null &
server=$!
port=""
for ((i = 0; i < 200 && ${#port} == 0; ++i)); do
    port=$(sed -n 's/^listening on 127\.0\.0\.1:\([0-9]*\).*/\1/p' "$folder/output")
    [[ -n $port ]] || sleep 0.05
done
rm -r "$folder"
(
    for ((i = 0; i < 600; ++i)); do
        kill -0 $$ 2>/dev/null || break
        sleep 0.1
    done
    kill -KILL "$server"
) </dev/null >/dev/null 2>&1 &
exec "$2" 0 127.0.0.1 "$port"

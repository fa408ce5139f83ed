#!/usr/bin/env bash
# Runs a Windows program under Wine: cmake/wine.sh PROGRAM.exe [ARGUMENT...]
#
# Wine's files are kept in a prefix of our own, build/wine-prefix unless DRYDOCK_WINE_PREFIX names
# another; the first run creates it, which takes about ten seconds. The Wine server is started ahead
# of the program, with nothing of ours inherited: started by the program itself, it and its helpers
# would hold the caller's pipe open for as long as they live. It ends by itself after a minute
# without work; `cmake/wine.sh --stop` ends it at once, and `cmake/wine.sh --server-pid` tells its
# process id, and starts it where it is not running. Its starts and error messages are in a log beside
# the prefix; `cmake/wine.sh --log` prints the last of them.
#
# The program takes the place of this script, so the process id is the program's: send it SIGINT to
# have a server stop gracefully (SIGTERM kills it outright).
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
export WINEPREFIX=${DRYDOCK_WINE_PREFIX:-$root/build/wine-prefix}
export WINEARCH=win64 WINEDEBUG=${WINEDEBUG:--all}
# No offers to download Mono and Gecko, no desktop menus.
export WINEDLLOVERRIDES='mscoree,mshtml=;winemenubuilder.exe=d'
unset DISPLAY WAYLAND_DISPLAY

log=$WINEPREFIX.log
if [[ ${1-} == --log ]]; then
    # Not its lists of objects, which it also writes when it is told to end.
    [[ ! -f $log ]] || grep -v '^0x' "$log" | tail -n 20
    exit 0
fi

wine=$(command -v wine || command -v wine64 || true)
wine=${wine:-/usr/lib/wine/wine64}
if [[ ! -x $wine ]] || ! command -v wineserver >/dev/null; then
    echo "cmake/wine.sh: Wine is not installed (Debian: apt-get install wine wine64)" >&2
    exit 127
fi

if [[ ${1-} == --stop ]]; then
    [[ ! -d $WINEPREFIX ]] || wineserver -k || true # fails when no server is running: as wanted
    exit 0
fi

# Two tests may start at once: only one of them prepares the prefix and the server.
prepare() {
    mkdir -p "$WINEPREFIX"
    exec 9>"$WINEPREFIX.lock"
    flock 9
    # Exit status 0: the server was started just now; 2: one is running already.
    if wineserver -p60 9>&- </dev/null >/dev/null 2>>"$log" || [[ ! -f $WINEPREFIX/ready ]]; then
        echo "$(date '+%F %T') the Wine server has started" >>"$log"
        "$wine" wineboot.exe --init 9>&- </dev/null >/dev/null 2>&1
        touch "$WINEPREFIX/ready"
    fi
    exec 9>&-
}
prepare

# It works in a folder that is named after the prefix's device and inode.
server_pid() {
    local folder process
    folder=server-$(stat -c %D "$WINEPREFIX")-$(printf %x "$(stat -c %i "$WINEPREFIX")")
    for process in /proc/[0-9]*; do
        if [[ $(readlink "$process/cwd" 2>/dev/null) == */"$folder" ]]; then
            echo "${process#/proc/}"
            return
        fi
    done
    echo "cmake/wine.sh: the Wine server is not found" >&2
    return 1
}
if [[ ${1-} == --server-pid ]]; then
    server_pid
    exit
fi

exec "$wine" "$@"

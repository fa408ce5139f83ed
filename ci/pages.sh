#!/usr/bin/env bash
# Opens pages as drydock-sim writes them in Chromium: ci/pages.sh [PROGRAM]
# PROGRAM is the simulator; without it, that of the release build.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source viewer/npm.sh

if (($# > 1)); then
    echo "usage: ci/pages.sh [PROGRAM]" >&2
    exit 2
fi
DRYDOCK_SIM=$(realpath "${1:-build/release/drydock-sim}")
export DRYDOCK_SIM
install_node_modules
node --test viewer/browser/tool.browser.mjs

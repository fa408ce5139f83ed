#!/usr/bin/env bash
# Rebuilds the bundle that the C++ build puts into the program: viewer/dist.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
[[ -d node_modules ]] || npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
node build.mjs

#!/usr/bin/env bash
# Builds build/playground/index.html: the simulator with all scenarios and the zoo as WebAssembly, in
# one page that needs no server. Then tests it: ci/playground.sh [--no-tests]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source ci/packages.sh

with_tests=true
if [[ ${1-} == --no-tests ]]; then
    with_tests=false
elif (($# > 0)); then
    echo "usage: ci/playground.sh [--no-tests]" >&2
    exit 2
fi

install_packages

source viewer/npm.sh
install_node_modules

folder=build/playground
cmake -G Ninja -S viewer/playground/engine -B "$folder/engine" -DCMAKE_BUILD_TYPE=Release \
    "-DCMAKE_TOOLCHAIN_FILE=$PWD/viewer/playground/engine/wasm.toolchain.cmake" \
    "-DCMAKE_CXX_COMPILER_LAUNCHER=$(command -v ccache || true)" \
    "-DCMAKE_CXX_FLAGS_RELEASE=-O2 -DNDEBUG" >/dev/null
cmake --build "$folder/engine" -j "$(nproc)"
cp "$folder/engine/engine.wasm" "$folder/engine.wasm"
node viewer/playground/build.mjs "$folder/engine.wasm" "$folder/index.html"

if $with_tests; then
    DRYDOCK_PLAYGROUND="$PWD/$folder" node --test viewer/playground/test/*.test.mjs
    DRYDOCK_PLAYGROUND="$PWD/$folder" node --test --test-concurrency=1 viewer/playground/browser/*.browser.mjs
fi

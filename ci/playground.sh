#!/usr/bin/env bash
# Builds build/playground/index.html: the simulator with all scenarios and the zoo as WebAssembly, in
# one page that needs no server; and tests it, in node and in Chromium.
#
#   ci/playground.sh          both
#   ci/playground.sh build
#   ci/playground.sh test     what was built before
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source ci/packages.sh
source viewer/npm.sh

if [[ $# -gt 1 || ! ${1-} =~ ^(|build|test)$ ]]; then
    echo "usage: ci/playground.sh [build | test]" >&2
    exit 2
fi
export DRYDOCK_PLAYGROUND=$PWD/build/playground

build() {
    local engine=$DRYDOCK_PLAYGROUND/engine
    cmake -G Ninja -S viewer/playground/engine -B "$engine" -DCMAKE_BUILD_TYPE=Release \
        "-DCMAKE_TOOLCHAIN_FILE=$PWD/viewer/playground/engine/wasm.toolchain.cmake" \
        "-DCMAKE_CXX_COMPILER_LAUNCHER=$(command -v ccache || true)" \
        "-DCMAKE_CXX_FLAGS_RELEASE=-O2 -DNDEBUG" >/dev/null
    cmake --build "$engine" -j "$(nproc)"
    cp "$engine/engine.wasm" "$DRYDOCK_PLAYGROUND/engine.wasm"
    node viewer/playground/build.mjs "$DRYDOCK_PLAYGROUND/engine.wasm" "$DRYDOCK_PLAYGROUND/index.html"
}

install_packages
install_node_modules
[[ ${1-} == test ]] || build
if [[ ${1-} != build ]]; then
    node --test viewer/playground/test/*.test.mjs
    node --test viewer/playground/browser/*.browser.mjs
fi

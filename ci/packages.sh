# shellcheck shell=bash
# Sourced by the other scripts: install_packages installs what is missing of Debian's packages, and
# says which. Nothing is asked of the network when all are there.

drydock_packages=(
    # Building for Linux
    cmake ninja-build g++ clang-19 libclang-rt-19-dev llvm-19
    # Building for Windows, and running the result
    g++-mingw-w64-x86-64-posix lld-19 wine wine64
    # Libraries; `googletest` holds the sources that the Windows build compiles
    libcli11-dev libfmt-dev nlohmann-json3-dev libvalijson-dev libasio-dev libboost1.81-dev liburing-dev libuv1-dev
    libgtest-dev libgmock-dev googletest librapidcheck-dev
    # Redis: its parser of replies, and the server, which tests start themselves
    libhiredis-dev redis-server
    # Programs of others, for the simulator: Asio's examples
    libasio-doc
    # Checking the systemd units and the manual pages
    systemd groff-base man-db
    # Packages, and projects that use them
    dpkg-dev lintian pkgconf
    # Building the fuzz targets as ClusterFuzzLite does, and looking at what it has built
    libc++-19-dev libc++abi-19-dev zip unzip
    # Self-proof: no read of uninitialised memory
    valgrind
    # The page on clusters: farms of several machines
    parallel
    # Formatting
    git clang-format-14
    # The reference
    doxygen
    # Building the playground: WebAssembly with clang 19
    wasi-libc libc++-19-dev-wasm32 libc++abi-19-dev-wasm32 libclang-rt-19-dev-wasm32
    # Testing the viewer's pages and the playground
    chromium
)

install_packages() {
    local package missing=() wanted=("${drydock_packages[@]}")
    # Checking YAML takes any npm, and the reference its node; Debian's cannot be installed beside one from elsewhere.
    command -v npm >/dev/null || wanted+=(npm)
    for package in "${wanted[@]}"; do
        if [[ $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) != installed ]]; then
            missing+=("$package")
        fi
    done
    if ((${#missing[@]} == 0)); then
        echo "All ${#wanted[@]} packages are installed."
        return
    fi
    echo "Installing: ${missing[*]}"
    local as_root=()
    if ((EUID != 0)); then
        as_root=(sudo)
    fi
    "${as_root[@]}" apt-get update -q
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y -q --no-install-recommends "${missing[@]}"
}

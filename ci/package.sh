#!/usr/bin/env bash
# Makes the Debian package of a build, and checks it:
#     ci/package.sh [BUILD-DIR]        (build/release where none is named)
# lintian must find no error; the package must install below a folder of its own with what it depends on left
# out, its programs must run from there, and its removal must leave nothing. The build must have built the
# target `installed`, or `all`. The Windows package is checked by the test e2e.package.windows.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

if (($# > 1)) || [[ ${1-} == -* ]]; then
    echo "usage: ci/package.sh [BUILD-DIR]" >&2
    exit 2
fi
build=$(realpath -m "${1:-build/release}")
if [[ ! -f $build/CPackConfig.cmake ]]; then
    echo "ci/package.sh: $build is no folder of a build with packages; first: cmake --preset release" >&2
    exit 2
fi
for tool in lintian dpkg cpack; do
    if ! command -v "$tool" >/dev/null; then
        echo "ci/package.sh: $tool is not installed (Debian: lintian dpkg-dev cmake)" >&2
        exit 2
    fi
done

rm -f "$build"/package/*.deb
# With a umask that would keep the package to its maker: its folders must be everybody's all the same.
(umask 077 && cd "$build" && cpack -G DEB >"$build/package/cpack.log" 2>&1) || {
    cat "$build/package/cpack.log"
    exit 1
}
package=$(echo "$build"/package/*.deb)
echo "package: $package"

closed=$(dpkg-deb --contents "$package" | grep -Ev '^(drwxr-xr-x|-rwxr-xr-x|-rw-r--r--|lrwxrwxrwx) root/root ' || true)
if [[ -n $closed ]]; then
    echo "ci/package.sh: not everybody may read all of the package:" "$closed"
    exit 1
fi

lintian --allow-root --fail-on error "$package" || {
    echo "ci/package.sh: lintian finds errors in the package"
    exit 1
}

# dpkg wants to be root, as the files belong to root.
as_root=()
((EUID == 0)) || as_root=(sudo)
root=$(mktemp -d)
trap '"${as_root[@]}" rm -rf "$root"' EXIT
mkdir -p "$root"/var/lib/dpkg/{updates,info}
touch "$root/var/lib/dpkg/status"
in_root=("${as_root[@]}" dpkg --root="$root" --log=/dev/null --force-depends)
"${in_root[@]}" --install "$package" >"$build/package/dpkg.log" 2>&1 || {
    cat "$build/package/dpkg.log"
    exit 1
}
for program in drydock drydock-sim; do
    "$root/usr/bin/$program" --version >/dev/null
    man -l "$root/usr/share/man/man1/$program.1.gz" 2>/dev/null | grep -q "$program" || {
        echo "ci/package.sh: the manual page of $program is not in the package"
        exit 1
    }
done
"$root/usr/bin/drydock-sim" farm echo --seeds 200
for file in share/doc/drydock/copyright include/drydock/queue.hpp lib/libdrydock_sim.a \
    lib/cmake/drydock/drydock-config.cmake lib/pkgconfig/drydock.pc; do
    if [[ ! -s $root/usr/$file ]]; then
        echo "ci/package.sh: the package has no /usr/$file"
        exit 1
    fi
done
"${in_root[@]}" --purge drydock >"$build/package/dpkg.log" 2>&1
left=$(find "$root" -path "$root/var" -prune -o ! -type d -print)
if [[ -n $left ]]; then
    echo "ci/package.sh: removed, the package leaves files:" "$left"
    exit 1
fi
echo "package: installs, runs, and is removed without a trace"
